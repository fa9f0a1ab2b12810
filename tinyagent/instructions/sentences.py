"""The ways to say a wish: each sentence form gives what it is about, the role of the value, and the value.

A line is cut in three: how ("always", "by default"), when ("when I email Ana"), and the sentence itself. A sentence
may have several readings; whoever asks takes the first that makes sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Clause:
    """One reading: the noun phrase, the role of the value ("" is to be found out by preposition), the value."""

    about: str
    role: str
    value: str
    preposition: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a wish is meant: `always` beside what is said, `default` only where nothing is, or not told."""

    always: bool
    default: bool


_ALWAYS = re.compile(
    r"\b(?:always|in every case|without exception|every time(?! (?:i|we)\b))\b", re.IGNORECASE
)
_DEFAULT = re.compile(
    r"^(?:if|when|unless) (?:i|we) (?:(?:don['’]?t|do not) )?(?:say|tell|give|mention|specify)\b[^,]*,"
    r"|\b(?:by default|as (?:a|the|my) default|usually|normally|generally|typically)\b"
    r"|,?\s*\bunless (?:i|we) (?:say|tell|ask|want|mention|give|specify|name)\b.*$"
    r"|,?\s*\bunless (?:told|said|stated|asked|specified|otherwise)\b.*$"
    r"|^when nothing\b[^,]*,|,?\s*\bwhen nothing\b.*$"
    r"|,?\s*\b(?:if|when) (?:i|we) (?:don['’]?t|do not)\b.*$|,?\s*\bif (?:nothing|not|none)\b.*$",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:please|i(?: would|['’]d)? (?:like|want|prefer)(?: you to| to have)?)\s+", re.IGNORECASE
)
_DENIES = re.compile(
    r"\b(?:never|don['’]?t|do not|doesn['’]?t|won['’]?t|shouldn['’]?t|should not|no longer|stop|avoid|except|"
    r"but not|and not)\b",
    re.IGNORECASE,
)
_WHEN = r"(?:when(?:ever)?|if|(?:every|any|each) time) (?:i|we) (?:am |are )?"
_BEFORE = re.compile(rf"^{_WHEN}(?P<when>.+)$", re.IGNORECASE)
_AFTER = re.compile(rf"^(?P<core>.+?),?\s+{_WHEN}(?P<when>.+)$", re.IGNORECASE)

_LONGEST_WHEN = 12
"""Words of "I email Ana" and so on, where no comma ends it."""
_DOING = r"(?:cc|copy|invite|add|include|use|make|mark|set|put|call|name|label|keep) .+"
_FOR = re.compile(
    rf"^(?:(?:for|on|in|with) )?(?P<when>.+?)(?:[,:]|(?<=\S))\s+(?P<core>{_DOING})$", re.IGNORECASE
)

_PARAMETERS: Mapping[str, str] = {
    "length": "length, duration",
    "list": "list",
    "folder": "folder",
    "place": "place, location, city, town",
    "room": "room",
    "priority": "priority",
    "label": "title, name, label",
    "subject": "subject line, subject",
    "color": "color, colour",
    "level": "level, volume, brightness",
    "notes": "notes, note, description, text, body",
    "transport": "transport, means of transport, mode, way to travel",
    "origin": "starting point, starting place, start, origin",
    "kind": "kind, type",
    "repetition": "repetition, recurrence, rhythm",
    "time": "start time, due time, time",
    "cc": "cc, copy",
    "recipients": "recipients, recipient",
}
_ROLE_OF = {word: role for role, words in _PARAMETERS.items() for word in words.split(", ")}
_IS = r"(?:is|are|should be|shall be|must be|be|defaults? to|mean|means|=|:)"
_P = r"(?P<p>at|in|on|for|to|by|with|from)"
_THE = r"(?:the )?(?:default )?"
_ON = r"(?:on|in|to|for|with|into|of)"
_FORMS: tuple[tuple[str, str], ...] = (
    ("cc", rf"(?:cc|copy|carbon copy) V(?: in)? {_ON} S"),
    ("cc", r"(?:cc|copy|carbon copy) V(?: in)?"),
    ("cc", rf"(?:add|put|keep|have) V (?:in|on|to|as|into) (?:the |a )?(?:cc|copy)(?: {_ON} S)?"),
    ("cc", rf"S {_IS} (?:cc['’]?e?d|copied|cc) (?:to )?V"),
    ("cc", r"S (?:go|goes|get|gets) (?:cc['’]?e?d|copied|a copy) to V"),
    ("cc", rf"V {_IS} (?:cc['’]?e?d|copied)(?: in)?(?: {_ON} S)?"),
    ("cc", r"V gets? (?:a copy|cc['’]?e?d|copied)(?: (?:of|on|in) S)?"),
    ("cc", rf"keep V in (?:the )?(?:loop|copy)(?: {_ON} S)?"),
    ("cc", r"S (?:have|has) V (?:in|on|as) (?:the )?(?:cc|copy)"),
    ("cc", r"send (?:a )?copy (?:of S )?to V"),
    ("guests", r"(?:invite|add|include) V (?:to|in|on|for) S"),
    ("guests", r"invite V"),
    ("guests", rf"V {_IS} invited(?: to S)?"),
    ("guests", r"V (?:comes?|attends?) (?:to )?S"),
    ("guests", r"S (?:include|includes) V"),
    ("length", r"S (?:to |should |shall |must )?(?:last|lasts|take|takes|run|runs|go on)(?: for)? V"),
    ("length", r"(?:schedule|book|plan|make|set|keep|hold|block|start)(?: S)? (?:for|to last) V"),
    ("length", r"V for S"),
    ("repetition", r"S (?:repeat|repeats|recur|recurs) V"),
    ("repetition", r"(?:repeat) S V"),
    ("label", rf"S (?:{_IS} )?(?:called|named|labelled|labeled|titled) V"),
    ("label", r"(?:call|name|label|title) S (?:as )?V"),
    ("subject", r"S (?:have|has) (?:the )?subject V"),
    ("notes", r"S (?:have|has) (?:the |a )?notes? V"),
    ("where", r"S (?:go|goes|belong|belongs|happen|happens|take place|takes place)"
              r"(?: in| on| to| at| into| onto| under) V"),
    ("where", rf"S {_IS} (?:put|kept|added|saved|held|stored|written) (?:in|on|to|at|into|onto|under) V"),
    ("where", r"(?:put|add|save|keep|write|store|file|hold|place) S (?:in|on|to|at|into|onto|under) V"),
    ("", rf"(?:use|set|put|take) V as {_THE}R (?:of|for|in|on) S"),
    ("where", r"use V for S"),
    ("where", r"use V"),
    ("where", rf"V {_IS} (?:the (?:list|place|folder|room) )?for S"),
    ("time", r"S (?:start|starts|begin|begins|ring|rings|go off|sound) at V"),
    ("origin", r"(?:start|begin|give|show|plan) S from V"),
    ("origin", r"S (?:start|starts|begin|begins|leave|go|are|is|run) (?:from|at) V"),
    ("transport", r"(?:give|show|plan)(?: me)? S by V"),
    ("query", r"play V"),
    ("unit", r"convert to V"),
    ("recipients", r"S (?:go|goes) to V"),
    ("recipients", r"send S to V"),
    ("", rf"(?:default )?R (?:of|for|in|on) S {_IS} V"),
    ("", rf"(?:default )?S R ?{_IS} (?:in |at )?V"),
    ("", rf"(?:set|put|make) {_THE}R (?:of|for|in|on) S (?:to|as|at) V"),
    ("", r"S (?:have|has) (?:the |a )?R V"),
    ("", rf"(?:default )?R {_IS} (?:in |at )?V"),
    ("", rf"S ?{_IS} (?:done |all |given |shown |due |set )?{_P} V"),
    ("", rf"S ?{_IS} V"),
    ("", r"S (?:have|has) V"),
    ("", r"(?:make|mark|treat) S as V"),
    ("", rf"(?:set|turn|dim|keep|make|show|give|play|search|start|convert)(?: me)? S (?:up |down )?{_P} V"),
    ("", r"S (?P<p>at|in|for|by|from) V"),
)  # fmt: skip
"""Roles with their sentence forms: S the thing (perhaps left out), V the value, R the name of a role; the
surest first."""

_SPLIT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("label", re.compile(r"(?:call|name|label|title) (?P<rest>.+)", re.IGNORECASE)),
    ("", re.compile(r"(?:make|mark|set|play|repeat) (?P<rest>.+)", re.IGNORECASE)),
)
"""Forms in which thing and value stand side by side: "make meetings with Sid an hour long"."""
_TRAVEL = re.compile(
    r"(?:i|we) (?:go|get around|travel|move)(?: everywhere| to places)? (?P<v>by .+|on foot)"
    r"|(?:(?:i|we) )?(?P<w>walk|drive|cycle|bike|take the \w+)(?: everywhere| to places)?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[ ,]+(?:(?:on|in) everything|everywhere|too|as well|also|each|every time|long)$", re.IGNORECASE
)
_NOW_AND_THEN = re.compile(r"\s+(?:also|then|just|should)(?=\s)", re.IGNORECASE)


def manner(line: str) -> tuple[Manner, str]:
    """Return how a wish is meant, and the line without the words that say so."""
    rest = _DEFAULT.sub(" ", line)
    told = rest != line
    bare = _ALWAYS.sub(" ", rest)
    found = Manner(always=bare != rest, default=told)
    return found, _tidy(bare)


def denies(line: str) -> bool:
    """Whether a line says what shall not be done."""
    return _DENIES.search(line) is not None


def conditions(line: str) -> Iterator[tuple[str, str]]:
    """Yield the readings of a line as (when, sentence): "when I email Ana cc Nick" is ("email Ana", "cc Nick")."""
    before, after = _BEFORE.match(line), _AFTER.match(line)
    if before:
        when, comma, core = before["when"].partition(",")
        if comma:
            yield when.strip(), _tidy(core)
        words = before["when"].split()
        for n in range(2, min(len(words), _LONGEST_WHEN)):
            yield " ".join(words[:n]).strip(","), _tidy(" ".join(words[n:]))
    elif after:
        yield after["when"].strip(), _tidy(after["core"])
    else:
        yield "", line
        found = _FOR.match(line)
        if found:  # "on emails to Ana cc Nick"
            yield found["when"], _tidy(found["core"])


def clauses(sentence: str) -> Iterator[Clause]:
    """Yield the readings of a sentence."""
    travel = _TRAVEL.fullmatch(sentence)
    if travel:
        yield Clause("directions", "transport", travel["v"] or travel["w"])
    text = _TAIL.sub("", sentence)
    for role, form in _forms():
        found = form.fullmatch(text)
        if found:
            groups = found.groupdict()
            named = _ROLE_OF.get((groups.get("r") or "").lower(), role)
            yield Clause(groups.get("s") or "", named, found["v"], (groups.get("p") or "").lower())
    for role, form in _SPLIT:
        found = form.fullmatch(text)
        words = found["rest"].split() if found else []
        yield from (Clause(" ".join(words[:n]), role, " ".join(words[n:])) for n in range(1, len(words)))
    words = text.split()
    # "25 minute meetings"
    yield from (Clause(" ".join(words[n:]), "length", " ".join(words[:n])) for n in range(1, len(words)))


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((role, re.compile(_pattern(form), re.IGNORECASE)) for role, form in _FORMS)


def _pattern(form: str) -> str:
    groups = {name: rf"(?P<{name.lower()}>\S(?:.*?\S)?)" for name in "SV"}
    groups["R"] = rf"(?P<r>{'|'.join(_ROLE_OF)})"
    return r"(?:the |my |our )?" + re.sub(r"\b[SVR]\b", lambda match: groups[match[0]], form)


def _tidy(text: str) -> str:
    words = _NOW_AND_THEN.sub("", " " + " ".join(text.split())).strip(" ,.;")
    return _POLITE.sub("", words)
