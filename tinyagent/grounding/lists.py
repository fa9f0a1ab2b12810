"""Names of the person's lists: "my groceries list" → the list called "Groceries" when there is one."""

from __future__ import annotations

import re

from tinyagent.grounding.base import World

_GLUE_BEFORE = re.compile(
    r"^(?:(?:to|on|onto|from|off|in|into)\s+(?=(?:my|our|the|a)\s))?(?:(?:my|our|the|a|called|named)(?:\s+|$))+",
    re.IGNORECASE,
)
_GLUE_AFTER = re.compile(r"(?:\s+|(?<=-))(?:lists?|checklist)\W*$", re.IGNORECASE)
_NEAR = 86.0


def clean_list(words: str) -> str:
    """Drop "my/the ..." before the name and "list" after it; a name that is nothing else stays as said."""
    said = " ".join(words.split()).strip(' .,!?"“”')
    named = _GLUE_AFTER.sub("", said)
    named = _GLUE_BEFORE.sub("", named).strip(" -")
    return named or said


def match_list(words: str, names: tuple[str, ...]) -> str | None:
    """Return the one of `names` that the words mean: the same, else the only one that is spelt nearly so."""
    wanted = _key(words)
    exact = [name for name in names if _key(name) == wanted]
    if exact or not wanted:
        return exact[0] if exact else None
    scored = sorted(((_alike(wanted, _key(name)), name) for name in names), reverse=True)
    if not scored or scored[0][0] < _NEAR or len(wanted) < 4:
        return None
    return None if len(scored) > 1 and scored[1][0] >= scored[0][0] else scored[0][1]


def resolve_list(words: str, world: World) -> str:
    """Return the name of one of `world.lists`, or the cleaned words where none is meant."""
    return match_list(words, world.lists) or clean_list(words)


def _alike(wanted: str, name: str) -> float:
    """Return how near two keys are, 0 to 100; one slip in a longer name is near."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    slip = len(wanted) > 4 and OSA.distance(wanted, name, score_cutoff=1) == 1
    return max(fuzz.ratio(wanted, name), 90.0 if slip else 0.0)


def _key(name: str) -> str:
    """Return what spellings of a name have in common: case, "my ... list", hyphens and a plural put aside."""
    key = re.sub(r"[\W_]+", " ", clean_list(name).casefold()).strip()
    singular = re.sub(r"ies$", "y", key)
    return singular[:-1] if singular.endswith("s") and len(singular) > 4 else singular
