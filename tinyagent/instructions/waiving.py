"""Whether a command waives a wish: "no cc", "without a location", "don't cc anyone", "leave Nick out"."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NO = r"(?:no|without|don['’]?t|do not|never|skip|omit|leave (?:out|off|away)|not|drop|except(?: for)?|minus)"
_GLUE = (
    r"(?:a|an|the|any|my|our|need|to|for|other|of|it|in|on|with|bother|bothering|use|using|add|adding|put|putting|"
    r"set|setting|give|include|including|send|call)"
)
_BETWEEN = rf"(?:\s+{_GLUE}){{0,4}}\s+"
_TERMS: Mapping[str, str] = {
    "cc": r"cc|cc['’]?ing|cc['’]?s|copy|copying|copies|carbon copy",
    "invitees": r"invitees?|invite|inviting|invites|guests?|attendees?",
    "recipients": r"recipients?",
    "duration": r"duration|length|end time",
    "location": r"location|place",
    "place": r"place|location",
    "list_name": r"lists?",
    "recurrence": r"repeat|repeating|repetition|recurrence|recurring",
    "label": r"label|name|labelling",
    "title": r"title",
    "color": r"colou?r",
    "notes": r"notes?",
    "due": r"due date|due|time|date",
    "origin": r"origin|starting point",
    "transport": r"transport|transportation",
}
_ONCE = re.compile(r"\b(?:just|only) (?:this )?once\b", re.IGNORECASE)


def waives(text: str, parameter: str) -> bool:
    """Whether the words of a command say that a parameter shall have no value."""
    terms = _TERMS.get(parameter, re.escape(parameter.replace("_", " ")))
    if parameter == "recurrence" and _ONCE.search(text):
        return True
    nobody = rf"\b(?:{terms})\s+(?:nobody|no one|none|noone|nothing)\b"
    return _finds(rf"\b{_NO}{_BETWEEN}(?:{terms})\b", text) or _finds(nobody, text)


def waives_value(text: str, parameter: str, value: str) -> bool:
    """Whether a command says that a parameter shall not have one value ("don't cc Nick", "leave Nick out")."""
    said = r"\s+".join(map(re.escape, value.split()))
    terms = _TERMS.get(parameter, re.escape(parameter.replace("_", " ")))
    before = rf"\b{_NO}(?:\s+(?:{_GLUE}|{terms})){{0,4}}\s+{said}(?!\w)"
    return bool(said) and (_finds(before, text) or _finds(rf"\bleave\s+{said}\s+(?:out|off)\b", text))


def _finds(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None
