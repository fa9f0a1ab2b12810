"""Written text as one says it: times, addresses, paths, signs and lists, for a voice to read out.

Both engines read plain sentences well and the rest badly: "15:00" becomes "fifteen zero zero". Nothing here looks at a
clock: a `now` makes days near, without one they are said in full.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial

from tinyagent.compiler.values import duration
from tinyagent.tools.clock_words import say_length
from tinyagent.tools.phrases import join, say_when

ITEMS = 5
"""Items of a list that are read out before "and 7 more"."""
NO_TIME = datetime.min
"""The `now` of somebody who does not know it: no day is near it, and none is of its year."""

_ESCAPE = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}")  # what `phrases.harmless` writes
_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+(?=\S)")
_MORE = re.compile(r"and (\d+) more\.?")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")

_LINK = re.compile(r"\b([a-z][a-z0-9+.-]*)://([^\s<>\"“”]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>()\[\]{}\"“”,;:]+@[^\s@<>()\[\]{}\"“”,;:!?]+")
_PATH = re.compile(r"(?<![\w/.:@])(?:~|\.{1,2})?(?:/[^\s/,;:!?\"“”()]+)+/?")
_MOMENT = re.compile(
    r"\b(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z\b|([+-])(\d\d):?(\d\d)\b)?)?(?![\w:-])"
)
_DURATION = re.compile(r"(?<![\w.-])P(?=T?\d)[\dTWDHMS.]*[WDHMS]\b")
_PHONE = re.compile(
    r"(?<![\w.,:/+-])(?:(?:\+|0)\d[\d ()/-]{4,}\d|\d{3}-\d{3,4}(?:-\d{4})?)(?![\w:-]|[.,]\d)",
)
_CLOCK = re.compile(
    r"(?<![\w:.])(\d\d?):([0-5]\d)(?::([0-5]\d))?(?:\s?([ap])(?:m\b|\.m\.))?(?!:?\d)", re.IGNORECASE
)
_NUMBERS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"(?<=\d) [−-] (?=\d)", " minus "),
        (r"(?<![\d.–-])(\d+)[–-](?=\d+(?![\d–-]))", r"\1 to "),
        (r"(?<![\w)])[−-](?=\d)", "minus "),
        (r"(?<=\d) ?° ?C\b", " degrees"),
        (r"(?<=\d) ?° ?F\b", " degrees Fahrenheit"),
        (r"(?<=\d) ?%", " percent"),
        (r"(?<=\d) ?km/h\b", " kilometres per hour"),
        (r"(?<=\d) ?mph\b", " miles per hour"),
        (r"(?<=\d) ?mm\b", " millimetres"),
        (r"(?<=\d)\^(?=\d)", " to the power of "),
    )
)
_SIGNS = str.maketrans({
    "’": "'", "‘": "'", "`": " ", "…": ". ", "→": " to ", "=": " equals ", "≈": " is about ", "×": " times ",
    "÷": " divided by ", "√": " the square root of ", "−": " minus ", "&": " and ", "•": ", ", "·": ", ", "—": ", ",
    "–": ", ", "*": " ", "_": " ", "#": " ", "|": ", ", "<": " ", ">": " ", "\\": " ", "[": "(", "]": ")", "~": " ",
})  # fmt: skip
_LETTERS = {
    ".": "dot", "@": "at", "-": "dash", "_": "underscore", "+": "plus", "/": "slash", "?": "question mark",
    "%": "percent", "=": "equals", "&": "and", "#": "hash", ":": "colon", "~": "tilde", "*": "star",
    "$": "dollar", ",": "comma",
}  # fmt: skip


def plain(text: str, *, now: datetime | None = None, full: bool = False) -> str:
    """Return `text` on one line as a voice reads it well; a list of more than `ITEMS` items is cut short.

    With `full` nothing is left out: every item is said, and all parts of links and paths.
    """
    shown = unicodedata.normalize("NFC", text if full else _ESCAPE.sub("", text))
    kept = "".join(" " if c != "\n" and unicodedata.category(c) in _INVISIBLE else c for c in shown)
    lines = [_line(line, now or NO_TIME, full) for line in _listed(kept.split("\n"), full)]
    said = [line for line in lines if re.search(r"\w", line)]
    ended = [line if line[-1] in ".!?:;," else f"{line}." for line in said[:-1]]
    return " ".join(ended + said[-1:])


def spelled(text: str) -> str:
    """Return an address, link or path with its signs as words: "ana dot lima at example dot com".

    A letter of another alphabet, which may look like one of ours, is called by its name.
    """
    return " ".join("".join(map(_letter, text)).split())


def say_number(digits: str) -> str:
    """Return a phone number digit by digit, with its pauses: "plus 4 9, 3 0, 1 2 3 4"."""
    groups = [" ".join(group) for group in re.findall(r"\d+", digits)]
    return ("plus " if digits.lstrip().startswith("+") else "") + ", ".join(groups)


def say_list(parts: Sequence[str]) -> str:
    """Return "a, b and c"; where a part has a comma of its own, the pauses between them are longer."""
    if len(parts) > 1 and any("," in part for part in parts):
        return "; ".join([*parts[:-1], f"and {parts[-1]}"])
    return join(parts)


def _letter(c: str) -> str:
    if c.isspace() or (c.isalnum() and (c.isascii() or unicodedata.name(c, "").startswith("LATIN"))):
        return c
    return f" {_LETTERS.get(c) or unicodedata.name(c, 'sign').lower()} "


def _listed(lines: Sequence[str], full: bool) -> list[str]:
    """Return the lines with each list run together into one."""
    found: list[str] = []
    items: list[str] = []
    for line in [*lines, ""]:
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line, count=1).rstrip(" .,;"))
            continue
        more = _MORE.fullmatch(line.strip()) if items else None
        if items:
            found.append(_together(items, int(more[1]) if more else 0, full))
            items = []
        if not more:
            found.append(line)
    return found


def _together(items: list[str], more: int, full: bool) -> str:
    kept = items if full else items[:ITEMS]
    more += len(items) - len(kept)
    parts = [*kept, f"{more} more"] if more else kept
    return say_list(parts)


def _line(line: str, now: datetime, full: bool) -> str:
    """Return one line with everything that is no sentence in words."""
    for pattern, say in _SAY:
        line = pattern.sub(partial(say, now=now, full=full), line)
    for pattern, words in _NUMBERS:
        line = pattern.sub(words, line)
    line = " ".join(line.translate(_SIGNS).split())
    return re.sub(r"\s+([.,;:!?])", r"\1", line)


def _ending(text: str) -> tuple[str, str]:
    """Return a link or path without the signs of the sentence around it, and these."""
    bare = text.rstrip(".,;:!?)'’")
    return bare, text[len(bare) :]


def _say_link(match: re.Match[str], now: datetime, full: bool) -> str:
    rest, end = _ending(match[2])
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].removeprefix("www.")
    scheme = "" if match[1].lower() == "https" else f"{match[1]} colon slash slash "
    return (f"{scheme}{spelled(rest)}" if full else spelled(host)) + end


def _say_address(match: re.Match[str], now: datetime, full: bool) -> str:
    address, end = _ending(match[0])
    return spelled(address) + end


def _say_path(match: re.Match[str], now: datetime, full: bool) -> str:
    path, end = _ending(match[0])
    parts = [part for part in path.split("/") if part and (full or part.strip("~."))] or [path]
    said = f" {_LETTERS['/']} ".join(spelled(part) for part in (parts if full else parts[-2:]))
    return ("slash " if full and path.startswith("/") else "") + said + end


def _say_moment(match: re.Match[str], now: datetime, full: bool) -> str:
    try:
        day = date.fromisoformat(match[1])
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}") if match[2] else day
    except ValueError:
        return match[0]
    zone = " UTC" if match[0].endswith("Z") else ""
    if match[3]:
        minutes = f" {match[5]}" if match[5] != "00" else ""
        zone = f" UTC {'plus' if match[3] == '+' else 'minus'} {int(match[4])}{minutes}"
    return say_when(at, now).removeprefix("on ") + zone


def _say_duration(match: re.Match[str], now: datetime, full: bool) -> str:
    try:
        return say_length(duration(match[0]))
    except (ValueError, OverflowError):
        return match[0]


def _say_phone(match: re.Match[str], now: datetime, full: bool) -> str:
    return say_number(match[0])


def _say_clock(match: re.Match[str], now: datetime, full: bool) -> str:
    hour, minute, half = int(match[1]), int(match[2]), (match[4] or "").lower()
    if hour > 24 or (hour == 24 and minute):
        return match[0]
    seconds = f" and {int(match[3])} seconds" if match[3] else ""
    minutes = "" if not minute else f" oh {minute}" if minute < 10 else f" {minute}"
    if half or len(match[1]) == 1:  # a length, or the half of the day is said
        return f"{hour}{minutes}{seconds}" + (f" {half}m" if half else "")
    if not minute and hour % 12 == 0 and not seconds:
        return "noon" if hour == 12 else "midnight"
    return f"{hour % 12 or 12}{minutes} {'pm' if 12 <= hour < 24 else 'am'}{seconds}"


_SAY: tuple[tuple[re.Pattern[str], Callable[..., str]], ...] = (
    (_LINK, _say_link),
    (_ADDRESS, _say_address),
    (_PATH, _say_path),
    (_MOMENT, _say_moment),
    (_DURATION, _say_duration),
    (_PHONE, _say_phone),
    (_CLOCK, _say_clock),
)
"""In this order: what one has put into words is no more what the next looks for."""
