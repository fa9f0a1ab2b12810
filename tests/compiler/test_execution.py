"""The task fetching unit: calls start while the plan is still being written, in an order that makes sense."""

import threading
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.calls import Call, Effect, Outcome, Parameter, Plan, Result, Tool
from tinyagent.compiler.execution import Execution
from tinyagent.compiler.executor import execute
from tinyagent.errors import StoreError, ToolError
from tinyagent.events import Finished, Planned, Shortlisted, Started
from tinyagent.journal import Journal
from tinyagent.policy import Decision, Policy
from tinyagent.policy.rules import Rule
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Catalogue, catalogue

NOW = datetime(2026, 3, 2, 9)
TEXT = Parameter("text", "text", required=False)


def tool(name, function, effect="write", toolset=None, parameters=(TEXT,)):
    return Tool(name, toolset or name, "Do it.", Effect(effect), parameters, function)


def tools(*made):
    return Catalogue({one.name: one for one in made})


def quick(ctx, text=""):
    return Outcome(f"did {text}".strip(), {"text": text})


def never(tool, call):
    raise AssertionError(f"{tool.name} must not ask")


@pytest.fixture
def context(tmp_path):
    return Context(NOW, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


class Gate:
    """A tool that says when it has begun and ends when it is let go."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, ctx, text=""):
        self.begun.set()
        assert self.go.wait(20)
        return Outcome(f"gate {text}".strip(), {"text": "from the gate"})


def until(run, wanted, planned=()):
    """Plan `planned` and then think, while the calls run, until an event fits; return the events."""
    seen, fits = [], threading.Event()

    def planner():
        yield Shortlisted(())
        yield from planned
        assert fits.wait(20)

    for event in run.while_planning(planner()):
        seen.append(event)
        if wanted(event):
            fits.set()
    assert fits.is_set()
    return seen[1:]


def begin(run):
    """Let everything start that may, and plan no more; return the events so far."""
    return list(run.while_planning(iter([Shortlisted(())])))[1:]


def names(events, kind):
    found = [event for event in events if isinstance(event, kind)]
    return [(e.call if kind is Started else e.result.call).tool for e in found]


def finished(index):
    return lambda event: isinstance(event, Finished) and event.index == index


def test_a_call_runs_while_the_plan_goes_on(context):
    gate = Gate()
    run = Execution(tools(tool("slow", gate), tool("next", quick)), context, never)
    events = until(run, finished(1), [Planned(0, Call("slow", {})), Planned(1, Call("next", {}))])
    assert names(events, Started) == ["slow", "next"]
    assert gate.begun.wait(20)
    assert 0 not in run.results
    gate.go.set()
    events += run.finish()
    assert names(events, Finished) == ["next", "slow"]
    assert [result.answer for result in run.ordered()] == ["gate", "did"]


def test_what_is_needed_is_waited_for_and_its_result_goes_on(context):
    gate = Gate()
    run = Execution(tools(tool("look", gate, "read"), tool("note", quick)), context, never)
    run.add(0, Call("look", {}))
    run.add(1, Call("note", {"text": "$1"}), [0])
    gate.go.set()
    events = until(run, finished(1))
    assert run.results[1].call.args == {"text": "from the gate"}
    assert [type(event).__name__ for event in events] == ["Started", "Finished"] * 2
    assert list(run.finish()) == []


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [("read", "read", True), ("read", "write", False), ("write", "read", False), ("write", "write", False)],
)
def test_order_within_a_toolset(context, first, second, together):
    gate = Gate()
    catalogue = tools(tool("one", gate, first, "media"), tool("two", quick, second, "media"))
    run = Execution(catalogue, context, never)
    run.add(0, Call("one", {}))
    run.add(1, Call("two", {}))
    assert names(begin(run), Started) == (["one", "two"] if together else ["one"])
    gate.go.set()
    assert names([*run.finish()], Finished)[-1] == ("one" if together else "two") or together
    assert [result.status for result in run.ordered()] == ["done", "done"]


def test_an_earlier_write_that_waits_for_something_else_keeps_its_turn(context):
    gate, order = Gate(), []

    def write(ctx, text=""):
        order.append(text)
        return Outcome("")

    catalogue = tools(tool("look", gate, "read"), tool("write", write))
    run = Execution(catalogue, context, never)
    run.add(0, Call("look", {}))
    run.add(1, Call("write", {"text": "$1"}), [0])
    run.add(2, Call("write", {"text": "last"}))
    assert names(begin(run), Started) == ["look"]
    gate.go.set()
    list(run.finish())
    assert order == ["from the gate", "last"]


def test_nothing_that_needs_a_yes_starts_before_the_end(context):
    asked = []

    def confirm(tool, call):
        asked.append(tool.name)
        return tool.name == "send"

    catalogue = tools(
        tool("send", quick, "outgoing"),
        tool("delete", quick, "destructive"),
        tool("note", quick),
        tool("after", quick),
    )
    run = Execution(catalogue, context, confirm)
    run.add(0, Call("send", {}))
    run.add(1, Call("delete", {}))
    run.add(2, Call("note", {}))
    run.add(3, Call("after", {"text": "$1"}), [0])
    events = until(run, finished(2))
    assert names(events, Started) == ["note"]
    assert asked == []
    rest = list(run.finish())
    assert asked == ["send", "delete"]
    assert names(rest, Started) == ["send", "after"]
    assert [result.status for result in run.ordered()] == ["done", "declined", "done", "done"]


def test_whatever_needs_no_yes_does_not_wait_for_one(context):
    """While the person makes up their mind, the rest is done."""
    done = threading.Event()

    def note(ctx, text=""):
        done.set()
        return Outcome("")

    catalogue = tools(tool("send", quick, "outgoing"), tool("note", note))
    results = execute(
        Plan("s", NOW, (Call("send", {}), Call("note", {}))), catalogue, context, lambda *_: done.wait(20)
    )
    assert [result.status for result in results] == ["done", "done"]


def test_a_rule_that_allows_starts_at_once_but_not_with_what_was_read(context):
    rules = Policy((Rule(Decision.ALLOW, tools=("send",)),))
    asked = []
    catalogue = tools(tool("look", quick, "read"), tool("send", quick, "outgoing"))
    run = Execution(catalogue, context, lambda t, call: asked.append(call.args), policy=rules)
    run.add(0, Call("send", {"text": "hi"}))
    run.add(1, Call("look", {"text": "evil"}))
    run.add(2, Call("send", {"text": "$2"}), [1])
    until(run, finished(1))
    assert not asked
    list(run.finish())
    assert asked == [{"text": "evil"}]
    assert [result.status for result in run.ordered()] == ["done", "done", "declined"]


@pytest.mark.parametrize(
    ("workers", "limits", "most"), [(2, {}, 2), (4, {"web": 1}, 1), (9, {"web": 3}, 3), (9, {}, 5)]
)
def test_limits(context, workers, limits, most):
    lock, now, seen, full = threading.Lock(), [0], [0], threading.Event()

    def count(ctx, text=""):
        with lock:
            now[0] += 1
            seen[0] = max(seen[0], now[0])
            if now[0] == most:
                full.set()
        assert full.wait(20)
        with lock:
            now[0] -= 1
        return Outcome("")

    plan = Plan("s", NOW, tuple(Call("get", {}) for _ in range(5)))
    catalogue = tools(tool("get", count, "read", "web"))
    results = execute(plan, catalogue, context, never, workers=workers, limits=limits)
    assert [result.status for result in results] == ["done"] * 5
    assert seen[0] == most


def test_a_full_toolset_keeps_no_other_back(context):
    gate = Gate()
    catalogue = tools(tool("get", gate, "read", "web"), tool("other", quick))
    run = Execution(catalogue, context, never, limits={"web": 1})
    run.add(0, Call("get", {}))
    run.add(1, Call("get", {}))
    run.add(2, Call("other", {}))
    assert names(begin(run), Started) == ["get", "other"]
    gate.go.set()
    list(run.finish())
    assert [result.status for result in run.ordered()] == ["done"] * 3


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "state")


def statuses(journal):
    return {entry.tool: entry.status for entry in journal.entries()}


def test_cancelled_in_the_middle_the_journal_says_what_happened(context, journal):
    gate, hung = Gate(), Gate()
    catalogue = tools(
        tool("done", quick), tool("ends", gate), tool("hangs", hung), tool("send", quick, "outgoing")
    )
    run = Execution(catalogue, context, never, recorder=journal.recorder("say"))
    for index, name in enumerate(["done", "ends", "hangs", "send"]):
        run.add(index, Call(name, {}))
    until(run, finished(0))
    assert gate.begun.wait(20)
    assert hung.begun.wait(20)
    threading.Timer(0.05, gate.go.set).start()
    assert [event.index for event in run.drain(0.5)] == [1]
    assert statuses(journal) == {"done": "done", "ends": "done", "hangs": "started"}
    # What outlives the command still writes its own end.
    hung.go.set()
    end = time.monotonic() + 20
    while statuses(journal)["hangs"] == "started" and time.monotonic() < end:
        time.sleep(0.01)
    assert statuses(journal)["hangs"] == "done"
    assert set(run.results) == {0, 1}


def test_drain_starts_nothing_and_waits_no_longer_than_it_may(context):
    gate, ran = Gate(), []
    catalogue = tools(tool("hangs", gate), tool("later", lambda ctx, text="": ran.append(1) or Outcome("")))
    run = Execution(catalogue, context, never)
    run.add(0, Call("hangs", {}))
    begin(run)
    run.add(1, Call("later", {}))
    started = time.monotonic()
    assert list(run.drain(0.1)) == []
    assert time.monotonic() - started < 5
    assert ran == []
    assert list(Execution(catalogue, context, never).drain()) == []
    gate.go.set()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ToolError("There is no such list."), "There is no such list."),
        (ZeroDivisionError("secret"), "broken failed unexpectedly (ZeroDivisionError)"),
        (SystemExit(3), "broken failed unexpectedly (SystemExit)"),
        (KeyboardInterrupt(), "broken failed unexpectedly (KeyboardInterrupt)"),
    ],
)
def test_whatever_a_tool_raises_is_its_own_failure(context, error, said):
    def broken(ctx, text=""):
        raise error

    run = Execution(tools(tool("broken", broken), tool("next", quick)), context, never)
    run.add(0, Call("broken", {}))
    events = until(run, finished(0))
    # Needed by a call that comes later: it fails with the next look, the others go on.
    run.add(1, Call("next", {"text": "$1"}), [0])
    run.add(2, Call("next", {"text": "alone"}))
    events += begin(run)
    events += run.finish()
    assert [result.status for result in run.ordered()] == ["failed", "failed", "done"]
    assert run.results[0].answer.startswith(said)
    assert run.results[1].answer == "Not done: “next”, because “broken” failed."
    assert names(events, Started) == ["broken", "next"]
    assert len([e for e in events if isinstance(e, Finished)]) == 3


def test_a_result_that_does_not_fit_is_a_failure_and_asks_nobody(context):
    catalogue = tools(
        tool("find", lambda ctx, text="": Outcome("two", ["/a", "/b"]), "read"),
        tool("send", quick, "outgoing", parameters=(Parameter("file", "file"),)),
    )
    plan = Plan("s", NOW, (Call("find", {}), Call("send", {"file": "$1"})), depends=((1, 0),))
    results = execute(plan, catalogue, context, never)
    assert [result.status for result in results] == ["done", "failed"]
    assert results[1].answer == "Finding found 2 files: say which one you mean."


def test_a_tool_is_told_the_words_that_were_said(context):
    """With them it tells "to four" from "to four today"."""
    heard = []
    catalogue = tools(tool("note", lambda ctx, text="": heard.append((dict(ctx.words), text)) or quick(ctx)))
    calls = (Call("note", {"text": "2026"}, words={"text": "this year"}), Call("note", {}))
    execute(Plan("s", NOW, calls), catalogue, context, never)
    assert heard == [({"text": "this year"}, "2026"), ({}, "")]


def test_an_event_moved_to_a_clock_time_stays_on_its_day(context):
    made = execute(
        Plan("s", NOW, (Call("create_calendar_event", {"title": "Lunch", "start": "2026-03-06T12:00:00"}),)),
        catalogue(),
        context,
        never,
    )
    assert made[0].status == "done"

    def moved(words):
        call = Call("move_calendar_event", {"query": "lunch", "start": "2026-03-02T13:00:00"}, words=words)
        return execute(Plan("s", NOW, (call,)), catalogue(), context, never)[0].value["start"]

    assert moved({"start": "one", "query": "lunch"}) == "2026-03-06T13:00:00"
    assert moved({"start": "one today", "query": "lunch"}) == "2026-03-02T13:00:00"


def test_what_cannot_be_recorded_does_not_run(context):
    class Full:
        def begin(self, tool, call, decision):
            raise StoreError("The disk is full: make room.")

    ran = []
    catalogue = tools(
        tool("write", lambda ctx, text="": ran.append(1) or Outcome("")), tool("look", quick, "read")
    )
    run = Execution(catalogue, context, never, recorder=Full())
    run.add(0, Call("write", {}))
    run.add(1, Call("look", {}))
    list(run.finish())
    assert [result.status for result in run.ordered()] == ["failed", "done"]
    assert ran == []


def test_known_results_are_used_and_their_calls_not_run_again(context):
    ran = []

    def note(ctx, text=""):
        ran.append(text)
        return Outcome("noted")

    calls = (Call("look", {}), Call("note", {"text": "$1"}), Call("note", {"text": "again"}))
    plan = Plan("s", NOW, calls, depends=((1, 0),))
    run = Execution(tools(tool("look", never, "read"), tool("note", note)), context, never)
    run.take(plan, {0: Result(calls[0], "done", "seen", {"text": "what was seen"})})
    list(run.finish())
    assert ran == ["what was seen", "again"]
    assert [result.answer for result in run.ordered()] == ["seen", "noted", "noted"]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_graph_ends_with_one_result_each_and_in_order(tmp_path_factory, data):
    size = data.draw(st.integers(1, 6))
    kinds = data.draw(
        st.lists(st.sampled_from(["read", "write", "outgoing", "broken"]), min_size=size, max_size=size)
    )
    needs = [data.draw(st.sets(st.integers(0, n - 1))) if n else set() for n in range(size)]
    looks = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    log, lock = [], threading.Lock()

    def work(ctx, text=""):
        with lock:
            log.append(int(text))
        if kinds[int(text)] == "broken":
            raise ToolError("Broken.")
        return Outcome("fine")

    made = [
        tool(k, work, "write" if k == "broken" else k, "shop")
        for k in ("read", "write", "outgoing", "broken")
    ]
    folder = Folders.under(tmp_path_factory.mktemp("graph"))
    run = Execution(tools(*made), Context(NOW, ZoneInfo("UTC"), folder), lambda *_: True)
    events = []
    for n in range(size):
        run.add(n, Call(kinds[n], {"text": str(n)}), needs[n])
        if looks[n]:
            events += begin(run)
    events += run.finish()
    assert sorted(run.results) == list(range(size))
    assert sorted(e.index for e in events if isinstance(e, Finished)) == list(range(size))
    for n in range(size):
        broken = kinds[n] == "broken" or any(run.results[m].status != "done" for m in needs[n])
        assert run.results[n].status == ("failed" if broken else "done")
        assert all(log.index(m) < log.index(n) for m in needs[n] if n in log and m in log)
    changing = [n for n in log if kinds[n] != "read"]
    assert changing == sorted(changing)
