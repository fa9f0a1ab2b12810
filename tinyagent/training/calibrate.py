"""Calibration: when the head alone suffices, and how head and selection adapter are weighed where it does not.

Fitted on the held-out usage templates and, where given, a development set of labelled commands. What a command of
several calls needs is fitted on compound commands of their own, which no training sees. A few numbers come out;
nothing else of these sets reaches the products.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tinyagent.calls import Tool
from tinyagent.dualtune.selector import DONE, Calibration, Selector, is_sure
from tinyagent.retrieval.parts import Part
from tinyagent.retrieval.retriever import Retrieved, Retriever
from tinyagent.training import plans
from tinyagent.training.plans import Compound

WANTED = 0.97
"""Accuracy that early exits must have."""
_SURE = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_PRIORS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3)
_LIKELIHOOD_SHARE = 5.0
"""How many commands a likelihood is worth that is e times as high at every step."""
_STEP_VALUES = {
    "head_share": (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7),
    "later": (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0),
    "more_weight": _WEIGHTS[1:],
    "done": _PRIORS,
    "again": _PRIORS,
    "sure_step": (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 2.0),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A single command and the names that are right for it (tools or `none`)."""

    text: str
    right: frozenset[str]


def calibrate(retriever: Retriever, selector: Selector, rows: Sequence[Labelled]) -> Calibration:
    """Return the lowest threshold whose early exits are right `WANTED` of the time, and the likeliest weight.

    The weight maximises the mean log probability of a right name over the commands that get past the early exit.
    """
    retrieved = [retriever.retrieve(row.text) for row in rows]
    start = Calibration()
    sure = _SURE[-1]
    for threshold in reversed(_SURE):
        exits = [
            (row, r)
            for row, r in zip(rows, retrieved, strict=True)
            if is_sure(r, replace(start, sure=threshold))
        ]
        right = sum(r.candidates[0].tool in row.right for row, r in exits)
        if exits and right / len(exits) >= WANTED:
            sure = threshold
        else:
            break
    hard = [
        (row, r) for row, r in zip(rows, retrieved, strict=True) if not is_sure(r, replace(start, sure=sure))
    ]
    judged = []
    for row, r in hard:
        scores = selector.adapter_scores(row.text, r)
        judged.append((row.right, {c.tool: c.probability for c in r.candidates}, scores))

    def likelihood(weight: float) -> float:
        by = replace(start, adapter_weight=weight)
        return _likelihood(
            (right, by.combined(_powered(head, by), adapter, weight)) for right, head, adapter in judged
        )

    weight = max(_WEIGHTS, key=likelihood) if judged else start.adapter_weight
    return Calibration(adapter_weight=weight, sure=sure)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a compound command as the judges see it, and the name that comes next.

    `parts` are those that are not done yet, `used` the tools of the calls so far.
    """

    retrieved: Retrieved
    parts: tuple[Part, ...]
    adapter: Mapping[str, float]
    used: frozenset[str]
    right: str


def steps(
    retriever: Retriever, selector: Selector, compound: Compound, tools: Mapping[str, Tool]
) -> list[Step]:
    """Return the steps of a compound command, each after the calls that come before it; after the last it is `done`.

    What may be done at any time is right in its turn only: a plan that begins in the middle confuses what comes after.
    """
    found = []
    retrieved = retriever.retrieve(compound.text)
    said = [(tool.name, words) for tool, words in plans.said(compound, tools)]
    for at, right in enumerate((*compound.tools, DONE)):
        adapter = selector.adapter_scores(compound.text, retrieved, said[:at])
        parts = selector.left(compound.text, retrieved, said[:at])
        used = frozenset(name for name, _ in said[:at])
        found.append(Step(retrieved, parts, adapter, used, right))
    return found


def calibrate_steps(start: Calibration, commands: Sequence[Sequence[Step]]) -> Calibration:
    """Return the calibration under which most of the compound `commands` are right at every step.

    Of equal ones it is the likeliest. One number after the other is moved to its best place, until none moves.
    """
    if not commands:
        return start

    def worth(calibration: Calibration) -> float:
        likelihood = _likelihood(
            (row.right, _combined(calibration, row, _prior(calibration, row)))
            for rows in commands
            for row in rows
        )
        right = sum(all(_chosen(calibration, row) == row.right for row in rows) for rows in commands)
        return right + _LIKELIHOOD_SHARE * likelihood / sum(map(len, commands))

    best, moved = start, True
    while moved:
        before = best
        for name, values in _STEP_VALUES.items():
            best = max((best, *(replace(best, **{name: value}) for value in values)), key=worth)
        moved = best != before
    return best


def _prior(calibration: Calibration, row: Step) -> dict[str, float]:
    return calibration.step_prior(row.retrieved, row.parts, row.used)


def _combined(calibration: Calibration, row: Step, prior: Mapping[str, float]) -> dict[str, float]:
    return calibration.combined(prior, row.adapter, calibration.more_weight)


def _chosen(calibration: Calibration, row: Step) -> str:
    prior = _prior(calibration, row)
    sure = calibration.sure_of(prior)
    if sure is not None:
        return sure
    combined = _combined(calibration, row, prior)
    return max(combined, key=combined.__getitem__)


def _powered(head: Mapping[str, float], by: Calibration) -> dict[str, float]:
    return {name: p**by.head_weight for name, p in head.items()}


def _likelihood(judged: Iterable[tuple[Collection[str] | str, Mapping[str, float]]]) -> float:
    """Return the log probability of what is right: one name, or any of several."""
    total = 0.0
    for right, combined in judged:
        names = {right} if isinstance(right, str) else right
        total += math.log(max(1e-4, sum(p for name, p in combined.items() if name in names)))
    return total
