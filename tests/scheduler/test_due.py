import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tinyagent.scheduler.due import Reminders
from tinyagent.scheduler.todos import read_todos

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOW = NOW - timedelta(days=7)


def write(folder, lines, name="one.ics"):
    path = folder / "reminders" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", "BEGIN:VTODO", "UID:u1", *lines,
                        "END:VTODO", "END:VCALENDAR", ""])  # fmt: skip
    path.write_bytes(body.encode())
    return path


def alarm(trigger):
    return ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:x", f"TRIGGER{trigger}", "END:VALARM"]


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (["SUMMARY:a", "DUE;TZID=Europe/Berlin:20260302T150000"], ["02T14:00"]),
        (["SUMMARY:floating", "DUE:20260302T150000"], ["02T14:00"]),
        (["SUMMARY:utc", "DUE:20260302T150000Z"], ["02T15:00"]),
        (["SUMMARY:elsewhere", "DUE;TZID=Asia/Tokyo:20260303T010000"], ["02T16:00"]),
        (["SUMMARY:day", "DUE;VALUE=DATE:20260303"], ["03T08:00"]),
        (["SUMMARY:missed", "DUE:20260302T080000"], ["02T07:00"]),
        (["SUMMARY:long ago", "DUE:20250302T080000"], []),
        (["SUMMARY:no due"], []),
        (["SUMMARY:done", "DUE:20260302T150000", "STATUS:COMPLETED"], []),
        (["SUMMARY:done", "DUE:20260302T150000", "COMPLETED:20260302T070000Z"], []),
        (["SUMMARY:off", "DUE:20260302T150000", "STATUS:CANCELLED"], []),
        (["SUMMARY:before", "DUE:20260302T150000", *alarm(";RELATED=END:-PT30M")], ["02T13:30"]),
        (["SUMMARY:start", "DTSTART:20260302T140000", "DUE:20260302T150000", *alarm(":-PT15M")], ["02T12:45"]),
        (["SUMMARY:two", "DUE:20260302T150000", *alarm(":-PT1H"), *alarm(":PT0S")], ["02T13:00", "02T14:00"]),
        (["SUMMARY:fixed", "DUE:20260302T150000", *alarm(";VALUE=DATE-TIME:20260302T120000Z")], ["02T12:00"]),
        (["SUMMARY:made late", "CREATED:20260302T070000Z", "DUE:20260302T150000", *alarm(":-P1D"), *alarm(":PT0S")],
         ["02T14:00"]),
        (["SUMMARY:seen", "DUE:20260302T150000", "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT9H", "DESCRIPTION:x",
          "ACKNOWLEDGED:20260302T050000Z", "END:VALARM"], ["02T14:00"]),
        (["SUMMARY:daily", "DTSTART:20260201T080000", "DUE:20260201T080000", "RRULE:FREQ=DAILY"],
        ["02T07:00", "03T07:00"]),
        (["SUMMARY:weekly", "DUE:20260302T180000", "RRULE:FREQ=WEEKLY;BYDAY=MO"], ["02T17:00"]),
        (["SUMMARY:skip", "DTSTART:20260301T080000", "DUE:20260301T080000", "RRULE:FREQ=DAILY",
        "EXDATE:20260302T080000",
          "EXDATE:20260303T080000"], ["01T07:00", "04T07:00"]),
        (["SUMMARY:ended", "DTSTART:20250101T080000", "DUE:20250101T080000", "RRULE:FREQ=DAILY;COUNT=3"], []),
        (["SUMMARY:length", "DTSTART:20260302T140000", "DURATION:PT1H"], ["02T14:00"]),
    ],
)  # fmt: skip
def test_when_a_reminder_rings(tmp_path, lines, times):
    write(tmp_path, lines)
    found = [due.instant.strftime("%dT%H:%M") for due in Reminders(tmp_path, BERLIN).due(LOW, NOW)]
    assert found == times


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"BEGIN:VCALENDAR", b"BEGIN:VTODO\r\nDUE:x\r\nEND:VTODO", b"\x00" * 99]
)
def test_a_file_that_cannot_be_understood_rings_nothing_and_is_kept(tmp_path, content):
    path = write(tmp_path, ["SUMMARY:a", "DUE:20260302T150000"])
    bad = path.with_name("bad.ics")
    bad.write_bytes(content)
    assert [due.label for due in Reminders(tmp_path, BERLIN).due(LOW, NOW)] == ["a"]
    assert read_todos(bad, BERLIN) == [] and bad.read_bytes() == content


def test_only_changed_files_are_read_again(tmp_path, monkeypatch):
    first = write(tmp_path, ["SUMMARY:a", "DUE:20260302T150000"])
    second = write(tmp_path, ["SUMMARY:b", "DUE:20260302T160000"], "two.ics")
    reminders = Reminders(tmp_path, BERLIN)
    assert len(list(reminders.todos())) == 2
    read = []
    monkeypatch.setattr("tinyagent.scheduler.due.read_todos", lambda path, zone: read.append(path) or [])
    assert len(list(reminders.todos())) == 2 and read == []
    os.utime(second, ns=(1, 1))
    assert len(list(reminders.todos())) == 1 and read == [second]
    first.unlink()
    assert list(reminders.todos()) == []


def test_the_signature_changes_with_the_folder(tmp_path):
    reminders = Reminders(tmp_path / "tasks", BERLIN)
    before = reminders.signature()
    path = write(tmp_path / "tasks", ["SUMMARY:a"])
    os.utime(path.parent, ns=(1, 1))
    after = reminders.signature()
    assert before != after
    assert reminders.signature() == after


def test_the_key_is_the_same_for_the_same_time(tmp_path):
    write(tmp_path, ["SUMMARY:a", "DUE;TZID=Europe/Berlin:20260302T150000"])
    (first,) = Reminders(tmp_path, BERLIN).due(LOW, NOW)
    write(tmp_path, ["SUMMARY:a", "DUE:20260302T140000Z"])
    (second,) = Reminders(tmp_path, ZoneInfo("Asia/Tokyo")).due(LOW, NOW)
    assert first.key == second.key == "reminder:u1@20260302T140000Z"
