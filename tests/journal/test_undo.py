import json
import threading

import pytest
from stores import run, snapshot

from tinyagent.calls import Call, Effect, Parameter, Plan, Result, Tool
from tinyagent.compiler.executor import execute
from tinyagent.errors import StoreError, ToolError
from tinyagent.journal import UNDO, Journal, undo
from tinyagent.tools import changes
from tinyagent.tools.registry import Catalogue, catalogue


@pytest.fixture
def back(journal, ctx):
    """Undo the last change, or one entry; returns the number of the entry."""
    return lambda number=None: undo(journal, catalogue(), ctx, number).id


def test_the_last_change_first(journal, ctx, back, tmp_path):
    before = snapshot(tmp_path)
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    between = snapshot(tmp_path)
    run(journal, ctx, ("read_list", {}), ("delete_list", {"list_name": "shopping"}), depends=[(1, 0)])
    assert back() == 3
    assert snapshot(tmp_path) == between
    assert back() == 1
    assert snapshot(tmp_path) == before
    with pytest.raises(ToolError, match=r"^There is nothing to undo\.$"):
        back()


def test_undoing_is_journalled(journal, ctx, back):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    back()
    second, first = journal.entries()
    assert first.status == "undone"
    assert (second.tool, second.args, second.status, second.plan) == (UNDO, {"entry": 1}, "done", first.plan)
    with pytest.raises(ToolError, match=r"Entry 2 .* give the command again"):
        back(2)
    with pytest.raises(ToolError, match=r"Entry 1 \(add_to_list\) is undone already"):
        back(1)


def test_an_earlier_entry_can_be_named(journal, ctx, back):
    run(journal, ctx, ("create_list", {"list_name": "garden"}))
    run(journal, ctx, ("create_list", {"list_name": "work"}))
    assert back(1) == 1
    assert [path.stem for path in (ctx.folders.notes / "Lists").iterdir()] == ["work"]


def test_work_done_since_is_not_thrown_away(journal, ctx, back):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    path = ctx.folders.notes / "Lists" / "shopping.md"
    path.write_text(path.read_text() + "- [ ] eggs\n")
    with pytest.raises(StoreError, match="was changed since"):
        back()
    assert "eggs" in path.read_text()
    failed, entry = journal.entries()
    assert (failed.status, entry.status) == ("failed", "done")
    assert "was changed since" in failed.answer


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("read_list", {"list_name": "nothing"}), "failed, so it changed nothing"),
        (("get_datetime", {}), "only looked"),
        (("calculate", {"expression": "2+2"}), "only looked"),
    ],
)
def test_what_cannot_be_taken_back_says_why(journal, ctx, back, call, said):
    run(journal, ctx, call)
    with pytest.raises(ToolError, match=said):
        back(1)
    with pytest.raises(ToolError, match="nothing to undo"):
        back()


def test_a_call_that_changed_nothing_is_passed_over(journal, ctx, back):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    with pytest.raises(ToolError, match="changed nothing that can be taken back"):
        back(2)
    assert back() == 1


def test_what_was_sent_stops_the_last_undo(journal, ctx, back):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    call = Call("send_sms", {})
    journal.end(journal.begin("p", "w", "send_sms", Effect.OUTGOING, call, "ask"), Result(call, "done"))
    with pytest.raises(ToolError, match=r"Entry 2 \(send_sms\) left this machine .* `tinyagent undo N`"):
        back()
    assert back(1) == 1


def test_a_tool_that_is_gone_is_one_sentence(journal, ctx):
    call = Call("paint", {})
    journal.end(journal.begin("p", "w", "paint", Effect.WRITE, call, "allow"), Result(call, "done", undo={}))
    with pytest.raises(ToolError, match="no tool called paint"):
        undo(journal, catalogue(), ctx)

    def broken(context, data):
        raise KeyError("x")

    tool = Tool("paint", "", "", Effect.WRITE, (), print, broken)
    with pytest.raises(ToolError, match=r"cannot be undone \(KeyError\)"):
        undo(journal, Catalogue({"paint": tool}), ctx)
    assert journal.entries()[0].status == "failed"


def test_parallel_changes_of_one_file_are_taken_back_in_the_order_they_were_made(journal, ctx, tmp_path):
    """The call that starts first may write last; its entry is then the first to be undone."""
    first_waits = threading.Event()

    def add(context, item):
        if item == "milk":
            first_waits.wait(20)
        outcome = catalogue()["add_to_list"].function(context, item)
        first_waits.set()
        return outcome

    before = snapshot(tmp_path)
    undo_it, item = catalogue()["add_to_list"].undo, Parameter("item", "text")
    tools = Catalogue(
        {name: Tool(name, name, "", Effect.WRITE, (item,), add, undo_it) for name in ("add", "put")}
    )
    plan = Plan("say", ctx.now, (Call("add", {"item": "milk"}), Call("put", {"item": "eggs"})))
    execute(plan, tools, ctx, lambda t, c: True, recorder=journal.recorder("say"))
    assert [undo(journal, tools, ctx).args["item"] for _ in range(2)] == ["milk", "eggs"]
    assert snapshot(tmp_path) == before


def test_a_call_that_failed_half_way_can_be_taken_back(journal, ctx, tmp_path):
    def half(context):
        with changes.changing(context.folders.notes) as one:
            one.write(context.folders.notes / "a.md", "a")
        raise ToolError("The second half failed.")

    tools = Catalogue({"half": Tool("half", "", "", Effect.WRITE, (), half, print)})
    before = snapshot(tmp_path)
    execute(
        Plan("s", ctx.now, (Call("half", {}),)), tools, ctx, lambda t, c: True, recorder=journal.recorder("s")
    )
    [entry] = journal.entries()
    assert (entry.status, entry.undoable) == ("failed", True)
    assert undo(journal, tools, ctx).id == 1
    assert snapshot(tmp_path) == before


def test_an_entry_of_a_process_that_is_gone_is_interrupted(journal, ctx, clock):
    gone = Journal(ctx.folders.state, clock=clock)
    call = Call("add_to_list", {"item": "milk"})
    number = gone.begin("p", "w", "add_to_list", Effect.WRITE, call, "allow")
    assert journal.entry(number).status == "started"
    with pytest.raises(ToolError, match="still running"):
        undo(journal, catalogue(), ctx, number)
    gone.close()
    entry = journal.entry(number)
    assert (entry.status, entry.answer) == ("interrupted", "It was cut off before it said that it was done.")
    with pytest.raises(ToolError, match="changed nothing that can be taken back"):
        undo(journal, catalogue(), ctx, number)


def test_an_undo_that_was_cut_off_is_given_again(journal, ctx, back, tmp_path):
    before = snapshot(tmp_path)
    run(journal, ctx, ("create_list", {"list_name": "garden"}))
    run(journal, ctx, ("set_alarm", {"time": "2026-03-03T07:00:00"}))
    for number in (1, 2):
        entry = journal.entry(number)  # restored, but the journal does not say so yet
        catalogue()[entry.tool].undo(ctx, json.loads(json.dumps(entry.undo)))
    assert snapshot(tmp_path) == before
    assert [back(), back()] == [2, 1]
    assert snapshot(tmp_path) == before
