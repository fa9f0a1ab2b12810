"""How words of wishes, commands and arguments are compared: without case, signs, possessives and plurals."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[^\W_]+(?:[@.+'’-]+[^\W_]+)*")
_DETERMINERS = frozenset("my our the a an all any every each some new own your i we".split())
_QUOTES = (("“", "”"), ('"', '"'), ("'", "'"), ("‘", "’"), ("«", "»"))


def stem(word: str) -> str:
    """Return a word in lower case and, roughly, in the singular."""
    low = re.sub(r"['’]s$", "", word.casefold())
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 4 and low.endswith(("shes", "ches", "sses", "xes")):
        return low[:-2]
    return low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")) else low


def stems(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return [stem(word) for word in _TOKEN.findall(text)]


def content(text: str) -> list[str]:
    """Return `stems` without "my", "the", "all", ...; all of them where nothing would be left."""
    found = stems(text)
    return [word for word in found if word not in _DETERMINERS] or found


def unquoted(text: str) -> str:
    """Return words without quotation marks around them."""
    words = " ".join(text.split())
    for left, right in _QUOTES:
        if len(words) > 2 and words.startswith(left) and words.endswith(right):
            return words[1:-1].strip()
    return words


def bare(text: str) -> str:
    """Return words without determiners before them, quotation marks around them and signs after them."""
    parts = unquoted(" ".join(text.split()).strip(" ,;:.!")).split()
    while len(parts) > 1 and parts[0].lower() in _DETERMINERS:
        parts = parts[1:]
    return " ".join(parts)
