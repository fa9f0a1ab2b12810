"""Every value that usage examples are made with is found in a command and resolves."""

from datetime import datetime
from pathlib import Path

import pytest

from tinyagent.grounding.times import (
    find_duration,
    find_recurrence,
    find_span,
    find_when,
    resolve_duration,
    resolve_recurrence,
    resolve_span,
    resolve_when,
)

NOW = datetime(2026, 3, 2, 9, 0)
VALUES = Path(__file__).parents[2] / "tool_index" / "values"
ENOUGH = 0.97
KINDS = {
    "time": (find_when, resolve_when, ("at",)),
    "day": (find_when, resolve_when, ("on", "by")),
    "daytime": (find_when, resolve_when, ("on", "at", "for")),
    "soon": (find_when, resolve_when, ("",)),
    "period": (find_span, resolve_span, ("",)),
    "duration": (lambda text, now: find_duration(text), lambda words, now: resolve_duration(words), ("for",)),
    "recurrence": (lambda text, now: find_recurrence(text), resolve_recurrence, ("",)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_found_and_resolve(kind):
    find, resolve, glues = KINDS[kind]
    lines = (VALUES / f"{kind}.txt").read_text(encoding="utf-8").split("\n")
    values = [line.strip() for line in lines if line.strip()]
    unresolved = [words for words in values if resolve(words, NOW) is None]
    unfound = []
    for words in values:
        texts = [f"remind me to call sid {glue} {words} about it" for glue in glues]
        if words not in {proposal.words for text in texts for proposal in find(text, NOW)}:
            unfound.append(words)
    assert len(unresolved) <= (1 - ENOUGH) * len(values), unresolved
    assert len(unfound) <= (1 - ENOUGH) * len(values), unfound
