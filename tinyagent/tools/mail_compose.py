"""Building the mails that go out: headers that cannot be broken out of, texts and files of bounded size."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyagent.errors import ToolError
from tinyagent.tools.addresses import Recipient
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded, new_uid
from tinyagent.tools.mail_settings import MailSettings
from tinyagent.tools.mail_text import one_line
from tinyagent.tools.phrases import short

if TYPE_CHECKING:
    from email.headerregistry import Address

LARGEST = 25 << 20
"""Bytes of all attachments of a mail; most servers take no more."""
LONGEST_SUBJECT = 250
_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it is one. `answers` is the Message-ID it replies to, `thread` those before that."""

    to: Sequence[Recipient]
    cc: Sequence[Recipient] = ()
    subject: str = ""
    body: str = ""
    attachments: Sequence[Attachment] = ()
    answers: str = ""
    thread: Sequence[str] = ()

    @property
    def recipients(self) -> list[str]:
        """The addresses it goes to, each once."""
        return list({one.address.casefold(): one.address for one in (*self.to, *self.cc)}.values())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to send yet."""
        return not (self.subject or self.body or self.attachments)


def build(draft: Draft, settings: MailSettings, ctx: Context) -> EmailMessage:
    """Return the mail. Raises `ToolError` where the attachments are too large together."""
    if sum(len(one.content) for one in draft.attachments) > LARGEST:
        raise ToolError(
            f"The attachments are larger than {LARGEST >> 20} MB together: share them in another way."
        )
    message = EmailMessage(policy=_policy())
    if settings.address:
        message["From"] = _address(Recipient(settings.name, settings.address))
    message["To"] = [_address(one) for one in draft.to]
    known = {one.address.casefold() for one in draft.to}
    cc = [one for one in draft.cc if one.address.casefold() not in known]
    if cc:
        message["Cc"] = [_address(one) for one in cc]
    if draft.subject:
        message["Subject"] = subject_line(draft.subject)
    message["Date"] = format_datetime(_zoned(ctx))
    message["Message-ID"] = f"<{new_uid()}@{settings.address.rpartition('@')[2] or 'tinyagent.invalid'}>"
    answers = ids(draft.answers)
    if answers:
        message["In-Reply-To"] = answers[0]
        message["References"] = " ".join([*ids(" ".join(draft.thread))[-15:], answers[0]])
    message.set_content(f"{draft.body}\n" if draft.body else "")
    for one in draft.attachments:
        kind, _, sub = _kind(one).partition("/")
        message.add_attachment(one.content, maintype=kind, subtype=sub, filename=one.name)
    return message


def to_disk(message: EmailMessage) -> str:
    """Return the text of a mail as a Maildir holds it."""
    return message.as_bytes(policy=_policy().clone(linesep="\n")).decode("ascii")


def to_wire(message: EmailMessage) -> bytes:
    """Return the bytes of a mail as a server takes it."""
    return message.as_bytes(policy=_policy())


def subject_line(words: str, prefix: str = "") -> str:
    """Return a subject on one line, with `prefix` ("Re") unless it begins with it."""
    line = one_line(words, LONGEST_SUBJECT)
    if not prefix or re.match(rf"{prefix}\s*:", line, re.IGNORECASE):
        return line
    return f"{prefix}: {line}".strip()


def ids(text: str) -> list[str]:
    """Return the Message-IDs in a header; anything that is none is left out."""
    return _ID.findall(text)


def body_of(given: Any) -> str:
    """Return the words of a mail, also from what a call before has found; "" for none."""
    if isinstance(given, dict):
        keys = ("link", "text", "summary", "content", "email", "phone", "path")
        given = next((given[key] for key in keys if given.get(key)), "")
    return bounded(str(given), "text of the mail") if given else ""


def load_attachments(ctx: Context, given: Iterable[Any] | None) -> list[Attachment]:
    """Read files to attach. Raises `ToolError` for a path that is not allowed, too large or no file."""
    paths = [given] if isinstance(given, str | dict) else list(given or [])
    if not paths:
        return []
    from mimetypes import guess_type

    from tinyagent.tools.roots import checked, roots_of

    roots = roots_of(ctx)
    found: list[Attachment] = []
    left = LARGEST
    for one in paths:
        text = str(one.get("path", "") if isinstance(one, dict) else one)
        real = checked(Path(text), roots).resolve()
        content = _content(checked(real, roots), left)
        left -= len(content)
        name = safe_name(Path(text).name)
        found.append(Attachment(name, guess_type(name)[0] or "", content))
    return found


def safe_name(name: str) -> str:
    """Return the name of a file as a header can carry it."""
    return one_line(name.replace("/", "_").replace("\\", "_"), 150) or "attachment"


def quoted(text: str, most_lines: int = 200) -> str:
    """Return text with "> " before its lines, cut where it is long."""
    lines = [f"> {line[:1000]}".rstrip() for line in text.splitlines()[:most_lines]]
    return "\n".join([*lines, "> […]"] if len(text.splitlines()) > most_lines else lines)


def _content(path: Path, left: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ToolError(f"{short(path.name)} is not a file that can be attached.")
            content = stream.read(left + 1)
    except OSError as error:
        raise ToolError(f"{short(path.name)} cannot be attached ({error.strerror}).") from None
    if len(content) > left:
        raise ToolError(f"{short(path.name)} is too large: at most {LARGEST >> 20} MB can be attached.")
    return content


def _kind(one: Attachment) -> str:
    kind = one.kind.casefold()
    # A mail or several parts within the mail would have to be taken apart and built anew; a file need not be.
    fits = _TYPE.fullmatch(kind) and not kind.startswith(("message/", "multipart/"))
    return kind if fits else "application/octet-stream"


def _policy() -> Any:
    """Return how mails are written out: in ASCII, so that every disk and server takes them."""
    from email.policy import SMTP

    return SMTP.clone(cte_type="7bit")


def _address(one: Recipient) -> Address:
    from email.headerregistry import Address

    # The library has been wrong about such characters in names again and again; a name does without.
    plain = re.sub(r"[^\w\s.\'’&+-]", " ", one.name)
    return Address(display_name=one_line(plain, 100), addr_spec=one.address)


def _zoned(ctx: Context) -> datetime:
    return ctx.now.replace(tzinfo=ctx.timezone)
