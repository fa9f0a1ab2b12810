"""From a line to a wish: which arguments of which tools, what words, and under what condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tinyagent.calls import Parameter, Tool
from tinyagent.instructions import sentences
from tinyagent.instructions.nouns import Condition, Subject, people_condition, subject, unknown
from tinyagent.instructions.plain_words import bare, unquoted
from tinyagent.instructions.roles import fits, parameter_of, roles_for
from tinyagent.instructions.sentences import Clause, Manner
from tinyagent.tools.registry import Catalogue


@dataclass(frozen=True, slots=True)
class Wish:
    """Words for an argument of some tools.

    `targets` are pairs of tool and parameter. With `adds` the words go beside what was said (lists of people), else
    they stand only where nothing was. Every one of `conditions` must be met by another argument of the same call.
    """

    targets: tuple[tuple[str, str], ...]
    words: str
    adds: bool = False
    conditions: tuple[Condition, ...] = ()

    def parameter(self, tool: str) -> str | None:
        """Return the parameter of a tool that the wish is about."""
        return next((parameter for name, parameter in self.targets if name == tool), None)

    def __str__(self) -> str:
        names = dict.fromkeys(parameter for _, parameter in self.targets)
        tools = ", ".join(tool for tool, _ in self.targets)
        said = [f"“{one.words}” is {'who it is with' if one.people else 'said'}" for one in self.conditions]
        when = f", when {' and '.join(said)}" if said else ""
        how = "also" if self.adds else "unless said:"
        return f"{tools}: {' or '.join(names)} {how} “{self.words}”{when}"


HINT = "write one such as “meetings last 25 minutes by default” or “always cc Nick”"
_NOT_UNDERSTOOD = f"I do not understand this wish: {HINT}."
_DENIED = f"It says what not to do, and I can only fill in what was not said: {HINT}."

_ABOUT = {
    "cc": "emails", "guests": "meetings", "query": "music", "list": "lists", "folder": "notes", "length": "meetings",
    "priority": "reminders", "transport": "directions", "origin": "directions", "color": "lights", "room": "lights",
    "unit": "conversions",
}  # fmt: skip
"""What a sentence is about that does not say it ("cc Nick")."""
_PRONOUNS = frozenset("it them they these those that this".split())
_AS_SAID = frozenset({"label", "title", "name", "subject", "notes", "content", "body", "query"})
_PEOPLE = frozenset({"cc", "guests"})
_OWN_NOUNS = {"length": "meetings", "priority": "reminders"}
_WHEN: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
    (re.compile(rf"(?:{verb}) (?P<who>.+)", re.IGNORECASE), noun, people)
    for verb, noun, people in (
        (r"reply to|answer|write back to", "replies", True),
        (r"forward(?: \w+)* to", "forwards", True),
        (r"e-?mail|mail|write to|write|send (?:an? )?e?-?mails? to", "emails", True),
        (r"text|message|sms|send (?:an? )?(?:text|message|sms)s? to", "texts", True),
        (r"meet with|meet|see|have (?:a )?(?:meeting|call)s? with", "meetings", False),
        (r"buy|need|add", "list items", False),
        (r"play|listen to", "music", False),
    )
)
_MAKING = re.compile(
    r"(?:schedule|book|set(?: up)?|create|make|plan|add|have|take|write|send|ask (?:for|about)|get|look up|check|start)"
    r"\s+",
    re.IGNORECASE,
)


def read_wish(line: str, tools: Catalogue) -> Wish | str:
    """Return the wish that a line says, or a sentence on why it says none."""
    if sentences.denies(sentences.manner(line)[1]):
        return _DENIED
    how, rest = sentences.manner(line)
    problem = _NOT_UNDERSTOOD
    for when, sentence in sentences.conditions(rest):
        context = _context(when) if when else None
        if when and context is None:
            continue
        for clause in sentences.clauses(sentence):
            for about, role in _meanings(clause, context, tools):
                wish = _wish(clause, about, role, how, tools)
                if wish:
                    return wish
            known = subject(clause.about) if clause.about else None
            if known and problem == _NOT_UNDERSTOOD:
                problem = f"I do not see what this sets for {known.noun}: {HINT}."
    return problem


def _context(when: str) -> Subject | None:
    """Return what "I email Ana" or "I schedule a meeting with Sid" is about."""
    made = _MAKING.match(when)
    found = subject(when[made.end() :] if made else when)
    if found:
        return found
    for verb, noun, people in _WHEN:
        match = verb.fullmatch(when)
        about = subject(noun)
        if match and about:
            said = bare(match["who"])
            return replace(about, conditions=(people_condition(said) if people else Condition(said),))
    return None


def _meanings(clause: Clause, context: Subject | None, tools: Catalogue) -> Iterator[tuple[Subject, str]]:
    """Yield what a clause may be about, with the role of its value."""
    for about in _subjects(clause, context):
        those = [tools[name] for name in about.tools if name in tools]
        if clause.role == "query" and _all_fit(those, "kind", clause.value):
            yield about, "kind"
        if clause.role:
            yield about, clause.role
        else:
            yield from ((about, role) for role in roles_for(clause.preposition, clause.value, those))
    if not context and not (clause.about and subject(clause.about)):
        yield from _own(clause, tools)


def _subjects(clause: Clause, context: Subject | None) -> Iterator[Subject]:
    if not clause.about or clause.about.lower() in _PRONOUNS:
        found = context or subject(_ABOUT.get(clause.role, ""))
        if found:
            yield found
        return
    found = subject(clause.about)
    if found and context:
        shared = tuple(tool for tool in found.tools if tool in context.tools)
        if shared:
            yield Subject(found.noun, shared, (*context.conditions, *found.conditions))
    elif found:
        yield found


def _own(clause: Clause, tools: Catalogue) -> Iterator[tuple[Subject, str]]:
    """Yield readings of a noun that is the person's own: "standups last 15 minutes", "milk goes on the dairy list"."""
    if clause.role == "where" and re.search(r"\blist$", clause.value, re.IGNORECASE):
        noun, role = "lists", "list"
    else:
        likely = [clause.role] if clause.role else ["length", "priority"]
        role = next((r for r in likely if r in _OWN_NOUNS and _own_fits(r, clause.value, tools)), "")
        noun = _OWN_NOUNS.get(role, "")
    known = subject(noun) if noun else None
    about = unknown(clause.about, known.tools) if known and clause.about else None
    if about:
        yield about, role


def _own_fits(role: str, value: str, tools: Catalogue) -> bool:
    known = subject(_OWN_NOUNS[role])
    return known is not None and _all_fit([tools[name] for name in known.tools if name in tools], role, value)


def _all_fit(tools: Sequence[Tool], role: str, value: str) -> bool:
    found = [parameter for tool in tools if (parameter := parameter_of(tool, role))]
    return bool(found) and all(fits(parameter, value) for parameter in found)


def _wish(clause: Clause, about: Subject, role: str, how: Manner, tools: Catalogue) -> Wish | None:
    targets, words = [], clause.value
    for name in about.tools:
        parameter = parameter_of(tools[name], role) if name in tools else None
        if parameter is None:
            continue
        words = _value(clause.value, parameter)
        if not fits(parameter, words):
            continue
        if re.search(r"\blist$", words, re.IGNORECASE) and parameter.type == "place":
            continue  # no meeting takes place on a list
        targets.append((name, parameter.name))
    if not targets:
        return None
    adds = role in _PEOPLE and (how.always or not how.default)
    return Wish(tuple(targets), words, adds, about.conditions)


def _value(said: str, parameter: Parameter) -> str:
    """Return the words of a value: a text as it was written, a name without "the", what a resolver reads as it is."""
    text = said.strip(" ,")
    if parameter.is_choice:
        return text
    return unquoted(text) if parameter.name in _AS_SAID else bare(text)
