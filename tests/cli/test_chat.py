"""`tinyagent chat`: piped, and on a real pseudo-terminal."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pseudo_terminal import Terminal, plain

from tinyagent.cli import dialogue
from tinyagent.cli.chat import KEPT

SCRIPTED = Path(__file__).with_name("scripted.py")
REMEMBER = "remember to call Sid at three"
DONE = "Done: remember, call Sid, 2026-03-02 15:00:00."
WHICH = "Which Ana: Ana Lima or Ana Roth?"
PROMPT = "> "
REAL = ("-c", "import sys; from tinyagent.cli import main; sys.exit(main())")


@pytest.fixture(autouse=True)
def zone(monkeypatch):
    monkeypatch.setenv("TINYAGENT_TIMEZONE", "UTC")


@pytest.fixture
def state(own_home):
    return own_home / "home" / "state"


@pytest.fixture
def ran(state):
    """Return the names of the tools that have run."""
    return lambda: sorted(path.name for path in (state / "ran").glob("*"))


def piped(text, *options, program=(SCRIPTED,)):
    """Talk through pipes; returns (exit code, stdout, stderr)."""
    command = [sys.executable, "-W", "error", *map(str, program), "chat", *options]
    data = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run(command, input=data, capture_output=True, timeout=300, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def chat(*options):
    terminal = Terminal(SCRIPTED, "chat", *options)
    terminal.wait_for(PROMPT)
    return terminal


def test_every_line_is_a_turn_and_its_answer_a_paragraph(ran):
    """A question is answered by the next line, an empty one is nothing, what comes after "exit" is not read."""
    code, out, err = piped(f"{REMEMBER}\n\n  \nmail Ana\nroth\nExit\nwait ten minutes\n", "--yes")
    assert (code, err) == (0, "")
    assert out == f"{DONE}\n\n{WHICH}\n\nDone: send_mail, Ana Roth.\n\n"
    assert ran() == ["remember", "send_mail"]


def test_an_error_is_a_sentence_and_the_conversation_goes_on():
    code, out, err = piped(b"broken\n\xff\n" + b"word " * 4000 + b"\n" + REMEMBER.encode())
    assert (code, err) == (0, "")
    assert out.split("\n\n") == [
        "The model is damaged: run `tinyagent doctor`.",
        "The command is not UTF-8 text.",
        "The command is longer than 2000 characters: say one thing at a time.",
        DONE,
        "",
    ]


def test_the_last_turn_decides_about_the_exit_code():
    code, out, err = piped(f"{REMEMBER}\ndelete lunch\n")
    assert code == 1
    assert out.endswith("was not confirmed.\n\n")
    assert err == "delete_event needs a yes: run it on a terminal, or add --yes.\n"
    assert piped("wait ten minutes\nbroken")[0] == 1
    assert piped("")[:2] == (0, "")


def test_json_is_an_object_a_line():
    code, out, err = piped(f"{REMEMBER}\nbroken\nsoon\n", "--json", "--now", "2026-05-04T08:00:00")
    assert (code, err) == (0, "")
    first, second, third = map(json.loads, out.splitlines())
    assert first["results"][0]["call"]["args"]["due"] == "2026-05-04T15:00:00"
    assert second == {"error": "The model is damaged: run `tinyagent doctor`."}
    assert third["plan"]["question"]["text"] == "For how long?"


def test_an_answer_comes_before_the_next_line_is_read():
    command = [sys.executable, "-W", "error", str(SCRIPTED), "chat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write("soon\n")
        process.stdin.flush()
        assert process.stdout.readline() == "For how long?\n"
        assert process.stdout.readline() == "\n"
        process.stdin.write("ten minutes\n")
        process.stdin.close()
        assert process.stdout.read() == "Done: wait, 0:10:00.\n\n"
    assert process.returncode == 0


def test_bad_options_and_closed_streams():
    assert piped("", "--now", "soon")[0] == 2
    command = f"'{sys.executable}' '{SCRIPTED}' chat <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], timeout=60, check=False).returncode == 0


def test_a_conversation_on_a_terminal(ran):
    terminal = chat()
    terminal.type(f"{REMEMBER}\n")
    terminal.wait_for(f"\x1b[32m{DONE}")
    assert DONE not in terminal.wait_for(PROMPT)
    terminal.type("\n")
    assert terminal.wait_for(PROMPT) == f"\r\n{PROMPT}"
    terminal.type("mail Ana\n")
    shown = plain(terminal.wait_for(f"Ana Roth\r\n{PROMPT}"))
    assert shown.count(WHICH) == 1
    assert "\n  1  Ana Lima\r\n  2  Ana Roth" in shown
    terminal.type("2\n")
    assert "to: Ana Roth" in plain(terminal.wait_for("[y/N] "))
    terminal.type("y\n")
    terminal.wait_for("Done: send_mail, Ana Roth.")
    terminal.wait_for(PROMPT)
    terminal.type("broken\n")
    terminal.wait_for("\x1b[31mThe model is damaged")
    terminal.wait_for(PROMPT)
    terminal.type("quit\n")
    assert terminal.end() == 0
    assert ran() == ["remember", "send_mail"]


def test_ctrl_c_stops_a_command_and_the_conversation_goes_on(ran, state):
    terminal = chat()
    terminal.type("sleep\n")
    terminal.wait_for("Thinking …")
    terminal.type("\x03")
    terminal.wait_for("Stopped.\r\n> ")
    terminal.type("stuck\n")
    while "hang" not in ran():
        terminal.wait_for("Hang …")
    terminal.type("\x03")
    (state / "go").touch()
    terminal.wait_for("Stopped.\r\n> ")
    assert ran() == ["hang", "went"]
    terminal.type("delete lunch\n")
    terminal.wait_for("[y/N]")
    terminal.interrupt("Stopped.\r\n> ")
    terminal.type(f"{REMEMBER}\n")
    terminal.wait_for(DONE)
    terminal.wait_for(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0
    assert ran() == ["hang", "remember", "went"]


def test_ctrl_c_at_the_prompt_clears_the_line_and_twice_ends(ran):
    terminal = chat()
    terminal.type("delete lu")
    terminal.wait_for("delete lu")
    terminal.interrupt(f"\r\n{PROMPT}")
    terminal.type(f"{REMEMBER}\n")
    terminal.wait_for(DONE)
    terminal.wait_for(PROMPT)
    terminal.interrupt(f"\r\n{PROMPT}")
    terminal.interrupt("\r\n")
    assert terminal.end() == 0
    assert ran() == ["remember"]


def test_plain_has_no_colours_and_no_spinner():
    terminal = chat("--plain", "--yes")
    terminal.type("text Bo\n")
    assert "…" not in terminal.wait_for(f"\r\n{PROMPT}")
    terminal.type("soon\n")
    assert "\x1b[3" not in terminal.wait_for(f"\r\n{PROMPT}")
    terminal.type("\x04")
    assert terminal.end() == 0


def test_lines_can_be_edited_and_come_back_the_next_time(ran, state):
    history = state / "chat_history"
    history.parent.mkdir(parents=True)
    history.write_text("".join(f"older {number}\n" for number in range(KEPT)))
    history.chmod(0o644)
    terminal = chat()
    for _ in range(2):
        terminal.type("sait ten minutes\x01\x04w\n")
        terminal.wait_for("Done: wait, 0:10:00.")
        terminal.wait_for(PROMPT)
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    lines = history.read_text().splitlines()
    assert len(lines) == KEPT
    assert lines[-2:] == [f"older {KEPT - 1}", "wait ten minutes"]
    terminal.type("\x04")
    assert terminal.end() == 0
    terminal = chat()
    terminal.type("\x1b[A")
    terminal.wait_for("wait ten minutes")
    terminal.type("\n")
    terminal.wait_for("Done: wait, 0:10:00.")
    terminal.wait_for(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0


def test_a_history_that_cannot_be_kept_stops_nothing(state):
    (state / "chat_history").mkdir(parents=True)
    terminal = chat()
    terminal.type("soon\n")
    terminal.wait_for("For how long?")
    terminal.wait_for(PROMPT)
    terminal.type("\x1b[A")
    terminal.wait_for("soon")
    terminal.type("\n")
    terminal.wait_for("For how long?")
    terminal.wait_for(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0


def test_the_real_one(monkeypatch, cache):
    monkeypatch.setenv("TINYAGENT_CACHE", str(cache))
    terminal = Terminal(*REAL, "chat", "--plain")
    terminal.wait_for(PROMPT)
    terminal.type("what is 15 percent of 86\n")
    terminal.wait_for("12.9", 300)
    terminal.wait_for(PROMPT)
    terminal.type("\x04")
    assert terminal.end() == 0
    text = "make a list called garden\nput roses on the garden list\nset an alarm\nnever mind\n"
    code, out, err = piped(text, program=REAL)
    assert (code, err) == (0, "")
    made, put, asked, left, end = out.split("\n\n")
    assert "garden" in made
    assert "roses" in put
    assert asked == "At what time?"
    assert left == "All right, I leave that."
    assert end == ""


class Interrupted(list):
    """Tokens that cannot be noted, because Ctrl-C comes first."""

    def extend(self, tokens):
        raise KeyboardInterrupt


def test_after_ctrl_c_in_the_model_it_plans_as_before(assistant, monkeypatch):
    monkeypatch.setattr(dialogue, "new_assistant", lambda settings: assistant)
    talk = dialogue.Dialogue(assistant.settings, None, yes=False, as_json=False, plain=True)
    command = "remind me to call Sid about the budget and put oat milk on the shopping list"
    calls = assistant.plan(command).calls
    assert len(calls) == 2
    assistant.engine.truncate(0)
    assistant.engine.state = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        assistant.plan(command)
    assistant.engine.state = []
    talk.recover()
    assert assistant.plan(command).calls == calls


def test_nothing_heavy_is_loaded_for_the_help():
    child = "import sys; from tinyagent.cli import main; main(['chat', '--help']); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=True
    )
    assert not {"readline", "rich", "numpy", "logging"} & set(done.stdout.split())
