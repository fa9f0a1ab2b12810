"""Labelled commands for the embedder, the head and the selection adapter: usage examples and shared human data.

A command's label is a tool, several tools (compound), or `none/<kind>`. What the training sees is decided here, once,
so that embedder, head and adapter hold out the same templates and the same unseen tools.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinyagent.retrieval.index import FRESH, NONE
from tinyagent.training import human, parts, plans, turns, usage
from tinyagent.training.parts import Parts

_SNIPS_SHARE = 0.2
"""SNIPS has 2,000 lines an intent, made from few patterns: as many as the others have are enough."""
_JOINTS = (
    *(" and ", " and then ", ", then ", " and also ", ". also ", ", and ", "; ", ". oh and ", " plus "),
    *(", ", ", ", ", ", ". ", ". ", " ", " also ", " then ", ", also ", ", plus ", " - ", " & ", " n "),
    *(", but first ", " and after that "),
)
_SHORT_JOINTS = (" and ", ", ", ", ", ", and ", " ", " and also ", " plus ", "; ", " & ", ", then ")
_SIZES = (2, 2, 2, 3, 3, 4, 4, 5)
_IDLE_SHARE = 0.2
_HEARD_SHARE = 0.4
_SAME_JOINT = 0.4


@dataclass(frozen=True, slots=True)
class Command:
    """A text with the tools it asks for, in order; empty `tools` is a command that no tool fits (`kind` says why).

    `follow` says how it follows another command, where that is known; one that says only what is different from the
    one before has neither tools nor a kind. `parts` says which words belong to which tool, where there are several.
    """

    text: str
    tools: tuple[str, ...]
    kind: str = ""
    held_out: bool = False
    follow: str = ""
    parts: Parts | None = None

    def known_parts(self) -> Parts | None:
        """Return which words belong to which wish; None where it is not known."""
        if self.parts is not None or len(self.tools) > 1 or not (self.tools or self.kind):
            return self.parts
        return parts.whole(self.text, self.tools[0] if self.tools else NONE)


def own(tools: Sequence[str], *, copies: int, rng: random.Random) -> list[Command]:
    """Return the project's own commands: `copies` variants of usage examples, one more of compounds, and the rest."""
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
    for compound in plans.variants(rows, copies + 1, rng):
        belongs = parts.of_compound(compound)
        commands.append(Command(compound.text, compound.tools, held_out=compound.held_out, parts=belongs))
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
    """Return `count` compound commands made of two to four single ones of the same split, some with nothing to do."""
    made: list[Command] = []
    pools = {held: [c for c in singles if len(c.tools) == 1 and c.held_out == held] for held in (False, True)}
    idle = [c for c in singles if c.kind and not c.held_out]
    while len(made) < count:
        pool = pools[rng.random() < 0.1] or pools[False]
        pieces = rng.choices(pool, k=rng.choice(_SIZES))
        if idle and rng.random() < _IDLE_SHARE:
            pieces[rng.randrange(len(pieces))] = rng.choice(idle)
        named = tuple(tool for piece in pieces for tool in piece.tools)
        if named:
            text, belongs = _together([_as_heard(piece, rng) for piece in pieces], rng)
            made.append(Command(text, named, "", any(piece.held_out for piece in pieces), parts=belongs))
    return made


def repeated(tools: Sequence[str], count: int, rng: random.Random) -> list[Command]:
    """Return `count` commands that ask for the same twice or three times and say the tool's words once.

    "Text Ana I'm late and Bo see you there": the second has only what follows the first value of its example.
    """
    values = usage.read_values()
    examples = [
        e for tool in tools for e in usage.read(tool) if e.marks and e.marks[0].start and not e.held_out
    ]
    made: list[Command] = []
    while len(made) < count and examples:
        first = rng.choice(examples)
        others = [usage.vary(first, values, rng) for _ in range(rng.choice((1, 1, 2)))]
        if any(other.text == first.text for other in others):
            continue
        said = [first.text, *(other.text[other.marks[0].start :] for other in others)]
        pieces = [_as_heard(Command(text, (first.tool,)), rng) for text in said]
        text, belongs = _together(pieces, rng, _SHORT_JOINTS)
        made.append(Command(text, (first.tool,) * len(pieces), parts=belongs))
    return made


def _as_heard(piece: Command, rng: random.Random) -> Command:
    """Return the piece as it is, or in small letters and without its marks at the end."""
    heard = rng.random() < _HEARD_SHARE
    return replace(piece, text=piece.text.rstrip(".?! ").lower() if heard else piece.text)


def _together(
    pieces: Sequence[Command], rng: random.Random, joints: Sequence[str] = _JOINTS
) -> tuple[str, Parts]:
    """Return the pieces in one breath, and which words are whose."""
    text, found = "", []
    same = rng.choice(joints)
    for piece in pieces:
        said = piece.text
        if text:
            text = text.rstrip(".?! ")
            joint = same if rng.random() < _SAME_JOINT else rng.choice(joints)
            text, said = text + joint[: -len(joint.lstrip())], joint.lstrip() + said
        found.append(parts.whole(said, (*piece.tools, NONE)[0]).shifted(len(text)))
        text += said
    return text, parts.together(found)


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
