"""The compound commands that set the planner's thresholds: well formed, reachable, varied, and trained on nowhere."""

import re
from collections import Counter

import pytest
from scripted_engine import ScriptedEngine

from tinyagent.dualtune.references import fitting
from tinyagent.products import folder
from tinyagent.tools.registry import catalogue
from tinyagent.training import arguments, plans, sequences, usage

TOOLS = {tool.name: tool for tool in catalogue() if tool.function.__module__.startswith("tinyagent.")}
ROWS = usage.read_rows("calibration")
LINES = [plans.parse(row) for row in ROWS]
KINDS = {*usage.read_values(), ""}
MARK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def test_no_line_stands_in_another_file():
    root = folder("tool_index") / "usage"
    names = [str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.jsonl")]
    others = [row for name in names if name != "calibration" for row in usage.read_rows(name)]
    known = {MARK.sub(r"\1", str(row["text"])).casefold() for row in others}
    own = [line.text.casefold() for line in LINES]
    assert len(known) > 1000
    assert not known & set(own)
    assert len(set(own)) == len(own)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.text[:40])
def test_every_line_fits_its_tools(line):
    assert "](" not in line.text
    assert line.shape
    assert line.end in ("done", "ask")
    for n, (example, refs) in enumerate(zip(line.calls, line.refs, strict=True)):
        parameters = {p.name: p for p in TOOLS[example.tool].parameters}
        given = {mark.parameter for mark in example.marks} | set(refs)
        assert given <= set(parameters)
        assert {mark.kind for mark in example.marks} <= KINDS
        assert all(not m.value or m.value in parameters[m.parameter].choices for m in example.marks)
        required = {p.name for p in parameters.values() if p.required}
        assert required <= given or line.end == "ask"
        for name, reference in refs.items():
            assert reference in fitting(parameters[name], [TOOLS[tool] for tool in line.tools[:n]])


def test_what_is_missing_is_a_required_parameter_that_nothing_marks():
    for row, line in zip(ROWS, LINES, strict=True):
        assert ("missing" in row) == (line.end == "ask"), line.text
        if line.end == "ask":
            call, _, name = row["missing"].partition(".")
            example = line.calls[int(call) - 1]
            assert name in {p.name for p in TOOLS[example.tool].parameters if p.required}, line.text
            assert name not in {mark.parameter for mark in example.marks}, line.text


def test_the_resolvers_can_write_every_complete_line():
    engine = ScriptedEngine(size=200_000)
    for line in (line for line in LINES if line.end == "done"):
        said = plans.said(line, TOOLS)
        for n, (example, refs) in enumerate(zip(line.calls, line.refs, strict=True)):
            tool = TOOLS[example.tool]
            _, written = sequences.arguments(engine, example, tool, arguments.WORLD, said[:n], refs=refs)
            assert set(written) == {mark.parameter for mark in example.marks} | set(refs), line.text


def test_the_mix_is_that_of_real_commands():
    calls = Counter(len(line.calls) for line in LINES)
    assert calls == {1: 26, 2: 121, 3: 55, 4: 18}
    assert {tool for line in LINES for tool in line.tools} == set(TOOLS)
    repeated = sum(len(set(line.tools)) < len(line.tools) for line in LINES)
    assert 0.15 < repeated / len(LINES) < 0.25
    assert 0.12 < sum(bool(line.depends) for line in LINES) / len(LINES) < 0.22
