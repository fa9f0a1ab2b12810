"""The real thing: the scheduler as a process of its own, a session bus, a notification service on it."""

import io
import os
import queue
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tinyagent.scheduler import ensure_running, status
from tinyagent.scheduler.notify import DesktopError, Notice, show, show_on_desktop
from tinyagent.tools import clock_store, fired
from tinyagent.tools.clock import set_timer
from tinyagent.tools.clock_store import Entry
from tinyagent.tools.reminders import create_reminder


@pytest.fixture
def scheduler(settings, bus):
    """Give a function that starts the scheduler; what still runs at the end is ended."""
    yield lambda: ensure_running(settings)
    kill(settings, signal.SIGTERM)


def kill(settings, number):
    pid = status(settings)["pid"]
    if pid is None:
        return
    os.kill(pid, number)
    until = time.monotonic() + 5
    while status(settings)["running"]:
        assert time.monotonic() < until
        time.sleep(0.02)


def remembered(settings, number):
    """Wait until so many firings are on disk: a kill before that rings again."""
    until = time.monotonic() + 5
    while len(fired.read(settings.state).fired) < number:
        assert time.monotonic() < until
        time.sleep(0.01)


def alarm(settings, label, seconds):
    """Set an alarm to the second (the tool sets them to the minute)."""
    local = datetime.now(settings.zone()).replace(tzinfo=None) + timedelta(seconds=seconds)
    with clock_store.changing(settings.state) as book:
        book.entries.append(Entry(id=f"alarm-{label}", kind="alarm", due=local.isoformat(), label=label))


def test_alarm_timer_and_reminder_arrive_also_after_a_kill(settings, desktop, scheduler):
    assert scheduler() and scheduler()
    first = status(settings)
    assert first["running"] and first["next"] is None
    alarm(settings, "wake", 1)
    set_timer(settings.context(), timedelta(seconds=1), "pasta")
    due = datetime.now(settings.zone()).replace(tzinfo=None, microsecond=0) + timedelta(seconds=2)
    create_reminder(settings.context(), "call <Sid> & Ana", due)
    assert status(settings)["next"]["kind"] in ("timer", "alarm")
    shown = {title: (body, urgency) for title, body, urgency in (desktop.next() for _ in range(3))}
    assert set(shown) == {"wake", "Pasta timer is over", "call <Sid> & Ana"}
    assert shown["Pasta timer is over"] == ("1 second", 2)
    assert shown["call <Sid> & Ana"][0].startswith("Reminder, ") and shown["call <Sid> & Ana"][1] == 1

    remembered(settings, 3)
    kill(settings, signal.SIGKILL)
    assert not status(settings)["running"]
    alarm(settings, "missed", -7200)
    set_timer(settings.context(), timedelta(seconds=1), "tea")
    due = datetime.now(settings.zone()).replace(tzinfo=None, microsecond=0) + timedelta(seconds=1)
    create_reminder(settings.context(), "post", due)
    time.sleep(1.1)
    assert scheduler()
    assert status(settings)["pid"] != first["pid"]
    titles = [desktop.next() for _ in range(3)]
    assert sorted(title for title, _, _ in titles) == ["Tea timer is over", "missed", "post"]
    assert next(body for title, body, _ in titles if title == "missed").startswith("Missed at ")
    remembered(settings, 6)
    kill(settings, signal.SIGKILL)
    assert scheduler()
    with pytest.raises(queue.Empty):
        desktop.next(0.7)  # nothing rings twice
    assert (settings.state / "scheduler.log").read_text() == ""


def test_it_ends_cleanly(settings, scheduler):
    assert scheduler()
    kill(settings, signal.SIGTERM)
    assert not (settings.state / "scheduler.json").exists()
    assert (settings.state / "scheduler.log").read_text() == ""


def test_without_a_notification_service_it_rings_in_the_log(settings, scheduler):
    set_timer(settings.context(), timedelta(seconds=1), "pasta")
    assert scheduler()
    log = settings.state / "scheduler.log"
    until = time.monotonic() + 8
    while "Pasta timer is over" not in log.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert log.read_text().startswith("\aPasta timer is over: 1 second [no desktop notification: ")


def test_a_notice_over_the_bus(bus, desktop):
    environment = {"DBUS_SESSION_BUS_ADDRESS": bus}
    assert show_on_desktop(Notice("a\x00b\ud800", "1 < 2 & 3"), environment) == 1
    assert desktop.next() == ("a b?", "1 &lt; 2 &amp; 3", 1)
    assert show(Notice("now", "07:00", urgent=True), environment) == "desktop"
    assert desktop.next()[2] == 2


def test_the_usual_socket_is_found_without_a_variable(bus, desktop, tmp_path):
    assert show_on_desktop(Notice("a", "b"), {"XDG_RUNTIME_DIR": str(tmp_path)}) == 1


@pytest.mark.parametrize("address", ["unix:path=/nowhere", "nonsense", ""])
def test_without_a_bus_a_bell_and_a_line(address):
    stream = io.StringIO()
    environment = {"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": "/nowhere"}
    assert show(Notice("Alarm\x1b[2J", "07:00\nx"), environment, stream) == "terminal"
    text = stream.getvalue()
    assert text.startswith("\aAlarm [2J: 07:00 x [no desktop notification: ") and text.count("\n") == 1
    with pytest.raises(DesktopError):
        show_on_desktop(Notice("a", "b"), environment)


def test_it_uses_next_to_no_processor_time(settings, scheduler):
    for number in range(30):
        create_reminder(
            settings.context(), f"thing {number}", datetime.now().replace(microsecond=0) + timedelta(days=2)
        )
    assert scheduler()
    time.sleep(0.5)
    pid = status(settings)["pid"]

    def used():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    if not os.path.exists(f"/proc/{pid}/stat"):
        pytest.skip("no /proc here")
    before = used()
    time.sleep(2)
    assert used() - before <= 0.05


def test_status_says_what_is_next(settings):
    assert status(settings) == {"running": False, "pid": None, "since": None, "next": None}
    now = datetime.now(UTC)
    set_timer(settings.context(), timedelta(hours=1), "long")
    following = status(settings)["next"]
    assert (following["kind"], following["label"]) == ("timer", "long")
    assert abs(datetime.fromisoformat(following["due"]) - now - timedelta(hours=1)) < timedelta(seconds=5)
