"""Names of the person's own: "my lawyer is Jane Doe", "call me Nick", "the gym is at 12 Main Street"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from tinyagent.grounding import times
from tinyagent.instructions.nouns import subject
from tinyagent.instructions.plain_words import bare

_RELATIONS = frozenset(
    "mum mom mother mama dad father papa brother sister wife husband partner girlfriend boyfriend fiance fiancee son "
    "daughter aunt auntie uncle cousin grandma grandpa granny gran nan grandmother grandfather nephew niece boss "
    "manager assistant secretary lawyer solicitor attorney doctor gp dentist therapist accountant landlord landlady "
    "plumber electrician barber hairdresser teacher tutor coach trainer neighbour neighbor roommate flatmate "
    "colleague friend babysitter nanny cleaner gardener agent banker vet mechanic team".split()
)
_PLACES = frozenset(
    "home house flat apartment office work gym school university college studio church mosque temple synagogue pub bar "
    "cafe café restaurant clinic hospital hotel cabin cottage library shop store supermarket bakery station airport "
    "park pool garage kindergarten nursery lab place club theatre theater cinema market town city village".split()
)
_NO_NAMES = frozenset("when if nothing by i it this that there what never always is are".split())
_NAME = r"(?P<name>[^\W\d_][\w'’.-]*(?: [\w'’.-]+){0,3}?)"
_FORMS = (
    re.compile(rf"(?:when|if) i say {_NAME},? i mean (?P<value>.+)", re.IGNORECASE),
    re.compile(rf"by {_NAME},? i mean (?P<value>.+)", re.IGNORECASE),
    re.compile(rf"{_NAME} (?:is short for|stands for|means) (?P<value>.+)", re.IGNORECASE),
    re.compile(rf"{_NAME}(?: is|['’]s name is|['’]s|:| =) (?:called |named )?(?P<value>.+)", re.IGNORECASE),
)
_ME = re.compile(
    r"(?:call me|my name is|my name['’]s|i am|i['’]m) (?P<value>[^\W\d_][\w'’.-]*(?: [\w'’.-]+){0,3})", re.I
)
_BETWEEN = re.compile(r"(\s*(?:,|;|&|\+|\band\b|\bas well as\b|\bplus\b)\s*)", re.IGNORECASE)
_GLUE = re.compile(r"^(?:(?:to|at|in|from|near|with)\s+)?(?:(?:my|our|the)\s+)?(?=\S)", re.IGNORECASE)
_ANY_DAY = datetime(2024, 1, 1)
_STREET = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|square|place|way|strasse|straße|rue|via)\b\.?$", re.I
)


@dataclass(frozen=True, slots=True)
class Alias:
    """A name (without "my" or "the", in lower case) and what it stands for."""

    name: str
    value: str
    place: bool = False

    def __str__(self) -> str:
        kind = "the place" if self.place else "the person"
        return f"“{self.name}” is {kind} “{self.value}”"


def read_alias(line: str) -> Alias | None:
    """Return the alias that a line defines; None where it defines none."""
    me = _ME.fullmatch(line)
    if me and _is_name(me["value"]):
        return Alias("me", me["value"])
    for number, form in enumerate(_FORMS):
        found = form.fullmatch(line)
        if found:
            return _alias(found["name"], found["value"], clear=number < len(_FORMS) - 1)
    return None


def _alias(name: str, said: str, clear: bool) -> Alias | None:
    """Judge what "NAME is SAID" defines: who a person is, or where a place; `clear` forms define in any case."""
    own, value = key(name), bare(_GLUE.sub("", said) if re.match(r"(?:at|in|on)\s", said) else said)
    located = re.match(r"(?:at|in|on)\s", said, re.IGNORECASE)
    address = (re.search(r"\d", value) and "@" not in value) or _STREET.search(value)
    if set(own.split()) & _NO_NAMES:
        return None
    if not own or not value or own == key(value) or subject(name):
        return None
    if (
        own.split()[-1] in _PLACES
        or (address and not _is_relation(own))
        or (located and located[0].lower() == "at ")
    ):
        return Alias(own, value, place=True)
    if located:
        return None
    known = _is_relation(own) or name.lower().startswith(("my ", "our "))
    if times.resolve_when(value, _ANY_DAY) is not None:
        return None  # "Ana's birthday is Friday"
    names = _is_name(value) or "@" in value
    return Alias(own, value) if names or clear or (known and len(value.split()) <= 3) else None


def _is_relation(own: str) -> bool:
    return own.split()[-1] in _RELATIONS


def _is_name(value: str) -> bool:
    """Whether words are written as names are: a capital for each, but for what joins a list."""
    words = [
        word
        for word in re.split(r"[\s,]+", value)
        if word and word.lower() not in {"and", "&", "de", "van", "von"}
    ]
    return bool(words) and len(words) <= 8 and all(word[0].isupper() for word in words)


@lru_cache(4096)
def key(words: str) -> str:
    """Return a name as it is compared: without "my" or "at the", in lower case."""
    return _GLUE.sub("", " ".join(words.split())).casefold().strip(" .,!?")


def rename(words: str, aliases: Mapping[str, str]) -> str:
    """Return a list of people, or a place, with those that are aliases replaced; all else stays as it was said."""
    if not aliases:
        return words
    whole = aliases.get(key(words))
    if whole is not None:
        return whole
    pieces = _BETWEEN.split(words)
    renamed = [piece if n % 2 else aliases.get(key(piece), piece) for n, piece in enumerate(pieces)]
    return "".join(renamed)


def closed(aliases: Iterable[Alias]) -> dict[str, str]:
    """Return name → value with aliases in the values followed; the later of two for a name counts.

    What goes round in a circle is followed once round and no further.
    """
    found = {alias.name: alias.value for alias in aliases}
    for name in found:
        seen = {name}
        while True:
            parts = {key(part) for part in [found[name], *_BETWEEN.split(found[name])[::2]]} & found.keys()
            if not parts or parts & seen:
                break
            seen |= parts
            found[name] = rename(found[name], {part: found[part] for part in parts})
    # A value that still holds an alias (a circle) would change at each reading: it stands for nothing.
    return {name: value for name, value in found.items() if rename(value, found) == value}
