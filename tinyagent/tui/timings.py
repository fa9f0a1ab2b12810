"""How long a command took, by stage, in one dim line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from tinyagent.events import Event, Finished, Started

Clock = Callable[[], float]
SHORTEST = 0.05
"""Milliseconds below which a stage of planning is not worth a word."""


class RunTime:
    """Adds up the time during which at least one call runs; `clock` gives seconds."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._running: set[int] = set()
        self._since = 0.0
        self._before = 0.0

    def heard(self, event: Event) -> None:
        """Take the next event of the command."""
        match event:
            case Started():
                self.started(event.index)
            case Finished():
                self.finished(event.index)

    def started(self, index: int) -> None:
        """Hear that a call has begun."""
        if not self._running:
            self._since = self._clock()
        self._running.add(index)

    def finished(self, index: int) -> None:
        """Hear that a call has ended (one that never began counts for nothing)."""
        if index in self._running:
            self._running.remove(index)
            if not self._running:
                self._before += self._clock() - self._since

    def stopped(self) -> None:
        """Hear that nobody waits any more for what runs."""
        for index in tuple(self._running):
            self.finished(index)

    @property
    def ms(self) -> float:
        """Milliseconds so far, without the stretch that is going on."""
        return self._before * 1000


def summary(planned: Mapping[str, float], ran_ms: float | None = None) -> str:
    """Return "plan 62 ms · run 8 ms"; `planned` is milliseconds by stage, `ran_ms` None where nothing ran."""
    return _joined({"plan": sum(planned.values())} if planned else {}, ran_ms)


def details(planned: Mapping[str, float], ran_ms: float | None = None) -> str:
    """Return the same with each stage of planning by itself."""
    return _joined(planned, ran_ms)


def say_ms(ms: float) -> str:
    """Return a time as short as it can be read: "0.4 ms", "62 ms", "1.8 s"."""
    if ms < 0.95:
        return f"{ms:.1f} ms"
    return f"{ms:.0f} ms" if ms < 999.5 else f"{ms / 1000:.1f} s"


def _joined(stages: Mapping[str, float], ran_ms: float | None) -> str:
    every = [(stage, ms) for stage, ms in stages.items() if ms >= SHORTEST]
    every += [("run", ran_ms)] if ran_ms is not None else []
    return " · ".join(f"{stage} {say_ms(ms)}" for stage, ms in every)
