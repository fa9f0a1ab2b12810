"""Other people's programs on our folders: khal, khard and vdirsyncer read what we wrote, and we what they wrote.

todoman is in `test_reminders.py`, trash-cli in `test_documents.py`.
"""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tinyagent.errors import StoreError
from tinyagent.tools import calendar, reminders
from tinyagent.tools.calendar import (
    create_calendar_event,
    delete_calendar_event,
    find_calendar_events,
    move_calendar_event,
)
from tinyagent.tools.contacts import add_contact, get_email_address, get_phone_number, people
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Span
from tinyagent.tools.reminders import complete_reminder, create_reminder

NOW = datetime(2026, 3, 2, 9)  # a Monday
MARCH = Span(datetime(2026, 3, 1), datetime(2026, 4, 1))


@pytest.fixture
def ctx(tmp_path):
    return Context(NOW, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


@pytest.fixture
def run(tmp_path):
    """Run one of the programs with settings of its own, far from the person's; return what it prints."""

    def call(name, *words, say=""):
        program = Path(sys.executable).with_name(name)
        assert program.exists(), f"{name} is missing: uv sync --group dev"
        home = {
            variable: str(tmp_path / "theirs" / variable)
            for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
        }
        environment = {**os.environ, **home, "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [program, "--config", tmp_path / f"{name}.conf", *words],
            capture_output=True, text=True, input=say, env=environment, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return call


# khal


@pytest.fixture
def khal(ctx, run, tmp_path):
    (ctx.folders.calendars / "personal").mkdir(parents=True)
    (tmp_path / "khal.conf").write_text(
        f"[calendars]\n[[personal]]\npath = {ctx.folders.calendars / 'personal'}\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n"
        "[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        "local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
    )
    return lambda *words, **given: run("khal", *words, **given)


def listed(khal, *more):
    wanted = "{start-long-full}|{end-long-full}|{title}|{all-day}|{location}|{description}"
    lines = khal("list", "--format", wanted, "--day-format", "", *more, "2026-03-01", "32d").splitlines()
    return [line.split("|") for line in lines if line]


def test_khal_shows_our_events(ctx, khal):
    create_calendar_event(
        ctx, "Budget: Sid, Ana & Zoë", datetime(2026, 3, 3, 15), duration=timedelta(minutes=90),
        location="Room 4; left", notes="first line\nsecond line", invitees=["Sid"],
    )  # fmt: skip
    create_calendar_event(ctx, "Fair", datetime(2026, 3, 10).date(), end=datetime(2026, 3, 11).date())
    create_calendar_event(ctx, "Standup", datetime(2026, 3, 25, 8, 30), recurrence="FREQ=WEEKLY;COUNT=2")
    assert listed(khal, "--once") == [
        [
            "2026-03-03 15:00",
            "2026-03-03 16:30",
            "Budget: Sid, Ana & Zoë",
            "False",
            "Room 4; left",
            "first line",
        ],
        ["second line"],
        ["2026-03-10 00:00", "2026-03-11 00:00", "Fair", "True", "", ""],
        ["2026-03-25 08:30", "2026-03-25 09:30", "Standup", "False", "", ""],
    ]
    # Summer time begins on the 29th; the clock time stays.
    assert [line[0] for line in listed(khal) if "Standup" in line] == ["2026-03-25 08:30", "2026-04-01 08:30"]


def test_khal_follows_what_we_move_delete_and_undo(ctx, khal):
    create_calendar_event(ctx, "Standup", datetime(2026, 3, 3, 8, 30), recurrence="FREQ=DAILY;COUNT=3")
    moved = move_calendar_event(ctx, "standup", datetime(2026, 3, 3, 11))
    delete_calendar_event(ctx, span=Span(datetime(2026, 3, 4), datetime(2026, 3, 5)))
    assert [line[0][5:] for line in listed(khal)] == ["03-03 11:00", "03-05 08:30"]
    with pytest.raises(StoreError, match="changed since"):
        calendar._undo(ctx, moved.undo)
    gone = delete_calendar_event(ctx, "standup")
    assert listed(khal) == []
    calendar._undo(ctx, json.loads(json.dumps(gone.undo)))
    assert [line[0][5:] for line in listed(khal)] == ["03-03 11:00", "03-05 08:30"]


def test_we_read_and_change_what_khal_wrote(ctx, khal):
    khal("new", "-a", "personal", "2026-03-05", "10:30", "11:15", "Feed the cat", "::", "twice")
    khal(
        "new", "-a", "personal", "--repeat", "weekly", "--until", "2026-04-30", "2026-03-26", "18:00", "Choir"
    )
    found = find_calendar_events(ctx, span=MARCH).value
    assert [(one["title"], one["start"], one["end"]) for one in found] == [
        ("Feed the cat", "2026-03-05T10:30:00", "2026-03-05T11:15:00"),
        ("Choir", "2026-03-26T18:00:00", "2026-03-26T19:00:00"),
    ]
    move_calendar_event(ctx, "cat", datetime(2026, 3, 6, 7))
    delete_calendar_event(ctx, span=Span(datetime(2026, 4, 2), datetime(2026, 4, 3)))
    shown = listed(khal)
    assert [line[0] for line in shown] == ["2026-03-06 07:00", "2026-03-26 18:00"]
    assert shown[0][1:3] == ["2026-03-06 07:45", "Feed the cat"]


# khard


@pytest.fixture
def khard(ctx, run, tmp_path):
    ctx.folders.contacts.mkdir(parents=True)
    (tmp_path / "khard.conf").write_text(
        f"[addressbooks]\n[[people]]\npath = {ctx.folders.contacts}\n[general]\ndefault_action = list\n"
    )
    return lambda *words, **given: run("khard", *words, **given)


def test_khard_shows_our_contacts(ctx, khard):
    add_contact(ctx, "Ana Lima", "ana@example.org", "+351 912 345 678")
    add_contact(ctx, "Zoë O’Hara; Jr.", phone="030 1234")
    add_contact(ctx, "Ana Lima", "lima@work.example")
    assert khard("email", "--parsable", "ana").splitlines()[-2:] == [
        "ana@example.org\tAna Lima\tINTERNET",
        "lima@work.example\tAna Lima\tINTERNET",
    ]
    assert khard("phone", "--parsable", "zoë").splitlines()[-1] == "030 1234\tZoë O’Hara; Jr.\tVOICE"


def test_we_read_and_extend_what_khard_wrote(ctx, khard, tmp_path):
    template = tmp_path / "sid.yaml"
    template.write_text(
        "First name: Sid\nLast name: Rao\nNickname: Siddy\nPhone:\n  cell: +1 555 0101\n  work: 555 0199\n"
        "Email:\n  home: sid@example.org\nNote: likes tea\n"
    )
    khard("new", "--addressbook", "people", "--input-file", str(template))
    assert set(people(ctx.folders.contacts)) == {"Sid Rao", "Siddy\tSid Rao"}
    assert get_phone_number(ctx, "Siddy").value["phone"] == "+1 555 0101"
    assert get_email_address(ctx, "sid rao").value["email"] == "sid@example.org"
    add_contact(ctx, "Sid Rao", "rao@example.org")
    shown = khard("show", "--format", "yaml", "sid")
    assert "rao@example.org" in shown and "sid@example.org" in shown and "likes tea" in shown


# vdirsyncer


@pytest.fixture
def sync(ctx, run, tmp_path):
    """Synchronise our folders with copies, as with a server; the copies are what the other device has."""
    there = tmp_path / "there"
    pairs = [
        ("events", "calendars/personal", "ics"),
        ("tasks", "tasks/reminders", "ics"),
        ("people", "contacts", "vcf"),
    ]
    text = f"[general]\nstatus_path = {json.dumps(str(tmp_path / 'status'))}\n"
    for name, folder, ending in pairs:
        for side, root in (("ours", tmp_path / folder), ("theirs", there / name)):
            root.mkdir(parents=True)
            text += f'[storage {name}_{side}]\ntype = "filesystem"\npath = "{root}"\nfileext = ".{ending}"\n'
        text += f'[pair {name}]\na = "{name}_ours"\nb = "{name}_theirs"\ncollections = null\n'
    (tmp_path / "vdirsyncer.conf").write_text(text)
    run("vdirsyncer", "discover")

    def call():
        run("vdirsyncer", "sync")
        return {path.parent.name: path for path in there.rglob("*.*")}

    return call


def test_vdirsyncer_carries_our_changes_and_brings_theirs(ctx, sync):
    create_calendar_event(ctx, "Dentist", datetime(2026, 3, 3, 15))
    create_reminder(ctx, "water the plants", due=datetime(2026, 3, 4, 18))
    add_contact(ctx, "Ana Lima", "ana@example.org")
    there = sync()
    ana = there["people"]
    assert "SUMMARY:Dentist" in there["events"].read_text()
    assert "FN:Ana Lima" in ana.read_text()
    # What we change is seen as changed,
    move_calendar_event(ctx, "dentist", datetime(2026, 3, 5, 16))
    done = complete_reminder(ctx, "plants")
    there = sync()
    assert "T160000" in there["events"].read_text() and "STATUS:COMPLETED" in there["tasks"].read_text()
    # what they change is seen by us,
    there["events"].write_bytes(there["events"].read_bytes().replace(b"T160000", b"T173000"))
    ana.write_bytes(ana.read_bytes().replace(b"ana@", b"lima@"))
    add_contact(ctx, "Sid Rao")
    sync()
    assert find_calendar_events(ctx, "dentist").value[0]["start"] == "2026-03-05T17:30:00"
    assert get_email_address(ctx, "Ana").value["email"] == "lima@example.org"
    # and what is deleted or undone on one side is so on the other. (It asks before it empties a side.)
    create_calendar_event(ctx, "Fair", datetime(2026, 3, 10).date())
    delete_calendar_event(ctx, "dentist")
    reminders._undo(ctx, json.loads(json.dumps(done.undo)))
    ana.unlink()
    there = sync()
    assert "SUMMARY:Fair" in there["events"].read_text()
    assert "STATUS:COMPLETED" not in there["tasks"].read_text()
    assert people(ctx.folders.contacts) == ("Sid Rao",)
