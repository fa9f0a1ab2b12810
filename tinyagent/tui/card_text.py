"""What a card says besides its plan: the command, the sentences of the answer, the times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content

from tinyagent.tools.phrases import short
from tinyagent.tui.rows import DIM, Row, Shown
from tinyagent.tui.timings import details, summary

COMMAND = 200
"""Characters of the command while the card is folded."""
ANSWER = 20
"""Lines of the answer while the card is folded."""


def title_rows(text: str, unfolded: bool) -> Iterator[Row]:
    """Yield the command behind a prompt, folded on one line."""
    lines = Shown(text if unfolded else short(text, COMMAND)).whole.split("\n")
    for number, line in enumerate(lines):
        first = Content("  ") if number else Content.styled("❯ ", "bold $text-accent")
        yield Row(Content.styled(line, "bold"), first, Content("  "))


def waiting_rows() -> Iterator[Row]:
    """Yield what stands where nothing is known yet."""
    yield Row(Content.styled("planning …", DIM))


def answer_rows(sentences: Sequence[str], unfolded: bool, broken: bool = False) -> Iterator[Row]:
    """Yield the sentences, a row a line, folded only the first of a long answer."""
    style = "$text-error" if broken else ""
    lines = Shown("\n".join(sentences)).whole.split("\n") if sentences else []
    cut = len(lines) if unfolded else ANSWER
    yield from (Row(Content.styled(line, style)) for line in lines[:cut])
    if len(lines) > cut:
        yield Row(Content.styled(f"… {len(lines) - cut} more lines (d shows all)", DIM))


def without_end(sentences: list[str], end: Sequence[str]) -> list[str]:
    """Return the sentences without those last ones that are said elsewhere."""
    first = len(sentences) - len(end)
    return sentences[:first] if end and sentences[first:] == end else sentences


def foot_rows(note: str, planned: Mapping[str, float], ran_ms: float | None, unfolded: bool) -> Iterator[Row]:
    """Yield what is to be said beside the answer, and the time it took, unfolded by stage."""
    times = (details if unfolded else summary)(planned, ran_ms)
    yield from (Row(Content.styled(Shown(line).line, DIM)) for line in (note, times) if line)
