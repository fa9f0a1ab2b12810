"""The runner: plan every case with a planner and score it. Nothing is executed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from tinyagent.calls import Plan
from tinyagent.evaluation.cases import Case
from tinyagent.evaluation.metrics import Score, peak_memory_mb, score
from tinyagent.evaluation.report import Report
from tinyagent.grounding.base import Unresolved, World

WorldOf = Callable[[Case], World]
"""What the resolvers know in a case: its `now`, the people and lists of the scratch stores."""
GroundWords = Callable[[str, str, str, World], Any]
"""`ground(tool, parameter, words, world)` returns a grounded JSON value; may raise `Unresolved`."""


class Planner(Protocol):
    """Whatever plans: the assistant, a baseline, or a fake of a few lines."""

    def plan(self, text: str, *, now: datetime) -> Plan:
        """Return what would be done for `text`."""
        ...


def evaluate(
    cases: Iterable[Case],
    planner: Planner,
    world_of: WorldOf,
    *,
    ground: GroundWords | None = None,
    clock: Callable[[], float] = time.perf_counter,
    progress: Callable[[Score], None] | None = None,
) -> Report:
    """Plan each case once, in order, and return the report.

    `ground` turns a case's `words` into values (without it they are compared as words). `clock` gives
    seconds and is read before and after each plan. `progress` is told each score as it comes.
    """
    scores: list[Score] = []
    for case in cases:
        started = clock()
        plan = planner.plan(case.text, now=case.now)
        latency = (clock() - started) * 1000

        def resolve(tool: str, parameter: str, words: str, case: Case = case) -> Any:
            if ground is None:
                return None
            try:
                return ground(tool, parameter, words, world_of(case))
            except Unresolved:
                return None

        scores.append(score(case, plan, resolve, latency))
        if progress:
            progress(scores[-1])
    return Report(tuple(scores), peak_memory_mb())
