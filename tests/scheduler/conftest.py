"""A private session bus with a notification service on it, a settings folder, and a clock that is moved by hand."""

import os
import queue
import shutil
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from jeepney import HeaderFields, MessageType, message_bus, new_method_return
from jeepney.io.blocking import open_dbus_connection

from tinyagent import settings as settings_module

NAME = "org.freedesktop.Notifications"


class Desktop(threading.Thread):
    """Owns the name of the notification service and keeps what it is asked to show."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.shown = queue.Queue()
        self.connection = open_dbus_connection(address)
        reply = self.connection.send_and_get_reply(message_bus.RequestName(NAME))
        assert reply.body == (1,)
        self.ending = False

    def run(self):
        number = 0
        while not self.ending:
            try:
                message = self.connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            fields = message.header.fields
            if (
                message.header.message_type is MessageType.method_call
                and fields[HeaderFields.member] == "Notify"
            ):
                number += 1
                assert fields[HeaderFields.signature] == "susssasa{sv}i"
                self.shown.put(message.body)
                self.connection.send(new_method_return(message, "u", (number,)))
        self.connection.close()

    def next(self, seconds=10):
        """Return title, body and urgency of the next notification."""
        _app, _replaces, _icon, title, body, _actions, hints, _timeout = self.shown.get(timeout=seconds)
        return title, body, hints["urgency"][1]


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """Start a session bus of our own; gives its address."""
    if not shutil.which("dbus-daemon"):
        pytest.fail("dbus-daemon is missing: apt-get install -y dbus")
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={tmp_path}/bus"],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = process.stdout.readline().strip()
    assert address
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def desktop(bus):
    service = Desktop(bus)
    service.start()
    yield service
    service.ending = True
    service.join()


@pytest.fixture
def settings(tmp_path):
    made = settings_module.load(
        {"TINYAGENT_HOME": str(tmp_path / "home"), "HOME": os.environ.get("HOME", "/")}
    )
    return replace(made, timezone="Europe/Berlin")


class Clock:
    """The time, moved by hand or by waiting."""

    def __init__(self, start):
        self.time = start
        self.waits = 0

    def now(self):
        return self.time

    def wait(self, seconds):
        assert 0 < seconds <= 1
        self.waits += 1
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC))  # 09:00 in Berlin, a Monday
