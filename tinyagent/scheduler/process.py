"""The scheduler as a process: one at a time, started in the background, asked how it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tinyagent.errors import StoreError
from tinyagent.settings import PREFIX, Settings
from tinyagent.tools.files import atomic_write, make_folder, store_error

LOCK = "scheduler.lock"
PID = "scheduler.json"
LOG = "scheduler.log"
MOST_LOG = 1_000_000
"""Bytes of the log; a larger one is begun anew at the next start."""


@contextmanager
def only_one(state: Path, now: datetime, patience: float = 2.0) -> Iterator[bool]:
    """Hold the scheduler's lock while the block runs; gives False where another process has it.

    The lock goes with the process, however it ends. A look by `status` holds it for an instant, hence
    `patience`.
    """
    make_folder(state)
    lock = FileLock(state / LOCK, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except OSError as error:
        raise store_error(state / LOCK, "locked", error) from None
    try:
        atomic_write(
            state / PID, json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")}) + "\n"
        )
        yield True
    finally:
        with suppress(OSError):
            (state / PID).unlink(missing_ok=True)
        lock.release()


def status(settings: Settings) -> dict[str, Any]:
    """Return `running`, `pid`, `since` (UTC), and `next`: what is due next, with its time (UTC), or None.

    Raises `StoreError` where the state folder or `clock.json` cannot be read.
    """
    from tinyagent.scheduler.due import upcoming

    state = settings.state
    running = _is_running(state)
    known = _known(state) if running else {}
    due = upcoming(settings)
    following = {"kind": due.kind, "label": due.label, "due": due.instant.isoformat()} if due else None
    return {"running": running, "pid": known.get("pid"), "since": known.get("since"), "next": following}


def _known(state: Path) -> dict[str, Any]:
    """Return what the running process wrote about itself; it may just be about to."""
    for _ in range(40):
        with suppress(OSError, ValueError, KeyError, TypeError):
            known: dict[str, Any] = json.loads((state / PID).read_text("utf-8"))
            os.kill(known["pid"], 0)  # not one that was killed before it could tidy up
            return known
        time.sleep(0.025)
    return {}


def ensure_running(settings: Settings, timeout: float = 5.0) -> bool:
    """Start the scheduler in the background unless one runs; return whether one runs.

    The process outlives this one and its terminal. Its output goes to `scheduler.log` in the state folder.
    Raises `StoreError` where the state folder cannot be written.
    """
    if _is_running(settings.state):
        return True
    started = _start(settings)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if _is_running(settings.state):
            return True
        if started.poll() is not None:
            return _is_running(settings.state)
        time.sleep(0.03)
    return False


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    make_folder(settings.state)
    log = settings.state / LOG
    given = {PREFIX + f.name.upper(): str(getattr(settings, f.name)) for f in fields(Settings)}
    try:
        if log.exists() and log.stat().st_size > MOST_LOG:
            log.unlink()
        with open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "tinyagent.scheduler"],
                env=os.environ | given,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                cwd="/",
            )
    except OSError as error:
        raise StoreError(f"The scheduler cannot be started: {error.strerror or error}.") from None
    threading.Thread(
        target=process.wait, daemon=True
    ).start()  # else it would stay a zombie of a long session
    return process


def _is_running(state: Path) -> bool:
    """Whether some process holds the scheduler's lock."""
    if not (state / LOCK).exists():
        return False
    lock = FileLock(state / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError as error:
        raise store_error(state / LOCK, "locked", error) from None
    lock.release()
    return False
