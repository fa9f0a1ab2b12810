"""Sending to a real SMTP server on a free loopback port: plain, STARTTLS, TLS, with a login, hanging, refusing."""

import json
import mailbox
import shutil
import socket
import ssl
import subprocess
import threading
import time
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tinyagent.errors import StoreError, TinyAgentError
from tinyagent.tools import mail, maildir
from tinyagent.tools.contacts import add_contact
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.mail import compose_new_email, forward_email, reply_to_email
from tinyagent.tools.mail_outbox import NotSentError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0)
WAIT = 0.5


class Inbox:
    """Takes mails and keeps them; refuses and stalls as it is told."""

    def __init__(self):
        self.got = []
        self.refuse = ()
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.got.append(
                (envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None)
            )
        return self.answer


class Server(Controller):
    """aiosmtpd on a port that the system chooses."""

    def __init__(self, inbox, **options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=port, **options)


@pytest.fixture
def serve():
    """Give a function that starts a server; all are stopped at the end."""
    running = []

    def start(**options):
        inbox = Inbox()
        server = Server(inbox, **options)
        server.start()
        running.append(server)
        return inbox, server.port

    yield start
    for server in running:
        server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself; gives its file and its key."""
    if not shutil.which("openssl"):
        pytest.fail("openssl is missing: apt-get install -y --no-install-recommends openssl")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def ctx(tmp_path):
    made = Context(NOW, BERLIN, Folders.under(tmp_path))
    made.folders.home.mkdir()
    add_contact(made, "Ana Lima", email="ana@example.org")
    add_contact(made, "Sid Rao", email="sid@example.org")
    box = mailbox.Maildir(made.folders.home / "Maildir", create=True)
    box.add_folder("Drafts")
    return made


@pytest.fixture
def to(ctx):
    """Give a context that sends to a port, with more settings of the table [mail]."""

    def make(port, **more):
        table = {
            "address": "me@example.org",
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "timeout": WAIT,
        }
        return replace(ctx, tools={"mail": {**table, **more}})

    return make


@pytest.fixture
def login(ctx):
    """A password file, and the check of a server that knows that password."""
    path = ctx.folders.home / "password"
    path.write_text("s3cret\n")
    path.chmod(0o600)

    def check(server, session, envelope, mechanism, data):
        fine = isinstance(data, LoginPassword) and (data.login, data.password) == (b"mia", b"s3cret")
        return AuthResult(success=fine, handled=False)

    return path, check


def box(ctx, name):
    root = ctx.folders.home / "Maildir"
    return list(mailbox.Maildir(root, create=False).get_folder(name)) if (root / f".{name}").is_dir() else []


def send(ctx):
    return compose_new_email(ctx, ["Ana"], "Agenda", "Hi")


def fails(ctx, why):
    """Check that nothing is sent, that the sentence says why, and that the draft is where it says."""
    with pytest.raises(NotSentError, match=why) as error:
        send(ctx)
    assert f"a draft in {ctx.folders.home}/Maildir/.Drafts" in str(error.value)
    (draft,) = box(ctx, "Drafts")
    assert draft.get_flags() == "DS" and draft["Subject"] == "Agenda" and box(ctx, "Sent") == []
    return str(error.value)


def test_plain_on_this_machine(to, serve):
    inbox, port = serve()
    ctx = to(port)
    made = compose_new_email(ctx, ["Ana", "bob@example.com"], "Grüße", "Hi\n.\nBcc: x — ü", cc=["Sid"])
    assert made.answer == (
        "I sent the mail “Grüße” to Ana Lima, bob@example.com and Sid Rao "
        "(ana@example.org, bob@example.com and sid@example.org)."
    )
    (sender, recipients, content, encrypted), = inbox.got  # fmt: skip
    assert sender == "me@example.org" and not encrypted
    assert recipients == ["ana@example.org", "bob@example.com", "sid@example.org"]
    message = message_from_bytes(content, policy=policy.default)
    assert message["Subject"] == "Grüße" and message.get_content().splitlines() == ["Hi", ".", "Bcc: x — ü"]
    assert made.undo is None and box(ctx, "Drafts") == []
    (copy,) = box(ctx, "Sent")
    assert copy.get_flags() == "S" and copy["Message-ID"] == message["Message-ID"]
    assert Path(made.value["path"]).exists() and made.value["sent"]
    assert json.dumps(made.value)


def test_starttls_with_a_login(to, serve, tls, certificate, login):
    path, check = login
    inbox, port = serve(tls_context=tls, require_starttls=True, authenticator=check, auth_required=True)
    settings = {
        "security": "starttls",
        "user": "mia",
        "password_file": str(path),
        "ca_file": str(certificate[0]),
    }
    ctx = to(port, **settings)
    assert send(ctx).answer == "I sent the mail “Agenda” to Ana Lima (ana@example.org)."
    assert inbox.got[0][3]
    by_command = {**settings, "password_file": "", "password_command": ["printf", "s3cret"]}
    assert send(to(port, **by_command)).value["sent"]
    assert len(inbox.got) == 2


def test_tls_from_the_start(to, serve, tls, certificate):
    inbox, port = serve(ssl_context=tls)
    assert send(to(port, security="tls", ca_file=str(certificate[0]))).value["sent"]
    assert len(inbox.got) == 1


def test_a_wrong_password(to, serve, tls, certificate, login, ctx):
    path, check = login
    inbox, port = serve(tls_context=tls, require_starttls=True, authenticator=check, auth_required=True)
    path.write_text("h0rse\n")
    made = to(port, security="starttls", user="mia", password_file=str(path), ca_file=str(certificate[0]))
    text = fails(made, "was not sent, as 127.0.0.1 does not take the password")
    assert "check user and password_file" in text and "h0rse" not in text
    assert inbox.got == []


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("absent", "cannot be read"),
        ("open", "can be read by others: run `chmod 600"),
        ("empty", "gives no password"),
        ("command", "try false by hand"),
        ("none", "no password_file or password_command"),
    ],
)
def test_a_password_that_cannot_be_had(to, serve, login, spoil, why):
    path, _ = login
    _, port = serve()
    more = {"password_file": str(path)}
    if spoil == "absent":
        path.unlink()
    elif spoil == "open":
        path.chmod(0o644)
    elif spoil == "empty":
        path.write_text("\n")
    elif spoil == "command":
        more = {"password_command": ["false"]}
    else:
        more = {}
    fails(to(port, user="mia", **more), why)


def test_a_certificate_that_nobody_vouches_for(to, serve, tls):
    inbox, port = serve(tls_context=tls)
    fails(to(port, security="starttls"), "the certificate of 127.0.0.1 is not trusted")
    assert inbox.got == []


def test_a_server_without_encryption_gets_nothing(to, serve):
    inbox, port = serve()
    fails(to(port, security="starttls"), "offers no encryption")
    assert inbox.got == []


def test_a_server_that_does_not_speak_tls(to, serve):
    _, port = serve()
    fails(to(port, security="tls"), "does not speak TLS there|did not answer")


def test_nobody_listens(to):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    fails(to(port), "cannot be reached")


@pytest.mark.parametrize(
    "greeting", [b"", b"220 hi\r\n", b"554 go away\r\n", b"220 \xff\x1b[2J\r\n500 \x1b[2J\r\n"]
)
def test_a_server_that_hangs_or_talks_nonsense(to, greeting):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(greeting)
                ended.wait(10)

        thread = threading.Thread(target=answer)
        thread.start()
        started = time.monotonic()
        try:
            text = fails(to(listener.getsockname()[1]), "was not sent, as 127.0.0.1")
        finally:
            ended.set()
            thread.join()
        assert time.monotonic() - started < 10 * WAIT
        assert "\x1b" not in text


def test_a_server_that_hangs_after_the_mail_may_have_taken_it(to):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def answer():
            connection, _ = listener.accept()
            with connection, connection.makefile("rwb") as stream:
                stream.write(b"220 hi\r\n")
                stream.flush()
                while line := stream.readline():
                    stream.write(b"354 go on\r\n" if line.upper().startswith(b"DATA") else b"250 ok\r\n")
                    if line == b".\r\n":
                        ended.wait(10)
                        return
                    if line[:4].upper() in (b"EHLO", b"MAIL", b"RCPT", b"DATA"):
                        stream.flush()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            text = fails(to(listener.getsockname()[1]), "may not have been sent")
        finally:
            ended.set()
            thread.join()
        assert "look whether it arrived" in text


def test_a_server_that_does_not_say_goodbye(to, serve):
    inbox, port = serve()

    async def slow(server, session, envelope):
        import asyncio

        await asyncio.sleep(4)
        return "221 bye"

    inbox.handle_QUIT = slow
    started = time.monotonic()
    assert send(to(port)).value["sent"]
    assert time.monotonic() - started < 4


def test_refused_recipients(to, serve, ctx):
    inbox, port = serve()
    inbox.refuse = ("bob@example.com",)
    made = compose_new_email(to(port), ["Ana", "bob@example.com"], "x", "y")
    assert made.answer.endswith(" The server refused bob@example.com: check the address.")
    assert inbox.got[0][1] == ["ana@example.org"] and made.value["refused"] == ["bob@example.com"]
    inbox.refuse = ("ana@example.org",)
    with pytest.raises(NotSentError, match=r"refuses the recipient \(550 no such user\)"):
        send(to(port))
    inbox.refuse = ()
    inbox.answer = "552 too big"
    with pytest.raises(NotSentError, match=r"refuses the mail \(552 too big\)"):
        send(to(port))
    assert len(box(ctx, "Drafts")) == 2 and len(box(ctx, "Sent")) == 1


def test_a_full_disk_after_sending_does_not_unsend(to, serve, monkeypatch, ctx):
    _, port = serve()

    def full(self, path, name, flags):
        raise StoreError("the disk is full.")

    monkeypatch.setattr(maildir.Maildir, "move", full)
    made = send(to(port))
    assert made.value["sent"] and "still among the drafts: the disk is full." in made.answer
    assert len(box(ctx, "Drafts")) == 1


def test_an_empty_mail_is_not_sent(to, serve, ctx):
    inbox, port = serve()
    made = compose_new_email(to(port), ["Ana"])
    assert made.answer.endswith("there is nothing in it yet.") and not made.value["sent"]
    mail._undo(to(port), made.undo)
    assert inbox.got == [] and box(ctx, "Drafts") == []


# answers


def arrived(ctx, sender, subject="Budget", **more):
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = sender, subject, "<1@x>"
    message["Date"] = NOW.replace(tzinfo=BERLIN)
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content("hi")
    mailbox.Maildir(ctx.folders.home / "Maildir", create=False).add(message)


@pytest.mark.parametrize(
    ("sender", "more", "said", "goes"),
    [
        ("Ana Lima <ana@example.org>", {}, {"sender": "Ana Lima"}, "ana@example.org"),
        ("Ana Lima <ana@example.org>", {}, {}, "ana@example.org"),
        ("Shop <help@shop.example>", {}, {"sender": "Shop"}, "help@shop.example"),
        ("Shop <help@shop.example>", {}, {"sender": "help@shop.example"}, "help@shop.example"),
        # What only the mail itself asks for, be it an answer to somebody else whom the person knows:
        ("Ana Lima <ana@example.org>", {"Reply_To": "sid@example.org"}, {"sender": "Ana Lima"}, None),
        ("Ana Lima <ana@example.org>", {"Reply_To": "sid@example.org"}, {}, None),
        ("Shop <help@shop.example>", {}, {}, None),
        ("Shop <help@shop.example>", {}, {"subject": "Budget"}, None),
        ("Ana Lima <ana@evil.example>", {}, {"sender": "Ana Lima"}, None),
        ("Ana Lima <ana@example.org>", {"Reply_To": "eve@evil.example"}, {"sender": "Ana Lima"}, None),
        ("Shop <help@shop.example>", {"Reply_To": "eve@evil.example"}, {"sender": "Shop"}, None),
        (
            "Ana Lima <ana@example.org>",
            {"Reply_To": "ana@example.org, eve@evil.example"},
            {"sender": "Ana Lima"},
            None,
        ),
        ('"ana@example.org" <eve@evil.example>', {}, {"sender": "ana@example.org"}, LookupError),
    ],
)
def test_where_an_answer_goes(to, serve, ctx, sender, more, said, goes):
    inbox, port = serve()
    arrived(ctx, sender, **more)
    if goes is LookupError:
        with pytest.raises(TinyAgentError, match="no mail from"):
            reply_to_email(to(port), body="yes", **said)
        return
    made = reply_to_email(to(port), body="yes", **said)
    assert made.value["sent"] is (goes is not None)
    if goes:
        assert inbox.got[0][1] == [goes]
    else:
        assert inbox.got == []
        assert made.answer.endswith("so send it yourself if that is right.")
        assert len(box(ctx, "Drafts")) == 1


def test_forwarding_is_sent(to, serve, ctx):
    inbox, port = serve()
    arrived(ctx, "Ana Lima <ana@example.org>")
    made = forward_email(to(port), ["Sid"], "Ana Lima")
    assert made.answer == "I sent the mail “Fwd: Budget” to Sid Rao (sid@example.org)."
    assert inbox.got[0][1] == ["sid@example.org"]
