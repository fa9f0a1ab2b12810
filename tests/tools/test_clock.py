import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.tools import clock, clock_store, fired
from tinyagent.tools.clock import (
    cancel_alarm,
    cancel_timer,
    find_alarms,
    find_timers,
    get_datetime,
    set_alarm,
    set_timer,
    snooze_alarm,
)
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.fired import Fired
from tinyagent.tools.registry import Span, catalogue

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 0)  # a Monday
SEVEN = datetime(2026, 3, 3, 7, 0)
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


@pytest.fixture
def ctx(tmp_path):
    return Context(NOW, BERLIN, Folders.under(tmp_path))


def at(ctx, now):
    return Context(now, ctx.timezone, ctx.folders)


def undo(ctx, outcome):
    clock._undo(ctx, json.loads(json.dumps(outcome.undo)))


def stored(ctx):
    path = ctx.folders.state / clock_store.FILE
    return path.read_bytes() if path.exists() else None


def due(ctx):
    return [entry.due for entry in clock_store.read(ctx.folders.state)]


def test_the_signatures_are_those_of_the_catalogue():
    tools = catalogue()
    which = tools["cancel_alarm"].parameter("which")
    assert which.type == "enum" and not which.required
    assert set(which.choices) == {"next", "all"} and "all" in which.choices["all"]
    assert [p.name for p in tools["set_alarm"].parameters] == ["time", "label", "recurrence"]
    assert tools["set_alarm"].parameter("time").prefer == "next"
    assert tools["cancel_alarm"].parameter("time").prefer == "next"
    for name in ("set_alarm", "cancel_alarm", "snooze_alarm", "set_timer", "cancel_timer"):
        assert tools[name].undo is not None


def test_set_alarm(ctx):
    outcome = set_alarm(ctx, SEVEN, "gym")
    assert outcome.answer == "Alarm set for tomorrow at 07:00 (gym)."
    assert outcome.value["due"] == "2026-03-03T07:00:00"
    assert find_alarms(ctx).answer == "There is an alarm tomorrow at 07:00 (gym)."


def test_a_repeating_alarm_begins_at_its_first_day(ctx):
    outcome = set_alarm(ctx, datetime(2026, 3, 7, 7, 0), recurrence=WEEKDAYS)  # a Saturday
    assert outcome.value["due"] == "2026-03-09T07:00:00"
    assert "every weekday" in outcome.answer
    assert (
        set_alarm(ctx, datetime(2026, 3, 2, 8), recurrence="FREQ=DAILY").value["due"] == "2026-03-03T08:00:00"
    )


@pytest.mark.parametrize(
    ("time", "recurrence", "sentence"),
    [
        (date(2026, 3, 3), None, "time of day"),
        (datetime(2026, 3, 2, 8), None, "has passed"),
        (NOW, None, "has passed"),
        (SEVEN, "FREQ=SOMETIMES", "how often"),
        (SEVEN, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
    ],
)
def test_no_alarm(ctx, time, recurrence, sentence):
    with pytest.raises(ToolError, match=sentence):
        set_alarm(ctx, time, recurrence=recurrence)
    assert stored(ctx) is None


def test_the_same_alarm_is_not_set_twice(ctx):
    set_alarm(ctx, SEVEN, "Gym")
    again = set_alarm(ctx, SEVEN, "gym")
    assert again.answer == "There already is an alarm tomorrow at 07:00 (Gym)." and again.undo is None
    set_alarm(ctx, SEVEN, "train")
    assert len(due(ctx)) == 2


def test_find_alarms_of_a_day(ctx):
    assert find_alarms(ctx).answer == "No alarm is set."
    set_alarm(ctx, SEVEN)
    set_alarm(ctx, datetime(2026, 3, 3, 6, 30), "gym", WEEKDAYS)
    thursday = Span(datetime(2026, 3, 5), datetime(2026, 3, 6))
    assert [one["label"] for one in find_alarms(ctx, thursday).value] == ["gym"]
    sunday = Span(datetime(2026, 3, 8), datetime(2026, 3, 9))
    assert find_alarms(ctx, sunday).answer == "No alarm is set on Sunday 8 March."
    assert find_alarms(ctx).answer.startswith(
        "There are 2 alarms:\n- an alarm tomorrow at 06:30, every weekday (gym)"
    )


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"time": SEVEN}, ["gym", "tea"]),
        ({"time": datetime(2026, 3, 2, 18)}, ["wake", "tea"]),  # 18:00, on another day than said
        ({"time": date(2026, 3, 4)}, ["wake", "tea"]),
        ({"label": "gym"}, ["wake", "tea"]),
        ({"label": "my gmy alarm"}, None),
        ({"label": "the tea alarm"}, ["wake", "gym"]),
        ({"which": "next"}, ["wake", "gym"]),
        ({"which": "all"}, []),
        ({"which": "all", "label": "gym"}, ["wake", "tea"]),
    ],
)
def test_cancel_alarm(ctx, given, left):
    set_alarm(ctx, SEVEN, "wake")
    set_alarm(ctx, datetime(2026, 3, 4, 18), "gym")
    set_alarm(ctx, datetime(2026, 3, 2, 17), "tea")
    before = stored(ctx)
    if left is None:
        with pytest.raises(NotFoundError, match="there is an alarm"):
            cancel_alarm(ctx, **given)
        return
    outcome = cancel_alarm(ctx, **given)
    assert outcome.answer.startswith("Cancelled ")
    assert [entry.label for entry in clock_store.read(ctx.folders.state)] == left
    undo(ctx, outcome)
    assert stored(ctx) == before


def test_cancel_asks_between_several(ctx):
    with pytest.raises(NotFoundError, match="No alarm is set"):
        cancel_alarm(ctx)
    set_alarm(ctx, SEVEN)
    set_alarm(ctx, SEVEN + timedelta(hours=1))
    with pytest.raises(ToolError, match="07:00 or an alarm tomorrow at 08:00"):
        cancel_alarm(ctx)
    cancel_alarm(ctx, SEVEN)
    assert cancel_alarm(ctx).answer == "Cancelled an alarm tomorrow at 08:00."


def test_timers(ctx):
    assert find_timers(ctx).answer == "No timer is running."
    assert set_timer(ctx, timedelta(minutes=10)).answer == "Timer set for 10 minutes, until 09:10."
    assert set_timer(ctx, timedelta(seconds=90), "pasta").answer == (
        "Pasta timer set for 1 minute and 30 seconds, until 09:01:30."
    )
    later = at(ctx, NOW + timedelta(minutes=1))
    found = find_timers(later)
    assert [one["seconds_left"] for one in found.value] == [30, 540]
    assert find_timers(later, "the pasta timer").answer == "There is a timer with 30 seconds left (pasta)."
    assert find_timers(later, "ten minute").value[0]["seconds"] == 600
    with pytest.raises(NotFoundError, match="No timer is called rice"):
        find_timers(later, "rice")
    with pytest.raises(ToolError, match="Which timer"):
        cancel_timer(later)
    before = stored(ctx)
    outcome = cancel_timer(later, "pasta")
    assert outcome.answer == "Cancelled a timer with 30 seconds left (pasta)."
    undo(ctx, outcome)
    assert stored(ctx) == before
    assert cancel_timer(later, "all").answer.startswith("Cancelled 2 timers: ")
    with pytest.raises(NotFoundError):
        cancel_timer(later)


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=-5), timedelta(days=999)])
def test_no_timer(ctx, length):
    with pytest.raises(ToolError):
        set_timer(ctx, length)


def test_a_timer_runs_across_the_change_to_summer_time(ctx):
    night = at(ctx, datetime(2026, 3, 29, 1, 30))
    assert set_timer(night, timedelta(hours=1)).answer == "Timer set for 1 hour, until 03:30."
    assert due(ctx) == ["2026-03-29T01:30:00+00:00"]


def rang(ctx, ago, label="wake", kind="alarm"):
    instant = (ctx.now.replace(tzinfo=BERLIN) - ago).astimezone(UTC).isoformat()
    row = Fired(f"{kind}-1@{ago}", kind, label, instant, instant)
    fired.write(ctx.folders.state, [*fired.read(ctx.folders.state).fired, row], instant)


def test_snooze(ctx):
    with pytest.raises(NotFoundError, match="Nothing rang"):
        snooze_alarm(ctx)
    rang(ctx, timedelta(hours=2))
    with pytest.raises(NotFoundError):
        snooze_alarm(ctx)
    rang(ctx, timedelta(minutes=3))
    rang(ctx, timedelta(minutes=1), "pasta", "timer")
    outcome = snooze_alarm(ctx)
    assert outcome.answer == "Snoozed for 10 minutes, until 09:10."
    assert outcome.value["label"] == "wake"
    assert find_alarms(ctx).answer == "There is an alarm today at 09:10, snoozed (wake)."
    snooze_alarm(ctx, timedelta(minutes=5))
    assert due(ctx) == ["2026-03-02T09:05:00"]
    with pytest.raises(ToolError):
        snooze_alarm(ctx, timedelta(days=3))


def test_snoozing_an_alarm_that_is_late_lets_it_ring_only_then(ctx):
    set_alarm(ctx, NOW + timedelta(minutes=5))
    before = stored(ctx)
    later = at(ctx, NOW + timedelta(minutes=6))
    outcome = snooze_alarm(later)
    assert due(ctx) == ["2026-03-02T09:16:00"]
    undo(ctx, outcome)
    assert stored(ctx) == before
    cancel_alarm(ctx, which="all")
    set_alarm(ctx, NOW + timedelta(minutes=5), recurrence="FREQ=DAILY")
    snooze_alarm(later)
    assert sorted(due(ctx)) == ["2026-03-02T09:16:00", "2026-03-03T09:05:00"]


@pytest.mark.parametrize("label", ["gym", None, "ärger “x”"])
def test_undo_keeps_what_was_there_before(ctx, label):
    set_alarm(ctx, SEVEN, label)
    before = stored(ctx)
    undo(ctx, set_timer(ctx, timedelta(minutes=1), label))
    assert stored(ctx) == before


def test_undo_after_other_changes_takes_back_only_its_own(ctx):
    first = set_alarm(ctx, SEVEN, "one")
    set_alarm(ctx, SEVEN, "two")
    undo(ctx, first)
    assert [entry.label for entry in clock_store.read(ctx.folders.state)] == ["two"]
    gone = cancel_alarm(ctx)
    set_alarm(ctx, SEVEN, "three")
    undo(ctx, gone)
    assert [entry.label for entry in clock_store.read(ctx.folders.state)] == ["two", "three"]


def test_undo_of_a_single_alarm_removes_the_file(ctx):
    undo(ctx, set_alarm(ctx, SEVEN))
    assert stored(ctx) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"version": 1, "entries": [{}]}', '{"version": 1, "entries": 7}', '"x"', "\x00",
     '{"version": 1, "entries": [{"id": "a", "kind": "alarm", "due": "yesterday"}]}',
     '{"version": 1, "entries": [{"id": "a", "kind": "timer", "due": "2026-03-02T09:00:00"}]}',
     '{"version": 2, "entries": []}', "[" * 100000],
)  # fmt: skip
def test_a_damaged_file_is_kept(ctx, text):
    path = ctx.folders.state / clock_store.FILE
    path.parent.mkdir(parents=True)
    path.write_text(text)
    for call in (lambda: set_alarm(ctx, SEVEN), lambda: find_alarms(ctx), lambda: cancel_timer(ctx)):
        with pytest.raises(StoreError, match=r"clock\.json"):
            call()
    assert path.read_text() == text


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("atcu"), st.integers(1, 500)), max_size=8))
def test_undoing_everything_backwards_restores_the_file(tmp_path_factory, steps):
    ctx = Context(NOW, BERLIN, Folders.under(tmp_path_factory.mktemp("clock")))
    states, outcomes = [stored(ctx)], []
    for kind, number in steps:
        try:
            if kind == "a":
                outcome = set_alarm(ctx, NOW + timedelta(minutes=number))
            elif kind == "t":
                outcome = set_timer(ctx, timedelta(seconds=number))
            elif kind == "c":
                outcome = cancel_alarm(ctx, which="next")
            else:
                outcome = cancel_timer(ctx, "all")
        except ToolError:
            continue
        if outcome.undo is not None:
            outcomes.append(outcome)
            states.append(stored(ctx))
    for outcome, state in zip(reversed(outcomes), reversed(states[:-1]), strict=True):
        undo(ctx, outcome)
        assert stored(ctx) == state


@pytest.mark.parametrize(
    ("place", "when", "answer"),
    [
        (None, None, "It is 09:00 on Monday, 2 March 2026."),
        ("here", None, "It is 09:00 on Monday, 2 March 2026."),
        ("tokyo", None, "In Tokyo it is 17:00 on Monday, 2 March, 8 hours ahead."),
        ("kathmandu", None, "In Kathmandu it is 13:45 on Monday, 2 March, 4 hours and 45 minutes ahead."),
        ("the USA", None, "In USA (Washington) it is 03:00 on Monday, 2 March, 6 hours behind."),
        ("rome", None, "In Rome it is 09:00 on Monday, 2 March, the same as here."),
        (None, date(2026, 5, 5), "That is Tuesday, 5 May 2026, in 64 days."),
        (None, date(2026, 3, 3), "Tomorrow is Tuesday, 3 March 2026."),
        (None, date(2026, 2, 27), "That was Friday, 27 February 2026, 3 days ago."),
        (None, SEVEN, "That is Tuesday, 3 March 2026 at 07:00."),
        ("New York", datetime(2026, 3, 3, 15),
         "When it is 15:00 here tomorrow, it is 09:00 on Tuesday, 3 March in New York, 6 hours behind."),
        ("tokyo", date(2026, 3, 2),
         "When it is 09:00 here today, it is 17:00 on Monday, 2 March in Tokyo, 8 hours ahead."),
    ],
)  # fmt: skip
def test_get_datetime(ctx, place, when, answer):
    outcome = get_datetime(ctx, place, when)
    assert outcome.answer == answer
    json.dumps(outcome.value)


def test_an_unknown_place_is_a_sentence(ctx):
    with pytest.raises(NotFoundError, match="atlantis"):
        get_datetime(ctx, "atlantis")
