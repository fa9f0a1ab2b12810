"""Labelled commands for the embedder, the head and the selection adapter: usage examples and shared human data.

A command's label is a tool, several tools (compound), or `none/<kind>`. What the training sees is decided here, once,
so that embedder, head and adapter hold out the same templates and the same unseen tools.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinyagent.retrieval.index import FRESH
from tinyagent.training import human, plans, turns, usage

_SNIPS_SHARE = 0.2
"""SNIPS has 2,000 lines an intent, made from few patterns: as many as the others have are enough."""
_JOINTS = (" and ", " and then ", ", then ", " and also ", ". also ", ", and ", "; ", ". oh and ", " plus ")


@dataclass(frozen=True, slots=True)
class Command:
    """A text with the tools it asks for, in order; empty `tools` is a command that no tool fits (`kind` says why).

    `follow` says how it follows another command, where that is known; one that says only what is different from the
    one before has neither tools nor a kind.
    """

    text: str
    tools: tuple[str, ...]
    kind: str = ""
    held_out: bool = False
    follow: str = ""


def own(tools: Sequence[str], *, copies: int, rng: random.Random) -> list[Command]:
    """Return the project's own commands: `copies` variants of each usage example, none, ask and compound lines."""
    commands = []
    for tool in tools:
        for example in usage.variants(usage.read(tool), copies, rng):
            commands.append(Command(example.text, (tool,), held_out=example.held_out))
    for row in usage.read_rows("none"):
        commands.append(_plain(str(row["text"]), (), f"{human.NONE}/own"))
    for row in usage.read_rows("other"):
        name = str(row["tool"])
        known = name in tools
        commands.append(
            _plain(str(row["text"]), (name,) if known else (), "" if known else f"{human.NONE}/{name}")
        )
    for row in usage.read_rows("ask"):
        if row["tool"] in tools:
            commands.append(_plain(str(row["text"]), (str(row["tool"]),), ""))
    rows = [row for row in plans.read_rows() if set(row["tools"]) <= set(tools)]
    for compound in plans.variants(rows, copies, rng):
        commands.append(Command(compound.text, compound.tools, held_out=compound.held_out))
    return commands


def following(
    tools: Sequence[str], others: Sequence[Command], *, copies: int, rng: random.Random
) -> list[Command]:
    """Return second turns of conversations, and as many of the `others` again as commands that follow nothing."""
    made = []
    for turn in turns.variants(turns.read_rows(tools), copies, rng):
        own = turn.follow == FRESH
        named = tuple(call.tool for call in turn.calls) if own else ()
        kind = f"{human.NONE}/own" if own and not named else ""
        made.append(Command(turn.text, named, kind, turn.held_out, turn.follow))
    fresh = [c for c in others if not c.held_out]
    return made + [replace(c, follow=FRESH) for c in rng.sample(fresh, min(len(fresh), len(made)))]


def _plain(text: str, tools: tuple[str, ...], kind: str) -> Command:
    return Command(text, tools, kind, usage.parse(kind, text).held_out)


def join(first: str, second: str, rng: random.Random) -> str:
    """Return two commands in one breath."""
    return first.rstrip(".?! ") + rng.choice(_JOINTS) + second


def joined(singles: Sequence[Command], count: int, rng: random.Random) -> list[Command]:
    """Return `count` compound commands made of two single ones of the same split."""
    made = []
    pools = {held: [c for c in singles if len(c.tools) == 1 and c.held_out == held] for held in (False, True)}
    for _ in range(count):
        pool = pools[rng.random() < 0.1] or pools[False]
        first, second = rng.choice(pool), rng.choice(pool)
        text = join(first.text, second.text, rng)
        made.append(Command(text, first.tools + second.tools, "", first.held_out))
    return made


def shared(data: Path, tools: Collection[str], *, none_share: float, rng: random.Random) -> list[Command]:
    """Return the human commands: all that map to `tools` and of the others `none_share` (of SNIPS far fewer)."""
    commands = []
    for source, text, label in human.read(data):
        if label in tools:
            if source != "snips_train" or rng.random() < _SNIPS_SHARE:
                commands.append(Command(text, (label,)))
        elif label.startswith(human.NONE + "/"):
            share = {"hwu64_train": 0.6, "clinc150_train_val": none_share, "snips_train": none_share / 6}[
                source
            ]
            if rng.random() < share:
                commands.append(Command(text, (), label))
    return commands
