"""The command line on a real pseudo-terminal: sentences as they come, confirmation, questions, spinner, Ctrl-C."""

import json
from pathlib import Path

import pytest
from pseudo_terminal import Terminal, plain

SCRIPTED = Path(__file__).with_name("scripted.py")
REMEMBER = "remember to call Sid at three"
HIDDEN = "\x1b[?25l"
"""The cursor is hidden while the spinner turns."""


@pytest.fixture(autouse=True)
def zone(monkeypatch):
    monkeypatch.setenv("TINYAGENT_TIMEZONE", "UTC")


@pytest.fixture
def ask():
    return lambda *words, **options: Terminal(SCRIPTED, "ask", *words, **options)


@pytest.fixture
def state(own_home):
    return own_home / "home" / "state"


@pytest.fixture
def ran(state):
    """Return the names of the tools that have run."""
    return lambda: sorted(path.name for path in (state / "ran").glob("*"))


def test_a_confirmation_shows_the_tool_and_every_argument(ask, ran):
    terminal = ask("text Bo")
    before = terminal.wait_for("[y/N]")
    shown = plain(before)
    assert "send_mail (outgoing)" in shown
    assert "to: Bo \\x1b[31mBerg" in shown
    assert ran() == []
    # The spinner stands still while a person is asked.
    assert before.rfind("\x1b[?25h") > before.rfind(HIDDEN) >= 0
    terminal.type("y\n")
    assert HIDDEN in terminal.wait_for("Done: send_mail")
    assert terminal.end() == 0
    assert ran() == ["send_mail"]
    assert "\x1b[31m" not in terminal.screen


@pytest.mark.parametrize("answer", ["\n", "n\n", "yup\n", "\x04"])
def test_anything_but_yes_is_a_no(ask, ran, answer):
    terminal = ask("delete lunch")
    terminal.wait_for("[y/N]")
    terminal.type(answer)
    assert terminal.end() == 1
    assert ran() == []
    assert terminal.screen.count("not confirmed") == 1


def test_ctrl_c_at_the_confirmation_does_nothing(ask, ran):
    terminal = ask("delete lunch")
    terminal.wait_for("[y/N]")
    assert "Traceback" not in terminal.interrupt("Stopped.")
    assert terminal.end() == 130
    assert ran() == []


def test_ctrl_c_while_thinking_stops_and_gives_the_cursor_back(ask):
    terminal = ask("sleep")
    terminal.wait_for("Thinking")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.screen
    assert "\x1b[?25h" in terminal.screen
    assert HIDDEN not in terminal.screen[terminal.screen.rfind("\x1b[?25h") :]


def test_ctrl_c_lets_a_running_call_end(ask, ran, state):
    terminal = ask("stuck")
    while "hang" not in ran():
        terminal.wait_for("Hang …")
    terminal.type("\x03")
    (state / "go").touch()
    assert terminal.end() == 130
    assert ran() == ["hang", "went"]


def test_a_sentence_is_said_when_its_call_is_done(ask, state):
    terminal = ask("stuck and", REMEMBER)
    assert "Done: hang" not in terminal.wait_for("\x1b[32mDone: remember, call Sid")
    (state / "go").touch()
    assert "Done: remember" not in terminal.wait_for("\x1b[32mDone: hang")
    assert terminal.end() == 0
    assert "Done" not in terminal.screen


def test_each_sentence_is_said_once(ask):
    terminal = ask(f"text Bo and {REMEMBER} and wait ten minutes and lose nowhere")
    shown = terminal.wait_for("[y/N]")
    terminal.type("n\n")
    shown += terminal.wait_for("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 1
    shown = plain(shown + terminal.screen)
    for said in ("Done: remember", "Done: wait", "not confirmed", "There is no event called nowhere."):
        assert shown.count(said) == 1


def test_the_spinner_says_what_goes_on(ask):
    terminal = ask(REMEMBER)
    terminal.wait_for("Remember …")
    assert terminal.end() == 0


@pytest.mark.parametrize("how", ["--plain", "NO_COLOR"])
def test_plain_is_plain(ask, monkeypatch, how):
    if how == "NO_COLOR":
        monkeypatch.setenv("NO_COLOR", "1")
    terminal = ask("text Bo", "and", REMEMBER, *(["--plain"] if how == "--plain" else []))
    asked = terminal.wait_for("[y/N]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert "\x1b" not in asked + terminal.screen
    assert "…" not in asked


def test_json_stays_json(ask):
    terminal = ask(REMEMBER, "--json")
    assert terminal.end() == 0
    shown = plain(terminal.screen)
    assert json.loads(shown[shown.index("{") :])["results"]
    assert "\nDone" not in shown


def test_a_question_is_answered_and_the_same_plan_goes_on(ask, ran):
    terminal = ask(f"{REMEMBER} and mail Ana and soon")
    before = plain(terminal.wait_for("> "))
    assert "Done: remember" in before
    assert before.count("Which Ana: Ana Lima or Ana Roth?") == 1
    assert "\n  1  Ana Lima\r\n  2  Ana Roth\r\n> " in before
    terminal.type("the purple one\n")
    assert "  2  Ana Roth" in terminal.wait_for("\r\n> ")
    terminal.type("2\n")
    terminal.wait_for("Ana Roth\r\n")  # the argument in the confirmation
    terminal.wait_for("[y/N]")
    terminal.type("y\n")
    before = plain(terminal.wait_for("\r\n> "))
    assert "Done: send_mail, Ana Roth." in before
    assert "For how long?" in before
    assert "Done: remember" not in before
    terminal.type("five minutes\n")
    terminal.wait_for("Done: wait, 0:05:00.")
    assert terminal.end() == 0
    assert "Done" not in terminal.screen
    assert ran() == ["remember", "send_mail", "wait"]


@pytest.mark.parametrize("left", ["\n", "\x04", "never mind\n"])
def test_a_question_may_be_left_open(ask, ran, left):
    terminal = ask("soon")
    terminal.wait_for("> ")
    terminal.type(left)
    assert terminal.end() == 4
    assert ran() == []
    assert ("All right, I leave that." in terminal.screen) == (left == "never mind\n")


def test_ctrl_c_at_a_question(ask):
    terminal = ask("soon")
    terminal.wait_for("> ")
    terminal.interrupt("\r\nStopped.\r\n")
    assert terminal.end() == 130


@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_a_dry_run_and_json_ask_nothing(ask, option):
    terminal = ask("soon", option)
    assert terminal.end() == 4
    assert "For how long?" in terminal.screen
    assert "> " not in terminal.screen


def test_a_person_is_asked_where_only_the_results_go_elsewhere(ask, tmp_path):
    out = tmp_path / "out"
    terminal = ask(REMEMBER, "and soon", to=out)
    assert "For how long?" in terminal.wait_for("\r\n> ")
    terminal.type("five minutes\n")
    assert terminal.end() == 0
    assert out.read_text() == "Done: remember, call Sid, 2026-03-02 15:00:00.\nDone: wait, 0:05:00.\n"
    assert "Done" not in terminal.screen


@pytest.fixture
def real(tmp_path):
    """Start the real command line on stores of its own."""
    program = "import sys; from tinyagent.cli import main; sys.exit(main())"
    return lambda *words: Terminal("-c", program, *words)


def plan_file(tmp_path, *calls):
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
    shown = plain(terminal.wait_for("[y/N]"))
    assert "delete_list (destructive)" in shown
    assert "list_name: garden" in shown
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
    assert terminal.screen.rindex("\x1b[?1049l") > terminal.screen.rfind("\x1b[?1049h")


@pytest.mark.parametrize(("name", "value"), [("TINYAGENT_PLAIN", "1"), ("TERM", "dumb")])
def test_bare_it_is_plain_where_that_is_wanted(real, monkeypatch, cache, name, value):
    monkeypatch.setenv("TINYAGENT_CACHE", str(cache))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, value)
    terminal = real()
    terminal.wait_for("> ")  # `tinyagent chat`
    terminal.type("\x04")
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
