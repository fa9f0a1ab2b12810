"""The prompt as a person uses it: keys in, text and messages out."""

import asyncio
import functools
import json
import threading
import time
from typing import ClassVar

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.binding import Binding
from textual.widgets import OptionList, Static

from tinyagent.calls import Candidate
from tinyagent.tui.completion import Commands, Completion, Name, Names
from tinyagent.tui.editor import Editor
from tinyagent.tui.hints import HintLine, hint_text
from tinyagent.tui.history import NAME, History
from tinyagent.tui.history_search import HistorySearch
from tinyagent.tui.popup import Popup
from tinyagent.tui.prompt import PromptLine
from tinyagent.tui.wording import LIMIT

PATIENCE = 60
PEOPLE = ("Ana Silva", "Anatol Frank")


class Screenful(App):
    """A prompt below something else, with keys of its own that the prompt may leave to it."""

    BINDINGS: ClassVar = [
        Binding(key, f"left('{key}')") for key in ("ctrl+c", "ctrl+z", "ctrl+x", "escape", "f9")
    ]

    def __init__(self, history, completers=()):
        super().__init__()
        self.history, self.completers = history, completers
        self.submitted, self.typed, self.left = [], [], []

    def compose(self):
        yield Static("\n".join(f"card {n}" for n in range(12)))
        yield PromptLine(self.history, self.completers)

    def on_mount(self):
        self.prompt.focus()

    def action_left(self, key):
        self.left.append(key)

    def on_submitted(self, message):
        self.submitted.append((message.text, message.dry))

    def on_typed(self, message):
        self.typed.append(message.text)

    @property
    def prompt(self):
        return self.screen_stack[0].query_one(PromptLine)

    @property
    def popup(self):
        return self.screen_stack[0].query_one(Popup)

    @property
    def offered(self):
        return [one.text for one in self.popup.completions] if self.popup.display else []

    @property
    def hint(self):
        return self.screen_stack[0].query_one(HintLine).line

    def rows(self):
        """What stands on the screen, a string a line."""
        return ["".join(piece.text for piece in strip) for strip in self.screen._compositor.render_strips()]


class Person:
    """Pilot, but after a key everything that follows from it has happened, however busy the machine is."""

    def __init__(self, app, pilot):
        self.app, self.pause, self.click, self._pilot = app, pilot.pause, pilot.click, pilot

    async def press(self, *keys):
        for key in keys:
            await self._pilot.press(key)
        await self.settle()

    async def resize_terminal(self, width, height):
        await self._pilot.resize_terminal(width, height)
        await self.settle()

    async def settle(self):
        quiet = 0
        while quiet < 30:  # passes of the loop, not moments
            await asyncio.sleep(0)
            pumps = [self.app, *self.app.screen_stack, *self.app.query("*")]
            quiet = quiet + 1 if all(pump._message_queue.empty() for pump in pumps) else 0


@pytest.fixture
def history(tmp_path):
    made = History(tmp_path / NAME)
    yield made
    made.close(PATIENCE)


def names(*given, kind="person", **options):
    return Names(lambda: [Name(one, kind) for one in given], **options)


def using(size=(80, 24), entries=(), completers=lambda history: ()):
    """Run an async test in an app of its own; `completers` gives the sources for its history."""

    def wrap(test):
        @functools.wraps(test)
        def run(history):
            for entry in entries:
                history.add(entry)
            app = Screenful(history, completers(history))

            async def main():
                async with app.run_test(size=size) as pilot:
                    await test(app, Person(app, pilot))

            asyncio.run(main())

        del run.__wrapped__  # pytest reads the arguments of what is wrapped: here those are ours
        return run

    return wrap


async def until(pilot, holds):
    """Let the app work until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        await pilot.pause(0.01)
    await pilot.settle()


async def paste(app, pilot, text):
    before = app.prompt.text
    app.post_message(events.Paste(text))  # as the terminal's driver does
    await until(pilot, lambda: app.prompt.text != before)


@using()
async def test_enter_submits_once_and_leaves_an_empty_prompt(app, pilot):
    await pilot.press(*"call Sid", "enter", "enter", "space", "enter")
    assert app.submitted == [("call Sid", False)]
    assert app.prompt.text == " "
    assert app.history.entries == ["call Sid"]


@pytest.mark.parametrize("key", ["alt+enter", "f9"])
def test_a_plan_to_look_at(history, key):
    @using()
    async def test(app, pilot):
        await pilot.press(*"call Sid", key)
        assert app.submitted == [("call Sid", True)]
        assert app.left == []

    test(history)


@using()
async def test_a_terminal_that_knows_no_alt_enter_is_understood(app, pilot):
    keys = [event.key for event in XTermParser().feed("\x1b\r") if isinstance(event, events.Key)]
    assert keys == ["alt+enter"]


@using()
async def test_several_lines_make_the_prompt_grow_to_six(app, pilot):
    editor = app.query_one(Editor)
    await pilot.press("a")
    assert editor.size.height == 1
    await pilot.press("ctrl+j", "b", "shift+enter", "c")
    await until(pilot, lambda: editor.size.height == 3)
    assert app.prompt.text == "a\nb\nc"
    await pilot.press(*["ctrl+j"] * 8)
    await until(pilot, lambda: editor.size.height == 6)
    await pilot.press("enter")
    assert app.submitted == [("a\nb\nc", False)]
    await until(pilot, lambda: editor.size.height == 1)


@using(size=(30, 12))
async def test_a_long_line_is_wrapped(app, pilot):
    await paste(app, pilot, "remind me to call Sid about the budget tomorrow")
    await until(pilot, lambda: app.query_one(Editor).size.height > 1)


@using()
async def test_a_pasted_megabyte_is_cut_with_a_word_about_it(app, pilot):
    await paste(app, pilot, "remind me\x1b[2J \u202e" + "of this " * 150_000 + "\r\n")
    assert len(app.prompt.text) == LIMIT
    assert app.prompt.text.startswith("remind me[2J of this of this")
    assert app.hint == "A command has at most 2,000 characters: the rest of this was left out."
    await pilot.press("x")
    assert len(app.prompt.text) == LIMIT
    await pilot.press("backspace", "y")
    assert app.prompt.text.endswith("y")


@using()
async def test_what_is_pasted_replaces_what_is_selected_and_keeps_its_lines(app, pilot):
    await pilot.press(*"abc", "f7")
    await paste(app, pilot, "milk\r\neggs\tand\u2028bread\r\n")
    assert app.prompt.text == "milk\neggs and\nbread"
    assert app.hint == ""


@using(entries=["set a timer", "call\nSid"])
async def test_the_arrows_walk_through_the_history(app, pilot):
    await pilot.press(*"unfin", "up")
    assert app.prompt.text == "call\nSid"
    await pilot.press("up")  # inside the text
    assert app.prompt.text == "call\nSid"
    await pilot.press("up", "up", "up")
    assert app.prompt.text == "set a timer"
    await pilot.press("down")
    assert app.prompt.text == "call\nSid"
    await pilot.press("down", "down")
    assert app.prompt.text == "unfin"
    await pilot.press("up", "enter")
    assert app.submitted == [("call\nSid", False)]
    await pilot.press("up")
    assert app.prompt.text == "call\nSid"
    assert app.history.entries == ["set a timer", "call\nSid"]


@using(entries=["call Ana Silva at three", "call Bob"])
async def test_the_rest_of_a_former_command_is_shown_and_taken(app, pilot):
    editor = app.query_one(Editor)
    await pilot.press(*"call A")
    assert editor.suggestion == "na Silva at three"
    await until(pilot, lambda: any("call Ana Silva at three" in row for row in app.rows()))
    await pilot.press("left")
    assert editor.suggestion == ""
    await pilot.press("end")
    assert app.prompt.text == "call A"
    await pilot.press("end")
    assert app.prompt.text == "call Ana Silva at three"
    await pilot.press("ctrl+c", *"call", "right")
    assert app.prompt.text == "call Bob"


@using(entries=["email Ana the agenda", "call Sid", "email Bob the agenda"])
async def test_the_history_is_searched(app, pilot):
    await pilot.press("ctrl+r")
    assert isinstance(app.screen, HistorySearch)
    await pilot.press(*"agenda", "ctrl+r", "enter")
    assert app.prompt.text == "email Ana the agenda"
    assert app.submitted == []
    await pilot.press("ctrl+r", *" zzzz", "enter")
    assert app.prompt.text == "email Ana the agenda"
    await pilot.press("x", "ctrl+r", "ctrl+c", "y")
    assert app.prompt.text == "email Ana the agendaxy"
    assert app.left == []


@using(entries=["call [red]Sid[/] now"])
async def test_no_text_is_taken_for_markup(app, pilot):
    await pilot.press("ctrl+r")
    await until(pilot, lambda: any("call [red]Sid[/] now" in row for row in app.rows()))


@using(completers=lambda history: (names(*PEOPLE), names("analysis [b].pdf", kind="file", lazy=True)))
async def test_a_name_is_offered_while_it_is_typed_and_chosen_with_tab(app, pilot):
    await pilot.press(*"tell Ana")
    await until(pilot, lambda: app.offered == list(PEOPLE))
    assert app.popup.highlighted is None
    await pilot.press("tab")
    assert app.prompt.text == "tell Ana Silva"
    await until(pilot, lambda: app.offered == [*PEOPLE, "analysis [b].pdf"])
    assert any("analysis [b].pdf" in row for row in app.rows())
    await pilot.press("down")
    assert app.prompt.text == "tell Anatol Frank"
    await pilot.press("shift+tab", "up")
    assert app.prompt.text == "tell analysis [b].pdf"
    await pilot.press("tab", "enter")
    assert (app.prompt.text, app.offered, app.submitted) == ("tell Ana Silva", [], [])
    await pilot.press(*" now", "enter")
    assert app.submitted == [("tell Ana Silva now", False)]


@using(completers=lambda history: (names(*PEOPLE),))
async def test_escape_brings_back_what_was_typed(app, pilot):
    await pilot.press(*"tell Ana")
    await until(pilot, lambda: app.offered)
    await pilot.press("tab", "tab")
    assert app.prompt.text == "tell Anatol Frank"
    await pilot.press("escape")
    assert (app.prompt.text, app.offered, app.left) == ("tell Ana", [], [])
    await pilot.press("escape")
    assert app.left == ["escape"]


@using(entries=["set a timer"], completers=lambda history: (names(*PEOPLE),))
async def test_what_is_offered_unasked_takes_neither_arrows_nor_enter(app, pilot):
    await pilot.press(*"tell Ana")
    await until(pilot, lambda: app.offered)
    await pilot.press("up")
    assert (app.prompt.text, app.offered) == ("set a timer", [])
    await pilot.press("down")
    assert app.prompt.text == "tell Ana"
    await pilot.press("enter")
    assert app.submitted == [("tell Ana", False)]


@using(
    entries=["email Ana the agenda"],
    completers=lambda history: (names("Sid"), names("agenda.txt", kind="file", lazy=True), Commands(history)),
)
async def test_tab_asks_everywhere(app, pilot):
    await pilot.press(*"open agen", "tab")
    await until(pilot, lambda: app.prompt.text == "open agenda.txt")  # the only one
    await pilot.press("ctrl+c", *"agen", "tab")
    await until(pilot, lambda: app.offered == ["agenda.txt", "email Ana the agenda"])
    await pilot.press("up", "enter")
    assert app.prompt.text == "email Ana the agenda"


@using(completers=lambda history: (names(*PEOPLE),))
async def test_a_click_completes(app, pilot):
    await pilot.press(*"tell Ana")
    await until(pilot, lambda: app.offered and app.popup.region.height == 2)
    await pilot.click(Popup, offset=(3, 1))
    await until(pilot, lambda: app.prompt.text == "tell Anatol Frank")
    assert app.focused is app.query_one(Editor)


class Gated:
    """A source that answers when it is let."""

    lazy = False

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def complete(self, text, cursor):
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return [Completion(0, cursor, f"{text} completed", "person", score=100.0)]


@using(completers=lambda history: (Gated(),))
async def test_typing_does_not_wait_and_what_comes_late_is_dropped(app, pilot):
    [gate] = app.completers
    await pilot.press(*"tell")
    await until(pilot, gate.begun.is_set)
    await pilot.press(*" Sid")
    assert app.prompt.text == "tell Sid"
    gate.go.set()
    await until(pilot, lambda: app.offered)
    assert app.offered == ["tell Sid completed"]


@using(completers=lambda history: (Gated(),))
async def test_a_source_that_hangs_does_not_keep_the_app(app, pilot):
    await pilot.press(*"tell")
    await until(pilot, app.completers[0].begun.is_set)
    await pilot.press("enter")
    assert app.submitted == [("tell", False)]  # and the app ends while the source is still at it


@using()
async def test_a_pause_is_told_with_the_text_as_it_is(app, pilot):
    await pilot.press(*"set a timer")
    await until(pilot, lambda: app.typed and app.typed[-1] == "set a timer")
    told = list(app.typed)
    await pilot.press("left", "right", "ctrl+c")
    await until(pilot, lambda: app.prompt.text == "")
    await pilot.press("x")
    await until(pilot, lambda: app.typed[-1] == "x")
    assert app.typed == [*told, "x"]


@using()
async def test_a_hint_is_for_what_stands_there(app, pilot):
    found = [Candidate("create_reminder", 0.961), Candidate("set_alarm", 0.03), Candidate("none", 0.004)]
    app.prompt.show_hint(found)
    assert app.hint == ""  # it came too late
    await pilot.press("a")
    app.prompt.show_hint(found)
    assert app.hint == "→ create reminder 96 % · set alarm 3 %"
    await until(pilot, lambda: any("→ create reminder 96 %" in row for row in app.rows()))
    await pilot.press("enter")
    assert app.hint == ""


def test_hints_in_words():
    found = [
        Candidate("none", 0.5),
        Candidate("call_\x1b[2J", 0.4),
        Candidate("c", 0.05),
        Candidate("d", 0.04),
    ]
    assert hint_text(found) == "→ nothing I can do 50 % · call \\x1b[2J 40 % · c 5 %"
    assert hint_text(found, early=True) == "→ nothing I can do 50 %"
    assert hint_text([Candidate("a", 0.001)]) == hint_text([]) == ""


@using()
async def test_ctrl_c_copies_then_clears_then_is_the_apps(app, pilot):
    await pilot.press(*"abc", "shift+left", "ctrl+c")
    assert (app.clipboard, app.prompt.text, app.left) == ("c", "abc", [])
    await pilot.press("right", "ctrl+c")
    assert (app.prompt.text, app.left) == ("", [])
    await pilot.press("ctrl+c")
    assert app.left == ["ctrl+c"]
    await pilot.press("ctrl+z")
    assert (app.prompt.text, app.left) == ("abc", ["ctrl+c"])


@using()
async def test_keys_without_a_use_here_are_the_apps(app, pilot):
    await pilot.press("ctrl+z", *"ab", "ctrl+x", "enter", "ctrl+z")
    assert app.left == ["ctrl+z", "ctrl+x", "ctrl+z"]
    assert app.submitted == [("ab", False)]


@using()
async def test_tab_leaves_an_empty_prompt(app, pilot):
    app.screen.mount(OptionList("one"))
    await pilot.pause()
    await pilot.press("tab")
    assert isinstance(app.focused, OptionList)


def test_a_history_that_cannot_be_written_is_told_once(tmp_path):
    (tmp_path / NAME).mkdir()
    history = History(tmp_path / NAME)

    async def main():
        app = Screenful(history)
        async with app.run_test() as hands:
            pilot = Person(app, hands)
            await until(pilot, lambda: history.problem)
            await pilot.press("a", "enter")
            assert app.hint.startswith("Your commands are not remembered: ")
            assert app.submitted == [("a", False)]
            await pilot.press("b", "enter")
            assert app.hint == ""
            await pilot.press("up", "up")
            assert app.prompt.text == "a"

    asyncio.run(main())


def test_commands_outlive_the_app(tmp_path):
    async def session(*keys):
        app = Screenful(History(tmp_path / NAME))
        async with app.run_test() as pilot:
            await Person(app, pilot).press(*keys)
            return app.history

    asyncio.run(session(*"call Sid", "enter"))
    assert json.loads((tmp_path / NAME).read_text()) == "call Sid"


@using(size=(20, 4))
async def test_a_tiny_screen_and_resizing_harm_nothing(app, pilot):
    await pilot.press(*"remind me")
    for size in ((80, 24), (1, 1), (200, 3), (20, 5)):
        await pilot.resize_terminal(*size)
        await pilot.press("x", "tab", "escape")
    await pilot.press("ctrl+r")
    await pilot.resize_terminal(3, 2)
    await pilot.press("escape")
    assert app.prompt.text.startswith("remind me")


@using()
async def test_what_is_typed_right_after_enter_begins_the_next_command(app, pilot):
    for key in (*"one", "enter", *"two", "f9", *"three", "alt+enter", *"four"):
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    await until(pilot, lambda: app.prompt.text == "four")
    assert app.submitted == [("one", False), ("two", True), ("three", True)]
