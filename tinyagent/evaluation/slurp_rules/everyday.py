"""SLURP's intents of the toolsets clock, lists, math and contacts."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.agenda import REMIND
from tinyagent.evaluation.slurp_rules.verdict import DAY, NUMBER, Rule, Verdict, act, ask, none

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


CLOCK: dict[str, Rule] = {
    "alarm_set": _alarm_set,
    "alarm_query": _alarm_query,
    "alarm_remove": _alarm_remove,
    "datetime_query": _datetime,
    "datetime_convert": _datetime,
}
LISTS: dict[str, Rule] = {
    "lists_createoradd": _lists,
    "lists_query": _lists,
    "lists_remove": _lists,
}
MATH: dict[str, Rule] = {"qa_maths": _maths}
CONTACTS: dict[str, Rule] = {
    "email_querycontact": _contact_query,
    "email_addcontact": _contact_add,
}
