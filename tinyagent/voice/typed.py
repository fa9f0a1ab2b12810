"""What Whisper writes, made what a person would have typed, and what the resolvers of `grounding` understand.

Most of it they understand as it is ("3 p.m.", "7.30", "630", "50%", "65 + 35", "October 9th"). What they do not is
changed here: clock times with a hyphen ("at 6-30"), mixed numbers ("1 1/2 hours"), mail addresses said in words after
the word for them, dots of hesitation, and what stands for sounds ("[Music]", "(coughing)").
"""

from __future__ import annotations

import re

_SOUNDS = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+|>>+")
_HESITATION = re.compile(r"\s*(?:\.{2,}|…)\s*(?=\S)")
_LAST_DOTS = re.compile(r"\s*(?:\.{2,}|…|-+|–|—|,)\s*$")
_CLOCK_BEFORE = re.compile(
    r"(?<![\w-])((?:at|for|to|by|until|till|from|alarm|before|after|around)\s+)([01]?\d|2[0-3])\s?-\s?([0-5]\d)(?![\w-])",
    re.IGNORECASE,
)
_CLOCK_HALF = re.compile(r"(?<![\w-])([01]?\d|2[0-3])\s?-\s?([0-5]\d)(?=\s*[ap]\.?\s?m\b)", re.IGNORECASE)
_GLYPHS = {"½": "a half", "¼": "a quarter", "¾": "three quarters", "⅓": "a third", "⅔": "two thirds"}
_SLASHED = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}
_MIXED = re.compile(r"(?<![\w/])(\d+)(?:\s+and)?\s*([½¼¾⅓⅔]|(?<=[\sd])(?:1/2|1/4|3/4|1/3|2/3)(?![\d/]))")
_ADDRESS = re.compile(
    r"(\b(?:e-?mail|address|mail)\b(?:\s+address)?(?:\s+is|,|:)*\s+)([\w.+-]+)\s+at\s+((?:[\w-]+\.)+[a-z]{2,}\b)",
    re.IGNORECASE,
)


def typed(text: str) -> str:
    """Return one line with a capital first and a full stop (or ? !) last; "" where no letter or digit is left."""
    text = _SOUNDS.sub(" ", text.replace("’", "'"))
    text = _HESITATION.sub(", ", _LAST_DOTS.sub("", text))
    text = " ".join(text.split()).lstrip("-–—,.;:!? ")
    if not re.search(r"\w", text):
        return ""
    text = _CLOCK_HALF.sub(r"\1:\2", _CLOCK_BEFORE.sub(r"\1\2:\3", text))
    text = _MIXED.sub(_mixed, text)
    text = _ADDRESS.sub(r"\1\2@\3", text)
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".?!" else f"{text}."


def _mixed(match: re.Match[str]) -> str:
    return f"{match[1]} and {_GLYPHS[_SLASHED.get(match[2], match[2])]}"
