"""What the assistant says aloud: its answers, its questions, and what it is about to do, with every argument."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from tinyagent.calls import Answer, Call, Effect, Question, Tool
from tinyagent.compiler.naming import doing
from tinyagent.compiler.results import REFERENCE
from tinyagent.compiler.values import duration, span, when
from tinyagent.tools.clock_words import capital, say_length
from tinyagent.tools.phrases import join, say_rule, say_span, say_when
from tinyagent.voice.speakable import ITEMS, NO_TIME, plain, say_list, say_number, spelled

__all__ = ["answer", "plain", "question", "read_back"]

WORDS = 60
"""Words of an argument that are read out before a yes."""
LONGEST = 600
"""Characters of an argument that are read out: one word may be a page."""
ANSWER_WORDS = 150
"""Words of an answer; all of it is in the notification and the history."""

_LABELS = {
    "recipients": "To",
    "cc": "Copy to",
    "sender": "Email from",
    "query": "About",
    "span": "When",
    "which": "Which one",
    "url": "Address",
    "file_name": "File",
    "pdf_path": "File",
    "list_name": "List",
}
"""How the parameters are called whose names nobody says."""
_NOTHING = "something that cannot be read out"
_ASK = "Shall I do it? Yes, or no?"


def answer(given: Answer, *, most: int = ANSWER_WORDS) -> str:
    """Return the sentences of an answer, `most` words of them."""
    words = plain(given.text, now=given.plan.now).split()
    if len(words) <= most:
        return " ".join(words)
    return f"{' '.join(words[:most]).rstrip(',.;:')}, and {len(words) - most} more words."


def question(asked: Question, *, now: datetime | None = None) -> str:
    """Return a question with its options, where its text does not have them."""
    text = plain(asked.text, now=now)
    options = [plain(option, now=now) for option in asked.options]
    if all(option in text for option in options):
        return text
    more = [f"{len(options) - ITEMS} more"] if len(options) > ITEMS else []
    return f"{text} {join([*options[:ITEMS], *more], 'and' if more else 'or')}?"


def read_back(
    tool: Tool, call: Call, *, now: datetime | None = None, taken: Collection[str] = (), asks: str = _ASK
) -> str:
    """Return what `call` would do and with which arguments, ending in the question whether it may.

    Arguments that nobody has said are announced as such: those in `taken`, in `call.taken`, and those whose words
    referred to a result. Of a text `WORDS` words are read, and how many follow.
    """
    kinds = {parameter.name: parameter.type for parameter in tool.parameters}
    parts = [f"{_heading(tool)}."]
    for name, value in call.args.items():
        if value is None:
            continue
        label = _LABELS.get(name) or capital(plain(name)) or "Argument"
        said = _argument(value, kinds.get(name, ""), now)
        unsaid = name in taken or name in call.taken or _refers(call.words.get(name, ""), value)
        if unsaid:  # its end is said too: it may be written so as to sound like the next argument
            label, said = f"{label}, not your words but something I found", f"quote, {said}, end of quote"
        parts.append(f"{label}: {said}{'' if said.endswith(('.', '!', '?')) else '.'}")
    return " ".join([*parts, asks])


def _heading(tool: Tool) -> str:
    """Return what happens: "Deleting the reminder, which cannot be undone"."""
    does = plain(doing(tool.name), full=True)
    start = capital(does) if doing(tool.name)[:1].isalpha() else f"Using {does}"
    if tool.effect is Effect.OUTGOING:
        return f"{start}, which leaves this machine"
    if tool.effect is Effect.DESTRUCTIVE:
        return f"{start}, which can{'' if tool.undo else 'not'} be undone"
    return start


def _refers(words: str, value: Any) -> bool:
    """Whether the words of an argument referred to a result: "$1" that is gone from the value."""
    found = REFERENCE.search(words)
    return found is not None and found[0] not in json.dumps(value, ensure_ascii=False, default=str)


def _argument(value: Any, kind: str, now: datetime | None) -> str:
    """Return an argument as one says it, all of it but the end of a very long one."""
    shown, more = _cut(_value(value, kind, now or NO_TIME))
    said = plain(shown, now=now, full=True)
    if not re.search(r"\w", said):
        said = _NOTHING
    return f"{said.rstrip('.,;:')}, and {more}" if more else said


def _value(value: Any, kind: str, now: datetime) -> str:
    if isinstance(value, list | tuple):
        return say_list([_value(one, kind, now) for one in value]) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_value(one, '', now)}" for key, one in value.items())
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "nothing"}[value]
    if isinstance(value, int | float):
        number = f"{value:.10g}" if isinstance(value, float) else str(value)
        return f"{number} percent" if kind == "percent" else number
    try:
        return _text(str(value), kind, now)
    except (ValueError, TypeError, OverflowError):
        return str(value)


def _text(value: str, kind: str, now: datetime) -> str:
    if kind == "when":
        return say_when(when(value), now).removeprefix("on ")
    if kind == "span":
        said = span(value)
        return say_span(said.start, said.end, now).removeprefix("on ")
    if kind == "duration":
        return say_length(duration(value))
    if kind == "recurrence":
        rule = say_rule(value)
        exact = re.sub(r"[=_]", " ", value).replace(";", ", ")
        return f"repeating by the rule {exact}" if rule == "repeating" else rule
    if kind in ("file", "files", "folder"):
        return spelled(value)
    if kind in ("person", "persons") and re.fullmatch(r"\+?[\d\s().\-/]{3,}", value):
        return say_number(value)
    return value


def _cut(text: str) -> tuple[str, str]:
    """Return as much of a text as is read out, and what is left of it ("12 more words", "")."""
    ends = [match.end() for match in re.finditer(r"\S+", text)]
    end = min(ends[WORDS - 1] if len(ends) > WORDS else len(text), LONGEST)
    left = len([one for one in ends if one > end])
    if not left:
        return text, ""
    fits = max((one for one in ends if one <= end), default=0)
    if not fits or (left == 1 and fits < end):  # the word itself is too long
        return text[:end], f"{len(text) - end} more characters"
    return text[:fits], f"{left} more word{'' if left == 1 else 's'}"
