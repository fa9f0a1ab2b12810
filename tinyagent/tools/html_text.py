"""The text of HTML without its markup; scripts and styles are left out, nothing is loaded or run.

A scanner of its own, that passes over the text once: the library's parser takes minutes for, or stumbles over,
what a stranger can send. For a tag that never ends, the rest of the text is its.
"""

from __future__ import annotations

import re
from html import unescape

_BLOCKS = frozenset(
    "address article blockquote br div dd dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul".split()
)
_SILENT = frozenset({"script", "style", "template", "title"})
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]{0,20})", re.IGNORECASE)


def without_markup(html: str) -> str:
    """Return the text of an HTML page or mail, a line for each block."""
    found: list[str] = []
    # Only ASCII: `lower` would move the places of other letters.
    lower = html.translate({letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)})
    at = 0
    while at < len(html):
        start = html.find("<", at)
        if start < 0:
            start = len(html)
        found.append(re.sub(r"\s+", " ", html[at:start]))
        if start == len(html):
            break
        tag = _TAG.match(lower, start)
        if tag is None and html[start + 1 : start + 2] not in ("!", "?"):
            found.append("<")
            at = start + 1
            continue
        if tag and tag[2] in _BLOCKS:
            found.append("\n")
        at = _end(lower, start, tag)
    return re.sub(r" *\n\s*", "\n", unescape("".join(found))).strip()


def _end(lower: str, start: int, tag: re.Match[str] | None) -> int:
    """Return where the text goes on after the tag, comment or silent element at `start`."""
    if lower.startswith("<!--", start):
        return _after(lower, "-->", start + 4)
    end = _after(lower, ">", start)
    if tag and not tag[1] and tag[2] in _SILENT:
        return _after(lower, ">", _after(lower, f"</{tag[2]}", end))
    return end


def _after(text: str, what: str, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found + len(what)
