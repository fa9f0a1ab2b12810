"""SLURP's calendar intents: the toolsets calendar and reminders."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.verdict import NUMBER, TIME, Rule, Verdict, act, ask, none

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


INTENTS: dict[str, Rule] = {
    "calendar_set": _calendar_set,
    "calendar_query": _calendar_query,
    "calendar_remove": _calendar_remove,
}
