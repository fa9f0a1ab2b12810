"""The way of a mail that goes out: on disk as a draft, to the server, and into the folder of sent mails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import SettingsError, StoreError, TinyAgentError
from tinyagent.tools.context import Context
from tinyagent.tools.mail_compose import Draft, build, to_disk, to_wire
from tinyagent.tools.mail_settings import MailSettings, path_of
from tinyagent.tools.maildir import Maildir
from tinyagent.tools.phrases import join, short


class NotSentError(TinyAgentError):
    """A mail could not be sent; it is kept as a draft, and the sentence says where."""


def dispatch(ctx: Context, settings: MailSettings, draft: Draft, hold: str = "") -> Outcome:
    """Keep a mail as a draft and send it where a server is set and nothing speaks against it (`hold`).

    Raises `NotSentError`, with the draft kept, where sending fails; `StoreError` where no draft can be written.
    """
    maildir = Maildir(path_of(settings.maildir, ctx.folders.home, "maildir"))
    message = build(draft, settings, ctx)
    path, undo = maildir.add(settings.drafts, to_disk(message), ctx.now, ctx.timezone, "DS")
    what = f"the mail to {_people(draft)}{f' (“{short(draft.subject)}”)' if draft.subject else ''}"
    place = path.parent.parent
    value: dict[str, Any] = {
        "to": [one.address for one in draft.to], "cc": [one.address for one in draft.cc], "subject": draft.subject,
        "sent": False, "path": str(path), "message_id": str(message["Message-ID"]),
    }  # fmt: skip
    if hold or not settings.sends:
        why = hold or "sending is not set up (host in the table [mail])"
        return Outcome(f"{what[0].upper()}{what[1:]} is a draft in {place}: {why}.", value, undo)
    from tinyagent.tools.smtp import SmtpError, send  # brings in ssl, which only a mail should wait for

    try:
        refused = send(settings, ctx.folders.home, draft.recipients, to_wire(message))
    except SettingsError as error:
        raise NotSentError(f"{error} {what[0].upper()}{what[1:]} is kept as a draft in {place}.") from None
    except SmtpError as error:
        state = "may not have been sent" if error.unsure else "was not sent"
        raise NotSentError(
            f"{what[0].upper()}{what[1:]} {state}, as {error.reason}; it is kept as a draft in {place}: {error.cure}."
        ) from None
    copy, note = _file_away(maildir, settings, path)
    who = (
        f"{_people(draft)} ({join(draft.recipients[:6])})"
        if any(one.name for one in draft.to)
        else _people(draft)
    )
    answer = f"I sent the mail{f' “{short(draft.subject)}”' if draft.subject else ''} to {who}.{note}"
    if refused:
        answer += f" The server refused {join(refused)}: check the address."
    return Outcome(answer, {**value, "sent": True, "path": str(copy), "refused": refused})


def _file_away(maildir: Maildir, settings: MailSettings, draft: Path) -> tuple[Path, str]:
    """Move the draft of a sent mail to the others; that this fails does not make it unsent."""
    try:
        return maildir.move(draft, settings.sent, "S"), ""
    except StoreError as error:
        return draft, f" Its copy is still among the drafts: {error}"


def _people(draft: Draft) -> str:
    return join([str(one) for one in (*draft.to, *draft.cc)][:6])
