"""An extractive summary: the sentences of a text that say most of it, chosen with the project's embedder.

A sentence scores by how near it is to the middle of all (centroid), a little by standing early; each next one is
taken with its likeness to those already taken put against it (maximal marginal relevance, Carbonell and
Goldstein 1998). Nothing is written anew, so nothing can be made up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tinyagent.retrieval.embedder import Embedder

MOST_SENTENCES = 240
_FEWEST_WORDS, _MOST_WORDS = 6, 60
_REDUNDANT = 0.92
_EARLY = 0.12
_LIKENESS = 0.4
_END = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+(?=[\"“‘(\[]?[A-Z0-9À-Þ])")
_LEADERS = re.compile(r"(?:\.\s?){4,}")
_LEGAL = re.compile(r"©|\(c\)|\bcopyright\b.*\d{4}|\ball rights reserved\b", re.IGNORECASE)
_SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|cf|No|Nos|Fig|Figs|Eq|Sec|Art|approx|Inc|Ltd|Co|Corp|pp?|ed|al)"
    r"|\b[A-Z])\.$"
)


class Embeds(Protocol):
    """What the summary needs of the embedder."""

    def embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a document and the page it stands on, counted from 1."""

    text: str
    page: int


def summarize(pages: Sequence[str], most: int = 5, embedder: Embeds | None = None) -> list[Sentence]:
    """Return at most `most` sentences of the pages, in the order in which they stand there.

    Of a long document sentences are looked at all through it, at most `MOST_SENTENCES`; none are returned for
    a text that has no sentences.
    """
    sentences = _spread(list(_sentences(pages)), MOST_SENTENCES)
    if len(sentences) <= 2:
        return sentences
    most = min(most, max(2, len(sentences) // 3))
    import numpy as np

    from tinyagent.retrieval.embedder import normalised

    vectors = normalised((embedder or _embedder()).embed_all([one.text for one in sentences]))
    central = vectors @ normalised(vectors.mean(axis=0))
    early = _EARLY * np.exp(-np.arange(len(sentences)) / max(3.0, len(sentences) / 6))
    alike = vectors @ vectors.T
    chosen: list[int] = []
    while len(chosen) < most:
        nearest = alike[:, chosen].max(axis=1) if chosen else np.zeros(len(sentences))
        worth = central + early - _LIKENESS * nearest
        worth[chosen] = -np.inf
        worth[nearest > _REDUNDANT] = -np.inf
        best = int(worth.argmax())
        if worth[best] == -np.inf:
            break
        chosen.append(best)
    return [sentences[n] for n in sorted(chosen)]


@cache
def _embedder() -> Embedder:
    from tinyagent.retrieval.embedder import Embedder

    return Embedder()


def _sentences(pages: Sequence[str]) -> list[Sentence]:
    """Return the sentences that are neither headings nor tables, each once; one may end on the next page."""
    repeated = _running_lines(pages)
    found: dict[str, Sentence] = {}
    left, begun = "", 1
    for number, page in enumerate(pages, start=1):
        text = _flow([line for line in page.splitlines() if _bare(line) not in repeated])
        parts = _split(f"{left} {text}".strip())
        last = number == len(pages)
        for place, part in enumerate(parts):
            page_of = begun if left and not place else number
            if place == len(parts) - 1 and not last and not re.search(r"[.!?][\"”’)\]]*$", part):
                left, begun = part[-1000:], page_of
                break
            if _tells(part):
                found.setdefault(part.casefold(), Sentence(part, page_of))
        else:
            left = ""
    return list(found.values())


def _running_lines(pages: Sequence[str]) -> set[str]:
    """Return the headers and footers: lines at the edges of pages that come again and again."""
    seen: Counter[str] = Counter()
    for page in pages:
        lines = [line for line in page.splitlines() if line.strip()]
        seen.update({_bare(line) for line in (*lines[:2], *lines[-2:]) if not _tells(line)})
    return {line for line, times in seen.items() if times >= 3 and times > len(pages) // 3}


def _flow(lines: Sequence[str]) -> str:
    """Join lines to running text: a word cut at the end of a line is put together, paragraphs end in a line break.

    An empty line ends one, and so does a heading: a line well short of the others, without a stop, before a capital.
    """
    clean = [" ".join(line.split()) for line in lines if not _LEADERS.search(line)]
    widths = sorted(len(line) for line in clean if line)
    short = 0.7 * widths[len(widths) * 3 // 4] if widths else 0
    text = ""
    for line, following in zip(clean, [*clean[1:], ""], strict=False):
        if text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower():
            text = text[:-1] + line
        else:
            text += (" " if text and not text.endswith("\n") else "") + line
        heading = len(line) < short and line[-1:] not in ".!?,;:-" and not following[:1].islower()
        if not line or heading:
            text += "\n"
    return text


def _split(text: str) -> list[str]:
    parts: list[str] = []
    for block in text.split("\n"):
        held = ""
        for part in _END.split(block):
            held = f"{held} {part}".strip()
            if not _SHORT.search(held):
                parts.append(held)
                held = ""
        parts += [held] if held else []
    return [part for part in parts if part]


def _tells(sentence: str) -> bool:
    """Whether a piece of text is a whole sentence of words, not a heading, a table or a list of references."""
    words = sentence.split()
    letters = sum(c.isalpha() for c in sentence)
    return (
        _FEWEST_WORDS <= len(words) <= _MOST_WORDS
        and letters >= 0.6 * len(sentence.replace(" ", ""))
        and sentence.rstrip('"”’)]')[-1:] in ".!?"
        and max(map(len, words)) <= 40
        and not _LEGAL.search(sentence)
    )


def _spread(sentences: list[Sentence], most: int) -> list[Sentence]:
    if len(sentences) <= most:
        return sentences
    return [sentences[n * len(sentences) // most] for n in range(most)]


def _bare(line: str) -> str:
    """Return a line without its numbers, so that "Page 3 of 9" is one line with "Page 4 of 9"."""
    return re.sub(r"[\W\d_]+", " ", line).strip().casefold()
