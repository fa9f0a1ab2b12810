"""What people call the things that tools make: "meetings", "appointments", "texts", "groceries", "snooze"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from tinyagent.instructions.plain_words import content, stem

_EVENT, _LINK = "create_calendar_event", "get_zoom_meeting_link"
_MAIL = ("compose_new_email", "reply_to_email", "forward_email")
_LIST = ("add_to_list", "remove_from_list", "read_list")

NOUNS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((_EVENT, _LINK), "meeting, call"),
    ((_EVENT,), "event, appointment, calendar event, calendar entry, calendar, booking"),
    ((_LINK,), "zoom, zoom meeting, zoom link, zoom call, meeting link, video call, video meeting, online meeting"),
    (("create_reminder",), "reminder, task, todo, to-do, to do"),
    (("set_alarm",), "alarm, wake-up call, wake up call"),
    (("set_timer",), "timer, countdown"),
    (("snooze_alarm",), "snooze, snoozing, snooze alarm"),
    (_MAIL, "email, e-mail, mail"),
    (("compose_new_email",), "new email, new mail, draft"),
    (("reply_to_email",), "reply, answer, email reply"),
    (("forward_email",), "forward, forwarded email, forwarded mail"),
    (("search_email",), "email search, mail search"),
    (("send_sms",), "text, sms, text message, message"),
    (("create_note",), "note, memo"),
    (_LIST, "grocery, shopping, thing to buy, thing i need to buy, thing we need to buy, shopping item, list, item"),
    (_LIST, "list item, shopping list"),
    (("play_media",), "music, song, playback, tune"),
    (("set_light",), "light, lamp, lighting"),
    (("set_device",), "device, appliance, smart plug, plug"),
    (("get_weather",), "weather, forecast, weather forecast, weather report"),
    (("maps_show_directions",), "direction, route, navigation, way"),
    (("set_volume",), "volume, sound, sound volume"),
    (("set_brightness",), "brightness, screen brightness, screen"),
    (("search_files",), "file search, search for file"),
    (("find_calendar_events",), "agenda, schedule"),
    (("convert_units",), "conversion, unit conversion"),
    (("get_system_status",), "system status, status"),
)  # fmt: skip
"""Tools with the nouns that mean them, in the singular."""

_OCCASIONS = frozenset(
    "lunch dinner breakfast brunch coffee interview standup stand-up class lesson lecture session workshop review "
    "retro retrospective sync one-on-one party training practice rehearsal visit check-up checkup haircut presentation "
    "demo seminar conference".split()
)
"""Events that are called by what they are: a wish about lunches is one about meetings with "lunch" in them."""

_FURTHER = re.compile(
    r"\b(with|to|from|about|on|for|at|in|called|named|titled|of|by)\s+(?=\S)", re.IGNORECASE
)
_PEOPLE = frozenset({"with", "to", "from"})
_ADDRESSED = frozenset({*_MAIL, "send_sms", "search_email"})
_MOST_WORDS = 4
_NO_NOUN = frozenset(
    "without that which who to is are be when if unless not no of in on at for with about from by as set make put use "
    "cc copy should last go delete cancel remove tag show tell give read find search move send write turn switch dim "
    "remind invite play said nothing".split()
)
"""Words that no noun phrase has before its noun; with one of them a sentence was cut in the wrong place."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Words that another argument of the call must have; with `people` one that says who."""

    words: str
    people: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a wish is about: tools, and what must be said beside; `noun` is as it was written."""

    noun: str
    tools: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()


@cache
def _table() -> dict[tuple[str, ...], tuple[str, ...]]:
    rows = ((noun, tools) for tools, nouns in NOUNS for noun in nouns.split(", "))
    return {tuple(stem(word) for word in noun.split()): tools for noun, tools in rows}


@lru_cache(4096)
def subject(text: str) -> Subject | None:
    """Return what "work meetings with Sid" is about; None where no noun in it is known."""
    head, further = _cut(text)
    words = head.split()
    plain = [stem(word.strip(",.;:")) for word in words]
    if set(plain[:-1]) & _NO_NOUN and tuple(content(head)) not in _table():
        return None
    for length in range(min(5, len(plain)), 0, -1):
        tools = _table().get(tuple(plain[-length:]))
        if tools:
            before = content(" ".join(words[:-length])) if words[:-length] else []
            named = [Condition(" ".join(words[:-length]))] if before and not _empty(before) else []
            return Subject(" ".join(words[-length:]), tools, (*named, *_conditions(further, tools)))
    if plain and plain[-1] in _OCCASIONS:
        return Subject(head, (_EVENT, _LINK), (Condition(head), *_conditions(further, (_EVENT, _LINK))))
    return None


def unknown(text: str, tools: tuple[str, ...]) -> Subject | None:
    """Return the wish's subject where its noun is the person's own ("standups"): it is a condition then."""
    head, further = _cut(text)
    if not head or len(head.split()) > _MOST_WORDS or _empty(content(head)) or set(content(head)) & _NO_NOUN:
        return None
    return Subject(head, tools, (Condition(head), *_conditions(further, tools)))


def people_condition(words: str) -> Condition:
    """Return the condition that `words` are said as somebody the call is about."""
    return Condition(words, people=True)


def _cut(text: str) -> tuple[str, str]:
    """Split a noun phrase before its first preposition, but not inside a noun ("things to buy")."""
    words = tuple(content(text))
    inside = {len(noun) for noun in _table() if words[: len(noun)] == noun}
    for match in _FURTHER.finditer(text):
        upto = len(content(text[: match.start()])) if text[: match.start()].strip() else 0
        if upto and not any(length > upto for length in inside):
            return text[: match.start()].strip(), text[match.start() :]
    return text.strip(), ""


def _conditions(further: str, tools: tuple[str, ...]) -> Iterator[Condition]:
    pieces = _FURTHER.split(further)
    for preposition, words in zip(pieces[1::2], pieces[2::2], strict=True):
        if words.strip():
            people = preposition.lower() in _PEOPLE and set(tools) <= _ADDRESSED
            yield Condition(words.strip(" ,"), people)


def _empty(words: list[str]) -> bool:
    return set(words) <= {
        "my",
        "our",
        "the",
        "a",
        "an",
        "all",
        "any",
        "every",
        "each",
        "new",
        "your",
        "of",
        "it",
    }
