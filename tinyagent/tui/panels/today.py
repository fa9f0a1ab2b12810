"""The panel of today: events, reminders that are due, the next alarms, and timers that count down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tinyagent.settings import Settings
from tinyagent.tools import clock_store
from tinyagent.tools.phrases import DAYS, MONTHS
from tinyagent.tui.panels.day import (
    DAY,
    EVENING,
    Day,
    alarm_rows,
    event_rows,
    read_day,
    task_rows,
    timer_rows,
)
from tinyagent.tui.panels.panel import Pairs, Panel, Row


def utc_now() -> datetime:
    """Return the time, the usual clock of the panel."""
    return datetime.now(UTC)


class Today(Panel[Day]):
    """What is on today, and in the evening what is on tomorrow. `clock` gives the time with a zone."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._settings, self._clock = settings, clock
        self._day: Day | None = None
        self._body = VerticalScroll()
        self._timer_rows, self._today_rows, self._tomorrow_rows = Pairs(), Pairs(), Pairs()
        self._task_rows, self._alarm_rows = Pairs(), Pairs()

    def compose(self) -> ComposeResult:
        """Give the sections from top to bottom: what runs out first comes first."""
        with self._body:
            yield self.problem
            yield from (self._timer_rows, self._today_rows, self._tomorrow_rows)
            yield from (self._task_rows, self._alarm_rows)

    @property
    def first(self) -> VerticalScroll:
        """What the arrow keys scroll."""
        return self._body

    def mark(self) -> object:
        """Return the times at which something was added to the folders, removed or replaced."""
        settings = self._settings
        folders = (
            folder for root in (settings.calendars, settings.tasks) for folder in (root, *_inside(root))
        )
        return tuple((str(path), _changed(path)) for path in (*folders, settings.state / clock_store.FILE))

    def read(self) -> Day:
        """Return what the person's files say now."""
        return read_day(self._settings.context(self._local()))

    def show_found(self, found: Day) -> None:
        """Show what was read."""
        self._day = found
        self.tick()

    def tick(self) -> None:
        """Let the timers count down, and events and reminders become over and overdue."""
        day = self._day
        if day is None:
            return
        instant, now = self._clock(), self._local()
        late = now.time() >= EVENING
        trouble = {store: [("", said, "bold")] if said else [] for store, said in day.problems.items()}
        timers = timer_rows(day, instant)
        self._timer_rows.show("Timers", timers)
        self._timer_rows.display = bool(timers)
        self._today_rows.show(
            f"Today, {_named(now)}", _with(trouble["calendar"], event_rows(day, now.date(), now))
        )
        self._tomorrow_rows.display = late
        self._tomorrow_rows.show(f"Tomorrow, {_named(now + DAY)}", event_rows(day, (now + DAY).date(), now))
        self._task_rows.show("Reminders", _with(trouble["reminders"], task_rows(day, now)))
        self._alarm_rows.show("Alarms", _with(trouble["clock"], alarm_rows(day, now)))

    def _local(self) -> datetime:
        return self._clock().astimezone(self._settings.zone()).replace(tzinfo=None)


def _with(trouble: list[Row], rows: list[Row]) -> list[Row]:
    """Return what could not be read above what could; nobody may take the one for "nothing there"."""
    return trouble + ([] if trouble and not rows[0][0] else rows)


def _named(day: datetime) -> str:
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
