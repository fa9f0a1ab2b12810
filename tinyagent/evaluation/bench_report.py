"""What a benchmark found, as JSON for programs and as a table for people. Times are in milliseconds."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from tinyagent.evaluation.metrics import percentile
from tinyagent.evaluation.processes import Busy, Startup

_IDLE = 0.3
"""Load average per core under which the machine counts as idle."""


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the machine was when the benchmark began: processes that wanted to run, averaged over a minute."""

    one_minute: float
    cores: int

    @classmethod
    def now(cls) -> Load:
        """Read the load average (0 where the system has none)."""
        try:
            minute = os.getloadavg()[0]
        except OSError:
            minute = 0.0
        return cls(minute, os.cpu_count() or 1)

    @property
    def sentence(self) -> str:
        """What the load means for the figures."""
        busy = self.one_minute / self.cores >= _IDLE
        means = (
            "other programs are running, so take the times for upper bounds and trust the ratios only"
            if busy
            else "the machine is as good as idle"
        )
        return f"Load average over the last minute {self.one_minute:.2f} on {self.cores} cores: {means}."

    def as_json(self) -> dict[str, Any]:
        """Return the load as JSON data."""
        return {"one_minute": round(self.one_minute, 2), "cores": self.cores, "sentence": self.sentence}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: times in milliseconds. `ratio` compares medians; `ratio_of` says which with which."""

    name: str
    ms: tuple[float, ...]
    ratio: float | None = None
    ratio_of: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON data."""
        spread = {"p50_ms": _round(percentile(self.ms, 50)), "p95_ms": _round(percentile(self.ms, 95))}
        ratio = {"ratio": _round(self.ratio), "ratio_of": self.ratio_of} if self.ratio is not None else {}
        return {"name": self.name, "n": len(self.ms), **spread, **ratio}


@dataclass(slots=True)
class BenchReport:
    """Everything that was measured. `stages` holds milliseconds by line and stage, `other` what no stage covers."""

    load: Load
    commands: int
    repetitions: int
    figures: list[Figure] = field(default_factory=list)
    stages: dict[str, list[Figure]] = field(default_factory=dict)
    early_exit: float | None = None
    tokens: float | None = None
    batches: float | None = None
    busy: list[Busy] = field(default_factory=list)
    startup: list[Startup] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return every figure as JSON data."""
        return {
            "load": self.load.as_json(),
            "commands": self.commands,
            "repetitions": self.repetitions,
            "early_exit": _round(self.early_exit),
            "evaluated": {"tokens_p50": self.tokens, "batches_p50": self.batches},
            "figures": [figure.as_json() for figure in self.figures],
            "stages": {name: [stage.as_json() for stage in stages] for name, stages in self.stages.items()},
            "busy": [row.as_json() for row in self.busy],
            "startup": [row.as_json() for row in self.startup],
        }

    def table(self) -> str:
        """Return the figures as text for people, without the sentence about the load."""
        lines: list[str] = []
        if self.figures:
            exits = "–" if self.early_exit is None else f"{100 * self.early_exit:.0f} %"
            lines += [
                f"{self.commands} commands, {self.repetitions} times each; early exit {exits}; "
                f"a plan evaluates {self.tokens or 0:.0f} tokens in {self.batches or 0:.0f} batches (medians).",
                "",
                f"{'':<40}{'n':>5}{'p50 ms':>10}{'p95 ms':>10}  ratio of medians",
            ]
            lines += [_line(figure) for figure in self.figures]
        for name, stages in self.stages.items():
            lines += ["", f"Stages of: {name}", *(_line(stage) for stage in stages)]
        if self.busy:
            head = f"{'idle p50':>10}{'busy p50':>10}{'busy p95':>10}{'busy ÷ idle':>13}"
            lines += [
                "",
                f"{'One core kept busy, warm plan, ms':<40}{head}",
                *(row.line() for row in self.busy),
            ]
        if self.startup:
            head = f"{'p50 ms':>10}{'max ms':>10}{'peak MB':>10}"
            lines += ["", f"{'Whole processes':<40}{head}", *(row.line() for row in self.startup)]
        return "\n".join(lines).strip("\n") + "\n"


def _line(figure: Figure) -> str:
    data = figure.as_json()
    ratio = f"{figure.ratio:>7.2f} {figure.ratio_of}" if figure.ratio is not None else ""
    return (
        f"{figure.name:<40}{data['n']:>5}{_number(data['p50_ms'])}{_number(data['p95_ms'])}{ratio}".rstrip()
    )


def _number(value: float | None) -> str:
    return f"{'–':>10}" if value is None else f"{value:>10.1f}"


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
