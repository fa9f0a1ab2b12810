"""What the README tells people to type exists."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tinyagent.cli import main
from tinyagent.cli.app import tinyagent

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.S)
LINES = [line for block in BLOCKS for line in block.splitlines() if line]
SPANS = [span for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", README) if "tinyagent " in span]


def commands():
    """Every `tinyagent ...` of the README, as lists of words, without what a pipe does before or after."""
    for text in [*LINES, *SPANS]:
        for part in re.findall(r"(?:^|\||\$\()\s*(?:\w+=\S+ )*tinyagent( [^|)]*)?", text):
            yield tuple(shlex.split(part))


def resolve(words):
    """Walk down the groups; returns the command's path and what is left of the words."""
    command, path, rest = tinyagent, [], list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        path.append(rest.pop(0))
        command = command.get_command(click.Context(command), path[-1])
        assert command is not None, path
    return command, path, rest


def test_there_are_commands():
    assert ("doctor",) in set(commands())


@pytest.mark.parametrize("words", sorted(set(commands())), ids=" ".join)
def test_every_command_and_option_exists(words, capfd):
    command, path, rest = resolve(words)
    assert main([*path, "--help"]) == 0
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {match for text in [*LINES, README] for match in re.findall(r"^make ([a-z-]+)", text, re.M)}
    assert named
    assert named <= targets


def test_the_exit_codes_are_those_of_the_program():
    from tinyagent.cli import INTERRUPTED

    told = re.findall(r"^\| (\d+) \|", README, re.M)
    assert told == ["0", "1", "2", "3", "4", str(INTERRUPTED)]


def test_every_setting_named_exists(tmp_path):
    from tinyagent.policy import read_policy
    from tinyagent.settings import load
    from tinyagent.tools.registry import catalogue

    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", README, re.S)):
        path = tmp_path / f"{number}.toml"
        path.write_text(block, "utf-8")
        if "[[rule]]" in block:
            assert read_policy(path).check(catalogue()) == []
            continue
        load({"TINYAGENT_CONFIG_FILE": str(path)}).zone()
