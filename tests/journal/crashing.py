"""What a call leaves behind that is killed at each of its steps: looked at step by step."""

import json
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


def kill_at_every_step(tmp_path, call, setup=(), files=()):
    """Run `call` again and again on what `setup` (calls) and `files` (texts by path) made, and check what is left."""
    before = tmp_path / "before"
    for path, text in dict(files).items():
        (before / path).parent.mkdir(parents=True, exist_ok=True)
        (before / path).write_text(text)
    run(None, context(before), *setup)
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
        recover((folders.calendars, folders.tasks, folders.contacts, folders.notes, folders.home / "Maildir"))
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
