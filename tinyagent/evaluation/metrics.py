"""Metrics over cases and plans: retrieval, selection, plan success, exact calls, abstention.

Plan success is TinyAgent's (arXiv 2409.00608): the right multiset of tools, and a DAG isomorphic to the
expected one. A case without calls is right when the plan has none and ends as expected, or uses accepted
tools. An expected share of nothing (no case of that sort) is None, not 0 or 1.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tinyagent.calls import Call, Plan
from tinyagent.evaluation.cases import Case, ExpectedCall
from tinyagent.evaluation.normalise import KINDS, same
from tinyagent.evaluation.normalise import normalise as normal_form

Ground = Callable[[str, str, str], Any]
"""`ground(tool, parameter, words)` returns the grounded value, or None where the words have none."""


def no_ground(tool: str, parameter: str, words: str) -> Any:
    """Ground nothing: words are then compared with the words of the call."""
    return None


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one case.

    `found` and `exact` have one truth value for each expected call: on the shortlist; tool and arguments
    right. `abstained` is (expected, got), or None where an accepted tool was used and either is right.
    """

    case: Case
    plan: Plan
    found: tuple[bool, ...]
    exact: tuple[bool, ...]
    selected: bool
    planned: bool
    abstained: tuple[bool, bool] | None
    asked_right_tool: bool
    latency_ms: float

    @property
    def right(self) -> bool:
        """Whether the whole case is right."""
        return self.planned and all(self.exact)


def score(case: Case, plan: Plan, ground: Ground = no_ground, latency_ms: float = 0.0) -> Score:
    """Compare one plan with its case."""
    listed = {candidate.tool for candidate in plan.shortlist}
    found = tuple(not listed.isdisjoint(call.tools) for call in case.calls)
    if not case.acts:
        accepted = bool(plan.calls) and all(call.tool in case.accept_tools for call in plan.calls)
        right = accepted or (not plan.calls and plan.end in case.ends)
        abstained = None if accepted else (True, not plan.calls)
        return Score(case, plan, found, (), right, right, abstained, False, latency_ms)
    selected = any(True for _ in _matchings(case.calls, plan.calls)) and len(case.calls) == len(plan.calls)
    asked = plan.question.tool if plan.question and plan.end == "ask" else ""
    return Score(
        case=case,
        plan=plan,
        found=found,
        exact=_exact(case, plan.calls, ground),
        selected=selected,
        planned=selected and plan.end == "done" and _isomorphic(case, plan),
        abstained=(False, not plan.calls),
        asked_right_tool=not plan.calls and any(asked in call.tools for call in case.calls),
        latency_ms=latency_ms,
    )


def _matchings(expected: Sequence[ExpectedCall], got: Sequence[Call]) -> Iterator[tuple[int, ...]]:
    """Yield every way to give each expected call a call of its own with one of its tools."""

    def place(taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(taken) == len(expected):
            yield taken
            return
        for index, call in enumerate(got):
            if index not in taken and call.tool in expected[len(taken)].tools:
                yield from place((*taken, index))

    return place(())


def _isomorphic(case: Case, plan: Plan) -> bool:
    edges = {(max(pair), min(pair)) for pair in plan.depends}
    return any(
        {(max(m[a], m[b]), min(m[a], m[b])) for a, b in case.depends} == edges
        for m in _matchings(case.calls, plan.calls)
    )


def _exact(case: Case, got: Sequence[Call], ground: Ground) -> tuple[bool, ...]:
    """Which expected calls have an equal call of their own (the most that can be matched at once)."""
    equal = [[exact_call(case, call, other, ground) for other in got] for call in case.calls]
    owner: dict[int, int] = {}

    def assign(expected: int, tried: set[int]) -> bool:
        for index, fits in enumerate(equal[expected]):
            if fits and index not in tried:
                tried.add(index)
                if index not in owner or assign(owner[index], tried):
                    owner[index] = expected
                    return True
        return False

    for expected in range(len(equal)):
        assign(expected, set())
    return tuple(expected in owner.values() for expected in range(len(equal)))


def exact_call(case: Case, expected: ExpectedCall, got: Call, ground: Ground = no_ground) -> bool:
    """Whether tool and every argument are right, after normalisation and with what the case accepts."""
    if got.tool not in expected.tools:
        return False
    args, words = expected.args.get(got.tool, {}), expected.words.get(got.tool, {})
    names = set(args) | set(words)
    if not expected.partial:
        names |= {name for name, value in got.args.items() if not _empty(value)}
    return all(_right(case, args.get(name), words.get(name), name, got, ground) for name in names)


def _right(case: Case, value: Any, words: str | None, name: str, got: Call, ground: Ground) -> bool:
    kind = KINDS.get(name, "")
    given = got.args.get(name)
    given = None if _empty(given) else given
    accepted = [None if _empty(other) else other for other in case.accept.get(name, ())]
    if words is None:
        accepted.append(None if _empty(value) else value)
    elif given is not None:
        if name in got.words and normal_form(words) == normal_form(got.words[name]):
            return True
        grounded = ground(got.tool, name, words)
        accepted.append(words if grounded is None else grounded)
    if given is None:
        return None in accepted
    return any(other is not None and same(other, given, kind) for other in accepted)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def share(truths: Sequence[bool]) -> float | None:
    """Return the share of true values; None for an empty sequence."""
    return sum(truths) / len(truths) if truths else None


def abstention(scores: Sequence[Score]) -> dict[str, float | None]:
    """Return precision, recall and F1 of abstaining (no calls: none or ask)."""
    pairs = [s.abstained for s in scores if s.abstained is not None]
    hits = sum(expected and got for expected, got in pairs)
    predicted, positive = sum(got for _, got in pairs), sum(expected for expected, _ in pairs)
    return {
        "precision": hits / predicted if predicted else None,
        "recall": hits / positive if positive else None,
        "f1": 2 * hits / (predicted + positive) if predicted + positive else None,
    }


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile (0-100) with linear interpolation; None for an empty sequence."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def peak_memory_mb() -> float:
    """Return the most memory this process has held resident, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
