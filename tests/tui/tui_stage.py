"""A stage for the widgets of the terminal assistant: an app of their own that keeps what they post."""

import asyncio
import time
from dataclasses import replace

from test_stream import MAIL, NOW, SUM, TEXT, TIMER, Shop
from textual.app import App
from textual.containers import VerticalScroll
from textual.widgets import Input

from tinyagent.events import Answered
from tinyagent.tui.messages import Copied, Edited, Replied, UndoEntry

PATIENCE = 60
TIMINGS = {"retrieve": 4.2, "select": 17.0, "available": 0.01, "fill": 38.4, "ground": 2.4}


class Stage(App):
    """Shows widgets (or what makes them) and keeps the messages that reach the app."""

    def __init__(self, *shown):
        super().__init__()
        self.shown, self.posted = shown, []
        self.animation_level = "none"

    def compose(self):
        with VerticalScroll(can_focus=False):
            for one in self.shown:
                yield one() if callable(one) else one

    def on_copied(self, message: Copied):
        self.posted.append(message)

    def on_edited(self, message: Edited):
        self.posted.append(message)

    def on_replied(self, message: Replied):
        self.posted.append(message)

    def on_undo_entry(self, message: UndoEntry):
        self.posted.append(message)

    @property
    def text(self):
        """What stands on the screen."""
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines).rstrip()


def play(act, *shown, size=(80, 40)):
    """Run `act(app, pilot)` with the widgets shown."""

    async def run():
        app = Stage(*shown)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(run())


async def until(pilot, holds):
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came about"
        await pilot.pause()
        await asyncio.sleep(0.005)
    await pilot.pause()


def still(app):
    """Let no cursor blink."""
    for typing in app.query(Input):
        typing.cursor_blink = False


def events_of(home, *wanted, text=TEXT, confirm=lambda tool, call: True):
    """What a real assistant yields for a command, with times that are the same on every machine."""
    shop = Shop(home)
    *events, last = shop.wants(*(wanted or (SUM, MAIL, TIMER))).stream(text, confirm=confirm, now=NOW)
    answer = replace(last.answer, plan=replace(last.answer.plan, timings_ms=TIMINGS))
    return shop, [*events, Answered(answer)]


class FakeClock:
    """Goes on by 4 ms with each look."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.004
        return self.now
