"""The command line on a real pseudo-terminal: confirmation, spinner, Ctrl-C."""

import os
import pty
import re
import select
import sys
import time
from pathlib import Path

import pytest

SCRIPTED = Path(__file__).with_name("scripted.py")


class Terminal:
    """A child process whose standard streams are a pseudo-terminal."""

    def __init__(self, *arguments):
        self.screen = ""
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, "-W", "error", *map(str, arguments)])

    def wait_for(self, text, seconds=20):
        """Read until `text` is on the screen."""
        until = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < until, f"{text!r} is not in {self.screen!r}"
            assert self._read(0.1), f"ended before {text!r}: {self.screen!r}"

    def _read(self, seconds):
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.file, 4096)
        except OSError:  # Linux's way of saying that the other end is closed
            return False
        self.screen += data.decode()
        return bool(data)

    def type(self, text):
        os.write(self.file, text.encode())

    def end(self, seconds=20):
        """Read to the end; return the exit code."""
        until = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < until, self.screen
        os.close(self.file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def ask(tmp_path):
    return lambda *words: Terminal(SCRIPTED, tmp_path, "ask", *words)


def plain(screen):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)


def test_a_confirmation_shows_the_tool_and_every_argument(ask, tmp_path):
    terminal = ask("delete lunch")
    terminal.wait_for("[y/N]")
    shown = plain(terminal.screen)
    assert "delete_calendar_event (destructive)" in shown
    assert "query: lunch \\x1b[31m" in shown
    assert "span: tomorrow" in shown
    assert not (tmp_path / "state" / "ran").exists()
    terminal.type("y\n")
    assert terminal.end() == 0
    assert (tmp_path / "state" / "ran").exists()
    assert "Done: lunch" in terminal.screen
    assert "\x1b[31m" not in terminal.screen.split("Done")[1]


@pytest.mark.parametrize("answer", ["\n", "n\n", "yup\n", "\x04"])
def test_anything_but_yes_is_a_no(ask, tmp_path, answer):
    terminal = ask("delete lunch")
    terminal.wait_for("[y/N]")
    terminal.type(answer)
    assert terminal.end() == 1
    assert not (tmp_path / "state" / "ran").exists()
    assert "not confirmed" in terminal.screen


def test_ctrl_c_at_the_question_does_nothing(ask, tmp_path):
    terminal = ask("delete lunch")
    terminal.wait_for("[y/N]")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert not (tmp_path / "state" / "ran").exists()
    assert "Traceback" not in terminal.screen
    assert "Stopped." in terminal.screen


def test_ctrl_c_while_thinking_stops_and_gives_the_cursor_back(ask):
    terminal = ask("hang")
    terminal.wait_for("Thinking")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.screen
    assert terminal.screen.rfind("\x1b[?25h") > terminal.screen.rfind("\x1b[?25l")


def test_the_answer_is_coloured_and_the_spinner_gone(ask):
    terminal = ask("remind me")
    assert terminal.end() == 0
    last = terminal.screen.splitlines()[-1]
    assert "\x1b[32mDone: call Sid" in last


def test_json_stays_json(ask):
    import json

    terminal = ask("remind me", "--json")
    assert terminal.end() == 0
    assert json.loads(plain(terminal.screen)[plain(terminal.screen).index("{") :])["results"]
