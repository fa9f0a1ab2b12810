"""What an answer to a question means: one of the options by name, number or order, or the words for a parameter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tinyagent.calls import Parameter, Question
from tinyagent.grounding import times
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.people import split_people
from tinyagent.grounding.resolvers import propose, resolve

_ORDER = (
    "first one 1st",
    "second two 2nd",
    "third three 3rd",
    "fourth four 4th",
    "fifth five 5th",
    "sixth six 6th",
)
_PLACES = {word: place for place, words in enumerate(_ORDER, 1) for word in words.split()}
_LAST = frozenset({"last", "latter"})
_FIRST = frozenset({"former"})
_GLUE = re.compile(
    r"^(?:(?:um+|uh+|er|oh|well|ok|okay|please|i mean|i meant|i think|it's|its|it is|that's|make it|let's say|say|to|"
    r"for|at|on|with|in|by|the|my)[\s,]+)+",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[\s,]+(?:please|thanks|thank you|i think|i guess|then)$", re.IGNORECASE)
_BEFORE_GIVING_UP = r"^(?:(?:oh|no|ah|uh|um|actually|ok|okay|well)[ ,.]+)*"
_GIVE_UP = re.compile(
    _BEFORE_GIVING_UP
    + r"(?:never ?mind(?: (?:that|it|then))?|forget (?:it|that|about (?:it|that))|cancel(?: (?:it|that))?|leave it|"
    r"don'?t(?: bother| do (?:it|that))?|no thanks|no thank you|abort|quit|drop it|skip (?:it|that)|"
    r"none of (?:them|these|those))(?: (?:please|thanks))?[.! ]*$",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    _BEFORE_GIVING_UP + r"(?:none|neither|nothing|nobody|no one|stop|no|nope|nah)[.! ]*$", re.IGNORECASE
)
_SAID = frozenset({"message", "body", "content", "text"})
"""Parameters that may be just "no": what a message says."""
_NOT_TELLING = frozenset("the one with at from of in that please i mean it s is to".split())


def gives_up(text: str, parameter: Parameter | None = None) -> bool:
    """Whether the answer takes the wish back; a mere "no" may be what the `parameter` of a message is to say."""
    said = " ".join(text.replace("’", "'").split())
    free = parameter is not None and parameter.type == "text" and parameter.name in _SAID
    return bool(_GIVE_UP.match(said) or (not free and _REFUSAL.match(said)))


def words_of(text: str, question: Question, parameter: Parameter, world: World) -> str | None:
    """Return the words the answer gives for the parameter; None where it says nothing that it could be.

    What the command said of the parameter already and the answer leaves open stays ("tomorrow", then "at seven"; of
    "Ana and Bob" only the Ana that was asked about becomes another).
    """
    whole = " ".join(text.split())
    said = _AFTER.sub("", whole.strip(" .!?"))
    before = question.words.get(parameter.name, "")
    if question.options:
        chosen = option(said, question.options)
        return None if chosen is None else _put(chosen, before, question.options, parameter, world)
    if parameter.is_choice:
        return _choice(said, before, parameter, world)
    if parameter.type == "text":
        return whole if parameter.name in _SAID else said or None
    return _GLUE.sub("", said) or said or None


def option(said: str, options: Sequence[str]) -> str | None:
    """Return the option that is meant: by its words, the only one that they fit, or by its place."""
    wanted = said.casefold()
    bare = _AFTER.sub("", _GLUE.sub("", wanted))
    bare = re.sub(r"^(?:number|option|no\.?)\s+|\s+(?:one|option)$", "", bare).strip()
    exact = [o for o in options if o.casefold() in (wanted, bare)]
    if len(exact) == 1:
        return exact[0]
    if bare.isdecimal() and 1 <= int(bare) <= len(options):
        return options[int(bare) - 1]
    place = _PLACES.get(bare, 0)
    if 0 < place <= len(options):
        return options[place - 1]
    if bare in _LAST | _FIRST:
        return options[-1 if bare in _LAST else 0]
    asked = set(re.findall(r"\w+", bare)) - _NOT_TELLING
    fits = [o for o in options if asked and asked <= set(re.findall(r"\w+", o.casefold()))]
    if len(fits) == 1:
        return fits[0]
    return None if fits else _close(bare, options)


def _close(said: str, options: Sequence[str]) -> str | None:
    """Return the option that is nearly said, where no other is about as near."""
    from rapidfuzz import fuzz

    def likeness(option: str) -> float:
        """How much the least alike word of the answer is like one of the option's."""
        words = re.findall(r"\w+", option.casefold())
        # Two names that differ in their first letter are two names.
        return min(
            max((fuzz.ratio(word, o) for o in words if o[0] == word[0]), default=0.0) for word in asked
        )

    asked = [word for word in re.findall(r"\w+", said) if word not in _NOT_TELLING]
    if not options or not asked or max(map(len, asked)) < 4:
        return None
    ranked = sorted(options, key=likeness, reverse=True)
    clear = len(ranked) == 1 or likeness(ranked[0]) - likeness(ranked[1]) >= 8
    return ranked[0] if likeness(ranked[0]) >= 75 and clear else None


def _put(chosen: str, before: str, options: Sequence[str], parameter: Parameter, world: World) -> str:
    """Return the words with what was asked about replaced by the option, the rest of a list as it was."""
    if parameter.type not in ("persons", "files"):
        return chosen
    one = replace(parameter, type=parameter.type.removesuffix("s"))
    for part in split_people(before):
        try:
            resolve(part, one, world)
        except Unresolved as error:
            if error.question.options == tuple(options):
                return before.replace(part, chosen, 1)
    return chosen


def _choice(said: str, before: str, parameter: Parameter, world: World) -> str | None:
    bare = _GLUE.sub("", said)
    found = propose(said, parameter, world) or propose(bare, parameter, world)
    words = max((p.words for p in found), key=len, default=bare)
    if before and parameter.type == "when" and times.says_only_clock(words, world.now):
        both = f"{before} at {words}"
        if not times.says_only_clock(before, world.now) and _resolves(both, parameter, world):
            return both
    return words if _resolves(words, parameter, world) else None


def _resolves(words: str, parameter: Parameter, world: World) -> bool:
    try:
        resolve(words, parameter, world)
    except Unresolved:
        return False
    return bool(words)
