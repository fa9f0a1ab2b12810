"""Which words of a command belong to which wish: the targets of the part head.

Of a single command it is every word, of commands joined here the piece it stands in. Of a compound command it is known
for the words that only one call has, and for those around them up to the next joint; any other word may belong to any
of its calls (or, where a part is not to be done, to none), and the encoder finds out which. What joins a wish to the
one before it ("and then") belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tinyagent.retrieval.index import NONE
from tinyagent.training.plans import Compound
from tinyagent.training.usage import Mark

Span = tuple[int, int]
_JOINTS = re.compile(r"(?:\W|\b(?:and|then|also|plus|n|oh|next|after that)\b)*", re.IGNORECASE)
_JOINT = re.compile(r"[,;.:!?&+/|–—-]|\b(?:and|then|also|plus|n|oh|but|before|while|after)\b", re.IGNORECASE)
_TAKEN_BACK = frozenset({"correction", "partial", "ramble"})
"""Shapes of which some words belong to no call."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is known of the parts of a command.

    `labels` are character ranges that belong to one tool (or `none`), `others` what any other word may belong to.
    `begins` is where a wish begins; inside `unsure` it is not known whether one does.
    """

    labels: tuple[tuple[int, int, str], ...]
    others: frozenset[str]
    begins: frozenset[int]
    unsure: tuple[Span, ...] = ()

    def shifted(self, by: int) -> Parts:
        """Return the same for the text standing `by` characters further on."""
        return Parts(
            tuple((start + by, end + by, name) for start, end, name in self.labels),
            self.others,
            frozenset(start + by for start in self.begins),
            tuple((start + by, end + by) for start, end in self.unsure),
        )


def whole(text: str, name: str) -> Parts:
    """Return the parts of a command that is one wish."""
    return Parts(((0, len(text), name),), frozenset({name}), frozenset({0}))


def together(pieces: Iterable[Parts]) -> Parts:
    """Return the parts of pieces that stand in one text already."""
    labels: list[tuple[int, int, str]] = []
    unsure: list[Span] = []
    others, begins = set[str](), set[int]()
    for piece in pieces:
        labels += piece.labels
        others |= piece.others
        begins |= piece.begins
        unsure += piece.unsure
    return Parts(tuple(labels), frozenset(others), frozenset(begins), tuple(unsure))


def of_compound(compound: Compound) -> Parts:
    """Return what the marks of a compound command tell."""
    others = frozenset({*compound.tools, *({NONE} if compound.shape in _TAKEN_BACK else ())})
    own, length = _own(compound), len(compound.text)
    extents = sorted(
        ((marks[0].start, max(mark.end for mark in marks)), tool)
        for tool, marks in zip(compound.tools, own, strict=True)
        if marks
    )
    apart = all(one[0][1] <= other[0][0] for one, other in pairwise(extents))
    if not extents or not apart or len(extents) < len(compound.calls) or compound.shape in _TAKEN_BACK:
        known = [
            (m.start, m.end, tool) for tool, marks in zip(compound.tools, own, strict=True) for m in marks
        ]
        return Parts(tuple(known), others, frozenset({0}), ((1, length),))
    shared = [
        (mark.start, mark.end)
        for call, marks in zip(compound.calls, own, strict=True)
        for mark in call.marks
        if mark not in marks
    ]
    begins, unsure = {0}, []
    edges: list[Span] = []
    for (first, _), (second, _) in pairwise(extents):
        gap = (first[1], second[0])
        cut = (
            None
            if any(gap[0] < end and start < gap[1] for start, end in shared)
            else _cut(compound.text, gap)
        )
        if cut is None:
            unsure.append((gap[0], gap[1] + 1))
            edges.append(gap)
        else:
            begins.add(cut)
            edges.append((cut, cut))
    head = extents[0][0][0] if any(end <= extents[0][0][0] for _, end in shared) else 0
    starts = [head, *(edge[1] for edge in edges)]
    ends = [*(edge[0] for edge in edges), extents[-1][0][1]]
    labels = [(start, end, tool) for start, end, (_, tool) in zip(starts, ends, extents, strict=True)]
    tail = extents[-1][0][1]
    if _JOINT.search(compound.text[tail:].rstrip(" .!?")):
        unsure.append((tail, length))
    else:
        labels.append((tail, length, extents[-1][1]))
    return Parts(tuple(labels), others, frozenset(begins), tuple(unsure))


def _own(compound: Compound) -> list[list[Mark]]:
    """Return for each call the marks that no other call has, in the order of the words."""
    found = []
    for number, call in enumerate(compound.calls):
        elsewhere = [m for other, c in enumerate(compound.calls) if other != number for m in c.marks]
        own = (m for m in call.marks if not any(m.start < e.end and e.start < m.end for e in elsewhere))
        found.append(sorted(own, key=lambda mark: mark.start))
    return found


def _cut(text: str, gap: Span) -> int | None:
    """Return where in the gap the next wish begins, with what joins it to the one before; None where not plain."""
    found: int | None = None
    at = gap[0]
    while at < gap[1]:
        run = _JOINTS.match(text, at, gap[1])
        end = run.end() if run else at
        if end > at and _JOINT.search(text[at:end]):
            if found is not None:
                return None
            found = at + len(text[at:end]) - len(text[at:end].lstrip())
        at = max(end, at + 1)
        while at < gap[1] and text[at - 1].isalnum() and text[at].isalnum():
            at += 1
    if found is None and not text[gap[0] : gap[1]].strip():
        return gap[1]
    return found
