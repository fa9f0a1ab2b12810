"""People's commands from the shared data sets, mapped to this catalogue's tools.

An intent that covers several tools is told apart by the words. The rules look at the intent and a few words only;
a line they cannot place is left out. Tools outside the catalogue
at hand become `none/<intent>`: the head learns them as fine classes of "none".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

NONE = "none"

_DIRECT = {
    "alarm_set": "set_alarm",
    "alarm_query": "find_alarms",
    "alarm_remove": "cancel_alarm",
    "datetime_query": "get_datetime",
    "datetime_convert": "get_datetime",
    "qa_maths": "calculate",
    "email_addcontact": "add_contact",
    "lists_query": "read_list",
    # CLINC150
    "timer": "set_timer",
    "alarm": "set_alarm",
    "reminder": "find_reminders",
    "calendar": "find_calendar_events",
    "meeting_schedule": "find_calendar_events",
    "schedule_meeting": "create_calendar_event",
    "todo_list": "read_list",
    "shopping_list": "read_list",
    "time": "get_datetime",
    "date": "get_datetime",
    "timezone": "get_datetime",
    "measurement_conversion": "convert_units",
    "calculator": "calculate",
}
_UNPLACED = frozenset(
    {"next_holiday", "payday", "cook_time", "general_commandstop", "cancel", "food_last", "bill_due"}
)
_REMIND = re.compile(r"\b(remind|reminder|reminders|notify|alert)\b")
_REMOVE = re.compile(
    r"\b(remove|delete|take|cancel|clear|erase|cross|get rid|drop|scratch|off|strike|eliminate)\b"
)
_CREATE_LIST = re.compile(r"\b(create|make|start|begin|new|open|build|generate)\b.*\blists?\b")
_INTO_LIST = re.compile(r"\b(add|put|include|insert|append|place|write|in|to|on|onto)\b")
_WHOLE_LIST = re.compile(
    r"\b(delete|remove|erase|clear|get rid of|cancel|drop|trash)\s+(?:\w+\s+){0,4}lists?\b(?!\s+item)"
)
_FROM_LIST = re.compile(r"\b(from|off|out of|item|entry|entries|in|on)\b")
_PHONE = re.compile(r"\b(phone|number|cell|mobile|telephone|call)\b")
_EMAIL = re.compile(r"\b(e-?mail|address|mail)\b")


def tool_for(intent: str, text: str) -> str | None:
    """Return the tool (or `none/<intent>`) for a line of a shared data set, None where the words leave it open."""
    words = text.lower()
    if intent in _UNPLACED:
        return None
    if intent in _DIRECT:
        return _DIRECT[intent]
    if intent in _BY_WORDS:
        return _BY_WORDS[intent](words)
    return f"{NONE}/{intent}"


def _calendar_set(words: str) -> str:
    return "create_reminder" if _REMIND.search(words) else "create_calendar_event"


def _calendar_query(words: str) -> str:
    return "find_reminders" if _REMIND.search(words) else "find_calendar_events"


def _calendar_remove(words: str) -> str:
    return "delete_reminder" if _REMIND.search(words) else "delete_calendar_event"


def _calendar_update(words: str) -> str:
    return "delete_calendar_event" if _REMOVE.search(words) else "create_calendar_event"


def _lists_add(words: str) -> str | None:
    if _CREATE_LIST.search(words):
        return "create_list" if not re.search(r"\b(add|put)\b", words) else None
    return "add_to_list" if _INTO_LIST.search(words) else None


def _lists_remove(words: str) -> str | None:
    if _WHOLE_LIST.search(words) and not _FROM_LIST.search(words):
        return "delete_list"
    return "remove_from_list" if _FROM_LIST.search(words) else None


def _list_update(words: str) -> str:
    return "remove_from_list" if _REMOVE.search(words) else "add_to_list"


def _query_contact(words: str) -> str | None:
    phone, email = _PHONE.search(words), _EMAIL.search(words)
    if bool(phone) == bool(email):
        return None
    return "get_phone_number" if phone else "get_email_address"


def _reminder_update(words: str) -> str:
    return (
        "delete_reminder"
        if re.search(r"\b(delete|remove|cancel|clear|erase)\b", words)
        else "create_reminder"
    )


_BY_WORDS = {
    "calendar_set": _calendar_set,
    "calendar_query": _calendar_query,
    "calendar_remove": _calendar_remove,
    "calendar_update": _calendar_update,
    "lists_createoradd": _lists_add,
    "lists_remove": _lists_remove,
    "todo_list_update": _list_update,
    "shopping_list_update": _list_update,
    "reminder_update": _reminder_update,
    "email_querycontact": _query_contact,
}


def read(data: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (source, text, label) for the HWU64, CLINC150 and SNIPS lines that have a label."""
    for name in ("hwu64_train", "clinc150_train_val", "snips_train"):
        with (data / "human" / f"{name}.jsonl").open(encoding="utf-8") as stream:
            for line in stream:
                row = json.loads(line)
                label = tool_for(row["intent"], row["text"])
                if label is not None:
                    yield name, row.get("user_text") or row["text"], label
