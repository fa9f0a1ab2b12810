"""Texts over a private bus, with a KDE Connect and a ModemManager on it that answer as the real ones do."""

import json
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

from tinyagent.errors import SettingsError, ToolError
from tinyagent.settings import load
from tinyagent.tools import messages
from tinyagent.tools.contacts import add_contact
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.messages import available, send_sms

PHONE = "org.kde.kdeconnect"
MODEM = "org.freedesktop.ModemManager1"
UNKNOWN = "org.freedesktop.DBus.Error.UnknownMethod"


class Service(threading.Thread):
    """Owns a bus name and answers calls by `answer`, which gives (signature, body) or the name of an error."""

    def __init__(self, address, name):
        super().__init__(daemon=True)
        self.connection = open_dbus_connection(address)
        assert self.connection.send_and_get_reply(message_bus.RequestName(name)).body == (1,)
        self.ending = False
        self.calls = []
        self.start()

    def run(self):
        while not self.ending:
            try:
                message = self.connection.receive(timeout=0.02)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            fields = message.header.fields
            call = (
                fields[HeaderFields.path], fields[HeaderFields.interface], fields[HeaderFields.member],
                fields.get(HeaderFields.signature, ""),
            )  # fmt: skip
            self.calls.append((*call, message.body))
            answer = self.answer(*call, message.body)
            if isinstance(answer, str):
                self.connection.send(new_error(message, answer, "s", ("no such thing \x1b[2J",)))
            else:
                self.connection.send(new_method_return(message, *answer))

    def end(self):
        self.ending = True
        self.join()
        self.connection.close()

    def made(self, member):
        return [call for call in self.calls if call[2] == member]


class Phones(Service):
    """KDE Connect with phones by id; `old` takes only (number, text), `broken` refuses to send."""

    def __init__(self, address, phones, old=False, broken=False, without=()):
        self.phones, self.old, self.broken, self.without = phones, old, broken, without
        super().__init__(address, PHONE)

    def answer(self, path, interface, member, signature, body):
        if (path, interface, member) == ("/modules/kdeconnect", f"{PHONE}.daemon", "deviceNames"):
            assert body == (True, True)
            return "a{ss}", (self.phones,)
        device = path.removeprefix("/modules/kdeconnect/devices/").removesuffix("/sms")
        if device not in self.phones:
            return "org.freedesktop.DBus.Error.UnknownObject"
        if (interface, member) == (f"{PHONE}.device", "hasPlugin"):
            return "b", (body == ("kdeconnect_sms",) and device not in self.without,)
        if (interface, member) == (f"{PHONE}.device.sms", "sendSms") and path.endswith("/sms"):
            if self.broken:
                return "org.freedesktop.DBus.Error.Failed"
            return (None, ()) if signature == ("ss" if self.old else "avsav") else UNKNOWN
        return UNKNOWN


class Modem(Service):
    """ModemManager with one modem; it refuses texts to numbers in `bad`."""

    PATH = "/org/freedesktop/ModemManager1/Modem/0"

    def __init__(self, address, bad=(), texts=True):
        self.bad, self.texts, self.stored = bad, texts, {}
        super().__init__(address, MODEM)

    def answer(self, path, interface, member, signature, body):
        if member == "GetManagedObjects" and path == "/org/freedesktop/ModemManager1":
            has = {f"{MODEM}.Modem": {}, **({f"{MODEM}.Modem.Messaging": {}} if self.texts else {})}
            return "a{oa{sa{sv}}}", ({self.PATH: has},)
        if (path, interface, member) == (self.PATH, f"{MODEM}.Modem.Messaging", "Create"):
            assert signature == "a{sv}"
            made = f"/org/freedesktop/ModemManager1/SMS/{len(self.stored)}"
            self.stored[made] = {name: value for name, (_, value) in body[0].items()}
            return "o", (made,)
        if (interface, member) == (f"{MODEM}.Sms", "Send"):
            if self.stored[path]["number"] in self.bad:
                return "org.freedesktop.ModemManager1.Error.Core.Failed"
            self.stored[path]["sent"] = True
            return None, ()
        if member == "Delete":
            del self.stored[body[0]]
            return None, ()
        return UNKNOWN


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """A bus of our own, for session and system alike; gives its address."""
    if not shutil.which("dbus-daemon"):
        pytest.fail("dbus-daemon is missing: apt-get install -y --no-install-recommends dbus")
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={tmp_path}/bus"],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = process.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    yield address
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def no_bus(monkeypatch):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")


@pytest.fixture
def start(bus):
    """Give a function that starts a service; all are ended at the end."""
    running = []

    def begin(kind, *given, **options):
        running.append(kind(bus, *given, **options))
        return running[-1]

    yield begin
    for one in running:
        one.end()


@pytest.fixture
def opened():
    return []


@pytest.fixture
def ctx(tmp_path, opened):
    stores, now = Folders.under(tmp_path / "stores"), datetime(2026, 3, 2, 9)
    made = Context(now, ZoneInfo("Europe/Berlin"), stores, opener=opened.append)
    add_contact(made, "Ana Lima", phone="+49 151 1234-567")
    add_contact(made, "Sid Rao", phone="(030) 99 88 77")
    add_contact(made, "Bob Mail", email="bob@example.org")
    return made


def table(ctx, **settings):
    return replace(ctx, tools={"messages": settings})


def test_by_the_paired_phone(ctx, start, opened):
    phones = start(Phones, {"a1_b2": "Pixel", "9c": "Tablet"}, without=("9c",))
    start(Modem)
    made = send_sms(ctx, ["Ana", "Sid Rao"], "Running late;\nsorry — ü 🙂")
    assert made.answer == (
        "I sent the message to Ana Lima and Sid Rao (+491511234567 and 030998877) by your phone Pixel."
    )
    assert made.value == {"to": ["+491511234567", "030998877"], "sent": True, "not_sent": []}
    sent = phones.made("sendSms")
    assert [call[0] for call in sent] == ["/modules/kdeconnect/devices/a1_b2/sms"] * 2
    assert sent[0][4] == ([("(s)", ("+491511234567",))], "Running late;\nsorry — ü 🙂", [])
    assert opened == [] and json.dumps(made.value)


def test_an_old_kde_connect(ctx, start):
    phones = start(Phones, {"a1": "Pixel"}, old=True)
    assert (
        send_sms(ctx, ["+1 555 0100"], "hi").answer == "I sent the message to +15550100 by your phone Pixel."
    )
    assert phones.made("sendSms")[-1][3:] == ("ss", ("+15550100", "hi"))


def test_of_several_phones_the_one_in_the_settings(ctx, start):
    phones = start(Phones, {"a1": "Pixel", "b2": "Work phone"})
    with pytest.raises(ToolError, match=r"set device in the table \[messages\] to Pixel or Work phone"):
        send_sms(ctx, ["Ana"], "hi")
    assert send_sms(table(ctx, device="work phone"), ["Ana"], "hi").value["sent"]
    assert phones.made("sendSms")[0][0].endswith("/b2/sms")


def test_a_phone_that_refuses_is_not_gone_round(ctx, start, opened):
    start(Phones, {"a1": "Pixel"}, broken=True)
    modem = start(Modem)
    with pytest.raises(
        ToolError, match="The message to Ana Lima was not sent by your phone Pixel: "
    ) as error:
        send_sms(ctx, ["Ana"], "hi")
    assert "\x1b" not in str(error.value)
    assert modem.stored == {} and opened == []


def test_by_a_modem(ctx, start):
    modem = start(Modem)
    made = send_sms(ctx, ["Ana"], "hi")
    assert made.answer == "I sent the message to Ana Lima (+491511234567) by this computer's modem."
    assert list(modem.stored.values()) == [{"number": "+491511234567", "text": "hi", "sent": True}]


def test_a_modem_that_fails_midway_says_who_got_it(ctx, start):
    modem = start(Modem, bad=("030998877",))
    made = send_sms(ctx, ["Ana", "Sid", "112233"], "hi")
    assert made.answer.startswith("I sent the message to Ana Lima (+491511234567) by this computer's modem. ")
    assert " Not to Sid Rao and 112233: " in made.answer
    assert made.value["not_sent"] == ["030998877", "112233"]
    assert [one["number"] for one in modem.stored.values()] == ["+491511234567"]
    with pytest.raises(ToolError, match="to Sid Rao was not sent"):
        send_sms(ctx, ["Sid"], "hi")


@pytest.mark.parametrize("there", ["bus", "no_bus"])
def test_else_a_link_for_the_messaging_program(ctx, request, opened, there):
    request.getfixturevalue(there)
    made = send_sms(ctx, ["Ana", "Sid"], "5 & 6? über\nzwei")
    assert opened == ["sms:+491511234567,030998877?body=5%20%26%206%3F%20%C3%BCber%0Azwei"]
    assert made.answer == (
        "The message to Ana Lima and Sid Rao is in your messaging program, not sent yet: send it there."
    )
    assert made.value["sent"] is False


def test_phones_and_modems_that_send_no_texts_count_as_none(ctx, start, opened):
    start(Phones, {"a1": "Tablet"}, without=("a1",))
    start(Modem, texts=False)
    assert send_sms(ctx, ["Ana"], "hi").value["sent"] is False and len(opened) == 1


def test_where_nothing_can_send(ctx, no_bus):
    def closed(link):
        raise ToolError("There is no desktop to open it on: log in to one.")

    with pytest.raises(ToolError, match=r"no phone in reach .* install kdeconnect"):
        send_sms(replace(ctx, opener=closed), ["Ana"], "hi")
    with pytest.raises(ToolError, match="no desktop"):
        send_sms(table(replace(ctx, opener=closed), by="link"), ["Ana"], "hi")
    with pytest.raises(ToolError, match="no phone called Pixel in reach"):
        send_sms(table(ctx, by="kdeconnect", device="Pixel"), ["Ana"], "hi")
    with pytest.raises(ToolError, match="no modem"):
        send_sms(table(ctx, by="modemmanager"), ["Ana"], "hi")
    with pytest.raises(SettingsError, match="setting by"):
        send_sms(table(ctx, by="pigeon"), ["Ana"], "hi")


@pytest.mark.parametrize(
    ("recipients", "text", "why"),
    [
        (["Bob Mail"], "hi", "no phone number for Bob Mail"),
        (["Nobody Known"], "hi", "no Nobody Known in your contacts"),
        (["12"], "hi", "not a number"),
        (["1" * 16], "hi", "not a number"),
        (["+49 151;?body=x"], "hi", "no .* in your contacts"),
        ([], "hi", "Who shall get"),
        (["Ana"], "  ", "message is empty"),
        (["Ana"], "x" * 1601, "longer than 1600"),
    ],
)
def test_what_is_no_message(ctx, no_bus, opened, recipients, text, why):
    with pytest.raises(ToolError, match=why):
        send_sms(ctx, recipients, text)
    assert opened == []


def test_a_fax_gets_no_texts(ctx, no_bus):
    (ctx.folders.contacts / "fax.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Fax Only\nTEL;TYPE=FAX:030 1\nEND:VCARD\n"
    )
    with pytest.raises(ToolError, match="only a fax number for Fax Only"):
        send_sms(ctx, ["Fax Only"], "hi")


def test_available(tmp_path, start, monkeypatch):
    settings = load({"TINYAGENT_HOME": str(tmp_path / "t"), "HOME": str(tmp_path)})
    monkeypatch.setattr(messages.opener, "unavailable", lambda: "There is no desktop.")
    assert available(settings).startswith(
        "There is no phone in reach to send a text with: install kdeconnect"
    )
    assert available(replace(settings, tools={"messages": {"by": "link"}})) == "There is no desktop."
    assert "table [messages]" in available(replace(settings, tools={"messages": {"by": 3}}))
    monkeypatch.setattr(messages.opener, "unavailable", lambda: None)
    monkeypatch.setattr(messages, "_opens_links", lambda: True)
    assert available(settings) is None
    monkeypatch.setattr(messages, "_opens_links", lambda: False)
    assert available(settings).startswith("There is no phone")
    start(Modem)
    assert available(settings) is None
