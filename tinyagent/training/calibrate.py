"""Calibration: when the head alone suffices, and how head and selection adapter are weighed where it does not.

Fitted on the held-out usage templates and, where given, a development set of labelled commands. Three numbers come
out; nothing else of the development set reaches the products.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyagent.dualtune.selector import Calibration, Selector, is_sure
from tinyagent.retrieval.retriever import Retriever

WANTED = 0.97
"""Accuracy that early exits must have."""
_SURE = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
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
    weight = max(_WEIGHTS, key=lambda w: _likelihood(judged, w)) if judged else start.adapter_weight
    return Calibration(adapter_weight=weight, sure=sure)


def _likelihood(
    judged: Sequence[tuple[frozenset[str], dict[str, float], dict[str, float]]], weight: float
) -> float:
    total = 0.0
    for right, head, adapter in judged:
        combined = {n: max(head.get(n, 0.0), 1e-6) * max(p, 1e-6) ** weight for n, p in adapter.items()}
        mass = sum(combined.values())
        total += math.log(max(1e-4, sum(p for n, p in combined.items() if n in right) / mass))
    return total
