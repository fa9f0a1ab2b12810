"""Whatever a sequence of calls did, undoing all of it leaves every store byte for byte as it was."""

import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores import run, snapshot

from tinyagent.calls import Effect
from tinyagent.errors import ToolError
from tinyagent.journal import Journal, undo
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import catalogue

NAMES = st.sampled_from(
    ["lunch", "dentist", "call Sid", "Ünïcode 🎉", "a, b; c", "milk and eggs", "everything"]
)
LISTS = st.sampled_from(["shopping", "garden", "Work Stuff", "die Küche"])
PEOPLE = st.sampled_from(["Ana Lima", "Sid Rao", "Zoë"])
GUESTS = st.sampled_from(["Ana Lima", "sid@example.org", "Zoë"])
FILES = st.sampled_from(
    [
        "~/Documents/report.txt",
        "report.txt",
        "~/Documents/Old",
        "~/Downloads/Ünïcode 🎉.pdf",
        "~/Documents/link",
    ]
)
FOLDERS = st.sampled_from(["~/Documents/Old", "Old", "~/Downloads", "~/Documents"])
NOTE_FOLDERS = st.sampled_from(["Work", "Trips/Spain", "work"])
WHENS = st.sampled_from(["2026-03-02T15:00:00", "2026-03-03", "2026-03-29T02:30:00", "2026-04-01T07:00:00"])
TIMES = st.sampled_from(["2026-03-02T15:00:00", "2026-03-03T07:00:00", "2026-03-29T02:30:00"])
SPANS = st.sampled_from(["2026-03-02/2026-03-03", "2026-03-01/2026-05-01"])
RULES = st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYMONTHDAY=31"])
DURATIONS = st.sampled_from(["PT10M", "PT90S", "P1D"])
VALUES = {
    "text": NAMES, "when": WHENS, "span": SPANS, "recurrence": RULES, "duration": DURATIONS, "list": LISTS,
    "place": NAMES, "person": PEOPLE, "persons": st.lists(GUESTS, min_size=1, max_size=2),
    "file": FILES, "folder": FOLDERS,
}  # fmt: skip
NAMED = {
    "time": TIMES, "email": st.sampled_from(["a@example.org", "b@example.org"]),
    "phone": st.sampled_from(["+1 555 0101", "030 1234"]),
}  # fmt: skip
DRAFTS = ("mail", "meetings")
"""Toolsets that send; without a server in the settings all they do is write, and that can be undone."""
TOOLSETS = ("reminders", "calendar", "clock", "contacts", "lists", "notes", "files", *DRAFTS)
TOOLS = [
    tool
    for tool in catalogue()
    if tool.toolset in TOOLSETS
    and tool.effect is not Effect.READ
    and (tool.effect is not Effect.OUTGOING or tool.toolset in DRAFTS)
]


def value(tool, parameter):
    if tool.name == "add_contact" and parameter.name == "name":
        return PEOPLE
    if parameter.type == "enum":
        return st.sampled_from(sorted(parameter.choices))
    if parameter.prefer == "notes":
        return NOTE_FOLDERS
    return NAMED.get(parameter.name, VALUES.get(parameter.type))


def calls(tool):
    required = {p.name: value(tool, p) for p in tool.parameters if p.required}
    optional = {p.name: value(tool, p) for p in tool.parameters if not p.required and p.type != "files"}
    return st.tuples(st.just(tool.name), st.fixed_dictionaries(required, optional=optional))


CALLS = st.sampled_from(TOOLS).flatmap(calls)
HOME = {
    "home/Documents/report.txt": "thirty pages",
    "home/Documents/Old/report.txt": "ten pages",
    "home/Documents/Old/deep/bytes.bin": "\0\udcff",
    "home/Downloads/Ünïcode 🎉.pdf": "%PDF",
    "home/Maildir/cur/1.a:2,S": "From: Sid <sid@example.org>\nMessage-ID: <a@example.org>\nSubject: lunch\n\nToday?\n",
    "contacts/ana.vcf": "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Lima\nN:Lima;Ana;;;\nEMAIL:ana@example.org\nEND:VCARD\n",
    "state/clock.json": '{"version": 1, "entries": [{"id": "alarm-1", "kind": "alarm", "due": "2026-03-02T08:55:00"}]}',
    "notes/Work/dentist.md": "---\ntitle: dentist\n---\n\n- [ ] call\n",
}
FOREIGN = {
    "notes/Lists/shopping.md": "# Shopping\r\n\r\n* [x] tea\r\n- no task\r\n",
    "notes/other.md": "not a list\n",
    "contacts/zoe.vcf": "BEGIN:VCARD\nVERSION:4.0\nFN:Zoë\nNOTE:kept\nX-OWN:1\nEND:VCARD\n",
    "tasks/reminders/broken.ics": "this is no calendar",
    "calendars/personal/x.ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\nBEGIN:VEVENT\r\nUID:x\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T110000Z\r\nSUMMARY:lunch\r\nX-KEPT:yes\r\nRRULE:FREQ=DAILY\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n",
}


EACH = [
    ("create_reminder", {"name": "call Sid", "due": "2026-03-02T15:00:00"}),
    ("complete_reminder", {"query": "call Sid"}),
    ("create_reminder", {"name": "dentist", "list_name": "Work Stuff"}),
    ("delete_reminder", {"query": "dentist"}),
    ("create_calendar_event", {"title": "lunch", "start": "2026-03-03T12:00:00", "invitees": ["Ana Lima"]}),
    ("move_calendar_event", {"query": "lunch", "start": "2026-03-04T12:00:00"}),
    ("delete_calendar_event", {"query": "lunch"}),
    ("snooze_alarm", {}),
    ("set_alarm", {"time": "2026-03-03T07:00:00"}),
    ("cancel_alarm", {"which": "next"}),
    ("set_timer", {"duration": "PT10M"}),
    ("cancel_timer", {}),
    ("add_contact", {"name": "Ana Lima", "phone": "+1 555 0101"}),
    ("create_list", {"list_name": "garden"}),
    ("add_to_list", {"item": "milk and eggs"}),
    ("remove_from_list", {"item": "milk"}),
    ("delete_list", {"list_name": "garden"}),
    ("create_note", {"name": "Ünïcode 🎉", "content": "a, b; c", "folder": "Trips/Spain"}),
    ("append_note_content", {"name": "dentist", "content": "ask"}),
    ("move_file", {"file_name": "~/Documents/Old", "destination": "~/Downloads"}),
    ("move_file", {"file_name": "~/Documents/report.txt", "destination": "~/Downloads/Old"}),
    ("delete_file", {"file_name": "~/Downloads/Ünïcode 🎉.pdf"}),
    ("delete_file", {"file_name": "~/Downloads/Old"}),
    ("compose_new_email", {"recipients": ["ana@example.org"], "subject": "lunch", "body": "At one?"}),
    ("reply_to_email", {"sender": "Sid", "body": "yes"}),
    ("forward_email", {"recipients": ["Ana Lima"], "sender": "Sid"}),
    ("get_zoom_meeting_link", {"name": "talk", "start": "2026-03-04T10:00:00"}),
]
"""Each tool at least once, in an order in which all of them succeed."""


@contextmanager
def stores(foreign):
    """A person's stores with some things in them; `foreign` are some that other programs wrote."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in (HOME | (FOREIGN if foreign else {})).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))
        (root / "home/Documents/link").symlink_to("report.txt")
        context = Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(root))
        journal = Journal(context.folders.state)
        yield root, context, journal
        journal.close()


def undo_all(journal, context):
    for _ in range(100):
        try:
            undo(journal, catalogue(), context)
        except ToolError as error:
            assert str(error) == "There is nothing to undo."
            return


def test_each_tool_once():
    assert {tool.toolset for tool in TOOLS} == set(TOOLSETS)
    assert {name for name, _ in EACH} == {tool.name for tool in TOOLS}
    with stores(foreign=False) as (root, context, journal):
        before = snapshot(root)
        for call in EACH:
            was = snapshot(root)
            [result] = run(journal, context, call)
            assert (result.status, result.call.tool) == ("done", call[0]), result.answer
            assert snapshot(root) != was
        undo_all(journal, context)
        assert snapshot(root) == before


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(plans=st.lists(st.lists(CALLS, min_size=1, max_size=3), min_size=2, max_size=6), foreign=st.booleans())
def test_all_is_as_it_was(plans, foreign):
    with stores(foreign) as (root, context, journal):
        before = snapshot(root)
        for plan in plans:
            for result in run(journal, context, *plan):
                assert result.status in ("done", "failed")
                assert "unexpectedly" not in result.answer
        assert not list(root.rglob(".tinyagent.pending")) and not list(root.rglob("*.tmp"))
        undo_all(journal, context)
        assert snapshot(root) == before
