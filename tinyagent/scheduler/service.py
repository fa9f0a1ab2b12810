"""The scheduler's loop: sleep until something is due or a file changes, ring, remember.

Ringing comes before remembering: a kill in the instant between the two rings again rather than not at all.
After that instant nothing rings twice, also not after a restart. What became due while no scheduler ran rings
once at the start and says when it was due. The clock, the waiting and the notice are arguments, for tests.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tinyagent.errors import StoreError
from tinyagent.scheduler.due import Due, Reminders, from_entry, horizon
from tinyagent.scheduler.notify import Notice, show
from tinyagent.scheduler.process import only_one
from tinyagent.settings import Settings
from tinyagent.tools import clock_store, fired
from tinyagent.tools.clock_words import capital, say_length
from tinyagent.tools.fired import Fired, History
from tinyagent.tools.phrases import say_when

POLL = 1.0
"""Seconds between two looks at the folders."""
FULL = timedelta(seconds=30)
"""How often every file is looked at: an editor may write into a file without touching its folder."""
LATE = timedelta(seconds=60)
"""Later than this, a notice says that it was missed."""
KEEP = timedelta(days=30)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def run(
    settings: Settings,
    once: bool = False,
    *,
    now: Callable[[], datetime] = _utc_now,
    wait: Callable[[float], None] = time.sleep,
    notify: Callable[[Notice], object] = show,
) -> bool:
    """Ring what is due until the process ends, or with `once` a single time; False where one runs already.

    Raises `StoreError` where the state folder cannot be used.
    """
    with only_one(settings.state, now()) as alone:
        if not alone:
            return False
        service = Service(settings, now, notify)
        following = service.tick()
        while not once:
            service.sleep(following, wait)
            following = service.tick()
        return True


class Service:
    """Rings what is due; keeps in memory only what has been read."""

    def __init__(
        self, settings: Settings, now: Callable[[], datetime], notify: Callable[[Notice], object]
    ) -> None:
        self.state = settings.state
        self.zone: ZoneInfo = settings.zone()
        self.reminders = Reminders(settings.tasks, self.zone)
        self._now, self._notify = now, notify
        self._complaints: set[str] = set()
        self._seen: object = None
        self._rang: set[str] = set()  # holds even where the disk is full

    def tick(self) -> datetime | None:
        """Ring everything that is due now; return when the next thing is due (UTC), None for nothing."""
        now = self._now().astimezone(UTC)
        self._seen = self._signature()  # before reading, so that no change in between is missed
        history = self._history(now)
        self._rang |= {row.key for row in history.fired}
        rows = list(history.fired)
        waiting = sorted(self._all(horizon(history, now), now), key=lambda due: due.instant)
        for due in waiting:
            if due.instant > now:
                continue
            if due.key not in self._rang:
                self._notify(notice(due, now, self.zone))
                self._rang.add(due.key)
                rows.append(Fired(due.key, due.kind, due.label, due.instant.isoformat(), now.isoformat()))
                self._remember(rows, history.checked, synced=False)
            if due.entry is not None:
                self._roll(due, now)
        checked = datetime.fromisoformat(history.checked) if history.checked else None
        if len(rows) > len(history.fired) or checked is None or now - checked > timedelta(hours=1):
            kept = [row for row in rows if datetime.fromisoformat(row.due) > now - KEEP]
            self._remember(kept, now.isoformat())
        return self._next(waiting, now)

    def sleep(self, following: datetime | None, wait: Callable[[float], None]) -> None:
        """Wait until `following`, until a file changes, or until it is time to look at all of them."""
        until = self._now() + FULL
        if following is not None:
            until = min(until, following)
        while (left := (until - self._now()).total_seconds()) > 0:
            wait(min(POLL, left))
            if self._signature() != self._seen:
                return

    def _all(self, low: datetime, now: datetime) -> list[Due]:
        found = list(self.reminders.due(low, now))
        with self._complaining():
            found += [from_entry(entry, self.zone) for entry in clock_store.read(self.state)]
        return found

    def _next(self, waiting: list[Due], now: datetime) -> datetime | None:
        """Return the next time; alarms are read again, since those that rang have rolled on."""
        later = [due.instant for due in waiting if due.instant > now]
        with suppress(StoreError):
            later += [
                e.instant(self.zone) for e in clock_store.read(self.state) if e.instant(self.zone) > now
            ]
        return min(later, default=None)

    def _roll(self, due: Due, now: datetime) -> None:
        """Take what rang out of `clock.json` or set it to its next time; not where it has changed."""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        with self._complaining(), clock_store.changing(self.state) as book:
            if due.entry in book.entries:
                following = clock_store.rolled(due.entry, local)
                at = book.entries.index(due.entry)
                book.entries[at : at + 1] = [following] if following else []

    def _history(self, now: datetime) -> History:
        """Read what rang; a damaged file is kept under another name, what was missed is then let go."""
        try:
            return fired.read(self.state)
        except StoreError as error:
            path = self.state / fired.FILE
            aside = path.with_name(f"fired-damaged-{now:%Y%m%dT%H%M%S}.json")
            self._complain(f"{error} It is kept as {aside.name}.")
            with suppress(OSError):
                path.rename(aside)
            past = [
                d for d in self._all(now - timedelta(days=7), now) if d.instant <= now and d.entry is None
            ]
            rows = [Fired(d.key, d.kind, d.label, d.instant.isoformat(), d.instant.isoformat()) for d in past]
            return History(tuple(rows))

    def _remember(self, rows: list[Fired], checked: str, *, synced: bool = True) -> None:
        with self._complaining():
            fired.write(self.state, rows, checked, synced=synced)

    def _signature(self) -> object:
        try:
            known = (self.state / clock_store.FILE).stat()
            clock = known.st_mtime_ns, known.st_size, known.st_ino
        except OSError:
            clock = 0, 0, 0
        return clock, self.reminders.signature()

    def _complaining(self) -> _Complaints:
        return _Complaints(self)

    def _complain(self, sentence: str) -> None:
        """Write a sentence to the log, each only once."""
        if sentence not in self._complaints:
            self._complaints.add(sentence)
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()


class _Complaints:
    """Turns a `StoreError` inside the block into a line of the log: the other sources must go on ringing."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, StoreError):
            self._service._complain(str(error))
            return True
        return False


def notice(due: Due, now: datetime, zone: ZoneInfo) -> Notice:
    """Return what to show for something due, with "missed" where it is late."""
    here = due.instant.astimezone(zone).replace(tzinfo=None)
    today = now.astimezone(zone).replace(tzinfo=None)
    late = now - due.instant > LATE
    clock = say_when(here, today).removeprefix("on ").removeprefix("today at ")
    when = f"missed at {clock}" if late else clock
    if due.kind == "reminder":
        return Notice(due.label, capital(when) if late else f"Reminder, {clock}")
    if due.kind == "alarm":
        return Notice(due.label or "Alarm", capital(when), urgent=True)
    length = say_length(timedelta(seconds=due.entry.seconds)) if due.entry and due.entry.seconds else ""
    title = f"{capital(due.label)} timer is over" if due.label else "The timer is over"
    return Notice(
        title, ", ".join(filter(None, [length, when if late else ""])) or capital(clock), urgent=True
    )
