"""The commands around `ask`: help, version, completion, tools."""

import json
import sys

import pytest

from tinyagent.cli import app, main


@pytest.fixture
def run(capfd):
    def run(*words):
        code = main(words)
        return code, *capfd.readouterr()

    return run


def test_bare_shows_the_help(run):
    assert run() == run("--help")
    code, out, _ = run()
    assert code == 0
    assert all(f"  {name} " in out for name in app.COMMANDS)


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_help_with_a_first_sentence(run, name):
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: tinyagent {name}")


def test_the_version(run):
    from importlib.metadata import version

    assert run("--version") == (0, f"tinyagent {version('tinyagent')}\n", "")


@pytest.mark.parametrize("words", [["askk"], ["--colour"], ["ask"], ["eval"], ["completion", "cmd"]])
def test_wrong_usage_is_2(run, words):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "Error: " in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_the_program(run, shell):
    code, out, err = run("completion", shell)
    assert (code, err) == (0, "")
    assert f"_TINYAGENT_COMPLETE={shell}_complete" in out


def test_the_shell_can_complete(run, monkeypatch):
    monkeypatch.setenv("_TINYAGENT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "tinyagent co")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        run()


def test_tools_lists_the_catalogue(run, monkeypatch):
    from tinyagent.cli import show
    from tinyagent.tools import media

    monkeypatch.setattr(media, "available", lambda settings: "There is no player: install one.")
    code, out, _ = run("tools", "--json")
    listed = {tool["name"]: tool for tool in json.loads(out)["tools"]}
    assert code == 0
    assert listed["create_reminder"]["effect"] == "write"
    assert {"name": "due", "type": "when", "required": False, "choices": []} in (
        listed["create_reminder"]["parameters"]
    )
    assert listed["create_reminder"]["unavailable"] is None
    assert listed["play_media"]["unavailable"] == "There is no player: install one."
    code, out, _ = run("tools")
    lines = {line.partition("(")[0]: line.split("\t") for line in out.splitlines()}
    assert set(lines) == set(listed)
    assert {len(cells) for cells in lines.values()} == {5}
    assert lines["create_reminder"][4] == "works"
    assert lines["play_media"][4] == "There is no player: install one."
    monkeypatch.setattr(show, "on_terminal", lambda: True)
    assert "There is no player" in run("tools")[1]


def test_a_closed_standard_output_does_no_harm(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["completion", "bash"]) == 0
