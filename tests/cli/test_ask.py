import io
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from scripted import ScriptedAssistant

import tinyagent.cli.dialogue
from tinyagent.cli import main, running
from tinyagent.scheduler import ringing

SCRIPTED = Path(__file__).with_name("scripted.py")
REMEMBER = "remember to call Sid at three"
DONE = "Done: remember, call Sid, 2026-03-02 15:00:00.\n"


@pytest.fixture(autouse=True)
def scripted(monkeypatch):
    monkeypatch.setattr(tinyagent.cli.dialogue, "new_assistant", ScriptedAssistant)
    monkeypatch.setenv("TINYAGENT_TIMEZONE", "UTC")


@pytest.fixture
def ran(own_home):
    """Return the names of the tools that have run."""
    return lambda: sorted(path.name for path in (own_home / "home" / "state" / "ran").glob("*"))


@pytest.fixture
def run(capfd):
    """Run the command line in this process; returns (exit code, stdout, stderr)."""

    def run(*words):
        code = main(["ask", *words])
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def child():
    """Start the scripted command line as a process of its own."""

    def start(*words, **options):
        command = [sys.executable, "-W", "error", str(SCRIPTED), "ask", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    return start


def stdin(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_command_in_words_or_as_one_argument(run):
    assert run(*REMEMBER.split()) == run(REMEMBER) == (0, DONE, "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("tell me a joke", 3, "I have no tool for that, so I did nothing.\n"),
        ("mail Ana", 4, "Which Ana: Ana Lima or Ana Roth?\n"),
        ("lose nowhere", 1, "There is no event called nowhere.\n"),
    ],
)
def test_exit_codes_tell_what_became_of_it(run, words, code, said):
    assert run(words, "--yes") == (code, said, "")


@pytest.mark.parametrize(("calls", "end", "code"), [(0, "none", 3), (1, "done", 1)])
def test_what_cannot_be_done_here_is_said(calls, end, code, capfd):
    from tinyagent.calls import Answer, Call, Plan, Result

    made = (Call("set_timer", {"duration": "PT10M"}),) * calls
    plan = Plan(
        "play jazz", datetime(2026, 3, 2, 9), made, end=end, reason="There is no player: install one."
    )
    results = [Result(call, "done", "Set.") for call in made]
    answer = Answer(plan, tuple(results), plan.reason)
    assert running.exit_code(answer) == code
    running.print_answer(answer, code, dry_run=True)
    assert "There is no player: install one." in capfd.readouterr().out


def test_taking_back_and_leaving_have_exit_codes():
    from tinyagent.calls import Answer, Plan
    from tinyagent.compiler.resume import LEFT

    now = datetime(2026, 3, 2, 9)
    assert running.exit_code(Answer(Plan("undo that", now, undoes=(3,)), (), "Undone: a list.")) == 0
    assert running.exit_code(Answer(Plan("mail ana", now, end="none", reason=LEFT), (), LEFT)) == 4


def test_json_is_one_object(run):
    code, out, err = run(REMEMBER, "--json", "--now", "2026-03-02T10:00:00")
    data = json.loads(out)
    assert (code, err) == (0, "")
    assert data["plan"]["now"] == "2026-03-02T10:00:00"
    assert data["results"][0]["status"] == "done"


def test_a_dry_run_prints_the_calls_and_does_nothing(run, ran):
    code, out, _ = run("--dry-run", REMEMBER, "and text Bo")
    assert code == 0
    assert out == (
        'remember(name="call Sid", due="2026-03-02T15:00:00")\nsend_mail(to=["Bo \\u001b[31mBerg"])\n'
    )
    assert ran() == []
    code, out, _ = run("--dry-run", "mail Ana")
    assert (code, out) == (4, "Which Ana: Ana Lima or Ana Roth?\n")


def test_off_a_terminal_a_confirmation_is_a_no(run, ran):
    code, out, err = run("delete lunch")
    assert code == 1
    assert re.fullmatch(r"Not done: .* was not confirmed\.\n", out)
    assert err == "delete_event needs a yes: run it on a terminal, or add --yes.\n"
    assert ran() == []


def test_yes_answers_for_the_person(run, ran):
    code, _, err = run("delete lunch", "--yes")
    assert (code, err) == (0, "")
    assert ran() == ["delete_event"]


def test_a_known_error_is_its_sentence(run):
    assert run("broken") == (1, "", "Error: The model is damaged: run `tinyagent doctor`.\n")


def test_an_unknown_error_is_one_sentence_too(run):
    code, out, err = run("crash")
    assert (code, out) == (1, "")
    assert "ZeroDivisionError" in err
    assert "secret" not in err
    assert err.count("\n") == 1


def test_the_debug_variable_brings_the_traceback(child):
    _, err = child("crash", env={**os.environ, "TINYAGENT_DEBUG": "1"}).communicate(timeout=30)
    assert b"Traceback" in err
    assert b"a secret" in err


def test_broken_settings_are_bad_input(run, monkeypatch):
    monkeypatch.setenv("TINYAGENT_COLOUR", "red")
    monkeypatch.setenv("TINYAGENT_THREADS", "many")
    code, _, err = run(REMEMBER)
    assert code == 2
    assert "threads" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument"),
        ([""], "Say what to do"),
        (["  \n\t "], "Say what to do"),
        (["remind", "x" * 2000], "longer than 2000"),
        ([" ".join(["word"] * 10_000)], "longer than 2000"),
        (["remind", "--jsno"], "--jsno"),
        (["remind", "--now", "soon"], "--now"),
        (["remind \udcff"], "UTF-8"),
    ],
)
def test_bad_input_is_refused_before_anything_happens(run, words, said):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["wait", "-5", "ten minutes"],
        ["-5 degrees wait ten minutes"],
        ["wait -- ten minutes"],
        ["wait", "--", "ten minutes"],
    ],
)
def test_a_minus_in_the_words_is_no_option(run, words):
    assert run(*words)[0] == 0


def test_an_aware_now_becomes_local(run, monkeypatch):
    monkeypatch.setenv("TINYAGENT_TIMEZONE", "Asia/Tokyo")
    _, out, _ = run(REMEMBER, "--json", "--now", "2026-03-02T00:30:00Z")
    assert json.loads(out)["plan"]["now"] == "2026-03-02T09:30:00"


def test_a_dash_reads_standard_input(run, monkeypatch):
    stdin(monkeypatch, b"remember\x00\r\n to call Sid at three\n")
    _, out, _ = run("-", "--json")
    assert json.loads(out)["plan"]["text"] == REMEMBER


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff remind", b"remind " * 10_000, "é".encode() * 20_000])
def test_bad_standard_input_is_refused(run, monkeypatch, data):
    stdin(monkeypatch, data)
    assert run("-")[:2] == (2, "")


def test_a_closed_pipe_is_no_error(child):
    process = child(REMEMBER, "--json", stdin=subprocess.DEVNULL)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 0
    process.stderr.close()


def test_a_full_disk_is_one_sentence():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, str(SCRIPTED), "ask", REMEMBER],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=30,
        )
    assert done.returncode == 1
    assert done.stderr == b"Error: No space left on device.\n"


def test_closed_streams_do_no_harm():
    command = f"'{sys.executable}' '{SCRIPTED}' ask delete lunch <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], timeout=30).returncode == 1


def test_the_scheduler_is_started_for_what_has_its_time(run, monkeypatch):
    started = []
    monkeypatch.setattr(ringing, "ensure_running", lambda settings: started.append(settings) or True)
    run("wake me at seven")
    assert len(started) == 1
    run("wake me at seven", "--dry-run")
    run("lose nowhere", "--yes")
    run(REMEMBER)
    assert len(started) == 1


@pytest.mark.parametrize(
    ("start", "why"), [(lambda settings: False, "it ended at once"), (None, "not callable")]
)
def test_a_scheduler_that_fails_is_a_warning(run, monkeypatch, start, why):
    monkeypatch.setattr(ringing, "ensure_running", start)
    code, out, err = run("wake me at seven")
    assert (code, out) == (0, "Done: set_alarm, 2026-03-02 19:00:00.\n")
    assert "scheduler did not start" in err and why in err
    assert err.count("\n") == 1


def test_what_was_said_is_not_said_again():
    say = running.left_to_say
    text = "One.\nTwo\nlines.\nOne.\nMore."
    assert say(text, []) == text
    assert say(text, ["One.", "Two\nlines."]) == "One.\nMore."
    assert say(text, ["One.", "One.", "Two"]) == "lines.\nMore."
    assert say(text, ["More."]) == "One.\nTwo\nlines.\nOne."
    assert say("One.", ["One."]) == ""
    assert say("One.", ["Two."]) == "One."
