"""The rules behind `slurp_map`: from a SLURP intent and the words of a line to the tools that are right.

One module per group of intents, one function per kind of line. Each function looks at the words only and
returns a `Verdict`, or None for a line whose words have nothing to do with its label. The rules speak of the
whole catalogue; `decide` narrows what they say to the toolsets that are evaluated.
"""

from __future__ import annotations

from collections.abc import Collection

from tinyagent.evaluation.slurp_rules import agenda, everyday, home, idle, mail, media, outside
from tinyagent.evaluation.slurp_rules.verdict import Rule, Verdict, none

TOOLSETS = {
    "calendar": "create_calendar_event find_calendar_events move_calendar_event delete_calendar_event",
    "meetings": "get_zoom_meeting_link",
    "reminders": "create_reminder find_reminders complete_reminder delete_reminder",
    "clock": "set_alarm find_alarms cancel_alarm snooze_alarm set_timer find_timers cancel_timer get_datetime",
    "contacts": "get_phone_number get_email_address add_contact",
    "mail": "compose_new_email reply_to_email forward_email search_email",
    "messages": "send_sms",
    "notes": "create_note append_note_content open_note search_notes",
    "lists": "add_to_list remove_from_list read_list create_list delete_list",
    "files": "open_and_get_file_path search_files summarize_pdf move_file delete_file",
    "apps": "open_app close_app",
    "maps": "maps_open_location maps_show_directions",
    "web": "web_search open_website",
    "media": "play_media control_media now_playing",
    "system": "set_volume set_brightness take_screenshot lock_screen get_system_status",
    "home": "set_light set_device",
    "weather": "get_weather",
    "math": "calculate convert_units",
}
"""The catalogue's tools by toolset, written out: the mapping must not follow a renaming."""
GROUPS: tuple[tuple[tuple[str, ...], dict[str, Rule]], ...] = (
    (("calendar", "reminders"), agenda.INTENTS),
    (("clock",), everyday.CLOCK),
    (("lists",), everyday.LISTS),
    (("math",), everyday.MATH),
    (("contacts",), everyday.CONTACTS),
    (("mail",), mail.INTENTS),
    (("media",), media.INTENTS),
    (("system",), media.VOLUME),
    (("home",), home.INTENTS),
    (("weather",), outside.WEATHER_INTENTS),
    (("maps",), outside.MAPS_INTENTS),
)
"""Toolsets and the intents that they serve."""
INTENTS: dict[str, Rule] = {intent: rule for _, rules in GROUPS for intent, rule in rules.items()}
ALL = frozenset(TOOLSETS)


def tools_of(toolsets: Collection[str]) -> frozenset[str]:
    """Return the names of the tools of some toolsets; `KeyError` for one that there is not."""
    return frozenset(tool for toolset in toolsets for tool in TOOLSETS[toolset].split())


def served(toolsets: Collection[str]) -> frozenset[str]:
    """Return the intents that tools of these toolsets are for."""
    return frozenset(intent for names, rules in GROUPS if set(names) & set(toolsets) for intent in rules)


def decide(intent: str, text: str, toolsets: Collection[str] = ALL) -> Verdict | None:
    """Return what is right for a line: None where the words do not fit the label.

    An intent that these toolsets do not serve ends in "none". Of the tools that are right only those of
    `toolsets` are named, and where that leaves none of them, no tool fits.
    """
    words = " ".join(text.lower().split())
    verdict = INTENTS[intent](words) if intent in served(toolsets) else idle.idle(words)
    if verdict is None or not verdict.tools:
        return verdict
    known = tools_of(toolsets)
    kept = tuple(tool for tool in verdict.tools if tool in known)
    return Verdict(verdict.end, kept) if kept else none()


def could_be_ours(text: str, toolsets: Collection[str] = ALL) -> bool:
    """Whether a line of an intent that is not served has words that one of these toolsets could answer to."""
    return idle.could_be_ours(text, toolsets)
