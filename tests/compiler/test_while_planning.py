"""Calls run beside the planner: each starts the moment it may, and whatever stops the one leaves the other whole."""

import os
import signal
import threading
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tinyagent.calls import Call, Effect, Outcome, Parameter, Tool
from tinyagent.compiler.execution import Execution
from tinyagent.errors import ModelError
from tinyagent.events import Finished, Planned, Shortlisted, Started
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Catalogue

NOW = datetime(2026, 3, 2, 9)
LONG = 20


class Steps:
    """A planner that waits after each event until `go`, and remembers on which thread it was."""

    def __init__(self, *events, error=None):
        self.events, self.error = events, error
        self.go = threading.Semaphore(0)
        self.threads, self.given = [], []

    def __iter__(self):
        for event in self.events:
            self.threads.append(threading.current_thread())
            self.given.append(event)
            yield event
            assert self.go.acquire(timeout=LONG)
        if self.error:
            raise self.error


def tools(**functions):
    text = Parameter("text", "text", required=False)
    return Catalogue(
        {name: Tool(name, name, "", Effect.READ, (text,), function) for name, function in functions.items()}
    )


@pytest.fixture
def make(tmp_path):
    def made(catalogue, confirm=lambda tool, call: False):
        return Execution(catalogue, Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path)), confirm)

    return made


def quick(ctx, text=""):
    return Outcome(f"did {text}".strip(), {"text": f"from {text}"})


A, B, C = (Planned(0, Call("a", {})), Planned(1, Call("b", {"text": "$1"}), (0,)), Planned(2, Call("c", {})))


def test_a_call_starts_the_moment_its_inputs_exist_while_a_step_is_planned(make):
    gate = threading.Event()

    def look(ctx, text=""):
        assert gate.wait(LONG)
        return Outcome("looked", {"text": "seen"})

    steps = Steps(A, B, C)
    run, seen = make(tools(a=look, b=quick, c=quick)), []
    for event in run.while_planning(iter(steps)):
        seen.append(event)
        if event == A:
            steps.go.release()
        if event == B:
            # The planner is at its third step, and stays there until the call that needs the first has ended.
            gate.set()
        if isinstance(event, Finished) and event.index == 1:
            assert steps.given == [A, B]
            steps.go.release(2)
    seen += run.finish()
    assert [result.status for result in run.ordered()] == ["done"] * 3
    assert run.results[1].call.args == {"text": "seen"}
    for index in range(3):
        kinds = [type(e) for e in seen if getattr(e, "index", None) == index]
        assert kinds == [Planned, Started, Finished]


def test_only_what_runs_beside_a_call_leaves_the_callers_thread(make):
    steps = Steps(Shortlisted(()), A, C)
    steps.go.release(3)
    run = make(tools(a=quick, c=quick))
    list(run.while_planning(iter(steps)))
    mine = threading.current_thread()
    assert steps.threads[:2] == [mine, mine]
    assert steps.threads[2] is not mine
    assert not steps.threads[2].is_alive()


def test_without_a_call_there_is_no_other_thread(make):
    steps = Steps(Shortlisted(()), Planned(0, Call("send", {})), Shortlisted(()))
    steps.go.release(3)
    send = Tool("send", "send", "", Effect.OUTGOING, (), quick)
    run = make(Catalogue({"send": send}))
    assert len(list(run.while_planning(iter(steps)))) == 3
    assert set(steps.threads) == {threading.current_thread()}
    assert run.results == {}


@pytest.mark.parametrize(
    "error", [ModelError("Damaged."), ZeroDivisionError(), SystemExit(3), KeyboardInterrupt()]
)
def test_what_the_planner_raises_is_raised_here(make, error):
    steps = Steps(A, error=error)
    steps.go.release()
    run = make(tools(a=quick))
    with pytest.raises(type(error)) as raised:
        list(run.while_planning(iter(steps)))
    assert raised.value is error
    list(run.drain(LONG))
    assert run.results[0].status == "done"


def test_an_error_before_any_call_runs_is_raised_too(make):
    steps = Steps(Shortlisted(()), error=ModelError("Damaged."))
    steps.go.release()
    with pytest.raises(ModelError):
        list(make(tools(a=quick)).while_planning(iter(steps)))


@pytest.mark.parametrize("how", ["close", "throw"])
def test_an_interruption_waits_for_the_planner_and_starts_nothing_more(make, how):
    gate, ran = threading.Event(), []

    def look(ctx, text=""):
        assert gate.wait(LONG)
        return Outcome("looked")

    steps = Steps(A, C)
    run = make(tools(a=look, c=lambda ctx, text="": ran.append(1) or Outcome("")))
    events = run.while_planning(iter(steps))
    for event in events:
        if isinstance(event, Started):
            break
    threading.Timer(0.1, steps.go.release).start()  # the step ends while it is waited for
    if how == "close":
        events.close()
    else:
        # The planner has begun its next step: the exception comes in between two events.
        with pytest.raises(KeyboardInterrupt):
            events.throw(KeyboardInterrupt())
    assert "planning" not in [thread.name for thread in threading.enumerate()]
    assert len(steps.given) <= 2
    gate.set()
    assert [event.index for event in run.drain(LONG)] == [0]
    assert ran == []
    assert set(run.results) == {0}


def test_ctrl_c_while_it_waits_and_again_while_the_planner_ends(make):
    """The second Ctrl-C does not leave a model behind that still decodes."""
    gate, planner_waits = threading.Event(), threading.Event()

    def look(ctx, text=""):
        assert gate.wait(LONG)
        return Outcome("looked")

    def planner():
        yield A
        planner_waits.set()
        os.kill(os.getpid(), signal.SIGINT)
        assert gate.wait(LONG)
        yield C

    def press_again():
        assert planner_waits.wait(LONG)
        os.kill(os.getpid(), signal.SIGINT)
        gate.set()

    run = make(tools(a=look, c=quick))
    threading.Timer(0.1, press_again).start()
    with pytest.raises(KeyboardInterrupt), closing(run.while_planning(planner())) as events:
        for _ in events:
            pass
    assert "planning" not in [thread.name for thread in threading.enumerate()]
    list(run.drain(LONG))
    assert set(run.results) == {0}


def test_a_call_that_cannot_start_is_known_to_those_that_need_it_at_once(make):
    needs_both = Planned(2, Call("b", {"text": "$2"}), (1,))
    steps = Steps(A, Planned(1, Call("b", {"colour": "red"}), (0,)), needs_both)
    run, gate = make(tools(a=quick, b=quick)), []
    for event in run.while_planning(iter(steps)):
        if isinstance(event, Planned):
            gate.append(event)
            steps.go.release()
    list(run.finish())
    assert [result.status for result in run.ordered()] == ["done", "failed", "failed"]
    assert run.results[2].answer.startswith("Not done: “b”")
