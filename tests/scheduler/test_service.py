import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from tinyagent.errors import StoreError
from tinyagent.scheduler import status
from tinyagent.scheduler.notify import Notice
from tinyagent.scheduler.process import only_one
from tinyagent.scheduler.service import Service, run
from tinyagent.tools import clock_store, fired
from tinyagent.tools.clock import cancel_alarm, set_alarm, set_timer, snooze_alarm
from tinyagent.tools.reminders import create_reminder


class Ended(Exception):
    pass


class World:
    """A person's folders, a clock, and a scheduler whose notices are kept."""

    def __init__(self, settings, clock):
        self.settings, self.clock, self.shown = settings, clock, []

    @property
    def ctx(self):
        local = self.clock.time.astimezone(self.settings.zone()).replace(tzinfo=None)
        return self.settings.context(local)

    def tick(self):
        """Start a scheduler anew and let it look once; gives the titles and bodies shown."""
        self.shown.clear()
        assert run(self.settings, once=True, now=self.clock.now, notify=self.shown.append)
        return [(notice.title, notice.body) for notice in self.shown]

    def later(self, **length):
        self.clock.time += timedelta(**length)

    def run_until(self, end):
        """Let a scheduler run until the clock shows `end`; gives the times at which it showed something."""
        times = []

        def wait(seconds):
            if self.clock.time >= end:
                raise Ended
            self.clock.wait(seconds)

        def notify(notice):
            times.append((self.clock.time.strftime("%d %H:%M:%S"), notice.title))

        with pytest.raises(Ended):
            run(self.settings, now=self.clock.now, wait=wait, notify=notify)
        return times


@pytest.fixture
def world(settings, clock):
    return World(settings, clock)


def test_everything_rings_once(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 30), "tea")
    set_timer(world.ctx, timedelta(minutes=30), "pasta")
    create_reminder(world.ctx, "call Sid", datetime(2026, 3, 2, 9, 30))
    assert world.tick() == []
    world.later(minutes=30)
    assert sorted(world.tick()) == [
        ("Pasta timer is over", "30 minutes"),
        ("call Sid", "Reminder, 09:30"),
        ("tea", "09:30"),
    ]
    assert world.tick() == []
    world.later(days=3)
    assert world.tick() == []
    assert clock_store.read(world.settings.state) == []


def test_what_was_missed_rings_once_and_says_so(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 15, 0))
    set_timer(world.ctx, timedelta(minutes=5))
    create_reminder(world.ctx, "call Sid", datetime(2026, 3, 2, 15, 0))
    world.later(hours=8)
    assert sorted(world.tick()) == [
        ("Alarm", "Missed at 15:00"), ("The timer is over", "5 minutes, missed at 09:05"),
        ("call Sid", "Missed at 15:00"),
    ]  # fmt: skip
    assert world.tick() == []
    world.later(days=1)
    create_reminder(world.ctx, "post", datetime(2026, 3, 3, 20, 0))
    world.later(days=20)
    assert world.tick() == [("post", "Missed at Tuesday 3 March at 20:00")]
    assert world.tick() == []


def test_repeating_alarms_and_reminders_roll_on(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 1), "gym", "FREQ=DAILY")
    create_reminder(world.ctx, "pills", datetime(2026, 3, 2, 9, 2), recurrence="FREQ=DAILY")
    world.later(minutes=3)
    assert len(world.tick()) == 2
    assert clock_store.read(world.settings.state)[0].due == "2026-03-03T09:01:00"
    world.later(days=1)
    assert len(world.tick()) == 2
    world.later(days=4)
    assert len(world.tick()) == 2  # missed four times, rings once
    assert world.tick() == []
    assert clock_store.read(world.settings.state)[0].due == "2026-03-08T09:01:00"


def test_an_alarm_keeps_its_clock_time_over_the_change_to_summer_time(world):
    world.clock.time = datetime(2026, 3, 27, 12, tzinfo=UTC)
    set_alarm(world.ctx, datetime(2026, 3, 28, 7), recurrence="FREQ=DAILY")
    for _ in range(3):
        world.later(days=1)
        world.tick()
    rang = [row.due for row in fired.read(world.settings.state).fired]
    assert rang == [f"2026-03-{time}:00+00:00" for time in ("28T06:00", "29T05:00", "30T05:00")]


def test_snoozed_it_rings_again(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 1), "wake")
    world.later(minutes=1)
    assert world.tick() == [("wake", "09:01")]
    snooze_alarm(world.ctx, timedelta(minutes=10))
    assert world.tick() == []
    world.later(minutes=10)
    assert world.tick() == [("wake", "09:11")]
    snooze_alarm(world.ctx)
    world.later(minutes=10)
    assert world.tick() == [("wake", "09:21")]


def test_it_wakes_to_the_second_and_sees_what_changes_meanwhile(world):
    set_timer(world.ctx, timedelta(seconds=7.5))
    end = world.clock.time + timedelta(minutes=2)
    waited = world.clock.wait

    def wait(seconds):
        waited(seconds)
        if world.clock.waits == 4:
            set_timer(world.ctx, timedelta(seconds=20), "second")

    world.clock.wait = wait
    assert world.run_until(end) == [
        ("02 08:00:07", "The timer is over"),
        ("02 08:00:24", "Second timer is over"),
    ]


def test_a_cancelled_alarm_does_not_ring(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 1))
    cancel_alarm(world.ctx)
    world.later(minutes=2)
    assert world.tick() == []


def test_killed_between_ringing_and_rolling_it_does_not_ring_again(world, monkeypatch):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 1), recurrence="FREQ=DAILY")
    world.later(minutes=1)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Service, "_roll", killed)
        with pytest.raises(KeyboardInterrupt):
            world.tick()
    assert len(world.shown) == 1
    assert world.tick() == []
    assert clock_store.read(world.settings.state)[0].due == "2026-03-03T09:01:00"


def test_a_damaged_clock_does_not_stop_reminders(world, capfd):
    path = world.settings.state / clock_store.FILE
    path.parent.mkdir(parents=True)
    path.write_text("{")
    create_reminder(world.ctx, "call Sid", datetime(2026, 3, 2, 9, 1))
    world.later(minutes=1)
    assert world.tick() == [("call Sid", "Reminder, 09:01")]
    assert path.read_text() == "{"
    assert "clock.json is damaged" in capfd.readouterr().err


def test_a_damaged_history_is_kept_aside_and_nothing_old_rings_again(world, capfd):
    create_reminder(world.ctx, "old", datetime(2026, 3, 2, 9, 1))
    world.later(minutes=1)
    assert len(world.tick()) == 1
    path = world.settings.state / fired.FILE
    path.write_text("broken")
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 2))
    world.later(minutes=1)
    assert [title for title, _ in world.tick()] == ["Alarm"]
    (aside,) = world.settings.state.glob("fired-damaged-*.json")
    assert aside.read_text() == "broken"
    assert world.tick() == []
    assert "fired.json is damaged" in capfd.readouterr().err


def test_a_full_disk_does_not_ring_again_and_again(world, monkeypatch, capfd):
    set_timer(world.ctx, timedelta(seconds=1))
    world.later(seconds=2)

    def full(*_, **__):
        raise StoreError("The disk is full.")

    monkeypatch.setattr(fired, "write", full)
    monkeypatch.setattr(clock_store, "atomic_write", full)
    service = Service(world.settings, world.clock.now, world.shown.append)
    for _ in range(3):
        service.tick()
    assert len(world.shown) == 1
    assert capfd.readouterr().err == "The disk is full.\n"


def test_old_firings_are_forgotten(world):
    set_timer(world.ctx, timedelta(seconds=1))
    world.later(seconds=2)
    world.tick()
    world.later(days=40)
    world.tick()
    data = json.loads((world.settings.state / fired.FILE).read_text())
    assert data["fired"] == [] and data["checked"].startswith("2026-04-11")


def test_only_one_runs(world):
    with only_one(world.settings.state, world.clock.time):
        with only_one(world.settings.state, world.clock.time, patience=0) as alone:
            assert not alone
    with only_one(world.settings.state, world.clock.time, patience=0) as alone:
        assert alone


def test_status_does_not_name_a_process_that_was_killed(world, monkeypatch):
    monkeypatch.setattr("tinyagent.scheduler.process.time.sleep", lambda seconds: None)
    with only_one(world.settings.state, world.clock.time):
        assert status(world.settings)["pid"] == os.getpid()
        (world.settings.state / "scheduler.json").write_text('{"pid": 999999999, "since": "x"}')
        assert status(world.settings)["running"] and status(world.settings)["pid"] is None
    assert not status(world.settings)["running"]


def test_idle_it_only_polls(world):
    world.run_until(world.clock.time + timedelta(minutes=10))
    assert world.clock.waits <= 610


def test_notices_that_matter_stay(world):
    set_alarm(world.ctx, datetime(2026, 3, 2, 9, 1))
    create_reminder(world.ctx, "x", datetime(2026, 3, 2, 9, 1))
    world.later(minutes=1)
    world.tick()
    assert {notice for notice in world.shown} == {
        Notice("Alarm", "09:01", True),
        Notice("x", "Reminder, 09:01"),
    }
