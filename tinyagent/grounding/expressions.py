"""Arithmetic in a command: which words are an expression, and its canonical text.

The canonical text has decimal numbers, + - * / ^ ( ), `%` after a number (15% is 0.15; after + or - it is a
share of what stands before, as on a pocket calculator), `mod`, `!` and `sqrt()`. `tinyagent.tools.arithmetic`
computes it. Operators bind as in school: "five plus six divided by two" is 5 + 6 / 2. Never raises on any
text.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinyagent.grounding.base import Proposal
from tinyagent.grounding.expression_nodes import Node
from tinyagent.grounding.expression_words import Reader
from tinyagent.grounding.number_words import Token, tokens

MAX_TOKENS = 20_000
MAX_LENGTH = 1_000
_TRAILING = frozenset({"=", "?", ".", "!", ",", "is", "equals", "please", "tip", "tax", "vat", "discount"})


def resolve_expression(words: str) -> str | None:
    """Return the canonical text of the arithmetic that the words say, or None.

    "half of 90" → "0.5 * 90"; "200 minus 15 percent" → "200 - 15%". A number alone is an expression here.
    """
    if len(words) > MAX_LENGTH:
        return None
    row = tokens(words)
    read = _read(row, 0)
    if read is None:
        return None
    node, after = read
    rest = [token.text for token in row[after:]]
    return node.text if all(word in _TRAILING for word in rest) and len(node.text) <= MAX_LENGTH else None


def find_expressions(text: str) -> list[Proposal]:
    """Return the longest runs of words that are arithmetic (at least one operation), in text order."""
    row = tokens(text)[:MAX_TOKENS]
    found: list[Proposal] = []
    at = 0
    while at < len(row):
        read = _read(row, at) if Reader.may_start(row, at) else None
        if read is None or not read[0].works:
            at += 1
            continue
        start, end = row[at].start, row[read[1] - 1].end
        if end - start <= MAX_LENGTH:
            found.append(Proposal(" ".join(text[start:end].split()), ((start, end),)))
        at = read[1]
    return found


def _read(row: Sequence[Token], at: int) -> tuple[Node, int] | None:
    reader = Reader(row, at)
    node = reader.whole()
    return (node, reader.at) if node else None
