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


@pytest.fixture
def real(tmp_path):
    """Start the real command line on stores of its own."""
    program = "import sys; from tinyagent.cli import main; sys.exit(main())"
    return lambda *words: Terminal("-c", program, *words)


def plan_file(tmp_path, *calls):
    import json

    path = tmp_path / "plan.json"
    plan = {
        "text": "tidy up",
        "now": "2026-03-02T09:00:00",
        "calls": [{"tool": t, "args": a} for t, a in calls],
    }
    path.write_text(json.dumps(plan))
    return path


@pytest.mark.parametrize(
    ("answer", "code", "left"), [("y\n", 0, []), ("\n", 1, ["garden"]), ("n\n", 1, ["garden"])]
)
def test_a_plan_asks_again_with_all_arguments(real, tmp_path, answer, code, left):
    assert real("apply", plan_file(tmp_path, ("create_list", {"list_name": "garden"}))).end() == 0
    terminal = real("apply", plan_file(tmp_path, ("delete_list", {"list_name": "garden"})))
    terminal.wait_for("[y/N]")
    assert "delete_list (destructive)" in plain(terminal.screen)
    assert "list_name: garden" in plain(terminal.screen)
    terminal.type(answer)
    assert terminal.end() == code
    assert [path.stem for path in (tmp_path / "home").rglob("*.md")] == left


def test_history_and_policy_are_tables(real, tmp_path):
    real("apply", plan_file(tmp_path, ("create_list", {"list_name": "gar\x1b[31mden"}))).end()
    for words, said in (
        (["history"], "create_list"),
        (["policy"], "it takes something away"),
        (["undo"], "Undone"),
    ):
        terminal = real(*words)
        assert terminal.end() == 0
        assert said in " ".join(plain(terminal.screen).split())
        assert "gar\x1b[31m" not in terminal.screen


def test_a_rule_that_denies_does_not_ask(real, tmp_path):
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "policy.toml").write_text(
        '[[rule]]\ndecide = "deny"\ntool = "delete_list"\n'
    )
    terminal = real("apply", plan_file(tmp_path, ("delete_list", {"list_name": "garden"})))
    assert terminal.end() == 1
    assert "[y/N]" not in terminal.screen
    assert "the policy forbids" in terminal.screen


def test_bare_it_opens_the_screen(real, monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = real()
    terminal.wait_for("\x1b[?1049h")
    terminal.wait_for("F1 help")
    terminal.type("\x11")
    assert terminal.end() == 0
    assert terminal.screen.rindex("\x1b[?1049l") > terminal.screen.rindex("\x1b[?1049h")


@pytest.mark.parametrize(("name", "value"), [("TINYAGENT_PLAIN", "1"), ("TERM", "dumb")])
def test_bare_it_is_plain_where_that_is_wanted(real, monkeypatch, name, value):
    from tinyagent.cli.app import COMMANDS

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    terminal = real()
    if "chat" in COMMANDS:
        terminal.type("\x04")
    else:
        terminal.wait_for("This terminal shows lines only")
    assert terminal.end() == 0
    assert "\x1b[?1049h" not in terminal.screen


def test_bare_it_says_what_is_wrong_with_the_settings(real, monkeypatch, tmp_path):
    monkeypatch.setenv("TERM", "xterm-256color")
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "config.toml").write_text("threads = many")
    terminal = real()
    assert terminal.end() == 2
    assert "cannot be read" in terminal.screen
    assert "\x1b[?1049h" not in terminal.screen
