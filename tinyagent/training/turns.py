"""Conversations of two turns with marks: what a second command takes over from the first.

A line of `tool_index/usage/turns.jsonl` is a first command as in `plans`, and what is said next:

    {"text": "weather in [Oslo](1.place:city)", "tools": ["get_weather"],
     "then": "and [Bergen](2.place:city)?", "then_tools": ["get_weather"], "how": "another"}

Calls are numbered through both turns. `how` is "another" (the same again, but for what is said), "instead" (that
was wrong, this is right), "undo", "new" (a wish that speaks of the first), "fresh" (one that does not) or "none".
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tinyagent.calls import Tool
from tinyagent.retrieval.index import FRESH
from tinyagent.training import plans, usage
from tinyagent.training.plans import Compound
from tinyagent.training.usage import Example

TAKES_OVER = ("another", "instead", "undo")
"""Second turns that say only what is different; all others are commands by themselves."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A first command and what is said next: its calls with marks in `text`, and the references of each."""

    first: Compound
    text: str
    calls: tuple[Example, ...]
    refs: tuple[Mapping[str, str], ...]
    how: str
    template: str

    @property
    def follow(self) -> str:
        """The class that the follow head learns."""
        return self.how if self.how in TAKES_OVER else FRESH

    @property
    def held_out(self) -> bool:
        """Whether the second line belongs to the sixth that is kept out of training."""
        return hashlib.sha256(self.template.encode()).digest()[0] % 6 == 0


def read_rows(tools: Collection[str]) -> list[dict[str, Any]]:
    """Return the lines of `turns.jsonl` that need nothing but `tools`."""
    return [row for row in usage.read_rows("turns") if {*row["tools"], *row["then_tools"]} <= set(tools)]


def vary(row: Mapping[str, Any], values: Mapping[str, Sequence[str]], rng: random.Random) -> Turn:
    """Return the conversation with other values of the same kinds. Raises `ValueError` as `plans.parse` does."""
    first = plans.vary({"text": row["text"], "tools": row["tools"]}, values, rng)
    both = [*row["tools"], *row["then_tools"]]
    then = plans.vary({"text": row["then"], "tools": both, "refs": row.get("refs", {})}, values, rng)
    known = len(first.calls)
    return Turn(first, then.text, then.calls[known:], then.refs[known:], str(row["how"]), str(row["then"]))


def parse(row: Mapping[str, Any]) -> Turn:
    """Read one line."""
    return vary(row, {}, random.Random())


def variants(rows: Sequence[Mapping[str, Any]], count: int, rng: random.Random) -> Iterator[Turn]:
    """Yield every conversation as written and up to `count - 1` with other values."""
    values = usage.read_values()
    for row in rows:
        yield from usage.distinct(parse(row), partial(vary, row, values, rng), count)


def said(turn: Turn, tools: Mapping[str, Tool]) -> list[tuple[Tool, dict[str, str]]]:
    """Return the calls of both turns as later ones see them."""
    second = replace(turn.first, text=turn.text, calls=turn.calls, refs=turn.refs)
    return [*plans.said(turn.first, tools), *plans.said(second, tools)]
