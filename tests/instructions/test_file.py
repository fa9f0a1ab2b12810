"""Reading the file, what a card can show, and the command."""

import json

import pytest

from tinyagent.cli import main
from tinyagent.instructions import FILE, Instructions
from tinyagent.tools.registry import catalogue

TOOLS = catalogue()


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYAGENT_HOME", str(tmp_path))
    monkeypatch.delenv("TINYAGENT_CONFIG_FILE", raising=False)
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / FILE


def test_comments_and_blank_lines_are_free(path):
    path.write_text("\ufeff# wishes\n\n  always cc Nick   # the boss\n", "utf-8")
    (line,) = Instructions.read(path, TOOLS).lines
    assert (line.number, line.text, line.problem) == (3, "always cc Nick", "")


def test_no_file_is_no_wish(path):
    wishes = Instructions.read(path)
    assert (wishes.lines, wishes.problems(), dict(wishes.people)) == ((), [], {})
    assert wishes.apply(TOOLS["now_playing"], {}, "what is playing") == {}


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"cc Nick\n" * 20_000])
def test_what_is_no_such_file_is_told_and_stops_nothing(path, data):
    path.write_bytes(data)
    wishes = Instructions.read(path, TOOLS)
    (problem,) = wishes.problems()
    assert str(path) in problem
    assert wishes.apply(TOOLS["send_sms"], {"recipients": "Ana"}, "") == {"recipients": "Ana"}


def test_a_folder_is_no_such_file(path):
    path.mkdir()
    (problem,) = Instructions.read(path, TOOLS).problems()
    assert problem == f"{path} cannot be read (Is a directory): correct or remove it."


def test_the_names_are_known():
    wishes = Instructions.of("my lawyer is Jane Doe\ncall me Nick\nthe gym is at 12 Main Street", TOOLS)
    assert wishes.people == {"lawyer": "Jane Doe", "me": "Nick"}
    assert wishes.places == {"gym": "12 Main Street"}


def test_a_card_can_show_what_came_from_where():
    wishes = Instructions.of("always cc Nick\nalways cc Bo\nmum is Ana", TOOLS)
    words = wishes.apply(TOOLS["compose_new_email"], {"recipients": "mum", "subject": "hi"}, "")
    assert words.added == {"recipients": "“mum” is “Ana”", "cc": "always cc Bo; always cc Nick"}
    again = wishes.apply(TOOLS["compose_new_email"], words, "")
    assert (again, again.added) == (words, words.added)


def test_an_unknown_tool_set_is_no_mistake():
    from tinyagent.tools.registry import Catalogue

    wishes = Instructions.of("always cc Nick", Catalogue())
    assert wishes.lines[0].meaning is None


def test_the_command_lists_every_line(path, capfd):
    path.write_text("always cc Nick\nbe nice\nmum is Ana\n", "utf-8")
    assert main(["instructions"]) == 0
    out, err = capfd.readouterr()
    assert [line.split("\t")[2] for line in out.splitlines()] == [
        "compose_new_email, reply_to_email: cc also “Nick”",
        "not understood",
        "“mum” is the person “Ana”",
    ]
    assert err.startswith("Line 2: I do not understand this wish")
    assert err.count("\n") == 1


def test_the_command_without_wishes(path, capfd):
    assert main(["instructions"]) == 0
    assert capfd.readouterr().out == f"There are no wishes yet: write one a line in {path}.\n"


def test_the_command_checks_a_file(path, tmp_path, capfd):
    other = tmp_path / "other.txt"
    other.write_text("always cc Nick\n", "utf-8")
    assert main(["instructions", "--check", str(other)]) == 0
    other.write_text("be nice\n", "utf-8")
    assert main(["instructions", "--check", str(other)]) == 1
    capfd.readouterr()
    assert main(["instructions", "--check", str(other), "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert told["file"] == str(other)
    assert [line["meaning"] for line in told["lines"]] == [None]
    assert len(told["problems"]) == 1
    assert main(["instructions", "--check", str(tmp_path / "none")]) == 2
