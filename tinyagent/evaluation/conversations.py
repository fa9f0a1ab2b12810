"""How well, and how fast, a second turn is understood: conversations whose second line no training saw.

    python -m tinyagent.evaluation.conversations [--failures]

The first turn is planned too, so that the second finds the model's cache as it would be, but counts as having gone as
marked. Prints JSON: how often the way of following is right, and the whole second turn (tools, arguments, references
and what is undone); the median times of first and second turns, and of second turns that find an empty cache.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from typing import Any

from tinyagent.assistant import Assistant
from tinyagent.calls import Answer, Call, Plan, Result
from tinyagent.compiler import follow
from tinyagent.compiler.past import Past
from tinyagent.compiler.results import refer
from tinyagent.dualtune.prompts import in_fill_order
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.ground import ground
from tinyagent.grounding.mentions import after
from tinyagent.training import turns
from tinyagent.training.turns import Turn

NOW = datetime(2026, 3, 2, 9)
_FOUND = {"phone": "020 7946 0958", "email": "someone@example.org", "link": "https://meet.example.org/1",
          "text": "what was found", "path": "/home/sid/found.pdf"}  # fmt: skip
"""What a call of the first turn is taken to have found."""


@dataclass(slots=True)
class Report:
    """Counts by way of following, times in milliseconds, evaluated tokens."""

    cases: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    unusable: int = 0
    first_ms: list[float] = field(default_factory=list)
    second_ms: list[float] = field(default_factory=list)
    cold_ms: list[float] = field(default_factory=list)
    second_tokens: list[int] = field(default_factory=list)
    cold_tokens: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the figures."""
        total = sum(self.cases.values())
        by_way = {
            way: {"cases": n, "way": self.ways[way] / n, "exact": self.right[way] / n}
            for way, n in sorted(self.cases.items())
        }
        return {
            "cases": total,
            "unusable": self.unusable,
            "way": round(sum(self.ways.values()) / max(1, total), 3),
            "exact": round(sum(self.right.values()) / max(1, total), 3),
            "by_way": by_way,
            "taking_over": {
                "first_ms": _median(self.first_ms),
                "second_ms": _median(self.second_ms),
                "second_on_an_empty_cache_ms": _median(self.cold_ms),
                "second_tokens": _median(self.second_tokens),
                "second_on_an_empty_cache_tokens": _median(self.cold_tokens),
            },
        }


def _median(values: list[Any]) -> float | None:
    return round(float(median(values)), 1) if values else None


def first_answer(turn: Turn, assistant: Assistant, world: World) -> Answer | None:
    """Return the first turn as it is marked, done; None where its words have no value here."""
    calls = []
    for example, refs in zip(turn.first.calls, turn.first.refs, strict=True):
        tool = assistant.catalogue[example.tool]
        words = in_fill_order(tool, {**example.words(), **refs})
        try:
            calls.append(
                Call(tool.name, ground(tool, words, world, references=refs, text=turn.first.text), words)
            )
        except Unresolved:
            return None
    results = tuple(Result(call, "done", "Found.", _FOUND, entry=n) for n, call in enumerate(calls, 1))
    return Answer(Plan(turn.first.text, world.now, tuple(calls)), results, "")


def wanted(turn: Turn, past: Past, assistant: Assistant, world: World) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls that the second turn means. Raises `Unresolved` where it leads to a question."""
    found, seen = [], world
    results = dict(enumerate(past.results))
    for example, refs in zip(turn.calls, turn.refs, strict=True):
        tool = assistant.catalogue[example.tool]
        words = {**example.words(), **refs}
        if turn.how in (follow.ANOTHER, follow.INSTEAD):
            at = max(i for i, old in enumerate(past.tools) if old.name == tool.name)
            args = dict(follow.carry(tool, past.results[at].call, words, seen, turn.text, turn.how).args)
        else:
            args = ground(tool, words, seen, references=refs, text=turn.text)
            kinds = {parameter.name: parameter.type for parameter in tool.parameters}
            args |= {name: refer(reference, results, kinds[name]) for name, reference in refs.items()}
        found.append((tool.name, args))
        seen = replace(seen, mentioned=after(seen.mentioned, tool, args))
    return found


def measure(assistant: Assistant, conversations: Iterator[Turn], failures: bool = False) -> Report:
    """Plan every second turn and compare it with its marks."""
    report = Report()
    for turn in conversations:
        world = assistant.world(NOW)
        answer = first_answer(turn, assistant, world)
        if answer is None:
            report.unusable += 1
            continue
        past = Past.of([answer], assistant.catalogue)
        told = replace(world, before=past.mentioned)
        try:
            gold: list[tuple[str, dict[str, Any]]] | None = wanted(turn, past, assistant, told)
        except Unresolved:
            gold = None
        first_ms, _ = _timed(assistant, turn.first.text, Past())[1:]
        plan, second_ms, tokens = _timed(assistant, turn.text, past)
        report.cases[turn.how] += 1
        report.ways[turn.how] += plan.follows == turn.follow
        made = [(call.tool, dict(call.args)) for call in plan.calls]
        right = plan.follows == turn.follow and (plan.end == "ask" if gold is None else made == gold)
        report.right[turn.how] += right
        if failures and not right:
            shown = {"how": turn.how, "first": turn.first.text, "then": turn.text, "gold": gold, "made": made}
            sys.stdout.write(
                json.dumps({**shown, "way": plan.follows, "end": plan.end}, ensure_ascii=False) + "\n"
            )
        if turn.how in (follow.ANOTHER, follow.INSTEAD):
            assistant.engine.truncate(0)
            _, cold_ms, cold_tokens = _timed(assistant, turn.text, past)
            report.first_ms.append(first_ms)
            report.second_ms.append(second_ms)
            report.cold_ms.append(cold_ms)
            report.second_tokens.append(tokens)
            report.cold_tokens.append(cold_tokens)
    return report


def _timed(assistant: Assistant, text: str, past: Past) -> tuple[Plan, float, int]:
    evaluated, started = assistant.engine.evaluated, time.perf_counter()
    plan = assistant.plan(text, now=NOW, past=past)
    return plan, (time.perf_counter() - started) * 1000, assistant.engine.evaluated - evaluated


def main() -> None:
    """Measure the held-out conversations."""
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.evaluation.stocked import StockedAssistant
    from tinyagent.settings import load

    parser = argparse.ArgumentParser(description="Measure how second turns are understood.")
    parser.add_argument("--failures", action="store_true", help="print those that went wrong first")
    given = parser.parse_args()
    stock = Stock()
    with scratch_settings(load(), stock) as settings:
        assistant = StockedAssistant(settings, stock.world)
        rows = turns.read_rows([tool.name for tool in assistant.catalogue])
        held_out = (turn for turn in map(turns.parse, rows) if turn.held_out)
        report = measure(assistant, held_out, given.failures)
    sys.stdout.write(json.dumps(report.as_json(), indent=1) + "\n")


if __name__ == "__main__":
    main()
