"""Compound commands with marks: what several calls of one command hold, and which results go into which.

A line of `tool_index/usage/plans/<topic>.jsonl` is one command with the tools it asks for, in the order they are done:

    {"text": "add [milk](1.item:item) to [groceries](1.list_name) and text [Ana](2.recipients) [it's done](2.message)",
     "tools": ["add_to_list", "send_sms"], "shape": "independent"}

The number before the point is the call; words that several calls share name them all (`[six](1.due,2.due:time)`).
`refs` maps a call's parameter to a result (`{"2.body": "$1"}`), `shape` says what is hard about the line.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tinyagent.calls import Tool
from tinyagent.dualtune.prompts import in_fill_order
from tinyagent.dualtune.references import call_of
from tinyagent.products import folder
from tinyagent.training import usage
from tinyagent.training.usage import Example, Mark

_MARK = re.compile(r"\[([^\]]*)\]\(([\w.,]+)(?::(\w+)|=(\w+))?\)")


@dataclass(frozen=True, slots=True)
class Compound:
    """A command with one example a call (all of the same text) and, by call, the parameters that are references.

    `end` is "done", or "ask" where a required value is missing; `template` is the unit of the held-out split.
    """

    text: str
    calls: tuple[Example, ...]
    refs: tuple[Mapping[str, str], ...]
    shape: str = ""
    end: str = "done"
    template: str = ""

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools in order."""
        return tuple(call.tool for call in self.calls)

    @property
    def structure(self) -> tuple[str, ...]:
        """What is held out together: the shape and the tools, in any order."""
        return (self.shape, *sorted(self.tools))

    @property
    def held_out(self) -> bool:
        """Whether the structure belongs to the sixth that is kept out of training."""
        return hashlib.sha256("\n".join(self.structure).encode()).digest()[0] % 6 == 0

    @property
    def depends(self) -> tuple[tuple[int, int], ...]:
        """Pairs of call indexes (later, earlier) that the references make."""
        return tuple(sorted({(n, call_of(ref)) for n, refs in enumerate(self.refs) for ref in refs.values()}))


@dataclass(slots=True)
class _Text:
    """A text while its marks are read or varied: `marks` are (words' start, end, targets, kind, value)."""

    text: str = ""
    marks: list[tuple[int, int, str, str, str]] = field(default_factory=list)

    def add(self, words: str, targets: str, kind: str, value: str) -> None:
        self.marks.append((len(self.text), len(self.text) + len(words), targets, kind, value))
        self.text += words


def parse(row: Mapping[str, Any]) -> Compound:
    """Read one line. Raises `ValueError` for a mark or a reference that names no call."""
    return vary(row, {}, random.Random())


def _compound(read: _Text, row: Mapping[str, Any]) -> Compound:
    tools = [str(tool) for tool in row["tools"]]
    marks: list[list[Mark]] = [[] for _ in tools]
    refs: list[dict[str, str]] = [{} for _ in tools]
    for start, end, targets, kind, value in read.marks:
        for target in targets.split(","):
            call, parameter = _target(target, tools)
            marks[call].append(Mark(parameter, start, end, kind, value))
    for target, reference in row.get("refs", {}).items():
        call, parameter = _target(target, tools)
        refs[call][parameter] = str(reference)
    template = str(row["text"])
    calls = tuple(Example(tool, read.text, tuple(m), template) for tool, m in zip(tools, marks, strict=True))
    return Compound(
        read.text, calls, tuple(refs), str(row.get("shape", "")), str(row.get("end", "done")), template
    )


def _target(target: str, tools: Sequence[str]) -> tuple[int, str]:
    number, _, parameter = target.partition(".")
    if not number.isdecimal() or not 1 <= int(number) <= len(tools) or not parameter:
        raise ValueError(f"{target} names no call of {', '.join(tools)}")
    return int(number) - 1, parameter


def vary(row: Mapping[str, Any], values: Mapping[str, Sequence[str]], rng: random.Random) -> Compound:
    """Return the command with other values of the same kinds (words that several calls share stay shared)."""
    line, made, last = str(row["text"]), _Text(), 0
    lower = (bare := _MARK.sub("", line)) == bare.lower()
    for match in _MARK.finditer(line):
        made.text += line[last : match.start()]
        last = match.end()
        words, kind = match[1], match[3] or ""
        if values.get(kind):
            words = usage.another(values[kind], lower, line[last : last + 1], rng)
        made.add(words, match[2], kind, match[4] or "")
    made.text += line[last:]
    return _compound(made, row)


def said(compound: Compound, tools: Mapping[str, Tool]) -> list[tuple[Tool, dict[str, str]]]:
    """Return each call as later ones see it: the tool and the words of its arguments, in serving order."""
    return [
        (tools[call.tool], in_fill_order(tools[call.tool], {**call.words(), **refs}))
        for call, refs in zip(compound.calls, compound.refs, strict=True)
    ]


def training(tools: Collection[str]) -> list[dict[str, Any]]:
    """Return the lines that training may see: not held out, nothing but `tools`."""
    return [row for row in read_rows() if set(row["tools"]) <= set(tools) and not parse(row).held_out]


def read_rows() -> list[dict[str, Any]]:
    """Return the JSON objects of every file in `usage/plans`, file by file."""
    names = sorted((folder("tool_index") / "usage" / "plans").glob("*.jsonl"))
    return [row for path in names for row in usage.read_rows(f"plans/{path.stem}")]


def variants(rows: Sequence[Mapping[str, Any]], count: int, rng: random.Random) -> Iterator[Compound]:
    """Yield every command as written and up to `count - 1` with other values."""
    values = usage.read_values()
    for row in rows:
        yield from usage.distinct(parse(row), partial(vary, row, values, rng), count)
