"""The app in a real terminal: tmux draws what it writes, sends it keys, changes its size, and goes away."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinyagent.journal import Journal

PATIENCE = 60
TESTS = Path(__file__).parent.parent
PROGRAM = Path(__file__).with_name("scripted_screen.py")


class Tmux:
    """One tmux server with one window, in which a shell runs a command and then says how it ended."""

    def __init__(self, folder, *command, size=(80, 24), **environment):
        self.socket = folder / "tmux"
        width, height = map(str, size)
        environment["PYTHONPATH"] = os.pathsep.join(map(str, (TESTS, TESTS.parent)))
        given = [f"{name}={value}" for name, value in environment.items()]
        words = " ".join(f"'{word}'" for word in ("env", *given, *map(str, command)))
        script = f"echo before; {words}; echo ended with $?; sleep 1000"
        self("-f", "/dev/null", "new-session", "-d", "-x", width, "-y", height, "sh", "-c", script)
        self("set-option", "-g", "window-size", "manual")

    def __call__(self, *arguments):
        done = subprocess.run(
            ["tmux", "-S", str(self.socket), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout

    @property
    def text(self):
        return self("capture-pane", "-p")

    def keys(self, *keys):
        self("send-keys", *keys)

    def wait_for(self, holds):
        """Wait until a text is on the screen, or something holds."""
        until = time.monotonic() + PATIENCE
        while not (holds in self.text if isinstance(holds, str) else holds()):
            assert time.monotonic() < until, f"{holds}:\n{self.text}"
            time.sleep(0.05)

    def enter(self, text):
        self("send-keys", "-l", text)
        self.wait_for(text)
        self.keys("Enter")


@pytest.fixture
def terminal(tmp_path):
    assert shutil.which("tmux"), "tmux is missing: run `sudo apt-get install tmux`"
    opened = []

    def begin(*command, **more):
        opened.append(
            Tmux(tmp_path, *(command or (sys.executable, "-W", "error", PROGRAM, tmp_path)), **more)
        )
        return opened[-1]

    yield begin
    (tmp_path / "go").touch()
    for one in opened:
        one("kill-server")


def ready(terminal):
    terminal.wait_for("Ready")
    return terminal


def statuses(home):
    return {entry.tool: entry.status for entry in Journal(home / "state").entries()}


def program(home):
    """Return the process numbers of the app of this home."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(PROGRAM).encode() in words and str(home).encode() in words and b"env" not in words[:1]:
                found.append(int(entry.name))
    return [
        number for number in found if b"sh" != (Path("/proc") / str(number) / "comm").read_bytes().strip()
    ]


def test_a_command_from_the_keys_to_the_journal_and_the_terminal_given_back(terminal, tmp_path):
    screen = ready(terminal())
    screen.enter("set a ten minutes timer")
    screen.wait_for("timer is done.")
    screen.keys("C-q")
    screen.wait_for("ended with 0")
    assert "before" in screen.text
    assert "timer is done." not in screen.text
    assert statuses(tmp_path) == {"timer": "done"}
    screen.keys("-l", "still typed")  # the terminal echoes again
    screen.wait_for("still typed")


def test_ctrl_c_clears_the_line_then_quits_when_pressed_twice(terminal):
    screen = ready(terminal())
    screen("send-keys", "-l", "never mind")
    screen.wait_for("never mind")
    screen.keys("C-c")
    screen.wait_for(lambda: "never mind" not in screen.text)
    screen.keys("C-c")
    screen.wait_for("Press Ctrl+C again to quit.")
    screen.keys("C-c")
    screen.wait_for("ended with 0")


def test_what_hangs_is_stopped(terminal, tmp_path):
    screen = ready(terminal())
    screen.enter("hang")
    screen.wait_for(lambda: statuses(tmp_path).get("sum_up") == "started")
    screen.keys("C-x")
    screen.wait_for("had begun already")
    screen.enter("set a ten minutes timer")
    screen.wait_for("timer is done.")


def test_nothing_else_writes_to_the_screen(terminal):
    screen = ready(terminal())
    screen.enter("noise")
    screen.wait_for("lock is done.")
    assert "SCRIBBLE" not in screen.text
    screen.keys("C-q")
    screen.wait_for("ended with 0")
    assert "SCRIBBLE" not in screen.text


def test_a_resize_storm(terminal):
    screen = ready(terminal())
    for width, height in [(200, 50), (20, 5), (2, 2), (80, 24), (101, 10), (10, 80)] * 4:
        screen("resize-window", "-x", str(width), "-y", str(height))
    screen("resize-window", "-x", "90", "-y", "20")
    screen.enter("set a ten minutes timer")
    screen.wait_for("timer is done.")


def test_a_pasted_megabyte(terminal, tmp_path):
    screen = ready(terminal())
    (tmp_path / "paste").write_text("spam and eggs " * 75_000)
    screen("load-buffer", str(tmp_path / "paste"))
    screen("paste-buffer", "-p")
    screen.wait_for("was left out")
    screen.keys("C-c")
    screen.wait_for(lambda: "eggs" not in screen.text)
    screen.enter("set a ten minutes timer")
    screen.wait_for("timer is done.")


def test_the_terminal_goes_away_and_a_running_call_ends_well(terminal, tmp_path):
    screen = ready(terminal())
    screen.enter("hang")
    screen.wait_for(lambda: statuses(tmp_path).get("sum_up") == "started")
    assert program(tmp_path)
    screen("kill-server")
    (tmp_path / "go").touch()
    until = time.monotonic() + PATIENCE
    while program(tmp_path):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert statuses(tmp_path) == {"sum_up": "done"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_told_to_end_it_gives_the_terminal_back(terminal, tmp_path, number, code):
    screen = ready(terminal())
    for process in program(tmp_path):
        os.kill(process, number)
    screen.wait_for(f"ended with {code}")
    assert "before" in screen.text
    assert "Traceback" not in screen.text


def test_sixteen_colours_are_enough(terminal):
    screen = ready(terminal(TERM="linux", COLORTERM=""))
    painted = screen("capture-pane", "-p", "-e")
    assert "Ready" in screen.text
    assert "38;2;" not in painted
    assert "38;5;" not in painted
