"""The rule behind `slurp_map`: from a SLURP intent and the words of a line to the tools that are right.

One function per group of intents. Each looks at the words only and returns a `Verdict`, or None for a line
whose words have nothing to do with its label.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """With `end` "done" one call of any of `tools`; otherwise no call, though `tools` are as right."""

    end: str
    tools: tuple[str, ...] = ()


def act(*tools: str) -> Verdict:
    """One call; several names are equally right."""
    return Verdict("done", tools)


def ask(*tools: str) -> Verdict:
    """Something required is missing; acting with one of `tools` would be as right."""
    return Verdict("ask", tools)


def none(*tools: str) -> Verdict:
    """No tool fits, or `tools` by a generous reading."""
    return Verdict("none", tools)


NUMBER = (
    r"(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|hundred|"
    r"first|second|third|fifth|\w+th|twent\w+|thirt\w+)"
)
MONTH = r"(january|february|feb|march|april|may|june|july|august|september|october|november|december)"
DAY = r"((mon|tues|wednes|thurs|fri|satur|sun)days?|today|tonight|tomorrow|yesterday|weekends?|weekdays?)"
TIME = re.compile(
    rf"\b({DAY}|{MONTH}|(this |next |the )?(morning|afternoon|evening|night|noon|midnight)|am|pm|o'clock|"
    rf"o clock|(next|this|a|every|single) (day|week|month|year)|{NUMBER} (minutes?|hours?|days?|weeks?)|"
    rf"daily|weekly|every|the \w+th|at {NUMBER}|by {NUMBER}|(two|three) day after)\b"
)
REMIND = re.compile(r"\b(remind\w*|remainder|don't forget|tell me to)\b")
REMEMBER = re.compile(r"\b(remember|let me know|notify|notification|tell me)\b")
EVENT = re.compile(r"\b(calendar|events?)\b")
ASKING = re.compile(r"^(olly |hey |please )*(when|what|list|show|do i|is|are|which)\b")
FILLER = re.compile(
    rf"\b(please|olly|hey|can|could|would|you|i|me|my|we|us|to|for|a|an|the|of|about|on|at|in|by|from|and|with|is|"
    rf"are|be|that|this|these|those|it|there|have|need|needs|want|add|set|put|make|create|schedule|do|so|if|will|"
    rf"reminders?|remind|remainder|calendar|events?|entry|something|anything|item|items|note|new|repeating|sure|"
    rf"recurring|repeat|single|following|people|only|{NUMBER}|next|upcoming|up|send|book|mark|required|info)\b"
)


def _bare(text: str) -> bool:
    """Whether nothing but command words and times is left to name the thing."""
    return not re.sub(r"[^a-z]+", "", FILLER.sub(" ", TIME.sub(" ", text)))


def _calendar_set(text: str) -> Verdict | None:
    if re.search(r"\btimer\b", text):
        return act("set_timer")
    if re.search(r"\breschedul|\bmove\b", text):
        return act("move_calendar_event")
    if re.search(r"\b(alter|location)\b", text):
        return none()  # changing anything but the time of an event is no tool's work
    if ASKING.search(text):
        return (
            act("find_calendar_events", "find_reminders")
            if REMIND.search(text)
            else act("find_calendar_events")
        )
    if REMIND.search(text) or REMEMBER.search(text):
        return _remind(text)
    if re.search(r"\bupdate on\b", text):
        return none()
    if _bare(text) or not TIME.search(text):
        return ask("create_calendar_event", "create_reminder")
    return act("create_calendar_event")


def _remind(text: str) -> Verdict:
    if _bare(REMEMBER.sub(" ", text)):
        return ask("create_reminder")
    tools = ["create_reminder"]
    if REMIND.search(text) is None:
        # "remember the dinner" may as well go on the calendar, "let me know of the meeting" be looked up
        tools.append("create_calendar_event" if re.search(r"\bremember\b", text) else "find_calendar_events")
    elif EVENT.search(text) and TIME.search(text):
        tools.append("create_calendar_event")
    return act(*tools)


OWN = re.compile(
    r"\b(my|i|i'm|we|calendar|schedules?|scheduled|agenda|events?|meetings?|appointments?|party|wedding|birthday|"
    r"upcoming|remind\w*|alerts?|booked)\b"
)
READING = re.compile(
    r"\b(what|what's|when|who|show|tell|list|do|does|did|is|are|am|any|have you|how|check|details|latest|"
    r"up ?coming|my|schedule)\b"
)


def _calendar_query(text: str) -> Verdict | None:
    if not OWN.search(text) or not READING.search(text) or re.search(r"\b(news|matches)\b", text):
        return none("find_calendar_events")
    if re.search(r"\balerts?\b", text):
        return act("find_reminders", "find_alarms")
    if REMIND.search(text) and "agenda" not in text:
        return act("find_reminders")
    if re.search(r"\b(to do|plan)\b", text):
        return act("find_calendar_events", "find_reminders")
    return act("find_calendar_events")


def _calendar_remove(text: str) -> Verdict | None:
    if re.fullmatch(r"\w+", text):
        return ask("delete_calendar_event", "delete_reminder")
    if ASKING.search(text):
        return act("find_calendar_events", "delete_calendar_event")
    return act("delete_reminder") if REMIND.search(text) else act("delete_calendar_event")


ALARM = re.compile(r"\b(alarms?|wake|alert)\b")


def _alarm_set(text: str) -> Verdict | None:
    if not ALARM.search(text):
        return None
    if not re.search(rf"\b{NUMBER}\b|\bnoon\b|\bmidnight\b", text):
        return ask("set_alarm")
    if re.search(r"\balert\b", text):
        return act("set_alarm", "create_reminder", "set_timer")
    return act("set_alarm", "create_reminder") if REMIND.search(text) else act("set_alarm")


def _alarm_query(text: str) -> Verdict | None:
    return act("find_alarms") if ALARM.search(text) else None


def _alarm_remove(text: str) -> Verdict | None:
    return act("cancel_alarm") if ALARM.search(text) else None


def _datetime(text: str) -> Verdict | None:
    if not re.search(rf"\b(time|day|date|hour|weeks?|{DAY})\b", text) or re.search(r"\b(best|clock)\b", text):
        return None
    if re.match(r"(set|switch|change)\b", text):
        return none()
    if re.search(r"\b(birth|birthday|another city)\b", text) or text == "convert time zone":
        return ask("get_datetime")
    return act("get_datetime")


REMOVING = re.compile(
    r"\b(remove|drop|delete|rearrange|take|cancel|cross|erase|clear|don't want|should not)\b"
)


def _lists(text: str) -> Verdict | None:
    if re.search(r"\b(playlist|songs?|music|played)\b", text):
        return none()
    if REMIND.search(text):
        return act("create_reminder", "add_to_list")
    if not re.search(r"\b(lists?|items?|line)\b", text):
        return None
    if re.search(r"\b(add|put|include)\b(?!.*\bwhat\b)", text) and not re.search(r"\bi put\b", text):
        if re.search(r"\b(something|this|(this|the|an) item|grocery to list)\b", text):
            return ask("add_to_list")
        return act("add_to_list", "create_list") if "new" in text else act("add_to_list")
    if REMOVING.search(text):
        return _remove_from_lists(text)
    if re.search(r"\b(create|make)\b(?!.*\b(show|what)\b)", text) and not re.search(r"\bdid\b", text):
        return (
            act("create_list")
            if re.search(r"\blist (of|for) (?!me\b)\w|\w+ly list", text)
            else ask("create_list")
        )
    return act("read_list")


def _remove_from_lists(text: str) -> Verdict:
    if re.match(r"clear\b", text):
        return ask("delete_list", "remove_from_list")
    if re.search(r"\b(it|that|item|line|how can|should not)\b", text):
        return ask("remove_from_list")
    if re.search(r"\b(off|from|of)\b.*\b(?<!to do )list$|\bfind list and\b", text):
        return act("remove_from_list")
    if re.search(r"\b(a|the first|this|remove) list( any more)?$", text):
        return ask("delete_list")
    return act("delete_list") if "list" in text else ask("remove_from_list")


def _maths(text: str) -> Verdict | None:
    if re.search(r"\bhow (many|much) \w+ (in|is|are|make)\b", text) and "divided" not in text:
        return act("convert_units")
    if re.search(r"\b(times|divided|plus|minus|root|percent)\b", text):
        return act("calculate")
    return ask("calculate") if re.search(r"\b(math|calculation)\b", text) else None


def _contact_query(text: str) -> Verdict | None:
    if re.search(r"\b(delete|how many|list|last name|live|correct)\b", text):
        return none()
    if re.search(r"\b(give me contact|about a contact)\b", text):
        return ask("get_email_address", "get_phone_number")
    if re.search(r"\b(email|mail)\b", text):
        return act("get_email_address")
    if re.search(r"\b(phone|number)\b", text):
        return act("get_phone_number")
    return act("get_phone_number", "get_email_address")


def _contact_add(text: str) -> Verdict | None:
    return act("add_contact") if re.search(r"\badd \w+", text) else ask("add_contact")


INTENTS: dict[str, Callable[[str], Verdict | None]] = {
    "calendar_set": _calendar_set,
    "calendar_query": _calendar_query,
    "calendar_remove": _calendar_remove,
    "alarm_set": _alarm_set,
    "alarm_query": _alarm_query,
    "alarm_remove": _alarm_remove,
    "datetime_query": _datetime,
    "datetime_convert": _datetime,
    "lists_createoradd": _lists,
    "lists_query": _lists,
    "lists_remove": _lists,
    "qa_maths": _maths,
    "email_querycontact": _contact_query,
    "email_addcontact": _contact_add,
}


def decide(intent: str, text: str) -> Verdict | None:
    """Return what is right for a line of one of `INTENTS`; None where the words do not fit the label."""
    return INTENTS[intent](" ".join(text.lower().split()))
