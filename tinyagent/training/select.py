"""Sequences for the selection adapter: the name that comes next, given the command and the calls so far.

Single commands name their tool (or `none`), and after it `done`; compound ones name each tool in turn. A part of the
sequences shows a shortlist in random order with names that are easily confused, so that the adapter can also pick
tools it was never trained on from the line; another part has calls that came out wrong (`mishearing`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinyagent.calls import Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.prompts import Tokenizer
from tinyagent.training import commands, human, plans, sequences, usage
from tinyagent.training.mishearing import misheard
from tinyagent.training.sequences import Sequence_
from tinyagent.training.usage import Example

DONE = "done"
_SHORTLIST_SHARE = 0.25
_DONE_SHARE = 0.15
_JOINED = 700
_JUMP_SHARE = 0.3
_MISHEARD_SHARE = 0.4
_COMPOUND_COPIES = 2
_NONE_SHARE = 0.04
_PEOPLE_SHARE = 0.5
"""Single commands are what the head decides; the adapter is there for the steps after, and for doubt."""


def build(
    tokenizer: Tokenizer,
    tools: Mapping[str, Tool],
    data: Path | None,
    rng: random.Random,
    *,
    rehearse: float = 1.0,
) -> list[Sequence_]:
    """Return the training sequences for `tools` by name; `data` adds the shared human data.

    `rehearse` is the share of single commands: an adapter that goes on learning needs them only not to forget.
    """
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
        for command in rng.sample(singles, round(len(singles) * rehearse))
        if not command.held_out and len(command.tools) < 2
    ]
    examples = [e for tool in toolsets for e in usage.read(tool) if not e.held_out]
    for example in rng.sample(examples, int(len(examples) * _DONE_SHARE * rehearse)):
        calls = _calls(example.text, [example], tools, rng)
        made.append(sequences.selection(tokenizer, example.text, DONE, calls))
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
        said = misheard(compound.text, plans.said(compound, tools), _MISHEARD_SHARE, rng)
        known = 0
        if len(said) > 1 and not compound.depends and rng.random() < _JUMP_SHARE:
            # What was not said first may be done first: then the first that is left comes next.
            early, late = sorted(rng.sample(range(len(said)), 2))
            said.insert(early, said.pop(late))
            known = early + 1
        calls = [(tool.name, words) for tool, words in said]
        made.append(sequences.selections(tokenizer, compound.text, calls, DONE, known))
    for _ in range(_JOINED):
        pair = [rng.choice(examples), rng.choice(examples)]
        text = commands.join(pair[0].text, pair[1].text, rng)
        made.append(sequences.selections(tokenizer, text, _calls(text, pair, tools, rng), DONE))
    return made


def _calls(
    text: str, examples: Sequence[Example], tools: Mapping[str, Tool], rng: random.Random
) -> list[tuple[str, dict[str, str]]]:
    """Return the calls of a command as fill would write them, some of them misheard."""
    said = [(tools[e.tool], prompts.in_fill_order(tools[e.tool], e.words())) for e in examples]
    return [(tool.name, words) for tool, words in misheard(text, said, _MISHEARD_SHARE, rng)]
