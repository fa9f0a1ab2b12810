"""Write pictures (SVG) of the app's main states: `python -m tinyagent.tui.screenshots [FOLDER]` (default: `assets`).

A real assistant follows a script on a home and a clock of its own, so that the pictures are the same every time.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from tinyagent.assistant import Assistant
from tinyagent.events import Answered, Event
from tinyagent.journal import Journal
from tinyagent.tui.app import TinyAgentApp
from tinyagent.tui.card import Card
from tinyagent.tui.confirm import Confirm
from tinyagent.tui.hints import HintLine
from tinyagent.tui.panels import Side
from tinyagent.tui.popup import Popup
from tinyagent.tui.scripted import NOW, Script, Wanted, stocked
from tinyagent.tui.session import Confirm as Asker
from tinyagent.tui.session import OnLast, Session

COMPOUND = "note down what is on my calendar tomorrow and put lunch with Sid on friday at noon"
ASKING = "what is the phone number of Ana"
DELETING = "cancel the dentist"
WANTED: Mapping[str, Wanted] = {
    COMPOUND: (
        ("find_calendar_events", {"span": "tomorrow"}),
        ("create_note", {"name": "tomorrow", "content": "$1"}),
        ("create_calendar_event", {"title": "lunch with Sid", "start": "friday at noon"}),
    ),
    ASKING: (("get_phone_number", {"name": "Ana"}),),
    DELETING: (("delete_calendar_event", {"query": "dentist"}),),
}
TIMINGS = {"retrieve": 6.1, "select": 31.4, "fill": 118.0, "ground": 3.2}
INSTANT = NOW.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
WIDE, SMALL = (110, 32), (80, 24)
PATIENCE = 30.0


class Posing(Session):
    """A session whose plans took the same time on every machine."""

    def submit(self, number: int, text: str, on_event: OnLast, confirm: Asker, reply: bool = False) -> None:
        """Queue a command, and let its answer tell those times."""

        def tell(number: int, event: Event | object) -> None:
            if isinstance(event, Answered):
                event = Answered(replace(event.answer, plan=replace(event.answer.plan, timings_ms=TIMINGS)))
            on_event(number, event)  # type: ignore[arg-type]

        super().submit(number, text, tell, confirm, reply)


class Scene:
    """The app while its picture is taken."""

    def __init__(self, app: TinyAgentApp, pilot: Pilot[None], script: Script) -> None:
        self.app, self.pilot, self.script = app, pilot, script

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds. Raises `TimeoutError`."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("The picture did not come about.")
            await self.pilot.pause(0.02)
        await self.pilot.pause()

    async def give(self, text: str) -> None:
        """Give a command."""
        self.app.prompt.put(text)
        await self.pilot.press("enter")

    async def done(self, text: str) -> None:
        """Give a command and wait for its end."""
        await self.give(text)
        await self.until(lambda: not self.app.cards.working)

    async def come_to_rest(self, act: Act) -> None:
        """Wait until all is loaded, do `act`, and let no cursor blink."""
        await self.until(lambda: self.app.status.ready)
        await act(self)
        for screen in self.app.screen_stack:
            for typing in screen.query(f"{Input.__name__}, {TextArea.__name__}"):
                typing.cursor_blink = False  # type: ignore[attr-defined]
        await self.pilot.pause()


Act = Callable[[Scene], Awaitable[None]]


async def welcome(scene: Scene) -> None:
    """Do nothing yet."""


async def hints(scene: Scene) -> None:
    """Type a command, and see what it will probably do and which names are meant."""
    scene.app.prompt.put(ASKING)
    await scene.until(lambda: bool(scene.app.query_one(HintLine).line))
    await scene.until(lambda: len(scene.app.query_one(Popup).completions) == 2)


async def planning(scene: Scene) -> None:
    """Plan and run a compound command; the last step is not there yet."""
    scene.script.gate.clear()
    await scene.give(COMPOUND)
    await scene.until(scene.script.held.is_set)
    nodes = scene.app.query_one(Card).progress.tree.nodes
    await scene.until(lambda: [node.state for node in nodes.values()] == ["done", "done"])


async def done(scene: Scene) -> None:
    """See a compound command done."""
    await scene.done(COMPOUND)


async def question(scene: Scene) -> None:
    """Be asked."""
    await scene.done(ASKING)


async def confirmation(scene: Scene) -> None:
    """Be asked before something is taken away."""
    await scene.give(DELETING)
    await scene.until(lambda: isinstance(scene.app.screen, Confirm))


def panel(key: str) -> Act:
    """Return what opens a side panel beside a command that is done."""

    async def act(scene: Scene) -> None:
        await scene.done(COMPOUND)
        await scene.pilot.press(key)
        await scene.app.query_one(Side).refresh_data()
        await scene.pilot.pause(0.5)

    return act


SCENES: Mapping[str, tuple[Act, tuple[int, int], str]] = {
    "planning": (planning, WIDE, "night"),
    "done": (done, WIDE, "night"),
    "done-80x24": (done, SMALL, "terminal"),
    "question": (question, WIDE, "night"),
    "confirmation": (confirmation, WIDE, "night"),
    "panel-today": (panel("f2"), WIDE, "night"),
    "panel-activity": (panel("f3"), WIDE, "night"),
}
"""By file name: what is done, the size in cells, and the theme."""


def posed(home: Path, theme: str) -> tuple[TinyAgentApp, Script]:
    """Return the app over a scripted assistant on a home and a clock of its own, and the script."""
    settings, script = stocked(home), Script(WANTED)
    journal = Journal(settings.state, clock=lambda: INSTANT)
    assistant = Assistant(settings, journal=journal, availability=None)
    session = Posing(settings, assistant=script.into(assistant))
    ticks = iter(range(1_000_000))
    app = TinyAgentApp(session, clock=lambda: 0.004 * next(ticks), now=lambda: INSTANT)
    app.animation_level, app.theme = "none", theme
    return app, script


async def picture(home: Path, act: Act, size: tuple[int, int], theme: str) -> str:
    """Return the SVG of the app in a home of its own after `act`."""
    app, script = posed(home, theme)
    try:
        async with app.run_test(size=size) as pilot:
            scene = Scene(app, pilot, script)
            await scene.come_to_rest(act)
            svg = app.export_screenshot(title="tinyagent")
            script.gate.set()
            app.cards.let_go()
    finally:
        script.gate.set()
        await asyncio.to_thread(app.session.close)
    return svg


def main(folder: Path) -> None:
    """Write all pictures to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    for name, (act, size, theme) in SCENES.items():
        with tempfile.TemporaryDirectory() as home:
            svg = asyncio.run(picture(Path(home), act, size, theme))
        (folder / f"tui-{name}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "assets"))
