"""Run one call and die of SIGKILL at the n-th step on the disk, for n = 1, 2, 3, … until the call lives through it.

Each n is a process of its own (a fork of this one, which has everything loaded) with stores of its own. Prints
the number of steps.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
import threading
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from stores import run

from tinyagent.journal import Journal
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import catalogue

STEPS = ("fsync", "replace", "unlink", "rename", "mkdir", "open", "rmdir", "link")


def context(root):
    return Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(root))


def die_at(step):
    """Have this process killed just before its `step`-th call that touches the disk."""
    left, lock = [step], threading.Lock()

    def counted(real):
        def call(*args, **kwargs):
            with lock:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))

    class Connection(sqlite3.Connection):
        execute = counted(sqlite3.Connection.execute)

    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **kwargs: connect(*args, **kwargs, factory=Connection)


def main(root, before, call):
    ctx = context(root / "warm")
    shutil.copytree(before, root / "warm", dirs_exist_ok=True)
    run(Journal(ctx.folders.state), ctx, call)  # imports everything
    for step in range(1, 500):
        shutil.copytree(before, root / str(step))
        child = os.fork()
        if child == 0:
            die_at(step)
            ctx = context(root / str(step))
            [result] = run(Journal(ctx.folders.state), ctx, call)
            os._exit(0 if result.status == "done" else 3)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != -signal.SIGKILL:
            sys.stdout.write(json.dumps({"steps": step, "status": status}))
            return


if __name__ == "__main__":
    catalogue()
    main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
