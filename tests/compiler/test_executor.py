import logging
import os
import signal
import threading
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tinyagent.calls import Call, Effect, Outcome, Parameter, Plan, Tool
from tinyagent.compiler.executor import execute
from tinyagent.errors import NotFoundError
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Catalogue

NOW = datetime(2026, 3, 2, 9)


@pytest.fixture
def context(tmp_path):
    return Context(NOW, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


def catalogue(**functions):
    """Tools from functions of (context, text=""), each of a toolset of its own."""
    return Catalogue(
        {
            name: Tool(
                name,
                name,
                "Do a thing.",
                Effect.DESTRUCTIVE if name.startswith("delete") else Effect.WRITE,
                (Parameter("text", "text", required=False), Parameter("due", "when", required=False)),
                function,
            )
            for name, function in functions.items()
        }
    )


def plan(*tools, depends=(), args=None):
    calls = tuple(Call(name, (args or {}).get(i, {})) for i, name in enumerate(tools))
    return Plan("say", NOW, calls, depends=tuple(depends))


def done(ctx, text="", due=None):
    return Outcome(f"did {text}".strip(), {"text": text}, undo={"was": text})


def never(tool, call):
    raise AssertionError(f"{tool.name} must not ask")


def test_an_outcome_becomes_a_result(context):
    [result] = execute(plan("note", args={0: {"text": "milk"}}), catalogue(note=done), context, never)
    assert (result.status, result.answer, result.value, result.undo) == (
        "done",
        "did milk",
        {"text": "milk"},
        {"was": "milk"},
    )


def test_independent_calls_run_at_the_same_time(context):
    both = threading.Barrier(2, timeout=20)

    def meet(ctx):
        both.wait()
        return Outcome("met")

    results = execute(plan("a", "b"), catalogue(a=meet, b=meet), context, never)
    assert [result.answer for result in results] == ["met", "met"]


def test_no_more_than_the_workers_run_at_once(context):
    lock, running, most = threading.Lock(), [0], [0]
    pairs = threading.Barrier(2, timeout=20)

    def count(ctx):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        pairs.wait()
        with lock:
            running[0] -= 1
        return Outcome("")

    execute(plan(*"abcdef"), catalogue(**dict.fromkeys("abcdef", count)), context, never, workers=2)
    assert most == [2]


def test_a_call_waits_for_what_it_needs_and_gets_its_value(context):
    order = []

    def find(ctx):
        time.sleep(0.02)
        order.append("find")
        return Outcome("found", "sid@example.org")

    def send(ctx, text):
        order.append("send")
        return Outcome(f"to {text}")

    results = execute(
        plan("send", "find", depends=[(0, 1)], args={0: {"text": "$2.email"}}),
        catalogue(send=send, find=find),
        context,
        never,
    )
    assert order == ["find", "send"]
    assert results[0].answer == "to sid@example.org"
    assert results[0].call.args == {"text": "sid@example.org"}


def test_results_keep_the_plans_order(context):
    first_heard = threading.Event()

    def slow(ctx):
        first_heard.wait(20)
        return Outcome("slow")

    heard = []

    def hear(result):
        heard.append(result.call.tool)
        first_heard.set()

    results = execute(plan("slow", "quick"), catalogue(slow=slow, quick=done), context, never, on_result=hear)
    assert [result.call.tool for result in results] == ["slow", "quick"]
    assert heard == ["quick", "slow"]


def test_a_failure_stops_what_needs_it_and_nothing_else(context):
    def missing(ctx):
        raise NotFoundError("There is no event called lunch.")

    results = execute(
        plan("find", "move", "tell", "other", depends=[(1, 0), (2, 1)]),
        catalogue(find=missing, move=done, tell=done, other=done),
        context,
        never,
    )
    assert [result.status for result in results] == ["failed", "failed", "failed", "done"]
    assert results[0].answer == "There is no event called lunch."
    assert results[1].answer == "Not done: moving, because finding failed."
    assert results[2].answer == "Not done: telling, because finding failed."


def test_an_unexpected_error_is_one_sentence_with_the_details_in_the_log(context, caplog):
    def broken(ctx):
        raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.DEBUG, "tinyagent"):
        [result] = execute(plan("broken"), catalogue(broken=broken), context, never)
    assert result.status == "failed"
    assert "ZeroDivisionError" in result.answer
    assert "secret" not in result.answer
    assert "\n" not in result.answer
    assert "secret detail" in caplog.text


def test_policy_asks_before_anything_runs(context):
    asked = []

    def confirm(tool, call):
        assert threading.current_thread() is threading.main_thread()
        asked.append((tool.name, call.args))
        return False

    def must_not_run(ctx, text):
        raise AssertionError

    results = execute(
        plan("delete_it", "after", depends=[(1, 0)], args={0: {"text": "lunch"}}),
        catalogue(delete_it=must_not_run, after=must_not_run),
        context,
        confirm,
    )
    assert asked == [("delete_it", {"text": "lunch"})]
    assert [result.status for result in results] == ["declined", "failed"]
    assert results[1].answer == "Not done: “after”, because deleting the it “lunch” was not confirmed."


def test_a_confirmed_call_runs(context):
    [result] = execute(plan("delete_it"), catalogue(delete_it=done), context, lambda tool, call: True)
    assert result.status == "done"


@pytest.mark.parametrize("args", [{"due": "soon"}, {"colour": "red"}])
def test_a_call_with_bad_arguments_is_not_confirmed_first(context, args):
    [result] = execute(plan("delete_it", args={0: args}), catalogue(delete_it=done), context, never)
    assert result.status == "failed"


def test_an_unknown_tool_fails_with_the_registrys_sentence(context):
    [result] = execute(plan("nothing"), catalogue(), context, never)
    assert result.status == "failed"
    assert "nothing" in result.answer


@pytest.mark.parametrize("depends", [[(0, 1), (1, 0)], [(0, 7)], [(0, 0)]])
def test_calls_that_wait_for_each_other_end(context, depends):
    results = execute(plan("a", "b", depends=depends), catalogue(a=done, b=done), context, never)
    assert results[0].status == "failed"


def test_a_dry_run_touches_nothing(context):
    results = execute(plan("delete_it", "gone"), catalogue(delete_it=never), context, never, dry_run=True)
    assert [result.status for result in results] == ["planned", "planned"]


def test_ctrl_c_starts_nothing_more_and_lets_running_calls_end(context):
    heard, ran = [], []

    def interrupted(ctx):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        return Outcome("written whole")

    def later(ctx):
        ran.append("later")
        return Outcome("")

    with pytest.raises(KeyboardInterrupt):
        execute(
            plan("write", "later", depends=[(1, 0)]),
            catalogue(write=interrupted, later=later),
            context,
            never,
            on_result=heard.append,
        )
    assert [result.answer for result in heard] == ["written whole"]
    assert ran == []


def test_ctrl_c_does_not_wait_for_a_call_that_hangs(context):
    release = threading.Event()

    def hangs(ctx):
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(30)
        return Outcome("")

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        execute(plan("hangs"), catalogue(hangs=hangs), context, never, grace=0.1)
    assert time.monotonic() - started < 5
    release.set()
