"""A real process is killed with SIGKILL at every step of a call: what is left is whole, and the journal knows."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from crash_child import context
from stores import run, snapshot

from tinyagent.errors import ToolError
from tinyagent.journal import Journal, undo
from tinyagent.tools.changes import recover
from tinyagent.tools.registry import catalogue

CHILD = Path(__file__).with_name("crash_child.py")
SETUP = (
    ("create_reminder", {"name": "call Sid", "due": "2026-03-02T15:00:00"}),
    ("create_reminder", {"name": "call Ana", "due": "2026-03-02T16:00:00"}),
    ("add_to_list", {"item": "milk, eggs"}),
    ("set_alarm", {"time": "2026-03-03T07:00:00"}),
)


@pytest.mark.parametrize(
    "call",
    [
        ("create_reminder", {"name": "water", "list_name": "My Garden"}),
        ("delete_reminder", {"span": "2026-03-02/2026-03-03"}),
        ("delete_list", {"list_name": "shopping"}),
        ("cancel_alarm", {"which": "next"}),
        ("add_contact", {"name": "Ana Lima", "phone": "+1 555 0101"}),
    ],
    ids=lambda call: call[0],
)
def test_killed_at_any_step(tmp_path, call):
    before = tmp_path / "before"
    ctx = context(before)
    run(None, ctx, *SETUP)
    done = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path), str(before), json.dumps(call)],
        capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["status"] == 0, "the call itself fails"
    assert told["steps"] > 15
    was, seen = snapshot(before), set()
    whole = count(tmp_path / str(told["steps"]), was)
    for step in range(1, told["steps"] + 1):
        root = tmp_path / str(step)
        ctx = context(root)
        folders = ctx.folders
        recover((folders.calendars, folders.tasks, folders.contacts, folders.notes))
        journal = Journal(folders.state)
        entries = journal.entries()
        now = {path: data for path, data in snapshot(root).items() if not path.endswith(".tmp")}
        changed = {path for path in now.keys() | was.keys() if now.get(path, "") != was.get(path, "")}
        assert len(entries) <= 1
        status = entries[0].status if entries else "nothing"
        seen.add((status, bool(changed)))
        assert status in ("nothing", "interrupted", "done")
        if status == "nothing":
            assert not changed
        if not changed:
            assert status != "done"
            assert not (entries and entries[0].undoable)
            with pytest.raises(ToolError):
                undo(journal, catalogue(), ctx)
        else:
            assert len(changed) == whole
            assert undo(journal, catalogue(), ctx).id == 1
            assert {p: d for p, d in snapshot(root).items() if not p.endswith(".tmp")} == was
        assert not list(root.rglob(".tinyagent.pending"))
        journal.close()
    assert seen >= {("nothing", False), ("interrupted", False), ("interrupted", True), ("done", True)}


def count(root, was):
    """How many files and folders differ."""
    now = snapshot(root)
    return len({path for path in now.keys() | was.keys() if now.get(path, "") != was.get(path, "")})


SLOW = """
import sys, time
from pathlib import Path
from crash_child import context
from tinyagent.calls import Call, Effect, Outcome, Plan, Tool
from tinyagent.compiler.executor import execute
from tinyagent.journal import Journal
from tinyagent.tools.registry import Catalogue

def slow(ctx):
    print("running", flush=True)
    time.sleep(60)

ctx = context(Path(sys.argv[1]))
tools = Catalogue({"slow": Tool("slow", "", "", Effect.OUTGOING, (), slow)})
plan = Plan("do it slowly", ctx.now, (Call("slow", {}),))
execute(plan, tools, ctx, lambda t, c: True, recorder=Journal(ctx.folders.state).recorder(plan.text))
"""


def test_kill_9_from_outside(tmp_path):
    path = os.pathsep.join([str(CHILD.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert child.stdout.readline() == "running\n"
    journal = Journal(context(tmp_path).folders.state)
    assert [(entry.status, entry.words) for entry in journal.entries()] == [("started", "do it slowly")]
    child.send_signal(signal.SIGKILL)
    assert child.wait(timeout=20) == -signal.SIGKILL
    child.stdout.close()
    assert [entry.status for entry in journal.entries()] == ["interrupted"]
    assert list(tmp_path.rglob("journal-*.lock")) == []
    journal.close()
