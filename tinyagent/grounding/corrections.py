"""Corrections: what is said between a value and the one that replaces it ("at five, no wait, six").

Whoever finds values asks here whether the text between two of them takes the first one back; the second may then leave
out what the first said (the unit, am or pm, the day, or that it is a time at all).
"""

from __future__ import annotations

import re

_CUES = (
    r"no+|nope|nah|wait|hang on|hold on|(?:or )?(?:rather|better)|(?:scratch|strike|forget) that|i mea?n?t?|actually|"
    r"sorry|ma?ke? (?:that|it)|correction|oops|whoops|my mistake|(?:on )?second thoughts?"
)
_FILLERS = (
    r"u[mh]+|er+m?|h+m+|m+|oh|ah|ugh|well|please|pls|so|then|ok|okay|yeah|just|or|"
    r"it'?s|it is|that'?s|let'?s say|say"
)
_GLUE = "at|on|for|to|by|in|the|about|around"
_THING = r"(?:\s*(?:timer|alarm|reminder|meeting|one)s?\b)?"
_PAUSE = r"[\s,.;:!?…–—-]"
_CORRECTION = re.compile(
    rf"{_THING}(?:{_PAUSE}|(?:{_FILLERS})\b)*(?:{_CUES})\b(?:{_PAUSE}|(?:{_CUES}|{_FILLERS}|{_GLUE})\b)*",
    re.IGNORECASE,
)
_LONGEST = 48  # characters: what is longer says more than that something was wrong


def corrects(between: str) -> bool:
    """Return whether the text between two values says that the second one is right ("no wait, ", " or rather ")."""
    return 3 <= len(between) <= _LONGEST and _CORRECTION.fullmatch(between.replace("’", "'")) is not None
