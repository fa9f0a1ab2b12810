"""A stage for the side panels: an app that shows one and keeps what it posts, on stores that the real tools filled."""

import asyncio
from datetime import UTC, datetime, timedelta

from tui_stage import Stage

from tinyagent.settings import load
from tinyagent.tools.registry import catalogue
from tinyagent.tui.messages import ToolSwitched

NOW = datetime(2026, 3, 2, 9)  # a Monday


class Beside(Stage):
    """Shows one widget on the whole screen."""

    def compose(self):
        yield from self.shown

    def on_tool_switched(self, message: ToolSwitched):
        self.posted.append(message)


class Clock:
    """Stands still until it is moved on."""

    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now.replace(tzinfo=UTC)

    def pass_by(self, **span):
        self.now += timedelta(**span)


class Home:
    """The stores of a person in UTC, and the real tools at a time."""

    def __init__(self, folder):
        self.settings = load({"TINYAGENT_HOME": str(folder), "TINYAGENT_TIMEZONE": "UTC"})

    def do(self, tool, now=NOW, **args):
        return catalogue()[tool].function(self.settings.context(now), **args)


def watch(act, widget, size=(36, 24)):
    """Run `act(app, pilot)` with a widget that has been read."""

    async def run():
        app = Beside(widget)
        async with app.run_test(size=size) as pilot:
            await widget.refresh_data()
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(run())
