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
from tinyagent.retrieval.retriever import Retriever
from tinyagent.training import plans
from tinyagent.training.plans import Compound

WANTED = 0.97
"""Accuracy that early exits must have."""
_SURE = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
_PRIORS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1.0)
_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3)


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
        return _likelihood((right, by.combined(head, adapter)) for right, head, adapter in judged)

    weight = max(_WEIGHTS, key=likelihood) if judged else start.adapter_weight
    return Calibration(adapter_weight=weight, sure=sure)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a compound command as both judges see it, and the names that are right for it."""

    prior: Mapping[str, float]
    adapter: Mapping[str, float]
    used: frozenset[str]
    right: frozenset[str]


def steps(
    retriever: Retriever, selector: Selector, compounds: Iterable[Compound], tools: Mapping[str, Tool]
) -> list[Step]:
    """Return the steps of compound commands, each after the calls that come before it.

    What may come next is any call whose references are there; after the last it is `done`.
    """
    found = []
    for compound in compounds:
        retrieved = retriever.retrieve(compound.text)
        prior = {c.tool: c.probability for c in retrieved.candidates}
        said = [(tool.name, words) for tool, words in plans.said(compound, tools)]
        for at in range(len(said) + 1):
            open_ = {n: {e for later, e in compound.depends if later == n} for n in range(at, len(said))}
            right = {said[n][0] for n, needs in open_.items() if all(need < at for need in needs)} or {DONE}
            adapter = selector.adapter_scores(compound.text, retrieved, said[:at])
            used = frozenset(name for name, _ in said[:at])
            found.append(Step(prior, adapter, used, frozenset(right)))
    return found


def calibrate_steps(start: Calibration, rows: Sequence[Step]) -> Calibration:
    """Return the calibration with the likeliest weight and priors for the steps of compound commands."""
    settings = [
        replace(start, more_weight=weight, done=done, again=again)
        for weight in _WEIGHTS[1:]
        for done in _PRIORS
        for again in _PRIORS
    ]

    def likelihood(calibration: Calibration) -> float:
        return _likelihood(
            (row.right, calibration.combined(row.prior, row.adapter, row.used, True)) for row in rows
        )

    return max(settings, key=likelihood) if rows else start


def _likelihood(judged: Iterable[tuple[Collection[str], Mapping[str, float]]]) -> float:
    return sum(
        math.log(max(1e-4, sum(p for name, p in combined.items() if name in right)))
        for right, combined in judged
    )
