"""How long a plan takes on this machine, beside what it is compared with; all measured in one run, in turns.

For each command the plan, the bare evaluation of its tokens, the plan without early exit and (for some of the
commands) the usual prompt with all tools follow one another, so that whatever else the machine does falls on all
of them alike. Times are in milliseconds, of a warm assistant: everything was loaded by a first, untimed round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from tinyagent.assistant import Assistant
from tinyagent.calls import Plan
from tinyagent.evaluation.all_tools import AllToolsPrompt
from tinyagent.evaluation.baselines import never_early
from tinyagent.evaluation.bench_report import BenchReport, Figure, Load
from tinyagent.evaluation.metrics import percentile
from tinyagent.evaluation.recording import Recorder
from tinyagent.settings import Settings

NOW = datetime(2026, 3, 2, 9)
"""The reference time of every plan, so that two runs do the same."""
COMMANDS = Path(__file__).parent / "data" / "bench_commands.txt"
Clock = Callable[[], float]
T = TypeVar("T")


def read_commands(path: Path = COMMANDS, limit: int = 0) -> list[tuple[str, str]]:
    """Return (expected tool, command) pairs of a file of `tool: command` lines; `limit` of them, evenly spaced."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [(tool, command.strip()) for tool, _, command in (line.partition(":") for line in lines)]
    return _spaced(pairs, limit) if limit else pairs


def texts(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the commands of (expected tool, command) pairs."""
    return [command for _, command in pairs]


def run(
    settings: Settings,
    commands: Sequence[str],
    repetitions: int = 3,
    *,
    baselines: int = 20,
    plan_only: bool = False,
    assistant: Assistant | None = None,
    clock: Clock = time.perf_counter,
    progress: Callable[[str], None] | None = None,
) -> BenchReport:
    """Measure the plans of `commands`, `repetitions` times each, and what they are compared with.

    The usual prompt with all tools is slow, so `baselines` of the commands take part, once each. With `plan_only`
    nothing but the plan is measured. `clock` gives seconds. `progress` is told what is being done.
    """
    report = BenchReport(Load.now(), len(commands), repetitions)
    bench = _Bench(assistant or Assistant(settings, availability=None), clock)
    say = progress or (lambda words: None)
    compared = set() if plan_only else set(_spaced(list(range(len(commands))), baselines))
    say("Loading …")
    for command in commands:
        bench.warm_up(command, forced=not plan_only)
    for repetition in range(repetitions):
        for number, command in enumerate(commands):
            say(f"Round {repetition + 1} of {repetitions}: {number + 1} of {len(commands)} commands …")
            bench.measure(command, plan_only=plan_only, usual=repetition == 0 and number in compared)
    bench.report(report)
    return report


@dataclass(slots=True)
class _Sample:
    """One plan: its time, what evaluating its tokens alone took, and how much it evaluated."""

    plan: Plan
    ms: float
    raw_ms: float = 0.0
    tokens: int = 0
    batches: int = 0


class _Bench:
    def __init__(self, assistant: Assistant, clock: Clock) -> None:
        self._assistant = assistant
        self._forced = never_early(assistant)
        self._prompt = AllToolsPrompt(assistant.engine, assistant.catalogue)
        self._clock = clock
        self._samples: list[_Sample] = []
        self._forced_samples: list[_Sample] = []
        self._usual: list[tuple[float, float, float]] = []

    def warm_up(self, command: str, *, forced: bool) -> None:
        self._assistant.plan(command, now=NOW)
        if forced:
            self._forced.plan(command, now=NOW)

    def measure(self, command: str, *, plan_only: bool, usual: bool) -> None:
        sample = self._sample(self._assistant, command, raw=not plan_only)
        self._samples.append(sample)
        if plan_only:
            return
        self._forced_samples.append(self._sample(self._forced, command, raw=True))
        if usual:
            fresh = self._timed(lambda: self._prompt.write(command, cached=False))
            cached = self._timed(lambda: self._prompt.write(command))
            self._usual.append((sample.ms, fresh, cached))

    def _sample(self, assistant: Assistant, command: str, *, raw: bool) -> _Sample:
        with Recorder(assistant.engine) as recorder:
            started = self._clock()
            plan = assistant.plan(command, now=NOW)
            spent = (self._clock() - started) * 1000
            recording = recorder.take()
            bare = recorder.replay(recording, self._clock) if raw and recording.batches else 0.0
        return _Sample(plan, spent, bare, recording.tokens, len(recording.batches))

    def _timed(self, work: Callable[[], object]) -> float:
        started = self._clock()
        work()
        return (self._clock() - started) * 1000

    def report(self, report: BenchReport) -> None:
        samples = self._samples
        report.early_exit = sum(s.plan.early_exit for s in samples) / len(samples) if samples else None
        report.tokens = percentile([float(s.tokens) for s in samples], 50)
        report.batches = percentile([float(s.batches) for s in samples], 50)
        for name, of in (("plan", samples), ("plan, selection step always", self._forced_samples)):
            if of:
                report.figures += _plan_figures(name, of)
                report.stages[name] = _stages(of)
        if self._usual:
            plan, fresh, cached = (tuple(column) for column in zip(*self._usual, strict=True))
            for name, ms in (("nothing cached", fresh), ("tools cached", cached)):
                ratio = _ratio(ms, plan)
                report.figures.append(Figure(f"all tools in one prompt, {name}", ms, ratio, "÷ plan"))


def _plan_figures(name: str, samples: Sequence[_Sample]) -> list[Figure]:
    figures = [Figure(name, tuple(s.ms for s in samples))]
    evaluating = [s for s in samples if s.raw_ms]
    if evaluating:
        raw = tuple(s.raw_ms for s in evaluating)
        ratio = _ratio([s.ms for s in evaluating], raw)
        figures.append(Figure("  raw evaluation of its tokens", raw, ratio, "plan ÷ raw"))
    return figures


def _stages(samples: Sequence[_Sample]) -> list[Figure]:
    names = dict.fromkeys(stage for s in samples for stage in s.plan.timings_ms)
    stages = [
        Figure(name, tuple(s.plan.timings_ms[name] for s in samples if name in s.plan.timings_ms))
        for name in names
    ]
    other = tuple(s.ms - sum(s.plan.timings_ms.values()) for s in samples)
    return [*stages, Figure("other", other)]


def _ratio(above: Sequence[float], below: Sequence[float]) -> float | None:
    top, bottom = percentile(above, 50), percentile(below, 50)
    return top / bottom if top is not None and bottom else None


def _spaced(things: Sequence[T], count: int) -> list[T]:
    count = min(count, len(things))
    return [things[i * len(things) // count] for i in range(count)]
