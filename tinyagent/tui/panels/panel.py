"""What the panels have in common: a thread reads, the screen shows, and what cannot be read is one sentence."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, ClassVar, Generic, TypeVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.widget import Widget
from textual.widgets import Static

from tinyagent.tools.phrases import harmless
from tinyagent.tui.services import sentence

T = TypeVar("T")
Row = tuple[str, str, str]
"""A word or a time, what it is about, and the Rich style of both."""
TICK = 1.0
"""Seconds between two looks whether something has changed."""
PATIENCE = 5.0
"""Seconds after which it is said that a reading takes long."""
_log = logging.getLogger(__name__)


class Panel(Widget, Generic[T]):
    """A panel that shows what `read` finds. It looks for changes only while it can be seen.

    `mark` and `read` are called in a thread, one at a time, and may raise; the rest is the screen's.
    """

    STALE: ClassVar[float] = 30.0
    """Seconds after which it is read again though nothing seems to have changed."""
    DEFAULT_CSS = """
    Panel { height: 1fr; width: 1fr; padding: 0 1; }
    Panel .problem { display: none; text-style: bold; margin-bottom: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.problem = Static("", markup=False, classes="problem")
        self._lock = asyncio.Lock()
        self._asked = self._answered = 0
        self._mark: object = None
        self._begun = self._read_at = float("-inf")
        self._said = ""

    def mark(self) -> object:
        """Return something cheap to find that differs when `read` would find something else."""
        return None

    def read(self) -> T:
        """Return what there is to show."""
        raise NotImplementedError

    def show_found(self, found: T) -> None:
        """Show what was read."""
        raise NotImplementedError

    def note(self) -> str:
        """Return a sentence about what was read, "" for none."""
        return ""

    def tick(self) -> None:
        """Do what the passing of a second changes, without reading."""

    @property
    def first(self) -> Widget:
        """The part of the panel that has the keyboard first."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Give the keyboard to the panel, once it is there to take it."""
        first = self.first
        first.call_after_refresh(first.focus)

    @property
    def is_seen(self) -> bool:
        """Whether the panel is on the screen, and neither it nor what it is in is hidden."""
        return self.is_attached and all(node.display for node in self.ancestors_with_self)

    async def refresh_data(self) -> None:
        """Read now and show it; never raises. Whoever asks while it waits for its turn shares one reading."""
        self._asked += 1
        asked = self._asked
        async with self._lock:
            if self._answered < asked:
                self._answered = self._asked
                await self._refresh(always=True)

    def refresh_soon(self) -> None:
        """Begin `refresh_data` and return at once."""
        self._begin(self.refresh_data())

    def on_mount(self) -> None:
        """Begin to look for changes."""
        self.set_interval(TICK, self._look)

    def on_show(self) -> None:
        """Read what has changed since the panel was last seen."""
        self._look()

    def _look(self) -> None:
        if not self.is_seen:
            return
        self.tick()
        if not self._lock.locked():
            self._begin(self._refresh_if_changed())
        elif time.monotonic() - self._begun > PATIENCE:
            self._complain("Something does not answer: what is shown here may be old.")

    async def _refresh_if_changed(self) -> None:
        async with self._lock:
            await self._refresh(always=False)

    async def _refresh(self, always: bool) -> None:
        self._begun = time.monotonic()
        try:
            found = await in_thread(partial(self._find, always))
            if found is not None and self.is_attached:
                self.show_found(found)
                self._said = self.note()
        except Exception as error:  # the boundary of the panel: nothing may paint over the screen
            _log.debug("%s cannot be read", type(self).__name__, exc_info=True)
            self._said = sentence(error)
        self._complain(self._said)

    def _find(self, always: bool) -> T | None:
        """Return what there is, None where nothing has changed. Runs in a thread."""
        mark, now = self.mark(), time.monotonic()
        if not always and mark == self._mark and now - self._read_at < self.STALE:
            return None
        self._mark, self._read_at = mark, now
        return self.read()

    def _complain(self, said: str) -> None:
        if self.is_attached:
            self.problem.update(harmless(said))
            self.problem.display = bool(said)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        if self.is_attached:
            self.run_worker(work, group=type(self).__name__, exit_on_error=False)
        else:
            work.close()


class Pairs(Static):
    """Rows of two columns, drawn anew only when they change."""

    DEFAULT_CSS = "Pairs { height: auto; margin-bottom: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._shown: tuple[str, Sequence[Row]] | None = None

    def show(self, heading: str, rows: Sequence[Row]) -> None:
        """Show a heading and rows below it. Texts may come from anywhere: they are only ever text."""
        if (heading, rows) == self._shown:
            return
        self._shown = heading, rows
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for first, second, style in rows:
            table.add_row(Text(harmless(first), style), Text(harmless(second), style))
        self.update(Group(Text(heading, "bold"), table))


async def in_thread(work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises.

    It has a thread of its own: work that hangs is left behind, and keeps neither the screen nor the end of the
    program waiting.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, failed = None, None
        try:
            result = work()
        except BaseException as error:  # raised again where it is waited for
            failed = error
        with suppress(RuntimeError):  # the program has ended
            loop.call_soon_threadsafe(settle, result, failed)

    Thread(target=run, name="panel", daemon=True).start()
    return await done
