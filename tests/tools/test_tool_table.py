"""The table of all tools says of each what the registry says, and names settings that exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tinyagent import tools
from tinyagent.calls import Effect
from tinyagent.errors import ToolError
from tinyagent.settings import Settings
from tinyagent.tools.registry import catalogue

TABLE = Path(tools.__file__).with_name("README.md")
COLUMNS = (
    "toolset",
    "tool",
    "effect",
    "backend",
    "undo",
    "tested against",
    "needs on the machine",
    "settings",
)
LETTERS = {Effect.READ: "R", Effect.WRITE: "W", Effect.DESTRUCTIVE: "D", Effect.OUTGOING: "X"}
ONLY_REFUSES = {"lock_screen"}
"""Tools whose undo does nothing but say why there is none."""


def rows():
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("|")]
    start = lines.index(f"| {' | '.join(COLUMNS)} |")
    table = []
    for line in lines[start + 2 :]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not re.fullmatch(r"`\w+`", cells[1]):
            break
        assert len(cells) == len(COLUMNS), line
        table.append(dict(zip(COLUMNS, cells, strict=True)))
    return table


def test_each_tool_has_one_row():
    named = [(row["toolset"], row["tool"].strip("`")) for row in rows()]
    assert sorted(named) == sorted((tool.toolset, tool.name) for tool in catalogue())
    said = re.search(r"^(\d+) tools in (\d+) toolsets", TABLE.read_text("utf-8"), re.MULTILINE)
    assert (int(said[1]), int(said[2])) == (len(named), len({toolset for toolset, _ in named}))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["tool"].strip("`"))
def test_a_row_says_what_the_registry_says(row):
    tool = catalogue()[row["tool"].strip("`")]
    assert row["effect"] == LETTERS[tool.effect]
    answer, colon, why = row["undo"].partition(": ")
    assert colon and why
    has_undo = tool.undo is not None and tool.name not in ONLY_REFUSES
    assert answer == ("no" if not has_undo else "in part" if tool.effect is Effect.OUTGOING else "yes")
    assert all(row.values())
    known = {field.name for field in fields(Settings)}
    for setting in re.findall(r"`([^`]+)`", row["settings"]):
        assert setting.strip("[]") in {tool.toolset, "web"} if setting.startswith("[") else setting in known
    assert row["settings"] == "none" or "`" in row["settings"]


def test_undo_that_only_refuses_does_so():
    for name in ONLY_REFUSES:
        with pytest.raises(ToolError):
            catalogue()[name].undo(None, {})
