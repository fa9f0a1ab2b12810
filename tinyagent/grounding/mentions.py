"""What pronouns mean: who and what the calls before spoke of, and people named earlier in the same command.

"call Sid at three and text him" – "him" is Sid. "Move it to Friday", said after an event was made, moves that event.
Calls of the same command come first, then names said before the pronoun, then earlier turns; the latest mention wins.
A pronoun for which there is none is a question, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tinyagent.calls import Effect, Parameter, Question, Tool
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.people import NICKNAME, match_people, resolve_persons, split_people

_ONE = frozenset("him her he she himself herself".split())
_SEVERAL = frozenset({"them", "they", "themselves", "both", "both of them", "all of them", "the two of them"})
_THINGS = frozenset(
    "it,that,this,them,those,these,that one,this one,the same,the same one,there,both".split(",")
)
_NAMING = "title name query label list_name file_name item device room location url".split()
"""Parameters that name the thing of a call, the tellingest first."""
_NEW = frozenset({"title", "name", "label", "item"})
"""Of these, what names something new: it may be called like a thing of another toolset."""
_KINDS = {
    **dict.fromkeys(("person", "persons"), "person"),
    **dict.fromkeys(("file", "files"), "file"),
    **{kind: kind for kind in ("list", "place", "app")},
}
_ORDINARY = frozenset(
    "art bill chase dawn drew faith frank grace grant hope jack joy june mark may mark rich rose star will".split()
)
"""Names that are also words: in small letters they name nobody."""
_KEPT = 8
GROUP, THING = "persons", "thing"
Mentioned = Mapping[str, tuple[str, ...]]
"""By kind, the latest first: "person", "file", "list", "place", "app", or a toolset for what its calls are about.

"persons" are those of the latest call that had any, "thing" what any call was about.
"""


def is_pronoun(words: str, parameter: Parameter) -> bool:
    """Whether the words are a pronoun that this parameter may be (in a list of people: have one among them)."""
    if parameter.type in ("person", "persons"):
        return any(_bare(part) in _ONE | _SEVERAL for part in _parts(words, parameter))
    return _bare(words) in _THINGS and (parameter.type in _KINDS or parameter.name in _NAMING)


def referent(words: str, parameter: Parameter, tool: Tool, world: World, text: str = "") -> Any:
    """Return what a pronoun means as the value of the parameter; `text` is the command it was said in.

    Raises `Unresolved` with a question where nothing was mentioned that it could be.
    """
    if parameter.type in ("person", "persons"):
        people: dict[str, None] = {}
        for part in _parts(words, parameter):
            if _bare(part) in _ONE | _SEVERAL:
                meant = _people(part, world, text)
                if not meant:
                    _ask("Who?", tool, parameter)
                people.update(dict.fromkeys(meant))
            else:
                people.update(dict.fromkeys(resolve_persons(part, world)))
        if parameter.type == "persons":
            return list(people)
        return next(iter(people)) if len(people) == 1 else _ask("Who?", tool, parameter, tuple(people))
    kind = _KINDS.get(parameter.type, tool.toolset)
    found = _latest(kind, world)
    if not found and parameter.name in _NEW and tool.effect is Effect.WRITE:
        found = _latest(THING, world)
    if not found:
        _ask("Which one do you mean?", tool, parameter)
    return [found[0]] if parameter.type == "files" else found[0]


def after(mentioned: Mentioned, tool: Tool, args: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what is mentioned once a call with these arguments was spoken of."""
    new: dict[str, list[str]] = {}
    for parameter in tool.parameters:
        value = args.get(parameter.name)
        for one in value if isinstance(value, list) else [value]:
            if parameter.type in _KINDS and isinstance(one, str) and not one.startswith("$"):
                new.setdefault(_KINDS[parameter.type], []).append(one)
    name = named(args)
    if name is not None:
        new.setdefault(tool.toolset, []).append(name)
        new[THING] = [name]
    merged = dict(mentioned)
    for kind, values in new.items():
        merged[kind] = tuple(dict.fromkeys((*values, *mentioned.get(kind, ()))))[:_KEPT]
    if "person" in new:
        merged[GROUP] = tuple(dict.fromkeys(new["person"]))
    return merged


def named(args: Mapping[str, Any]) -> str | None:
    """Return what a call with these arguments names, None where it names nothing of its own."""
    names = (args.get(name) for name in _NAMING)
    return next((n for n in names if isinstance(n, str) and n and not n.startswith("$")), None)


def _bare(words: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", words.casefold()))


def _parts(words: str, parameter: Parameter) -> list[str]:
    return [words] if parameter.type == "person" or _bare(words) in _SEVERAL else split_people(words)


def _latest(kind: str, world: World) -> tuple[str, ...]:
    return world.mentioned.get(kind) or world.before.get(kind) or ()


def _people(pronoun: str, world: World, text: str) -> tuple[str, ...]:
    """Return whom a pronoun means, nobody where nobody was spoken of."""
    named, now, before = _named(pronoun, text, world), world.mentioned, world.before
    if _bare(pronoun) not in _SEVERAL:
        return (now.get("person") or named or before.get("person") or ())[:1]
    in_order = tuple(reversed(named))
    if re.search("both|two", pronoun, re.IGNORECASE):
        pairs = (now.get("person", ())[:2], in_order[-2:], before.get("person", ())[:2])
        return next((pair for pair in pairs if len(pair) == 2), ())
    groups = (now.get(GROUP, ()), in_order) if now.get(GROUP) or named else (before.get(GROUP, ()),)
    return next((group for group in groups if len(group) > 1), groups[0] or groups[-1])


def _named(words: str, text: str, world: World) -> tuple[str, ...]:
    """Return the contacts named in the command before the pronoun, the nearest to it first."""
    match = re.search(rf"\b{re.escape(words.strip())}\b", text, re.IGNORECASE)
    before = re.findall(r"[^\W\d_]+", text[: match.start()] if match else text)
    known = {part.casefold() for entry in world.people for part in entry.split(NICKNAME)[0].split()}
    found: dict[str, None] = {}
    for word in reversed(before):
        if word.casefold() in known and word not in _ORDINARY:
            matches = match_people(word, world.people)
            if len(matches) == 1:
                found[matches[0]] = None
    return tuple(found)


def _ask(question: str, tool: Tool, parameter: Parameter, options: Iterable[str] = ()) -> Any:
    raise Unresolved(Question(question, tool=tool.name, parameter=parameter.name, options=tuple(options)))
