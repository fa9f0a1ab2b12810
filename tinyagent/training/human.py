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
    "weather": "get_weather",
    "change_volume": "set_volume",
    "next_song": "control_media",
    "what_song": "now_playing",
    "text": "send_sms",
    # HWU64 again
    "audio_volume_up": "set_volume",
    "audio_volume_down": "set_volume",
    "audio_volume_mute": "set_volume",
    "iot_hue_lightchange": "set_light",
    "iot_hue_lightdim": "set_light",
    "iot_hue_lightoff": "set_light",
    "iot_hue_lighton": "set_light",
    "iot_hue_lightup": "set_light",
    "weather_query": "get_weather",
    # SNIPS
    "GetWeather": "get_weather",
    "PlayMusic": "play_media",
}
_UNPLACED = frozenset(
    {"next_holiday", "payday", "cook_time", "general_commandstop", "cancel", "food_last", "bill_due"}
    | {"recommendation_locations", "current_location", "play_game", "distance", "iot_coffee"}
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


def _email_send(words: str) -> str | None:
    if re.search(r"\b(repl(y|ies|ied)|respond|response|answer)\b", words):
        return "reply_to_email"
    if re.search(r"\bforward\b", words):
        return "forward_email"
    return "compose_new_email" if re.search(r"\b(e-?mails?|mails?)\b", words) else None


def _play(words: str) -> str | None:
    if words == "null" or re.search(
        r"\b(rewind|restart|recommend\w*|which|what|volume|speed|subscribe)\b", words
    ):
        return None
    if re.search(r"\b(skip|next|previous|pause|resume|stop|forward|continue|shuffle|repeat|back)\b", words):
        return None if re.search(r"\bplay\b", words) else "control_media"
    return "play_media"


def _playing(words: str) -> str | None:
    asked = re.search(
        r"\b(what|which|whats|what's|who|who's|whos|name|title|tell)\b.*\b(song|track|tune|playing|music|band|singer|artist)\b",
        words,
    )
    now = re.search(r"\b(this|that|the|current|currently|playing|now)\b", words)
    about = re.search(
        r"\b(released?|recorded|come|lyrics|genre|kind|most|movie|year|album|playlist|service|written|wrote)\b",
        words,
    )
    return "now_playing" if asked and now and not about else None


def _settings(words: str) -> str | None:
    wished = re.search(r"\b(shuffle|repeat|loop|skip|next|previous|pause|stop|resume)\b", words)
    unclear = re.search(r"\b(off|don'?t|without|stop repeating|check|play .+ by)\b", words)
    return "control_media" if wished and not unclear else None


def _switch(words: str) -> str | None:
    machine = re.search(
        r"\b(wemo|plug|socket|robot|cleaner|vacuum|vaccum|irobot|roomba|fans?|tv|television|heater|ac|oven|geyser|"
        r"kettle|dishwasher|air conditioner|machine|outlet)\b",
        words,
    )
    wished = re.search(
        r"\b(on|off|start|stop|activate|enable|disable|deactivate|cut|power|switch|run)\b", words
    )
    return (
        "set_device"
        if machine and wished and not re.search(r"\b(when|if|set|temperature)\b", words)
        else None
    )


def _smart_home(words: str) -> str | None:
    if re.search(r"\b(lights?|lamps?|lighting)\b", words):
        return "set_light"
    return _switch(words)


def _route(words: str) -> str | None:
    if re.search(r"\b(nearest|closest|where|nearby|near)\b", words) and "direction" not in words:
        return None
    if re.search(
        r"\b(directions?|route|navigate|way to|how (do|can|should) (i|we|you) (get|go|drive|walk)|how to get)\b",
        words,
    ):
        return "maps_show_directions"
    if re.search(r"\b(trains?|bus(es)?|flights?|ticket|schedule|arriv\w+|leav\w+|depart\w*)\b", words):
        return (
            f"{NONE}/transport_query" if "train" in words or "ticket" in words or "flight" in words else None
        )
    return None


def _work(words: str) -> str | None:
    return (
        None
        if re.search(r"\bplay\b|\bopen\b|\blook up\b|\bsearch\b", words)
        else f"{NONE}/SearchCreativeWork"
    )


def _news(words: str) -> str | None:
    return None if re.search(r"\b(search|google|look up|website|open)\b", words) else f"{NONE}/news_query"


def _email_query(words: str) -> str | None:
    return None if re.search(r"\b(alert|notify|tell me) .*\b(when|if)\b", words) else "search_email"


_BY_WORDS = {
    "email_query": _email_query,
    "email_sendemail": _email_send,
    "play_music": _play,
    "play_podcasts": _play,
    "play_radio": _play,
    "play_audiobook": _play,
    "music_query": _playing,
    "music_settings": _settings,
    "iot_wemo_on": _switch,
    "iot_wemo_off": _switch,
    "iot_cleaning": _switch,
    "smart_home": _smart_home,
    "transport_query": _route,
    "directions": _route,
    "SearchCreativeWork": _work,
    "news_query": _news,
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
