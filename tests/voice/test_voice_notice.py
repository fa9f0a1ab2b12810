"""The notification of an answer, on a session bus of our own with a notification service on it."""

import queue
import shutil
import subprocess
import threading

import pytest
from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

from tinyagent.scheduler.notify import Notice, show_on_desktop
from tinyagent.voice.notice import BODY, TITLE, show

SERVICE = "org.freedesktop.Notifications"


class Desktop(threading.Thread):
    """Owns the name of the notification service; keeps title and body of what it is asked to show, or refuses."""

    def __init__(self, address, refuses=False):
        super().__init__(daemon=True)
        self.shown = queue.Queue()
        self.refuses, self.ending = refuses, False
        self.connection = open_dbus_connection(address)
        assert self.connection.send_and_get_reply(message_bus.RequestName(SERVICE)).body == (1,)

    def run(self):
        while not self.ending:
            try:
                message = self.connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            header = message.header
            if header.message_type is not MessageType.method_call:
                continue
            if header.fields[HeaderFields.member] != "Notify":
                continue
            if self.refuses:
                self.connection.send(new_error(message, f"{SERVICE}.Error", "s", ("not now",)))
                continue
            self.hints = message.body[6]
            self.shown.put(message.body[3:5])
            self.connection.send(new_method_return(message, "u", (1,)))
        self.connection.close()


@pytest.fixture(scope="module")
def bus(tmp_path_factory):
    """Start a session bus of our own; gives what a program has to know of it."""
    if not shutil.which("dbus-daemon"):
        pytest.fail("dbus-daemon is missing: apt-get install -y dbus")
    socket = tmp_path_factory.mktemp("bus") / "bus"
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={socket}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = process.stdout.readline().strip()
    assert address
    yield {"DBUS_SESSION_BUS_ADDRESS": address}
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def desktop(bus, request):
    service = Desktop(bus["DBUS_SESSION_BUS_ADDRESS"], getattr(request, "param", False))
    service.start()
    yield service
    service.ending = True
    service.join()


def test_title_and_body_are_shown(bus, desktop):
    assert show("Reminder", "I'll remind you today at 15:00: call <Sid> & Ana.", environment=bus) is True
    title, body = desktop.shown.get(timeout=5)
    assert (title, body) == ("Reminder", "I'll remind you today at 15:00: call &lt;Sid&gt; &amp; Ana.")


def test_a_desktop_can_tell_an_answer_from_what_is_due(bus, desktop):
    assert show("tinyagent", "It is 15:00.", environment=bus)
    desktop.shown.get(timeout=5)
    assert desktop.hints["category"] == ("s", "x-tinyagent.answer")
    assert show_on_desktop(Notice("Alarm", "07:00"), bus) == 1
    desktop.shown.get(timeout=5)
    assert desktop.hints["category"] == ("s", "x-tinyagent.due")


def test_lines_stay_apart(bus, desktop):
    assert show("tinyagent", "You have two events:\n- lunch\n\n- dentist\n", environment=bus)
    assert desktop.shown.get(timeout=5)[1] == "You have two events: · - lunch · - dentist"


def test_a_long_text_is_cut(bus, desktop):
    assert show("t" * 500, "word " * 500, environment=bus)
    title, body = desktop.shown.get(timeout=5)
    assert len(title) == TITLE and title.endswith("…")
    assert len(body) <= BODY and body.endswith("word…")


def test_what_comes_from_outside_is_harmless(bus, desktop):
    assert show("a\x1b[2Jb", "see \u202etxt.exe\x07 now \ud800", environment=bus)
    title, body = desktop.shown.get(timeout=5)
    assert title == "a\\x1b[2Jb" and body.startswith("see \\u202etxt.exe\\x07 now ")
    assert title.isprintable() and body.isprintable()


@pytest.mark.parametrize("desktop", [True], indirect=True)
def test_a_desktop_that_refuses_is_no_desktop(bus, desktop):
    assert show("a", "b", environment=bus) is False


@pytest.mark.parametrize("address", ["unix:path=/nowhere", "nonsense", ""])
def test_without_a_bus_nothing_happens(address, capfd):
    assert (
        show("a", "b", environment={"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": "/nowhere"})
        is False
    )
    assert capfd.readouterr() == ("", "")


def test_without_a_service_on_the_bus_nothing_happens(bus, capfd):
    assert show("a", "b", environment=bus) is False
    assert capfd.readouterr() == ("", "")
