"""Whatever a sequence of calls did, undoing all of it leaves every store byte for byte as it was."""

import tempfile
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
WHENS = st.sampled_from(["2026-03-02T15:00:00", "2026-03-03", "2026-03-29T02:30:00", "2026-04-01T07:00:00"])
TIMES = st.sampled_from(["2026-03-02T15:00:00", "2026-03-03T07:00:00", "2026-03-29T02:30:00"])
SPANS = st.sampled_from(["2026-03-02/2026-03-03", "2026-03-01/2026-05-01"])
RULES = st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYMONTHDAY=31"])
DURATIONS = st.sampled_from(["PT10M", "PT90S", "P1D"])
VALUES = {
    "text": NAMES, "when": WHENS, "span": SPANS, "recurrence": RULES, "duration": DURATIONS, "list": LISTS,
    "place": NAMES, "person": PEOPLE, "persons": st.lists(PEOPLE, max_size=2),
}  # fmt: skip
NAMED = {
    "time": TIMES, "email": st.sampled_from(["a@example.org", "b@example.org"]),
    "phone": st.sampled_from(["+1 555 0101", "030 1234"]),
}  # fmt: skip
TOOLSETS = ("reminders", "calendar", "clock", "contacts", "lists")
TOOLS = [
    tool
    for tool in catalogue()
    if tool.toolset in TOOLSETS and tool.effect in (Effect.WRITE, Effect.DESTRUCTIVE)
]


def value(tool, parameter):
    if tool.name == "add_contact" and parameter.name == "name":
        return PEOPLE
    if parameter.type == "enum":
        return st.sampled_from(sorted(parameter.choices))
    return NAMED.get(parameter.name, VALUES.get(parameter.type))


def calls(tool):
    required = {p.name: value(tool, p) for p in tool.parameters if p.required}
    optional = {p.name: value(tool, p) for p in tool.parameters if not p.required}
    return st.tuples(st.just(tool.name), st.fixed_dictionaries(required, optional=optional))


CALLS = st.sampled_from(TOOLS).flatmap(calls)
FOREIGN = {
    "notes/Lists/shopping.md": "# Shopping\r\n\r\n* [x] tea\r\n- no task\r\n",
    "notes/other.md": "not a list\n",
    "contacts/zoe.vcf": "BEGIN:VCARD\nVERSION:4.0\nFN:Zoë\nNOTE:kept\nX-OWN:1\nEND:VCARD\n",
    "tasks/reminders/broken.ics": "this is no calendar",
    "calendars/personal/x.ics": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\nBEGIN:VEVENT\r\nUID:x\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20260302T110000Z\r\nSUMMARY:lunch\r\nX-KEPT:yes\r\nRRULE:FREQ=DAILY\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n",
}


def test_there_are_the_tools_of_five_toolsets():
    assert {tool.toolset for tool in TOOLS} == set(TOOLSETS)
    assert len(TOOLS) >= 15


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(plans=st.lists(st.lists(CALLS, min_size=1, max_size=3), min_size=1, max_size=5), foreign=st.booleans())
def test_all_is_as_it_was(plans, foreign):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, text in FOREIGN.items() if foreign else ():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        context = Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(root))
        journal = Journal(context.folders.state)
        before, states = snapshot(root), []
        for plan in plans:
            for result in run(journal, context, *plan):
                assert result.status in ("done", "failed")
                assert "unexpectedly" not in result.answer
            states.append(snapshot(root))
        assert not list(root.rglob(".tinyagent.pending")) and not list(root.rglob("*.tmp"))
        for _ in range(100):
            try:
                undo(journal, catalogue(), context)
            except ToolError as error:
                assert str(error) == "There is nothing to undo."
                break
        journal.close()
        assert snapshot(root) == before
