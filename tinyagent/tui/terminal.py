"""The process around the app: nothing but the app writes to the terminal, and the process ends well when told to.

Textual paints to the error stream, and so does every library with a warning: here the app gets a stream of its own
and what libraries write goes into a file, or nowhere.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

LOG = "tui.log"
LAST = 8.0
"""Seconds after which a process that was told to end does so, whatever holds it up."""


@contextmanager
def own_screen(log: Path | None) -> Iterator[None]:
    """While the block runs, `sys.__stderr__` is the terminal, for the app alone; others write to `log`, if any."""
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
    kept, sys.__stderr__ = sys.__stderr__, terminal  # type: ignore[misc]
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(target, 2)
    os.close(target)
    try:
        yield
    finally:
        sys.__stderr__ = kept  # type: ignore[misc]
        with suppress(OSError):
            os.dup2(terminal.fileno(), 2)
        with suppress(OSError):
            terminal.close()


@contextmanager
def ending_quietly(end: Callable[[int], None]) -> Iterator[None]:
    """While the block runs, a hang-up or another signal to end calls `end` with its number, on the main thread."""

    def told(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _let_go_of_the_terminal()
        patience = threading.Timer(LAST, os._exit, (128 + number,))
        patience.daemon = True
        patience.start()
        end(number)

    numbers = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, told) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _let_go_of_the_terminal() -> None:
    """Point the standard streams at nothing: a terminal that is gone fails every read and write."""
    nothing = os.open(os.devnull, os.O_RDWR)
    streams = {0, 1, 2} | ({sys.__stderr__.fileno()} if sys.__stderr__ else set())
    for stream in streams:
        os.dup2(nothing, stream)
    os.close(nothing)


def debug_to(log: Path) -> None:
    """Write what is logged to a file instead of the terminal."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    root.addHandler(logging.FileHandler(log, encoding="utf-8", delay=True))
