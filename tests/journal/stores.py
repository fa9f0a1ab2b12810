"""Looking at stores from outside, and running calls as the program does."""

from datetime import datetime

from tinyagent.calls import Call, Plan
from tinyagent.compiler.executor import execute
from tinyagent.tools.files import LOCK
from tinyagent.tools.registry import catalogue

STORES = ("calendars", "tasks", "contacts", "notes", "state", "home")


def snapshot(root):
    """Every file below the stores with its bytes, and every folder; no locks, journal, indexes or empty trash."""
    found = {}
    for store in STORES:
        for path in (root / store).rglob("*"):
            index = store == "state" and ".db" in path.name
            trash = ".local" in path.parts and path.is_dir()
            if not (index or trash or path.name == LOCK or path.name.startswith("journal")):
                found[str(path.relative_to(root))] = path.read_bytes() if path.is_file() else None
    return found


def run(journal, ctx, *calls, words="say", depends=()):
    """Run (tool, args) calls, all confirmed; returns the results."""
    plan = Plan(
        words, datetime(2026, 3, 2, 9), tuple(Call(tool, args) for tool, args in calls), tuple(depends)
    )
    recorder = journal.recorder(words) if journal else None
    return execute(plan, catalogue(), ctx, lambda tool, call: True, recorder=recorder)
