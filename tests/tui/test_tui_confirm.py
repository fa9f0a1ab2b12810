"""The confirmation: everything is shown, no is the default, and no text from outside can look like ours."""

import asyncio

import pytest
from test_stream import Shop
from textual.widgets import Button
from tui_stage import FakeClock, Stage, events_of, play

from tinyagent.calls import Call, Effect, Outcome, Parameter, Tool
from tinyagent.tui.confirm import Confirm
from tinyagent.tui.rows import LONGEST


def made(effect="outgoing", description="Send a mail.", undo=None, kinds=("persons", "text", "text")):
    parameters = tuple(
        Parameter(name, kind) for name, kind in zip(("to", "subject", "body"), kinds, strict=True)
    )
    return Tool("send_mail", "mail", description, Effect(effect), parameters, lambda ctx: Outcome(""), undo)


CALL = Call("send_mail", {"to": ["Ana Roth"], "subject": "Lunch", "body": "Hello Ana,\nat one?"})


def ask(act, call=CALL, tool=None, taken_over=False, size=(80, 24), settle=0.0, clock=None):
    """Ask, let `act(app, pilot)` do something, and return what was answered (None: nothing yet)."""
    answers = []
    screen = Confirm(tool or made(), call, taken_over, settle=settle, **({"clock": clock} if clock else {}))

    async def whole(app, pilot):
        app.push_screen(screen, answers.append)
        await pilot.pause()
        await act(app, pilot)
        await pilot.pause()

    play(whole, size=size)
    return answers[0] if answers else None


def pressing(*keys):
    async def act(app, pilot):
        await pilot.press(*keys)

    return act


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["y"], "yes"), (["n"], "no"), (["e"], "edit"), (["a"], "always"), (["escape"], "no"), (["enter"], "no"),
        (["space"], None), (["x", "q", "down", "pageup"], None), (["right", "enter"], "yes"),
        (["tab", "tab", "enter"], "edit"), (["left", "enter"], "always"),
    ],
)  # fmt: skip
def test_keys(keys, answer):
    assert ask(pressing(*keys)) == answer


def test_everything_is_shown_and_the_focus_is_on_no():
    async def act(app, pilot):
        assert isinstance(app.focused, Button)
        assert app.focused.id == "no"
        assert "May I send mail?  leaves this machine, cannot be undone" in app.text
        assert "Send a mail." in app.text
        assert "to: Ana Roth" in app.text
        assert "│ Hello Ana,\n" in app.text
        assert "│ at one?\n" in app.text
        assert "Always (a)" in app.text

    ask(act)


def test_what_another_call_found_is_told_and_never_allowed_for_good():
    async def act(app, pilot):
        assert "was not said by you" in app.text
        assert "Always" not in app.text
        await pilot.press("a")

    assert ask(act, taken_over=True) is None
    assert ask(pressing("y"), taken_over=True) == "yes"


def test_a_yes_counts_only_once_the_question_can_have_been_read():
    class Stopped:
        now = 0.0

        def __call__(self):
            return self.now

    clock = Stopped()
    assert ask(pressing(*"yea", "right", "enter"), settle=0.4, clock=clock) is None
    assert ask(pressing("n"), settle=0.4, clock=clock) == "no"

    async def later(app, pilot):
        await pilot.press("y")
        clock.now = 0.5
        await pilot.press("a")

    assert ask(later, settle=0.4, clock=clock) == "always"


def test_a_mouse_answers_too():
    async def act(app, pilot):
        await pilot.click("#yes")

    assert ask(act) == "yes"


@pytest.mark.parametrize(
    ("effect", "undo", "said"),
    [
        ("write", None, "changes something, cannot be undone"),
        ("destructive", lambda ctx, undo: "", "takes something away, can be undone"),
        ("read", None, "reads, changes nothing"),
    ],
)
def test_the_effect_is_told(effect, undo, said):
    async def act(app, pilot):
        assert said in app.text

    ask(act, tool=made(effect, undo=undo))


BOSS = "\nto: Boss [b]now[/b] \x1b[2J\u202e"


def test_no_text_fakes_a_line():
    spaces = "x" + " " * 300 + "to: Boss"
    call = Call(
        "send_mail", {"to": ["Ana" + BOSS], "subject": spaces, "body": f"Hi{BOSS}", "to\nsubject": "y"}
    )

    async def act(app, pilot):
        lines = [line.partition("▌")[2].strip() for line in app.text.split("\n")]
        assert not [line for line in lines if line.startswith(("to: Boss", "subject: y"))]
        assert "to: Ana\\nto: Boss [b]now[/b] \\x1b[2J\\u202e" in lines
        assert "to\\nsubject: y" in lines
        assert "\x1b" not in app.text

    ask(act, call, made(description="Send [red]x[/]\nto: Boss"))


def test_a_value_that_wraps_keeps_its_margin():
    async def act(app, pilot):
        lines = [line.partition("▌")[2].strip() for line in app.text.split("\n")]
        first = next(n for n, line in enumerate(lines) if line.startswith("subject:"))
        assert lines[first + 1].startswith("│ ")
        assert lines[first + 2].startswith("│ ")

    ask(act, Call("send_mail", {"to": ["Ana"], "subject": "to: Boss " * 30, "body": ""}))


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
def test_a_long_text_scrolls_and_the_answers_stay(size):
    body = "\n".join(f"line {n}" for n in range(500))

    async def act(app, pilot):
        assert "No (n)" in app.text
        assert "line 499" not in app.text
        await pilot.press("pagedown")
        assert "to: Ana" not in app.text
        app.screen.query_one("#all").scroll_end(animate=False)
        await pilot.pause()
        assert "line 499" in app.text
        assert "No (n)" in app.text
        await pilot.press("pageup", "up", "down")
        await pilot.resize_terminal(20, 8)
        assert app.focused.id == "no"

    assert ask(act, Call("send_mail", {"to": ["Ana"], "subject": "s", "body": body}), size=size) is None


def test_what_is_not_shown_is_counted():
    async def act(app, pilot):
        app.screen.query_one("#all").scroll_end(animate=False)
        await pilot.pause()
        assert "… and 1,000,000 more characters" in app.text

    ask(act, Call("send_mail", {"to": [], "subject": "s", "body": "word " * ((LONGEST + 1_000_000) // 5)}))


def test_a_call_without_arguments():
    async def act(app, pilot):
        assert "It takes no arguments." in app.text

    ask(act, Call("lock_screen", {}))


def test_it_answers_a_real_assistant(tmp_path):
    """The answer goes back to the thread that asks, and the call runs or not."""
    shop = Shop(tmp_path)
    _, events = events_of(tmp_path / "other")
    plan = events[-1].answer.plan

    async def act(app, pilot):
        loop = asyncio.get_running_loop()

        def confirm(tool, call):
            asked = asyncio.run_coroutine_threadsafe(question(tool, call), loop)
            return asked.result() == "yes"

        async def question(tool, call):
            answer = loop.create_future()
            app.push_screen(Confirm(tool, call, False, settle=0.0), answer.set_result)
            await pilot.pause()
            assert "body: text of sum_up" in app.text
            await pilot.press("y")
            return await answer

        answer = await asyncio.to_thread(shop.assistant.run, plan, confirm=confirm)
        assert [result.status for result in answer.results] == ["done"] * 3

    play(act)
    assert ("mail", {"to": ["Sid Rao"], "body": "text of sum_up"}) in shop.ran


def test_it_looks_as_it_did(snap_compare):
    async def before(pilot):
        pilot.app.push_screen(Confirm(made(), CALL, True, clock=FakeClock()))
        await pilot.pause()

    assert snap_compare(Stage(), terminal_size=(80, 24), run_before=before)


def test_what_comes_from_an_earlier_answer_is_marked():
    call = Call("send_mail", {"to": ["Sid"], "subject": "it", "body": "one\ntwo"}, taken=("subject", "body"))

    async def act(app, pilot):
        assert "subject: it  ← from an earlier answer, not said by you" in app.text
        assert "body:  ← from an earlier answer, not said by you" in app.text
        assert "to: Sid\n" in app.text.replace(" \n", "\n")

    ask(act, call=call, taken_over=True)
