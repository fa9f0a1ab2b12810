"""A real Maildir, written by the standard library as a mail program would, and read back the same way."""

import json
import mailbox
import os
import time
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, SettingsError, StoreError, ToolError
from tinyagent.settings import load
from tinyagent.tools import mail
from tinyagent.tools.contacts import add_contact
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.ical import bounded
from tinyagent.tools.mail import available, compose_new_email, forward_email, reply_to_email, search_email
from tinyagent.tools.registry import Span

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0)  # a Monday
TABLE = {"address": "me@example.org", "name": "Mia Meyer"}


@pytest.fixture
def ctx(tmp_path):
    made = Context(NOW, BERLIN, Folders.under(tmp_path), tools={"mail": TABLE})
    made.folders.home.mkdir()
    add_contact(made, "Ana Lima", email="ana@example.org", phone="+49 151 1234567")
    add_contact(made, "Sid Rao", email="sid@example.org")
    add_contact(made, "Tom Nomail", phone="030 1234")
    return made


@pytest.fixture
def box(ctx):
    """A Maildir with `.Drafts`, `.Sent` and `.Trash`."""
    made = mailbox.Maildir(ctx.folders.home / "Maildir", create=True)
    for name in ("Drafts", "Sent", "Trash"):
        made.add_folder(name)
    return made


ANA = "Ana Lima <ana@example.org>"


def put(box, sender=ANA, subject="Budget", text="The numbers are in.", at=NOW, seen=False, **more):
    """Put a mail into a folder as a delivery agent does and return its key."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "me@example.org", subject
    message["Date"] = at.replace(tzinfo=BERLIN)
    message["Message-ID"] = f"<{subject.encode().hex()[:40]}@example.org>"
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return deliver(box, message.as_bytes(), at, seen)


def deliver(box, data, at=NOW, seen=False):
    stored = mailbox.MaildirMessage(data)
    if seen:
        stored.set_subdir("cur")
        stored.add_flag("S")
    key = box.add(stored)
    path = next(Path(box._path).glob(f"*/{key}*"))
    stamp = at.replace(tzinfo=BERLIN).timestamp()
    os.utime(path, (stamp, stamp))
    return key


def read(outcome):
    return message_from_bytes(Path(outcome.value["path"]).read_bytes(), policy=policy.default)


def drafts(ctx):
    root = ctx.folders.home / "Maildir" / ".Drafts"
    return list(mailbox.Maildir(root, create=False)) if root.is_dir() else []


def tree(root):
    return {p.relative_to(root): p.is_file() and p.read_bytes() for p in root.rglob("*") if p.name != LOCK}


def undo(ctx, outcome):
    mail._undo(ctx, json.loads(json.dumps(outcome.undo)))


# compose


def test_without_a_server_the_draft_is_the_outcome(ctx, box):
    made = compose_new_email(
        ctx, ["Ana Lima", "bob@example.com"], "Agenda für Montag", "Hi Ana,\nsee you — Mia", cc=["sid rao"]
    )
    assert made.answer == (
        "The mail to Ana Lima, bob@example.com and Sid Rao (“Agenda für Montag”) is a draft in "
        f"{ctx.folders.home}/Maildir/.Drafts: sending is not set up (host in the table [mail])."
    )
    assert made.value["sent"] is False
    message = read(made)
    assert message["From"] == "Mia Meyer <me@example.org>"
    assert message["To"] == "Ana Lima <ana@example.org>, bob@example.com"
    assert message["Cc"] == "Sid Rao <sid@example.org>"
    assert message["Subject"] == "Agenda für Montag"
    assert message["Date"].datetime == NOW.replace(tzinfo=BERLIN)
    assert message["Message-ID"].endswith("@example.org>")
    assert message.get_content() == "Hi Ana,\nsee you — Mia\n"
    (draft,) = mailbox.Maildir(ctx.folders.home / "Maildir", create=False).get_folder("Drafts")
    assert draft.get_flags() == "DS" and draft.get_subdir() == "cur"
    assert Path(made.value["path"]).stat().st_mode & 0o777 == 0o600


def test_a_draft_is_undone_to_the_byte(ctx, box):
    put(box)
    before = tree(ctx.folders.home)
    undo(ctx, compose_new_email(ctx, ["Ana"], body="hello"))
    assert tree(ctx.folders.home) == before


def test_a_maildir_is_made_where_there_is_none_and_undone(ctx):
    made = compose_new_email(ctx, ["Ana"], body="hello")
    root = ctx.folders.home / "Maildir"
    assert mailbox.Maildir(root, create=False).list_folders() == ["Drafts"]
    assert len(drafts(ctx)) == 1
    undo(ctx, made)
    assert [p for p in root.rglob("*") if p.name != LOCK] == []
    assert compose_new_email(ctx, ["Ana"], body="hello").value["path"].startswith(f"{root}/.Drafts/cur/")


def test_a_draft_that_was_edited_is_not_undone(ctx, box):
    made = compose_new_email(ctx, ["Ana"], body="hello")
    path = Path(made.value["path"])
    path.write_text(path.read_text() + "more\n")
    with pytest.raises(StoreError, match="changed since"):
        undo(ctx, made)


def test_the_layout_of_mbsync(ctx):
    root = ctx.folders.home / "Maildir"
    for name in ("INBOX", "Drafts", "work/INBOX"):
        for part in ("cur", "new", "tmp"):
            (root / name / part).mkdir(parents=True)
    put(mailbox.Maildir(root / "work" / "INBOX", create=False))
    assert search_email(ctx, query="budget").value[0]["folder"] == "work/INBOX"
    assert "/Maildir/Drafts/cur/" in compose_new_email(ctx, ["Ana"], body="hello").value["path"]


@pytest.mark.parametrize(
    ("recipients", "why"),
    [
        (["Nobody Known"], "no Nobody Known in your contacts"),
        (["Tom Nomail"], "no email address for Tom Nomail"),
        (["ana@@example.org"], "not an address"),
        (["ana@example"], "not an address"),
        (["ana@example.org\nBcc: eve@evil.example"], "not an address"),
        (['"<eve@evil.example>"@x'], "not an address"),
        (["é@example.org"], "not an address"),
        ([""], "recipient is empty"),
        ([], "Who shall get"),
        ([f"p{n}@example.org" for n in range(51)], "at most 50"),
    ],
)
def test_recipients_that_are_none(ctx, box, recipients, why):
    with pytest.raises(ToolError, match=why):
        compose_new_email(ctx, recipients, body="hello")
    assert drafts(ctx) == []


def test_which_of_two_is_asked(ctx, box):
    add_contact(ctx, "Ana Sousa", email="sousa@example.org")
    with pytest.raises(ToolError, match=r"Which Ana: Ana (Lima|Sousa) or Ana (Lima|Sousa)"):
        compose_new_email(ctx, ["Ana"], body="hello")


def test_recipients_said_twice_myself_and_results_of_calls(ctx, box):
    found = {"name": "Sid Rao", "email": "sid@example.org"}
    link = {"link": "https://meet.jit.si/x"}
    made = compose_new_email(ctx, ["me", "Ana", "ana@EXAMPLE.org", found], body=link)
    assert made.value["to"] == ["me@example.org", "ana@example.org", "sid@example.org"]
    assert read(made).get_content() == "https://meet.jit.si/x\n"
    assert read(compose_new_email(ctx, ["jo@münchen.de"], body="x"))["To"] == "jo@xn--mnchen-3ya.de"


def test_nothing_breaks_out_of_a_header(ctx, box):
    add_contact(ctx, 'Eve, "x" <eve@evil.example>', email="eve@example.org")
    made = compose_new_email(
        replace(ctx, tools={"mail": {**TABLE, "name": "Mia\r\nBcc: a@evil.example"}}),
        ['Eve, "x" <eve@evil.example>'.replace("<eve@evil.example>", "")[:3]],
        "Hello\r\nBcc: b@evil.example\n\nbody",
        "line\r\n.\r\nBcc: c@evil.example",
    )
    message = read(made)
    assert sorted(message.keys()) == sorted(
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ]
    )
    assert [a.addr_spec for a in message["To"].addresses] == ["eve@example.org"]
    assert message["Subject"] == "Hello Bcc: b@evil.example body"
    assert "evil" not in str(message["Bcc"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=40), subject=st.text(max_size=400), body=st.text(max_size=200))
def test_any_words_make_a_mail_that_says_them(ctx, name, subject, body):
    given_name = replace(ctx, tools={"mail": {**TABLE, "name": name}})
    try:
        made = compose_new_email(given_name, ["ana@example.org"], subject, body)
    except ToolError as error:
        assert "is empty" in str(error)
        return
    data = Path(made.value["path"]).read_bytes()
    assert data.isascii() and b"\r" not in data
    message = message_from_bytes(data, policy=policy.default)
    assert message.defects == [] and message["Bcc"] is None
    assert [a.addr_spec for a in message["From"].addresses] == ["me@example.org"]
    assert [a.addr_spec for a in message["To"].addresses] == ["ana@example.org"]
    assert message.get_content().split() == (bounded(body, "body").split() if body.strip() else [])


# attachments


@pytest.fixture
def documents(ctx):
    folder = ctx.folders.home / "Documents"
    folder.mkdir()
    (folder / "plan.pdf").write_bytes(b"%PDF-1.7 \x00\xff")
    (folder / 'Übersicht "a".txt').write_text("Zahlen")
    (folder / "old.eml").write_text("Subject: x\n\ny")
    (ctx.folders.home / "secret").write_text("s")
    (folder / "way-out").symlink_to(ctx.folders.home / "secret")
    (folder / "inside").symlink_to(folder / "plan.pdf")
    os.mkfifo(folder / "pipe")
    return folder


def test_attachments_go_along(ctx, box, documents):
    names = ["plan.pdf", 'Übersicht "a".txt', "old.eml", "inside"]
    made = compose_new_email(ctx, ["Ana"], "x", "y", attachments=[str(documents / name) for name in names])
    parts = list(read(made).iter_attachments())
    assert [part.get_filename() for part in parts] == names
    assert parts[0].get_content() == b"%PDF-1.7 \x00\xff" and parts[0].get_content_type() == "application/pdf"
    assert parts[1].get_payload(decode=True) == b"Zahlen"
    assert parts[2].get_content_type() == "application/octet-stream"
    one = compose_new_email(ctx, ["Ana"], attachments=[{"path": str(documents / "plan.pdf")}])
    assert [part.get_filename() for part in read(one).iter_attachments()] == ["plan.pdf"]


@pytest.mark.parametrize(
    "name", ["../secret", "way-out", "pipe", ".", "absent.pdf", "/etc/passwd", "plan.pdf\0"]
)
def test_files_that_may_not_go_along(ctx, box, documents, name):
    with pytest.raises(ToolError):
        compose_new_email(
            ctx, ["Ana"], "x", "y", attachments=[f"{documents}/{name}" if name[0] != "/" else name]
        )
    assert drafts(ctx) == []


def test_attachments_that_are_too_large_together(ctx, box, documents):
    for name in ("a.bin", "b.bin"):
        with open(documents / name, "wb") as stream:
            stream.truncate(13 << 20)
    with pytest.raises(ToolError, match="at most 25 MB"):
        compose_new_email(ctx, ["Ana"], attachments=[str(documents / "a.bin"), str(documents / "b.bin")])


# search


def test_search_by_sender_words_time_and_unread(ctx, box):
    put(box, subject="Budget 2026", at=datetime(2026, 3, 2, 8, 0))
    put(
        box,
        "Sid Rao <sid@example.org>",
        "Lunch",
        "At the new Thai place?",
        datetime(2026, 3, 1, 12, 0),
        seen=True,
    )
    put(box, "News <news@shop.example>", "=?utf-8?q?Angebote_f=C3=BCr_Sie?=", at=datetime(2026, 2, 20, 7, 0))
    put(box.get_folder("Trash"), subject="Budget in the bin")
    put(box.get_folder("Sent"), "me@example.org", "Re: Budget")
    assert search_email(ctx).answer == (
        "You have 3 mails:\n"
        "- Ana Lima, today at 08:00, unread: “Budget 2026”\n"
        "- Sid Rao, yesterday at 12:00: “Lunch”\n"
        "- News, on Friday 20 February at 07:00, unread: “Angebote für Sie”"
    )
    assert search_email(ctx, sender="Ana Lima").answer == (
        "You have one mail from Ana Lima: Ana Lima, today at 08:00, unread: “Budget 2026”."
    )
    subjects = lambda **given: [one["subject"] for one in search_email(ctx, **given).value]  # noqa: E731
    assert subjects(query="the budget") == ["Budget 2026"]
    assert subjects(query="thai place") == ["Lunch"]
    assert subjects(query="my new emails", unread=True) == ["Budget 2026", "Angebote für Sie"]
    assert subjects(unread=False) == ["Lunch"]
    assert subjects(span=Span(datetime(2026, 3, 1), datetime(2026, 3, 2))) == ["Lunch"]
    assert subjects(sender="news@shop.example") == subjects(sender="shop") == ["Angebote für Sie"]
    assert subjects(sender="me") == ["Re: Budget"]
    assert search_email(ctx, sender="Sid Rao", unread=True).answer == "You have no unread mail from Sid Rao."
    value = search_email(ctx, query="lunch").value[0]
    assert value == {
        "from": "Sid Rao", "address": "sid@example.org", "subject": "Lunch", "date": "2026-03-01T12:00:00",
        "unread": False, "folder": "INBOX", "path": value["path"], "text": "At the new Thai place?",
    }  # fmt: skip
    assert json.dumps(value)


def test_without_a_maildir_it_says_so(ctx):
    with pytest.raises(NotFoundError, match=r"There is no Maildir in .*: set maildir"):
        search_email(ctx)


def test_mails_of_all_kinds_are_read_as_text(ctx, box):
    deliver(
        box,
        b"From: a@x.example\nSubject: html\nContent-Type: text/html; charset=latin1\n\n"
        b"<style>b{}</style><p>Gr\xfc\xdfe</p><script>evil()</script><p>zwei",
    )
    deliver(box, b"From: b@x.example\nSubject: odd\nContent-Type: text/plain; charset=no-such\n\ncaf\xc3\xa9")
    deliver(box, b"no headers at all \xff\xfe")
    deliver(box, b"From: =?utf-8?b?!!!?= <c@x.example>\nDate: yesterday\nSubject: =?x?y?z?=\n a\x1b[2Jb\n\n")
    deliver(box, b"")
    deep = b"From: d@x.example\nSubject: deep\n"
    for n in range(3000):
        deep += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n)
    (ctx.folders.home / "Maildir" / "new" / "1.deep").write_bytes(deep)
    started = time.monotonic()
    found = {one["subject"]: one for one in search_email(ctx).value}
    assert time.monotonic() - started < 5
    assert found["html"]["text"] == "Grüße\nzwei"
    assert found["odd"]["text"] == "café"
    assert "\x1b" not in search_email(ctx).answer
    assert set(found) >= {"html", "odd", "deep", ""}


def test_a_mail_from_the_future_does_not_come_first(ctx, box):
    put(box, "spam@x.example", "Win", at=datetime(2026, 2, 1, 9))
    future = b"From: spam@x.example\nSubject: future\nDate: Mon, 01 Jan 2040 00:00:00 +0000\n\nx"
    deliver(box, future, at=datetime(2026, 1, 1, 9))
    assert [one["subject"] for one in search_email(ctx).value] == ["Win", "future"]


def test_links_and_pipes_in_a_maildir_are_passed_by(ctx, box, tmp_path):
    put(box)
    inbox = ctx.folders.home / "Maildir" / "new"
    (tmp_path / "secret").write_text("Subject: secret\n\ns")
    (inbox / "1.link").symlink_to(tmp_path / "secret")
    os.mkfifo(inbox / "2.pipe")
    assert [one["subject"] for one in search_email(ctx).value] == ["Budget"]


def test_a_thousand_mails_are_searched_quickly(ctx, box):
    for number in range(1000):
        head = f"From: p{number}@x.example\nSubject: Thing {number}\nDate: 2 Feb 2026 09:00\n\n"
        deliver(box, f"{head}{'word ' * 200}".encode())
    started = time.monotonic()
    assert [one["subject"] for one in search_email(ctx, query="thing 77").value] == ["Thing 77"]
    assert time.monotonic() - started < 5


# reply


def test_a_reply_keeps_the_thread_and_quotes(ctx, box):
    put(box, subject="Old", at=datetime(2026, 2, 1, 9))
    put(box, at=datetime(2026, 3, 1, 9), References="<a@x> <b@x>")
    made = reply_to_email(ctx, "Ana Lima", body="Thanks!", cc=["Sid"])
    message = read(made)
    assert message["To"] == "Ana Lima <ana@example.org>" and message["Cc"] == "Sid Rao <sid@example.org>"
    assert message["Subject"] == "Re: Budget"
    original = f"<{b'Budget'.hex()}@example.org>"
    assert message["In-Reply-To"] == original
    assert message["References"] == f"<a@x> <b@x> {original}"
    assert message.get_content() == (
        "Thanks!\n\nOn 1 March 2026 at 09:00, Ana Lima wrote:\n> The numbers are in.\n"
    )
    assert read(reply_to_email(ctx, subject="old", body="x"))["Subject"] == "Re: Old"


def test_the_mail_that_is_answered_need_not_be_the_newest_of_all(ctx, box):
    put(box, "Ana Lima <fake@evil.example>", "Urgent", at=datetime(2026, 3, 2, 8))
    put(box, at=datetime(2026, 3, 1, 9))
    assert reply_to_email(ctx, "Ana Lima", body="x").value["to"] == ["ana@example.org"]
    with pytest.raises(NotFoundError, match="no mail from Sid Rao"):
        reply_to_email(ctx, "Sid Rao", body="x")
    with pytest.raises(NotFoundError, match="no mail about “holidays”"):
        reply_to_email(ctx, subject="holidays", body="x")


def test_long_originals_are_cut(ctx, box):
    put(box, text="\n".join(f"line {n}" for n in range(5000)), subject="Re: " + "long " * 300)
    message = read(reply_to_email(ctx, "Ana Lima", body="x"))
    assert message.get_content().count("\n> ") == 201 and message.get_content().endswith("> […]\n")
    assert message["Subject"].startswith("Re: long") and len(message["Subject"]) <= 250


def test_headers_of_the_original_cannot_add_any(ctx, box):
    deliver(box, (
        b"From: Ana Lima <ana@example.org>\nSubject: =?utf-8?q?Hi=0D=0ABcc:_eve@evil.example?=\n"
        b"Message-ID: <x y>\n\t<ok@x>\nReferences: <a@x>\n Bcc: eve@evil.example <b@x>\n\nhi"
    ))  # fmt: skip
    message = read(reply_to_email(ctx, "Ana Lima", body="x"))
    assert message["Bcc"] is None and message["Subject"] == "Re: Hi Bcc: eve@evil.example"
    assert message["In-Reply-To"] == "<ok@x>" and message["References"] == "<a@x> <b@x> <ok@x>"


# forward


def test_forwarding_quotes_and_takes_the_attachments_along(ctx, box):
    message = EmailMessage()
    message["From"], message["Subject"] = "Ana Lima <ana@example.org>", "Plan"
    message["To"], message["Date"] = "me@example.org", NOW.replace(tzinfo=BERLIN)
    message.set_content("See the plan.")
    message.add_alternative("<p>See the <b>plan</b>.", subtype="html")
    message.add_attachment(b"%PDF \x00", maintype="application", subtype="pdf", filename="../plan für.pdf")
    inner = EmailMessage()
    inner["Subject"] = "inner"
    inner.set_content("deep")
    message.add_attachment(inner)
    deliver(box, message.as_bytes())
    made = forward_email(ctx, ["Sid"], "Ana Lima", body="For you")
    sent = read(made)
    assert sent["To"] == "Sid Rao <sid@example.org>" and sent["Subject"] == "Fwd: Plan"
    assert sent["In-Reply-To"] is None
    assert sent.get_body().get_content() == (
        "For you\n\n---------- Forwarded message ----------\nFrom: Ana Lima <ana@example.org>\n"
        "Date: 2026-03-02 09:00\nSubject: Plan\nTo: me@example.org\n\nSee the plan.\n"
    )
    first, second = sent.iter_attachments()
    assert first.get_filename() == ".._plan für.pdf" and first.get_content() == b"%PDF \x00"
    assert second.get_filename() == "attachment.eml" and b"deep" in second.get_content()
    undo(ctx, made)
    assert drafts(ctx) == []


# settings


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"host": "smtp.example.org", "address": ""}, "host but no address"),
        ({"security": "plain"}, "security in the table"),
        ({"host": "smtp.example.org", "security": "none"}, "only for a host on this machine"),
        ({"address": "nobody"}, "is no address"),
        ({"drafts": "../x"}, "name of a folder"),
        ({"maildir": "Maildir"}, "must begin with"),
        ({"timeout": 0}, "timeout"),
        ({"hots": "x"}, "unknown setting"),
    ],
)
def test_settings_that_cannot_work(ctx, tmp_path, table, why):
    with pytest.raises(SettingsError, match=why):
        compose_new_email(replace(ctx, tools={"mail": {**TABLE, **table}}), ["Ana"], body="x")
    made = load({"TINYAGENT_HOME": str(tmp_path / "t"), "HOME": str(tmp_path)})
    assert why in available(replace(made, tools={"mail": {**TABLE, **table}}))


def test_available(tmp_path):
    made = load({"TINYAGENT_HOME": str(tmp_path / "t"), "HOME": str(tmp_path)})
    assert available(made).startswith(f"There is no Maildir in {tmp_path}/Maildir: set maildir")
    mailbox.Maildir(tmp_path / "Maildir", create=True)
    assert available(made) is None
