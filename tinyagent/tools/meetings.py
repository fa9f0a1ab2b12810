"""The toolset meetings: a link for a video call, made from a template and put in the calendar with the event.

    [meetings]
    template = "https://meet.jit.si/{room}"   # or the link of your own room, which has no {room} in it

Nobody is told and nothing is opened: a Jitsi room begins to exist when the first one enters it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tinyagent.calls import Outcome
from tinyagent.errors import SettingsError, ToolError
from tinyagent.tools.browser import checked
from tinyagent.tools.calendar import create_calendar_event
from tinyagent.tools.changes import restore
from tinyagent.tools.context import Context
from tinyagent.tools.files import slug
from tinyagent.tools.phrases import join, say_range, short
from tinyagent.tools.registry import Duration, Persons, Text, When, tool
from tinyagent.tools.tables import read_table

if TYPE_CHECKING:
    from tinyagent.settings import Settings

Randomness = Callable[[int], str]
"""Gives as many random bytes as it is asked for, in hex."""
_BYTES = 8
_ROOM = "{room}"


@dataclass(frozen=True, slots=True)
class MeetingsSettings:
    """The table `[meetings]`: an https address, with {room} where the name of the room goes."""

    template: str = f"https://meet.jit.si/{_ROOM}"


def available(settings: Settings) -> str | None:
    """Return why no meeting link can be made, None where it can."""
    try:
        meeting_link(settings.tools, "meeting", lambda number: "0" * number)
    except SettingsError as error:
        return str(error)
    return None


def meeting_link(tools: Mapping[str, Mapping[str, Any]], name: str, randomness: Randomness) -> str:
    """Return the link of a meeting; a room of its own is one that nobody can guess. Raises `SettingsError`."""
    template = read_table(tools, "meetings", MeetingsSettings).template
    readable = slug(name, "meeting").encode("ascii", "ignore").decode("ascii").strip("-_")[:40] or "meeting"
    try:
        return checked(template.replace(_ROOM, f"{readable}-{randomness(_BYTES)}"))
    except ToolError:
        raise SettingsError(
            "The setting template in the table [meetings] must be an https address such as https://meet.jit.si/{room}."
        ) from None


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take the event out of the calendar; `StoreError` where it was changed since."""
    restore(ctx.folders.calendars, data)


@tool(toolset="meetings", effect="outgoing", undo=_undo, results={"": "text", "link": "text"})
def get_zoom_meeting_link(
    ctx: Context,
    name: Text,
    start: When,
    duration: Duration | None = None,
    invitees: Persons | None = None,
) -> Outcome:
    """Make a link for a video call and put the call in the calendar.

    The value is the link. Raises `ToolError` for times that make no event, `StoreError` where the calendar cannot
    be written.
    """
    if not isinstance(start, datetime):
        raise ToolError(f"At what time does “{short(name)}” start?")
    link = meeting_link(ctx.tools, name, secrets.token_hex)
    made = create_calendar_event(
        ctx, name, start, duration=duration, location=link, invitees=invitees, notes=f"Join the call: {link}"
    )
    when = say_range(start, datetime.fromisoformat(made.value["end"]), ctx.now)
    guests = f" with {join(invitees)}" if invitees else ""
    return Outcome(
        f"{link} is the link for “{short(name)}”{guests}, in your calendar {when}.", link, made.undo
    )
