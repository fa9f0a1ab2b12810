"""The whole app over real assistants: from the keys to what was done, and that nothing breaks the screen."""

import asyncio
import threading
import time

import pytest
from scripted_path import Models
from test_stream import ASK, SUM, TEXT, TIMER, Shop
from textual import events
from textual.widgets import Input

from tinyagent.settings import load
from tinyagent.tui import services
from tinyagent.tui.app import TinyAgentApp
from tinyagent.tui.confirm import Confirm
from tinyagent.tui.edit import Editor
from tinyagent.tui.help import Help
from tinyagent.tui.messages import UndoEntry
from tinyagent.tui.session import Session

PATIENCE = 30
SEND = ("mail", {"to": "Sid", "body": "the lease"})


class Screen:
    """The app on a screen, with a person at it."""

    def __init__(self, app, pilot, shop):
        self.app, self.pilot, self.shop = app, pilot, shop

    @property
    def text(self):
        """What stands on the screen."""
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)

    async def until(self, holds, what=""):
        """Wait until something holds, or a text is on the screen."""
        until = time.monotonic() + PATIENCE
        while not (holds in self.text if isinstance(holds, str) else holds()):
            assert time.monotonic() < until, f"{what or holds}:\n{self.text}"
            await self.pilot.pause(0.02)

    async def ready(self):
        await self.until(lambda: self.app.status.ready, "loading")

    async def enter(self, text, key="enter"):
        self.app.prompt.put(text)
        await self.pilot.press(key)

    async def does(self, text, *wanted):
        """Give a command for which the model wants these calls, and wait for its end."""
        self.shop.wants(*wanted)
        await self.enter(text)
        await self.ended()

    async def ended(self):
        await self.until(lambda: not self.app.cards.working, "the end of the command")
        await self.pilot.pause()

    async def asked(self):
        """Wait for a confirmation, and until a yes counts."""
        await self.until(lambda: isinstance(self.app.screen, Confirm), "a confirmation")
        self.app.screen._settle = 0
        await self.pilot.pause()


def play(act, home, size=(100, 30), ready=True):
    """Run `act(screen)` on an app over a shop in the folder `home`."""

    async def run():
        shop = Shop(home)
        shop.wants(TIMER)
        session = Session(shop.assistant.settings, assistant=shop.assistant)
        app = TinyAgentApp(session)
        app.animation_level = "none"
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                screen = Screen(app, pilot, shop)
                if ready:
                    await screen.ready()
                await act(screen)
        finally:
            for gate in shop.gates.values():
                gate.set()
            await asyncio.to_thread(session.close)

    asyncio.run(run())


def test_a_command_becomes_a_card_with_its_answer(tmp_path):
    async def act(screen):
        assert "Say what to do, for example" in screen.text
        await screen.pilot.press(*(key if key != " " else "space" for key in "set a ten minutes timer"))
        await screen.pilot.press("enter")
        await screen.ended()
        assert "timer is done." in screen.text
        assert "for example" not in screen.text
        assert screen.shop.statuses() == {"timer": "done"}
        assert list(screen.app.cards.said()) == ["set a ten minutes timer"]
        assert screen.app.prompt.text == ""

    play(act, tmp_path)


def test_typing_is_possible_while_it_loads(tmp_path):
    async def act(screen):
        await screen.enter("set a ten minutes timer")
        await screen.ended()
        assert "timer is done." in screen.text

    play(act, tmp_path, ready=False)


def test_a_hint_comes_while_typing(tmp_path):
    async def act(screen):
        await screen.pilot.press("s", "u", "m")
        await screen.until("→ sum up")

    play(act, tmp_path)


@pytest.mark.parametrize(
    ("key", "ran"), [("y", True), ("n", False), ("escape", False), ("enter", False), ("ctrl+x", False)]
)
def test_what_leaves_the_machine_is_asked_for(tmp_path, key, ran):
    async def act(screen):
        screen.shop.wants(SEND)
        await screen.enter("mail the lease to Sid")
        await screen.asked()
        assert "Sid Rao" in screen.text
        assert "the lease" in screen.text
        await screen.pilot.press(key)
        await screen.ended()
        assert not isinstance(screen.app.screen, Confirm)
        assert bool(screen.shop.ran) is ran

    play(act, tmp_path)


def test_always_holds_for_this_session(tmp_path):
    async def act(screen):
        screen.shop.wants(SEND)
        await screen.enter("mail the lease to Sid")
        await screen.asked()
        await screen.pilot.press("a")
        await screen.ended()
        await screen.does("mail the lease to Sid", SEND)
        assert [name for name, _ in screen.shop.ran] == ["mail", "mail"]

    play(act, tmp_path)


def test_edit_instead_of_a_yes(tmp_path):
    async def act(screen):
        screen.shop.wants(SEND)
        await screen.enter("mail the lease to Sid")
        await screen.asked()
        await screen.pilot.press("e")
        await screen.ended()
        await screen.until(lambda: screen.app.query(Editor), "the editor")
        assert screen.shop.ran == []

    play(act, tmp_path)


def test_a_plan_is_looked_at_first(tmp_path):
    async def act(screen):
        screen.shop.wants(TIMER)
        await screen.enter("set a ten minutes timer", key="f9")
        await screen.ended()
        assert screen.shop.ran == []
        screen.app.cards.query_one("Card").focus()
        await screen.pilot.press("r")
        await screen.ended()
        await screen.until("timer is done.")
        assert [name for name, _ in screen.shop.ran] == ["timer"]

    play(act, tmp_path)


@pytest.mark.parametrize("place", ["prompt", "card"])
def test_a_question_is_answered_in_place_or_in_the_prompt(tmp_path, place):
    async def act(screen):
        screen.shop.wants(SUM, ("mail", {"to": "Ana", "body": "$1"}), TIMER)
        await screen.enter(ASK)
        await screen.ended()
        assert "Which Ana" in screen.text
        assert "answers the question" in screen.text
        screen.shop.wants(SUM, ("mail", {"to": "Ana Roth", "body": "$1"}), TIMER)
        if place == "prompt":
            await screen.enter("Ana Roth")
        else:
            screen.app.cards.query_one("Card").focus()
            await screen.pilot.press("2")
        await screen.asked()
        await screen.pilot.press("y")
        await screen.ended()
        assert ("mail", {"to": ["Ana Roth"], "body": "text of sum_up"}) in screen.shop.ran
        assert len(screen.app.cards.query("Card")) == 1

    play(act, tmp_path)


def test_a_command_that_waits_behind_a_question_makes_it_lapse(tmp_path):
    async def act(screen):
        gate = screen.shop.gates["sum_up"] = threading.Event()
        screen.shop.wants(SUM, ("mail", {"to": "Ana", "body": "$1"}))
        await screen.enter("sum up the lease and mail it to Ana")
        await screen.enter("set a ten minutes timer")
        gate.set()
        await screen.ended()
        assert len(screen.app.cards.query("Card")) == 2
        first, second = screen.app.cards.query("Card")
        assert (first.plan.end, second.plan.text) == ("ask", "set a ten minutes timer")
        await screen.until(lambda: not first.query("Ask"), "the question to go")
        assert "The question has lapsed" in screen.text

    play(act, tmp_path)


def test_what_hangs_can_be_stopped(tmp_path):
    async def act(screen):
        screen.shop.gates["sum_up"] = threading.Event()
        screen.shop.wants(SUM)
        await screen.enter("sum up the lease")
        await screen.until(lambda: screen.shop.statuses().get("sum_up") == "started", "the call")
        await screen.until("Ctrl+X stops it")
        await screen.pilot.press("ctrl+x")
        await screen.ended()
        assert "sum_up had begun already" in screen.text
        await screen.does("set a ten minutes timer", TIMER)
        assert "timer is done." in screen.text

    play(act, tmp_path)


def test_ctrl_c_stops_what_runs_and_quits_only_when_pressed_twice(tmp_path, monkeypatch):
    monkeypatch.setattr("tinyagent.tui.app.AGAIN", PATIENCE)

    async def act(screen):
        screen.shop.gates["sum_up"] = threading.Event()
        screen.shop.wants(SUM)
        await screen.enter("sum up the lease")
        await screen.until(lambda: screen.shop.statuses().get("sum_up") == "started", "the call")
        await screen.pilot.press("ctrl+c")
        await screen.ended()
        await screen.pilot.press("x", "ctrl+c")
        assert screen.app.prompt.text == ""
        await screen.pilot.press("ctrl+c")
        await screen.until("Press Ctrl+C again to quit.")
        assert screen.app.is_running
        await screen.pilot.press("ctrl+c")
        await screen.until(lambda: screen.app._exit, "the end")

    play(act, tmp_path)


def test_an_unexpected_error_is_a_sentence_on_its_card(tmp_path):
    async def act(screen):
        def broken(*_):
            raise ZeroDivisionError("a secret")

        screen.shop.wants(TIMER)
        screen.shop.assistant.filler.fill = broken
        await screen.enter("set a ten minutes timer")
        await screen.ended()
        assert "ZeroDivisionError" in screen.text
        assert "secret" not in screen.text
        await screen.does("set a ten minutes timer", TIMER)
        assert "timer is done." in screen.text

    play(act, tmp_path)


def test_no_text_is_markup(tmp_path):
    async def act(screen):
        await screen.does("set a [bold red]ten[/] minutes timer [/nonsense]", TIMER)
        assert "[bold red]ten[/] minutes" in screen.text
        screen.app.say("what [b]has[/nonsense] happened \x1b[31m")
        await screen.until("[b]has[/nonsense]")

    play(act, tmp_path)


def test_a_pasted_megabyte_is_cut_and_told(tmp_path):
    async def act(screen):
        screen.app.prompt._editor.post_message(events.Paste("spam " * 200_000))
        await screen.until("the rest of this was left out")
        await screen.pilot.press("enter")
        await screen.ended()
        await screen.does("set a ten minutes timer", TIMER)
        assert "timer is done." in screen.text

    play(act, tmp_path)


def test_resizing_in_a_storm(tmp_path):
    async def act(screen):
        await screen.does(TEXT, SUM, TIMER)
        sizes = [(80, 24), (200, 60), (1, 1), (20, 5), (99, 30), (101, 3), (300, 100), (40, 80)]
        for width, height in sizes * 5:
            await screen.pilot.resize_terminal(width, height)
        await screen.pilot.resize_terminal(100, 30)
        await screen.does("set a ten minutes timer", TIMER)
        assert "timer is done." in screen.text

    play(act, tmp_path)


def test_help_has_every_key_of_the_app(tmp_path):
    async def act(screen):
        await screen.pilot.press("f1")
        assert isinstance(screen.app.screen, Help)
        shown = screen.app.screen.text().plain
        for binding in TinyAgentApp.BINDINGS:
            assert binding.description in shown
        for key in (
            "F1",
            "Ctrl+P",
            "Ctrl+R",
            "Alt+Enter",
            "Ctrl+J",
            "New line",
            "Esc",
            "The prompt",
            "A confirmation",
        ):
            assert key in shown
        await screen.pilot.press("ctrl+z", "ctrl+l", "f1")  # nothing happens behind it
        assert not isinstance(screen.app.screen, Help)
        await screen.pilot.press("f1", "escape")
        assert not isinstance(screen.app.screen, Help)

    play(act, tmp_path)


def test_the_palette_runs_what_it_lists(tmp_path):
    async def act(screen):
        await screen.does("set a ten minutes timer", TIMER)
        await screen.pilot.press("ctrl+p")
        await screen.until("Activity: what was done, with undo")
        screen.app.screen.query_one(Input).value = "again set"
        await screen.until("Again: set a ten minutes timer")
        await screen.pilot.press("down", "enter")
        await screen.until(lambda: len(screen.shop.ran) == 2, "the command again")
        await screen.ended()

    play(act, tmp_path)


def test_a_theme_is_kept(tmp_path):
    async def act(screen):
        before = screen.app.theme
        await screen.pilot.press("f12")
        assert screen.app.theme != before
        assert (screen.app.settings.state / "theme").read_text().strip() == screen.app.theme
        assert TinyAgentApp(screen.app.session).theme == screen.app.theme

    play(act, tmp_path)


@pytest.mark.parametrize("theme", ["night", "paper", "contrast", "terminal", "terminal-light"])
def test_every_theme_can_be_worn(tmp_path, theme):
    async def act(screen):
        screen.app.choose_theme(theme)
        await screen.does("set a ten minutes timer", TIMER)
        await screen.pilot.press("f1")
        assert "Everywhere" in screen.text

    play(act, tmp_path, size=(80, 24))


def test_undo_says_what_it_took_back_and_leaves_typed_text_alone(tmp_path):
    async def act(screen):
        await screen.pilot.press("a", "ctrl+z")
        assert screen.app.prompt.text == ""
        screen.app.post_message(UndoEntry())
        await screen.until("There is nothing to undo.")

    play(act, tmp_path)


def test_undo_on_a_card_takes_back_what_that_card_changed(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})
    assistant = services.make(settings, ())
    session = Session(settings, assistant=assistant)

    async def run():
        app = TinyAgentApp(session)
        async with app.run_test(size=(100, 30), notifications=True) as pilot:
            screen = Screen(app, pilot, None)
            for name in ("garden", "garage"):
                Models(assistant.catalogue, [("create_list", {"list_name": name})], several=0).into(assistant)
                await screen.enter(f"make a list called {name}")
                await screen.ended()
            app.query("Card").first().focus()
            await pilot.press("u")
            await screen.until(
                lambda: [path.stem for path in settings.notes.rglob("*.md")] == ["garage"], "undo"
            )
            assert app.query("Card").first().entries == ()
            assert len(app.query("Card").last().entries) == 1

    try:
        asyncio.run(run())
    finally:
        session.close()


def test_cleared_cards_are_gone_but_not_one_at_work(tmp_path):
    async def act(screen):
        await screen.does("set a ten minutes timer", TIMER)
        screen.shop.gates["sum_up"] = threading.Event()
        screen.shop.wants(SUM)
        await screen.enter("sum up the lease")
        await screen.pilot.press("ctrl+l")
        await screen.until(lambda: len(screen.app.cards.query("Card")) == 1, "one card")
        screen.shop.gates["sum_up"].set()
        await screen.ended()
        assert "sum_up is done." in screen.text

    play(act, tmp_path)


def test_the_oldest_cards_go(tmp_path, monkeypatch):
    monkeypatch.setattr("tinyagent.tui.cards.MOST", 2)

    async def act(screen):
        for _ in range(4):
            await screen.does("set a ten minutes timer", TIMER)
        assert len(screen.app.cards.query("Card")) <= 3
        assert len(screen.shop.ran) == 4

    play(act, tmp_path)


def test_the_prompt_is_a_key_away(tmp_path):
    async def act(screen):
        await screen.does("set a ten minutes timer", TIMER)
        await screen.pilot.press("tab")
        assert screen.app.focused is screen.app.cards.query_one("Card")
        await screen.pilot.press("escape", "h", "i")
        assert screen.app.prompt.text == "hi"

    play(act, tmp_path)


def test_it_fits_the_smallest_terminal(tmp_path):
    async def act(screen):
        lines = screen.text.splitlines()
        assert len(lines) == 24
        assert all(len(line) <= 80 for line in lines)
        assert "F1 help" in lines[-1]
        assert "Say what to do" in screen.text

    play(act, tmp_path, size=(80, 24))


PANELS = [("f2", "today"), ("f3", "activity"), ("f4", "tools"), ("f5", "models")]


@pytest.mark.parametrize(("key", "name"), PANELS)
def test_a_panel_comes_and_goes_with_its_key(tmp_path, key, name):
    async def act(screen):
        await screen.does("set a ten minutes timer", TIMER)
        await screen.pilot.press(key)
        side = screen.app.query_one("Side")
        assert side.shown == name
        assert "timer is done." in screen.text
        other = next(other for other, _ in PANELS if other != key)
        await screen.pilot.press(other)
        assert side.shown == dict(PANELS)[other]
        await screen.pilot.press(other)
        assert not side.shown
        await screen.pilot.press("h", "i")
        assert screen.app.prompt.text == "hi"

    play(act, tmp_path, size=(120, 30))


def test_a_panel_covers_the_cards_of_a_small_terminal(tmp_path):
    async def act(screen):
        await screen.does("set a ten minutes timer", TIMER)
        await screen.pilot.press("f3")
        await screen.until(lambda: "tools considered" not in screen.text, "the cards to be covered")
        await screen.pilot.press("f3")
        await screen.until("tools considered")

    play(act, tmp_path, size=(80, 24))


def test_activity_shows_what_was_just_done(tmp_path):
    async def act(screen):
        await screen.pilot.press("f3", "escape")
        await screen.until(lambda: screen.app.focused is screen.app.prompt._editor, "the prompt")
        await screen.does("lock it", ("lock", {}))
        side = screen.app.query_one("Side")
        await screen.until(
            lambda: "lock" in "".join(str(key) for key in side.activity._entries.values()), "it"
        )

    play(act, tmp_path, size=(120, 30))


def test_nothing_heavy_is_imported_before_the_screen_is_there():
    import subprocess
    import sys

    heavy = ("numpy", "faiss", "onnxruntime", "llama_cpp", "icalendar", "pint", "rapidfuzz", "tokenizers")
    code = (
        f"import sys, tinyagent.tui.app, tinyagent.tui.start; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
