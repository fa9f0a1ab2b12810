"""Sequences for the selection adapter: the name that comes next, given the command and the calls so far.

Single commands name their tool (or `none`), and after it `done`; compound ones name each tool in turn. A part of the
sequences shows a shortlist in random order with names that are easily confused, so that the adapter can also pick
tools it was never trained on from the line.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinyagent.dualtune.prompts import Tokenizer
from tinyagent.training import commands, human, sequences, usage
from tinyagent.training.sequences import Sequence_
from tinyagent.training.usage import Example

DONE = "done"
_SHORTLIST_SHARE = 0.25
_DONE_SHARE = 0.15
_JOINED = 700
_NONE_SHARE = 0.04


def build(
    tokenizer: Tokenizer, toolsets: Mapping[str, str], data: Path | None, rng: random.Random
) -> list[Sequence_]:
    """Return the training sequences for the tools in `toolsets` (tool → toolset); `data` adds the shared human data."""
    tools = sorted(toolsets)
    singles = commands.own(tools, copies=1, rng=rng)
    if data is not None:
        singles += commands.shared(data, tools, none_share=_NONE_SHARE, rng=rng)
    made = [
        sequences.selection(
            tokenizer,
            command.text,
            command.tools[0] if command.tools else human.NONE,
            shortlist=_shortlist(command.tools[0] if command.tools else None, toolsets, rng),
        )
        for command in singles
        if not command.held_out and len(command.tools) < 2
    ]
    examples = [e for tool in tools for e in usage.read(tool) if not e.held_out]
    for example in rng.sample(examples, int(len(examples) * _DONE_SHARE)):
        made.append(sequences.selection(tokenizer, example.text, DONE, [(example.tool, example.words())]))
    made += _compound(tokenizer, examples, set(tools), rng)
    rng.shuffle(made)
    return made


def nothing(
    tokenizer: Tokenizer, tools: Sequence[str], data: Path | None, rng: random.Random
) -> list[Sequence_]:
    """Return the sequences of the commands that no tool fits, without shortlist."""
    rows = commands.own(tools, copies=1, rng=rng)
    if data is not None:
        rows += commands.shared(data, tools, none_share=_NONE_SHARE, rng=rng)
    return [
        sequences.selection(tokenizer, c.text, human.NONE) for c in rows if not c.tools and not c.held_out
    ]


def _shortlist(gold: str | None, toolsets: Mapping[str, str], rng: random.Random) -> list[str]:
    """Return nothing, or a few names in random order: the right one, its neighbours, strangers."""
    if rng.random() >= _SHORTLIST_SHARE:
        return []
    near = [tool for tool in toolsets if gold and toolsets[tool] == toolsets[gold] and tool != gold]
    others = [tool for tool in toolsets if tool != gold and tool not in near]
    names = rng.sample(near, min(len(near), rng.randint(1, 3))) + rng.sample(
        others, min(len(others), rng.randint(1, 2))
    )
    names += [gold] if gold else []
    rng.shuffle(names)
    return names


def _compound(
    tokenizer: Tokenizer, examples: Sequence[Example], tools: set[str], rng: random.Random
) -> list[Sequence_]:
    plans: list[tuple[str, list[tuple[str, dict[str, str]]]]] = []
    for row in usage.read_rows("compound"):
        calls = [(call["tool"], dict(call["args"])) for call in row["calls"]]
        if {tool for tool, _ in calls} <= tools and not usage.parse("compound", str(row["text"])).held_out:
            plans.append((str(row["text"]), calls))
    for _ in range(_JOINED):
        first, second = rng.choice(examples), rng.choice(examples)
        text = commands.join(first.text, second.text, rng)
        plans.append((text, [(first.tool, first.words()), (second.tool, second.words())]))
    made = []
    for text, calls in plans:
        step = rng.randrange(len(calls) + 1)
        for at in {step, rng.randrange(1, len(calls) + 1)}:
            name = calls[at][0] if at < len(calls) else DONE
            made.append(sequences.selection(tokenizer, text, name, calls[:at]))
    return made
