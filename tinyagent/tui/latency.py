"""How fast the app is, as one JSON object: `python -m tinyagent.tui.latency [RUNS]`.

Measured from outside, on a pseudo-terminal with the real program and the real model: seconds from the start of the
process to the first painted screen, in turns with those of a bare Textual app, and milliseconds from a key to its
character on the screen, idle and while the model plans. Nothing is run: the commands are only planned, on a home of
their own.
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from statistics import median, quantiles
from termios import TIOCSWINSZ
from typing import Any

from tinyagent.settings import load

STARTUP_S, ECHO_MS = 0.4, 50.0
"""What is aimed at: the median start, and p95 of the echo while the model plans."""
PROGRAM = "import sys; from tinyagent.cli import main; sys.exit(main())"
BARE = """
from textual.app import App
from textual.widgets import Static, TextArea
class Bare(App):
    def compose(self):
        yield TextArea()
        yield Static("F1 help")
Bare().run()
"""
"""The least that a Textual app with something to type in can be: what is above its start is our own."""
PAINTED = "F1 help"
NOT_HERE = ("TINYAGENT_PLAIN", "PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONUNBUFFERED")
PATIENCE = 120.0
KEYS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ"
"""Characters that nothing else on the screen has."""
COMMAND = "remind me to call Sid at three and add milk to my list and set a ten minutes timer"
BATCH, QUEUED = 8, 5
"""So many keys are typed after giving so many commands: the model is at work all the while."""


class Terminal:
    """The program on a pseudo-terminal of 100 by 30 cells."""

    def __init__(self, environment: Mapping[str, str], code: str = PROGRAM) -> None:
        self.file, screen = pty.openpty()
        ioctl(screen, TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=screen,
            stdout=screen,
            stderr=screen,
            env=dict(environment),
            start_new_session=True,
        )
        os.close(screen)
        self.seen = b""

    def wait_for(self, text: str, patience: float = PATIENCE) -> float:
        """Return the time when a text has come from the program since the last wait. Raises `TimeoutError`."""
        wanted, end = text.encode(), time.perf_counter() + patience
        while wanted not in self.seen:
            left = end - time.perf_counter()
            if left <= 0:
                raise TimeoutError(
                    f"{text!r} did not come within {patience:.0f} s; the last was {self.seen[-400:]!r}"
                )
            if select.select([self.file], [], [], left)[0]:
                self.seen += os.read(self.file, 1 << 16)
        at = time.perf_counter()
        self.seen = b""
        return at

    def type(self, text: str) -> float:
        """Send keys; return when."""
        at = time.perf_counter()
        os.write(self.file, text.encode())
        return at

    def close(self) -> None:
        """End the program."""
        self.process.send_signal(signal.SIGHUP)
        os.close(self.file)
        self.process.wait()


def surroundings(home: str) -> dict[str, str]:
    """Return the environment of a program with a home of its own, and byte code at hand, as an installed one has it."""
    own = {"TINYAGENT_HOME": home, "TINYAGENT_CACHE": str(load().cache), "TERM": "xterm-256color"}
    kept = {name: value for name, value in os.environ.items() if name not in NOT_HERE}
    return {**kept, **own, "PYTHONPYCACHEPREFIX": f"{home}/bytecode"}


def startup(environment: Mapping[str, str], code: str = PROGRAM) -> float:
    """Return the seconds to the first painted screen."""
    terminal = Terminal(environment, code)
    try:
        return terminal.wait_for(PAINTED) - terminal.begun
    finally:
        terminal.close()


def echoes(terminal: Terminal, keys: str, gap: float = 0.05) -> list[float]:
    """Return the milliseconds to the echo of each key."""
    found = []
    for key in keys:
        typed = terminal.type(key)
        found.append((terminal.wait_for(key) - typed) * 1000)
        time.sleep(gap)
    terminal.type("\x03")  # clears the line
    terminal.wait_for("Say what to do")
    return found


def echo(environment: Mapping[str, str]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of echoes, idle and while the model plans."""
    terminal = Terminal(environment)
    try:
        terminal.wait_for("Ready")
        time.sleep(1.0)
        idle, busy = echoes(terminal, KEYS), []
        for batch in range(0, len(KEYS), BATCH):
            for _ in range(QUEUED):
                terminal.type(f"\x1b[200~{COMMAND}\x1b[201~")
                terminal.wait_for(COMMAND[-6:])
                terminal.type("\x1b\r")
                terminal.wait_for("❯")
            busy += echoes(terminal, KEYS[batch : batch + BATCH])
        return idle, busy
    finally:
        terminal.close()


def summary(values: Sequence[float], digits: int) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    return {
        "p50": round(median(values), digits),
        "p95": round(quantiles(values, n=20)[-1], digits),
        "n": len(values),
    }


def measure(runs: int) -> dict[str, Any]:
    """Return all figures; `runs` starts are measured after one that warms the disk up."""
    with tempfile.TemporaryDirectory() as home:
        environment = surroundings(home)
        both = [(startup(environment), startup(environment, BARE)) for _ in range(runs + 1)][1:]
        idle, busy = echo(environment)
    working, starts, bare = summary(busy, 1), [ours for ours, _ in both], [bare for _, bare in both]
    return {
        "startup_s": {"median": round(median(starts), 3), "runs": [round(start, 3) for start in starts]},
        "bare_textual_app_s": {"median": round(median(bare), 3), "runs": [round(start, 3) for start in bare]},
        "echo_ms": {"idle": summary(idle, 1), "while_planning": working},
        "targets": {"startup_s": STARTUP_S, "echo_p95_ms": ECHO_MS},
        "met": {"startup": median(starts) <= STARTUP_S, "echo": working["p95"] <= ECHO_MS},
        "load_average": round(os.getloadavg()[0], 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 7), indent=2))  # noqa: T201
