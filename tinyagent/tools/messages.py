"""The toolset messages: texts by the paired phone, by a modem, or else as a link for the messaging program.

    [messages]
    device = "Pixel"     # the phone's name in KDE Connect, where there are several
    by = "auto"          # or only one way: "kdeconnect", "modemmanager", "link"

A link is opened, not sent: the person does that.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tinyagent.calls import Outcome
from tinyagent.errors import SettingsError, ToolError
from tinyagent.tools import opener
from tinyagent.tools.addresses import Recipient, by_phone
from tinyagent.tools.context import Context
from tinyagent.tools.dbus import BusError
from tinyagent.tools.ical import bounded
from tinyagent.tools.mail_text import one_line
from tinyagent.tools.phrases import join
from tinyagent.tools.registry import Persons, Text, tool
from tinyagent.tools.tables import read_table
from tinyagent.tools.text_messages import Way
from tinyagent.tools.text_messages import by_modem as modem
from tinyagent.tools.text_messages import by_phone as phone

if TYPE_CHECKING:
    from tinyagent.settings import Settings

LONGEST = 1600
"""Characters of a text, about ten messages on the phone's bill."""
_NO_ANSWER = (".NoReply", ".Timeout", ".TimedOut")
WAYS = ("auto", "kdeconnect", "modemmanager", "link")


@dataclass(frozen=True, slots=True)
class MessagesSettings:
    """The table `[messages]`."""

    device: str = ""
    by: str = "auto"


def available(settings: Settings) -> str | None:
    """Return why no text can be sent here, None where it can."""
    try:
        table = _settings(settings.tools)
        with _way(table) as way:
            if way is not None:
                return None
        no_link = opener.unavailable()
    except (SettingsError, ToolError) as error:
        return str(error)
    if table.by == "link":
        return no_link or (
            None if _opens_links() else "No program opens sms: links here: install one that does."
        )
    return None if table.by == "auto" and no_link is None and _opens_links() else _nothing(table)


@tool(toolset="messages", effect="outgoing")
def send_sms(ctx: Context, recipients: Persons, message: Text) -> Outcome:
    """Send a text message.

    By KDE Connect or ModemManager; where there is neither, the messaging program is opened with the text in it.
    Raises `ToolError` for somebody without a number and where nothing can send.
    """
    table = _settings(ctx.tools)
    text = bounded(message, "message")
    if len(text) > LONGEST:
        raise ToolError(f"The message is longer than {LONGEST} characters: send it by email.")
    to = by_phone(ctx, recipients)
    if not to:
        raise ToolError("Who shall get the message?")
    with _way(table) as way:
        if way is not None:
            return _send(way, to, text)
    if table.by not in ("auto", "link"):
        raise ToolError(_nothing(table))
    link = f"sms:{','.join(one.address for one in to)}?body={quote(text, safe='')}"
    try:
        ctx.opener(link)
    except ToolError as error:
        raise ToolError(_nothing(table) if table.by == "auto" else str(error)) from None
    value = {"to": [one.address for one in to], "sent": False, "link": link}
    return Outcome(
        f"The message to {_people(to)} is in your messaging program, not sent yet: send it there.", value
    )


def _opens_links() -> bool:
    """Whether the desktop has a program for sms: links; few have, so that an opener is there says nothing."""
    if sys.platform == "darwin":
        return True
    command = ["xdg-mime", "query", "default", "x-scheme-handler/sms"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(done.stdout.strip())


def _settings(tools: Mapping[str, Mapping[str, Any]]) -> MessagesSettings:
    table = read_table(tools, "messages", MessagesSettings)
    if table.by not in WAYS:
        raise SettingsError(f"The setting by in the table [messages] must be one of {', '.join(WAYS)}.")
    return table


@contextmanager
def _way(table: MessagesSettings) -> Iterator[Way | None]:
    """Give the first way to send that is there and that the settings allow."""
    if table.by in ("auto", "kdeconnect"):
        with phone(table.device) as way:
            if way is not None:
                yield way
                return
    if table.by in ("auto", "modemmanager"):
        with modem() as way:
            yield way
    else:
        yield None


def _send(way: Way, to: list[Recipient], text: str) -> Outcome:
    sent: list[Recipient] = []
    reason = ""
    for one in to:
        try:
            way.send(one.address, text)
        except ToolError as error:
            # Without an answer nobody knows: a refusal has a name, a phone that went silent may have sent it.
            unsure = isinstance(error, BusError) and (not error.name or error.name.endswith(_NO_ANSWER))
            if not sent:
                state = "may not have been sent" if unsure else "was not sent"
                raise ToolError(
                    f"The message to {one} {state} by {way.name}: {one_line(str(error))}"
                ) from None
            rest = f"perhaps not to {one}" if unsure else f"not to {_people(to[len(sent) :])}"
            reason = f" {rest[0].upper()}{rest[1:]}: {one_line(str(error))}"
            break
        sent.append(one)
    numbers = [one.address for one in sent]
    named = f" ({join(numbers[:6])})" if any(one.name for one in sent) else ""
    value = {"to": numbers, "sent": True, "not_sent": [one.address for one in to[len(sent) :]]}
    return Outcome(f"I sent the message to {_people(sent)}{named} by {way.name}.{reason}", value)


def _people(to: list[Recipient]) -> str:
    return join([str(one) for one in to][:6])


def _nothing(table: MessagesSettings) -> str:
    if table.by == "modemmanager":
        return "There is no modem that sends texts: plug one in and install modemmanager."
    wanted = f" called {table.device}" if table.device else ""
    return (
        f"There is no phone{wanted} in reach to send a text with: install kdeconnect here and KDE Connect on the "
        "phone, and pair them."
    )
