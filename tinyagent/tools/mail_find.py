"""Finding mails by who wrote them, what they say, when they came and whether they were read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

from tinyagent.errors import NotFoundError
from tinyagent.grounding.people import match_people
from tinyagent.tools.addresses import OWN, addresses_of
from tinyagent.tools.context import Context
from tinyagent.tools.mail_settings import MailSettings, path_of
from tinyagent.tools.mail_text import decoded, header, one_line, raw_header, text_of
from tinyagent.tools.maildir import Folder, Maildir, Stored, read_beginning, read_head
from tinyagent.tools.matching import GOOD, Query, fold, score
from tinyagent.tools.registry import Span

MOST_BODIES = 500
"""Mails whose text is searched; of all others only the headers are."""
_UNREAD_FOLDERS = ("trash", "deleted messages", "deleted items", "bin", "junk", "spam", "outbox")
BY_ADDRESS, BY_NAME = 2, 1


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with what its headers say; `date` is local. All of it was written by strangers."""

    stored: Stored
    name: str
    address: str
    to: str
    reply_to: tuple[str, ...]
    subject: str
    date: datetime
    message_id: str
    references: str

    @property
    def sender(self) -> str:
        """Who it is from, for people."""
        return self.name or self.address or "somebody"

    def as_json(self, text: str = "") -> dict[str, Any]:
        """Return the mail as JSON data."""
        return {
            "from": self.name, "address": self.address, "subject": self.subject,
            "date": self.date.isoformat(timespec="seconds"), "unread": not self.stored.seen,
            "folder": self.stored.folder.name, "path": str(self.stored.path), "text": text,
        }  # fmt: skip


class Mailbox:
    """The mails of the settings' Maildir. Raises `NotFoundError` where there is none."""

    def __init__(self, ctx: Context, settings: MailSettings) -> None:
        self.ctx, self.settings = ctx, settings
        root = path_of(settings.maildir, ctx.folders.home, "maildir")
        self.maildir = Maildir(root)
        self.folders = self.maildir.folders()
        if not self.folders:
            raise NotFoundError(
                f"There is no Maildir in {root}: set maildir in the table [mail], and fill it, for example with mbsync."
            )

    def received(self) -> list[Folder]:
        """Return the folders with mails of others."""
        own = (
            self.settings.drafts,
            self.settings.sent,
            "drafts",
            "sent",
            "sent mail",
            "sent messages",
            "sent items",
        )
        return [folder for folder in self.folders if not folder.is_called(*own, *_UNREAD_FOLDERS)]

    def sent(self) -> list[Folder]:
        """Return the folders with the person's own mails."""
        names = (self.settings.sent, "sent", "sent mail", "sent messages", "sent items")
        return [folder for folder in self.folders if folder.is_called(*names)]

    def mails(self, folders: Sequence[Folder], unread: bool | None = None) -> list[Mail]:
        """Return the mails of some folders, the newest first. Raises `StoreError`."""
        stored = [one for one in self.maildir.newest(folders) if unread is None or one.seen != unread]
        read = [(one, read_head(one.path)) for one in stored]
        mails = [_mail(one, head, self.ctx) for one, head in read if head is not None]
        return sorted(mails, key=lambda mail: mail.date, reverse=True)

    def find(
        self, sender: str | None, query: Query | None, span: Span | None = None, unread: bool | None = None
    ) -> list[tuple[Mail, int]]:
        """Return the mails that fit, the newest first, each with how its sender does. Raises `StoreError`."""
        own = sender is not None and sender.casefold() in OWN
        how = written_by(self.ctx, None if own else sender)
        found = [(mail, how(mail)) for mail in self.mails(self.sent() if own else self.received(), unread)]
        found = [
            (mail, fit) for mail, fit in found if fit and (span is None or span.start <= mail.date < span.end)
        ]
        if query is None or query.is_general:
            return found
        bodies = MOST_BODIES
        fitting = []
        for mail, fit in found:
            by_header = says(query, mail)
            if by_header or (bodies > 0 and _in_body(query, mail)):
                fitting.append((mail, fit))
            bodies -= not by_header
        return fitting


def body_of(path: Path) -> str:
    """Return the text at the beginning of a stored mail, "" where it cannot be read."""
    beginning = read_beginning(path)
    return "" if beginning is None else text_of(beginning)


def says(query: Query, mail: Mail) -> bool:
    """Whether subject and sender of a mail fit what is asked for."""
    return (
        score(query, re.sub(r"^(?:(?:re|fwd?|aw|wg)\s*:\s*)+", "", mail.subject, flags=re.I), [mail.sender])
        >= GOOD
    )


def written_by(ctx: Context, sender: str | None) -> Callable[[Mail], int]:
    """Return how well a mail is from `sender`: `BY_ADDRESS`, `BY_NAME` (which anybody may claim), or 0."""
    if not sender:
        return lambda mail: BY_ADDRESS
    said = sender.strip().casefold()
    if "@" in said:
        return lambda mail: BY_ADDRESS if mail.address.casefold() == said else 0
    known = addresses_of(ctx, sender) or set()
    words = fold(sender).split()

    def fits(mail: Mail) -> int:
        if mail.address.casefold() in known:
            return BY_ADDRESS
        if match_people(sender, [mail.name]):
            return BY_NAME
        parts = re.split(r"[^a-z0-9]+", mail.address.casefold())
        return BY_NAME if words and not known and all(word in parts for word in words) else 0

    return fits


def _in_body(query: Query, mail: Mail) -> bool:
    text = f" {fold(mail.subject)} {fold(mail.sender)} {fold(body_of(mail.stored.path))} "
    # A number is meant whole, of a word the beginning will do.
    return all(f" {word}{' ' if any(map(str.isdigit, word)) else ''}" in text for word in query.words)


def _mail(stored: Stored, head: Message, ctx: Context) -> Mail:
    name, address = _people(head, "From")[0]
    replies = [one for _, one in _people(head, "Reply-To") if one]
    return Mail(
        stored, name, address, header(head, "To"), tuple(replies), header(head, "Subject"),
        _date(raw_header(head, "Date"), stored.arrived, ctx), raw_header(head, "Message-ID").strip(),
        raw_header(head, "References"),
    )  # fmt: skip


def _people(head: Message, field: str) -> list[tuple[str, str]]:
    """Return names and addresses; taken apart before they are decoded, so that no name can pose as an address."""
    try:
        found = getaddresses([raw_header(head, field)])
    except (ValueError, IndexError, TypeError):
        found = []
    return [(decoded(name)[:200], one_line(address, 320)) for name, address in found[:20]] or [("", "")]


def _date(raw: str, arrived: float, ctx: Context) -> datetime:
    """Return the local time of a mail; one that says it is from the future is from when it came."""
    try:
        date = parsedate_to_datetime(raw)
        local = date.astimezone(ctx.timezone).replace(tzinfo=None) if date.tzinfo else date
        if local < ctx.now + timedelta(days=1):
            return local
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    return min(datetime.fromtimestamp(arrived, ctx.timezone).replace(tzinfo=None, microsecond=0), ctx.now)
