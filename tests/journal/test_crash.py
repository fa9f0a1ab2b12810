"""A real process is killed with SIGKILL at every step of a call: what is left is whole, and the journal knows."""

import os
import signal
import subprocess
import sys

import pytest
from crash_child import context
from crashing import CHILD, kill_at_every_step

from tinyagent.journal import Journal

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
    kill_at_every_step(tmp_path, call, SETUP)


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
