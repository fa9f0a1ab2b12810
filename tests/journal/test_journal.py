import json
import os
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from stores import run

from tinyagent.calls import Call, Effect, Outcome, Parameter, Plan, Result, Tool
from tinyagent.compiler.executor import execute
from tinyagent.errors import StoreError, ToolError
from tinyagent.journal import Journal
from tinyagent.policy import Decision, Policy, Rule
from tinyagent.tools.registry import Catalogue

EFFECTS = {"look": "read", "note": "write", "wipe": "destructive", "send": "outgoing"}


def did(ctx, text=""):
    return Outcome(f"did {text}", {"text": text})


TOOLS = {
    name: Tool(name, "things", "", Effect(effect), (Parameter("text", "text", False),), did)
    for name, effect in EFFECTS.items()
}


def go(journal, ctx, *names, confirm=True, policy=None, tools=TOOLS, text="milk"):
    plan = Plan("say it", ctx.now, tuple(Call(name, {"text": text}) for name in names))
    options = {"policy": policy} if policy else {}
    return execute(
        plan,
        Catalogue(tools),
        ctx,
        lambda tool, call: confirm,
        recorder=journal.recorder("say it"),
        **options,
    )


def test_every_call_is_there_with_all_about_it(journal, ctx):
    go(journal, ctx, "note", "wipe")
    wiped, noted = journal.entries()
    assert (noted.tool, noted.args, noted.words, noted.decision) == (
        "note",
        {"text": "milk"},
        "say it",
        "allow",
    )
    assert (noted.status, noted.answer, noted.value) == ("done", "did milk", {"text": "milk"})
    assert noted.at.endswith("+00:00") and noted.at < noted.ended
    assert (wiped.decision, wiped.status) == ("ask", "done")
    assert wiped.plan == noted.plan
    json.dumps(noted.as_json())


def test_nothing_is_made_before_the_first_call(journal, ctx):
    assert journal.entries() == []
    with pytest.raises(ToolError, match="no entry 1"):
        journal.entry(1)
    assert not ctx.folders.state.exists()


def test_the_entry_is_there_while_the_tool_runs(journal, ctx):
    seen = []

    def look(context, text):
        other = Journal(ctx.folders.state)
        seen.extend(other.entries())
        other.close()
        return Outcome("")

    go(
        journal,
        ctx,
        "look",
        tools={"look": Tool("look", "", "", Effect.READ, (Parameter("text", "text"),), look)},
    )
    assert [entry.status for entry in seen] == ["started"]


def test_what_is_declined_or_denied_is_there_too(journal, ctx):
    go(journal, ctx, "wipe", confirm=False)
    [result] = go(journal, ctx, "note", policy=Policy((Rule(Decision.DENY, ("note",), because="I said so"),)))
    assert result.answer == "Not done: the policy forbids noting “milk”, because a rule says so: I said so."
    denied, declined = journal.entries()
    assert (denied.status, denied.decision) == ("declined", "deny")
    assert (declined.status, declined.decision) == ("declined", "ask")


def test_a_failure_is_there_with_its_sentence(journal, ctx):
    def broken(context, text):
        raise ToolError("The thing is broken.")

    go(
        journal,
        ctx,
        "note",
        tools={"note": Tool("note", "", "", Effect.WRITE, (Parameter("text", "text"),), broken)},
    )
    assert [(e.status, e.answer) for e in journal.entries()] == [("failed", "The thing is broken.")]


def test_no_journal_no_change_but_looking_goes_on(ctx):
    ctx.folders.state.mkdir()
    (ctx.folders.state / "journal.sqlite3").mkdir()
    journal = Journal(ctx.folders.state)
    look, note = go(journal, ctx, "look", "note")
    assert look.status == "done"
    assert note.status == "failed"
    assert "journal.sqlite3" in note.answer and note.answer.count("\n") == 0


def test_a_result_that_cannot_be_written_is_said(journal, ctx):
    odd = Tool(
        "note", "", "", Effect.WRITE, (Parameter("text", "text"),), lambda c, text: Outcome("ok", undo={1, 2})
    )
    [result] = go(journal, ctx, "note", tools={"note": odd})
    assert result.status == "done"
    assert result.answer.startswith("ok The journal does not say so")


def test_texts_that_are_no_text_are_kept(journal, ctx):
    plan = Plan("\udcff", ctx.now, (Call("look", {"text": "a"}),))
    look = Tool(
        "look", "", "", Effect.READ, (Parameter("text", "text"),), lambda c, text: Outcome("\udcff", "\udcff")
    )
    execute(plan, Catalogue({"look": look}), ctx, lambda t, c: True, recorder=journal.recorder(plan.text))
    [entry] = journal.entries()
    assert entry.status == "done"
    assert entry.words == "\\udcff"


def test_large_results_are_left_out_and_undo_data_is_not(journal, ctx):
    big = Tool(
        "note", "", "", Effect.WRITE, (Parameter("text", "text"),),
        lambda c, text: Outcome("x" * 50_000, "y" * 100_000, "z" * 200_000),
    )  # fmt: skip
    go(journal, ctx, "note", tools={"note": big})
    [entry] = journal.entries()
    assert (len(entry.answer), entry.value, len(entry.undo)) == (8_000, None, 200_000)


def test_of_a_look_only_the_beginning_is_kept(journal, ctx):
    """What was found is not what was done: mails, notes and pages stay where they are."""
    found = [{"subject": "Result of your test", "snippet": "positive"}]
    answers = ["You have 2 mails from Ana:\n- “Result of your test”\n- “tea”", "x" * 5_000]
    for answer in answers:
        look = Tool(
            "look",
            "",
            "",
            Effect.READ,
            (Parameter("text", "text"),),
            lambda c, text, a=answer: Outcome(a, found),
        )
        [result] = go(journal, ctx, "look", tools={"look": look})
        assert (result.answer, result.value) == (answer, found)  # the person gets all of it
    long, mails = journal.entries()
    assert (mails.answer, mails.value) == ("You have 2 mails from Ana:", None)
    assert (len(long.answer), long.value) == (200, None)
    journal.close()
    assert b"positive" not in b"".join(p.read_bytes() for p in ctx.folders.state.glob("journal.sqlite3*"))


def test_only_the_owner_can_read_it(journal, ctx):
    before = os.umask(0)
    try:
        go(journal, ctx, "note")
    finally:
        os.umask(before)
    files = [path for path in ctx.folders.state.iterdir() if path.name.startswith("journal")]
    assert {path.name.rpartition(".")[2] for path in files} == {
        "sqlite3",
        "sqlite3-wal",
        "sqlite3-shm",
        "lock",
    }
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_it_is_in_wal_mode_and_the_lock_goes(journal, ctx):
    go(journal, ctx, "note")
    with sqlite3.connect(journal.path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    journal.close()
    assert [path.name for path in ctx.folders.state.iterdir() if path.suffix == ".lock"] == []


@pytest.mark.parametrize("damage", ["header", "middle", "text"])
def test_a_damaged_file_is_moved_aside_and_said(ctx, clock, damage):
    journal = Journal(ctx.folders.state, clock=clock)
    go(journal, ctx, *["note"] * 40, text="milk " * 100)
    journal.close()
    data = bytearray(journal.path.read_bytes())
    if damage == "header":
        data[:100] = b"\xff" * 100
    elif damage == "middle":
        data[4096 : len(data)] = b"\xff" * (len(data) - 4096)
    else:
        data[:] = b"my shopping list\n" * 100
    journal.path.write_bytes(data)
    [result] = go(journal, ctx, "note")
    assert result.status == "done"
    [note] = journal.take_notes()
    assert note.startswith("The journal was damaged, so a new one was begun")
    assert journal.take_notes() == ()
    [aside] = ctx.folders.state.glob("journal.sqlite3.damaged-*")
    assert aside.read_bytes()[4096:] == bytes(data)[4096:]  # in front SQLite counts changes
    assert str(aside) in note
    assert [entry.id for entry in journal.entries()] == [1]
    journal.close()


def test_one_that_a_newer_program_wrote_is_left_alone(journal, ctx):
    go(journal, ctx, "note")
    journal.close()
    connection = sqlite3.connect(journal.path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(StoreError, match="newer tinyagent"):
        journal.entries()
    assert list(ctx.folders.state.glob("*damaged*")) == []


def test_what_is_old_goes(ctx, clock):
    journal = Journal(ctx.folders.state, days=30, clock=clock)
    go(journal, ctx, "note")
    journal.close()
    clock.now += timedelta(days=31)
    later = Journal(ctx.folders.state, days=30, clock=clock)
    go(later, ctx, "note")
    assert [entry.id for entry in later.entries()] == [2]
    later.close()
    clock.now += timedelta(days=3000)
    for_ever = Journal(ctx.folders.state, days=0, clock=clock)
    go(for_ever, ctx, "note")
    assert [entry.id for entry in for_ever.entries()] == [3, 2]
    for_ever.close()


def test_it_stays_small_and_the_newest_stay(ctx, clock):
    journal = Journal(ctx.folders.state, megabytes=1, clock=clock)
    call = Call("note", {"text": "a" * 40_000})
    for _ in range(60):
        number = journal.begin("p", "w", "note", Effect.WRITE, call, "allow")
        journal.end(number, Result(call, "done", undo="u" * 20_000))
    kept = [entry.id for entry in journal.entries(1000)]
    journal.close()
    assert kept[:20] == list(range(60, 40, -1))
    assert journal.path.stat().st_size < 2_000_000
    assert len(kept) < 30


def test_threads_and_processes_write_at_once(ctx):
    journal = Journal(ctx.folders.state)
    child = (
        "import sys; from pathlib import Path; from tinyagent.journal import Journal;"
        "from tinyagent.calls import Call, Effect, Result; j = Journal(Path(sys.argv[1])); c = Call('note', {});"
        "[j.end(j.begin('p', 'w', 'note', Effect.WRITE, c, 'allow'), Result(c, 'done')) for _ in range(20)]; j.close()"
    )
    others = [subprocess.Popen([sys.executable, "-c", child, str(ctx.folders.state)]) for _ in range(2)]

    def work():
        go(journal, ctx, *["note"] * 10)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait(timeout=60) for other in others] == [0, 0]
    assert journal.notes == () and list(ctx.folders.state.glob("*damaged*")) == []
    entries = journal.entries(1000)
    assert [entry.status for entry in entries] == ["done"] * 60
    assert len({entry.turn for entry in entries}) == 60
    journal.close()


def test_the_change_of_a_call_is_known_before_it_is_final(journal, ctx):
    run(journal, ctx, ("add_to_list", {"item": "milk"}))
    [entry] = journal.entries()
    assert entry.changes == ()
    assert entry.undo["files"][0]["path"] == "Lists/shopping.md"
