"""The toolset mail: a Maildir, which mail programs and mbsync use too, and an SMTP server where one is set.

A mail is on disk as a draft before it is sent, so it is never lost: without a server, or where sending fails,
the draft is what stays. A reply goes by itself only to somebody the person knows or has named; what else a
mail says about where its answer should go is a stranger's wish, and ends in a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.tools.addresses import Recipient, addresses_of, by_mail, is_known, plain_address
from tinyagent.tools.changes import restore
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded
from tinyagent.tools.mail_compose import (
    Attachment,
    Draft,
    body_of,
    ids,
    load_attachments,
    quoted,
    safe_name,
    subject_line,
)
from tinyagent.tools.mail_find import BY_ADDRESS, Mail, Mailbox, says
from tinyagent.tools.mail_find import body_of as beginning_of
from tinyagent.tools.mail_outbox import dispatch
from tinyagent.tools.mail_settings import MailSettings, mail_settings, path_of
from tinyagent.tools.mail_text import attachments as attachments_in
from tinyagent.tools.mail_text import text_of
from tinyagent.tools.maildir import Maildir, read_mail
from tinyagent.tools.matching import query as read_query
from tinyagent.tools.phrases import MONTHS, count, listed, say_span, say_when, short
from tinyagent.tools.registry import FilePaths, PastPeriod, Person, Persons, Semantic, Text, tool

if TYPE_CHECKING:
    from tinyagent.settings import Settings

Unread = Annotated[bool, Semantic("bool", choices=(("true", ("unread", "new", "unopened", "not read", "not yet read",
                                                             "unrd", "haven't read", "have not read")),))]  # fmt: skip
MOST_FOUND = 50
SNIPPET = 500


def available(settings: Settings) -> str | None:
    """Return why mail does not work here, None where it does."""
    try:
        table = mail_settings(settings.tools)
        root = path_of(table.maildir, settings.folders.home, "maildir")
    except SettingsError as error:
        return str(error)
    if settings.tools.get("mail") or Maildir(root).folders():
        return None
    return f"There is no Maildir in {root}: set maildir, address and host in the table [mail] of config.toml."


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Remove a draft that was not sent; `StoreError` where it was changed since."""
    restore(path_of(mail_settings(ctx.tools).maildir, ctx.folders.home, "maildir"), data)


@tool(toolset="mail", effect="outgoing", undo=_undo)
def compose_new_email(
    ctx: Context,
    recipients: Persons,
    subject: Text | None = None,
    body: Text | None = None,
    cc: Persons | None = None,
    attachments: FilePaths | None = None,
) -> Outcome:
    """Write an email and send it.

    Without a mail server in the settings, or without anything to send, it is kept as a draft. Raises `ToolError`
    for somebody without an address or a file that cannot be attached, `NotSentError` (the draft is kept) where
    sending fails.
    """
    settings = mail_settings(ctx.tools)
    to = by_mail(ctx, recipients, settings.address)
    if not to:
        raise ToolError("Who shall get the mail?")
    draft = Draft(
        to, by_mail(ctx, cc, settings.address), subject_line(body_of(subject)), body_of(body),
        load_attachments(ctx, attachments),
    )  # fmt: skip
    return dispatch(ctx, settings, draft, hold="there is nothing in it yet" if draft.is_empty else "")


@tool(toolset="mail", effect="outgoing", undo=_undo)
def reply_to_email(
    ctx: Context,
    sender: Person | None = None,
    subject: Text | None = None,
    body: Text | None = None,
    cc: Persons | None = None,
    attachments: FilePaths | None = None,
) -> Outcome:
    """Answer the newest email of a person or about a subject.

    Kept as a draft where it would go to an address that is neither in the contacts nor the one that was named.
    Raises `NotFoundError` for no such mail, and as `compose_new_email` does.
    """
    settings = mail_settings(ctx.tools)
    mail, fit = _newest(ctx, settings, sender, subject)
    to = [Recipient("", plain_address(one)) for one in mail.reply_to or (mail.address,)][:10]
    said, words = body_of(body), text_of(read_mail(mail.stored.path))
    day = f"{mail.date.day} {MONTHS[mail.date.month - 1]} {mail.date:%Y at %H:%M}"
    begun = f"On {day}, {mail.sender} wrote:\n{quoted(words)}" if words else ""
    draft = Draft(
        [Recipient(mail.name, to[0].address), *to[1:]] if to[0].address.casefold() == mail.address.casefold() else to,
        by_mail(ctx, cc, settings.address), subject_line(mail.subject, "Re"),
        "\n\n".join(part for part in (said, begun) if part), load_attachments(ctx, attachments),
        answers=mail.message_id, thread=ids(mail.references),
    )  # fmt: skip
    hold = "" if said else "it has no text of yours yet"
    return dispatch(ctx, settings, draft, hold=hold or _doubt(ctx, mail, sender, fit, to))


@tool(toolset="mail", effect="outgoing", undo=_undo)
def forward_email(
    ctx: Context,
    recipients: Persons,
    sender: Person | None = None,
    subject: Text | None = None,
    body: Text | None = None,
) -> Outcome:
    """Pass the newest email of a person or about a subject on to others.

    What is attached to it goes along. Raises `NotFoundError` for no such mail, and as `compose_new_email` does.
    """
    settings = mail_settings(ctx.tools)
    to = by_mail(ctx, recipients, settings.address)
    if not to:
        raise ToolError("Who shall get the mail?")
    mail, _ = _newest(ctx, settings, sender, subject)
    whole = read_mail(mail.stored.path)
    head = [
        "---------- Forwarded message ----------",
        f"From: {mail.name} <{mail.address}>" if mail.name else f"From: {mail.address}",
        f"Date: {mail.date:%Y-%m-%d %H:%M}",
        f"Subject: {mail.subject}",
        f"To: {mail.to}",
    ]
    text = "\n".join([*head, "", text_of(whole)]).rstrip()
    draft = Draft(
        to, (), subject_line(mail.subject, "Fwd"), "\n\n".join(part for part in (body_of(body), text) if part),
        [Attachment(safe_name(name), kind, content) for name, kind, content in attachments_in(whole)],
    )  # fmt: skip
    return dispatch(ctx, settings, draft)


@tool(toolset="mail", effect="read")
def search_email(
    ctx: Context,
    sender: Person | None = None,
    query: Text | None = None,
    span: PastPeriod | None = None,
    unread: Unread | None = None,
) -> Outcome:
    """Find emails by sender, words, time and whether they were read.

    Raises `NotFoundError` where there is no Maildir, `StoreError` where it cannot be read.
    """
    asked = read_query(bounded(query, "words to look for")) if query else None
    mailbox = Mailbox(ctx, mail_settings(ctx.tools))
    found = [mail for mail, _ in mailbox.find(sender, _about(asked), span, unread)]
    kind = "unread mail" if unread else "mail"
    what = f" from {short(sender)}" if sender else ""
    what += f" about “{short(query)}”" if query and _about(asked) else ""
    value = [mail.as_json(beginning_of(mail.stored.path)[:SNIPPET]) for mail in found[:MOST_FOUND]]
    if not found:
        when = f" {say_span(span.start, span.end, ctx.now)}" if span else ""
        return Outcome(f"You have no {kind}{what}{when}.", value)
    lines = [_line(mail, ctx) for mail in found]
    if len(found) == 1:
        return Outcome(f"You have one {kind}{what}: {lines[0]}.", value)
    return Outcome(f"You have {count(len(found), kind)}{what}:\n{listed(lines)}", value)


_GENERAL = frozenset(
    "email emails mail mails message messages letter letters inbox unread new latest last".split()
)


def _about(asked: Any) -> Any:
    """Return the query, None where it names nothing particular ("my new emails")."""
    return None if asked is None or not set(asked.words) - _GENERAL else asked


def _newest(
    ctx: Context, settings: MailSettings, sender: str | None, subject: str | None
) -> tuple[Mail, int]:
    asked = _about(read_query(bounded(subject, "subject"))) if subject else None
    mailbox = Mailbox(ctx, settings)
    found = mailbox.find(sender, asked)
    # A name can be claimed by anybody, so a mail from an address that is known comes first; so does a subject.
    found.sort(key=lambda one: (one[1], asked is None or says(asked, one[0])), reverse=True)
    if not found:
        what = f" from {short(sender)}" if sender else ""
        what += f" about “{short(subject)}”" if asked and subject else ""
        raise NotFoundError(f"You have no mail{what} in {mailbox.maildir.root}.")
    return found[0]


def _doubt(ctx: Context, mail: Mail, sender: str | None, fit: int, to: Sequence[Recipient]) -> str:
    """Return why a reply should not go out by itself, "" where it may."""
    for one in to:
        same = one.address.casefold() == mail.address.casefold()
        if not same and is_known(ctx, one.address):
            # Who wrote it may have led the answer to somebody else whom the person knows.
            if one.address.casefold() in (addresses_of(ctx, sender or mail.name) or ()):
                continue
            return f"{short(mail.sender)} wants the answer sent to {one.address}, so send it yourself if that is right"
        if is_known(ctx, one.address) or (
            same and sender and (fit == BY_ADDRESS or not _is_contact(ctx, sender))
        ):
            continue
        return f"{one.address} is not in your contacts, so send it yourself if that is right"
    return ""


def _is_contact(ctx: Context, sender: str | None) -> bool:
    return bool(sender) and bool(addresses_of(ctx, sender or ""))


def _line(mail: Mail, ctx: Context) -> str:
    unread = "" if mail.stored.seen else ", unread"
    subject = f"“{short(mail.subject)}”" if mail.subject else "without a subject"
    return f"{short(mail.sender)}, {say_when(mail.date, ctx.now)}{unread}: {subject}"
