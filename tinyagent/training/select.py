"""Sequences for the selection adapter: the name that comes next, given the command and the calls so far.

Single commands name their tool (or `none`), and after it `done`; compound ones name each tool in turn. A part of the
sequences shows a shortlist in random order with names that are easily confused, so that the adapter can also pick
tools it was never trained on from the line.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tinyagent.calls import Tool
from tinyagent.dualtune.prompts import Tokenizer
from tinyagent.training import commands, human, plans, sequences, usage
from tinyagent.training.sequences import Sequence_
from tinyagent.training.usage import Example

DONE = "done"
_SHORTLIST_SHARE = 0.25
_DONE_SHARE = 0.15
_JOINED = 700
_COMPOUND_COPIES = 1
_NONE_SHARE = 0.04
_PEOPLE_SHARE = 0.5
"""Single commands are what the head decides; the adapter is there for the steps after, and for doubt."""


def build(
    tokenizer: Tokenizer, tools: Mapping[str, Tool], data: Path | None, rng: random.Random
) -> list[Sequence_]:
    """Return the training sequences for `tools` by name; `data` adds the shared human data."""
    toolsets = {name: tools[name].toolset for name in sorted(tools)}
    singles = commands.own(list(toolsets), copies=1, rng=rng)
    if data is not None:
        people = commands.shared(data, toolsets, none_share=_NONE_SHARE, rng=rng)
        singles += rng.sample(people, int(len(people) * _PEOPLE_SHARE))
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
    examples = [e for tool in toolsets for e in usage.read(tool) if not e.held_out]
    for example in rng.sample(examples, int(len(examples) * _DONE_SHARE)):
        made.append(sequences.selection(tokenizer, example.text, DONE, [_call(example, tools)]))
    made += _compound(tokenizer, examples, tools, rng)
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
    tokenizer: Tokenizer, examples: Sequence[Example], tools: Mapping[str, Tool], rng: random.Random
) -> list[Sequence_]:
    made = []
    for compound in plans.variants(plans.training(tools), _COMPOUND_COPIES, rng):
        said = [(tool.name, words) for tool, words in plans.said(compound, tools)]
        made += _steps(tokenizer, compound.text, said, range(len(said) + 1))
    for _ in range(_JOINED):
        first, second = rng.choice(examples), rng.choice(examples)
        text = commands.join(first.text, second.text, rng)
        made += _steps(tokenizer, text, [_call(first, tools), _call(second, tools)], (rng.randrange(3),))
    return made


def _steps(
    tokenizer: Tokenizer, text: str, calls: Sequence[tuple[str, dict[str, str]]], steps: Iterable[int]
) -> list[Sequence_]:
    """Return what is next after the first `at` calls, for each step: a call's name, or `done`."""
    names = [*(name for name, _ in calls), DONE]
    return [sequences.selection(tokenizer, text, names[at], calls[:at]) for at in steps]


def _call(example: Example, tools: Mapping[str, Tool]) -> tuple[str, dict[str, str]]:
    return example.tool, sequences.in_order(tools[example.tool], example.words())
