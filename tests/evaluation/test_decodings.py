"""The other decodings, the other planners and the table that compares them, on the real model."""

import json
from datetime import datetime

import numpy as np
import pytest

from tinyagent.calls import Call, Effect, Parameter, Plan, Tool
from tinyagent.cli import main
from tinyagent.dualtune.arguments import GENERIC, Around
from tinyagent.errors import ProductError
from tinyagent.evaluation import baselines, compare
from tinyagent.evaluation.cases import parse_case
from tinyagent.evaluation.decodings import LONGEST, CopyFiller, FreeFiller
from tinyagent.evaluation.runner import evaluate
from tinyagent.grounding.base import World
from tinyagent.runtime.adapters import AdapterPool

NOW = datetime(2026, 3, 2, 9)
WORLD = World(NOW, ("Sid", "Ana"), ("groceries",))
TIMER = Tool(
    "set_timer",
    "clock",
    "Start a timer.",
    Effect.WRITE,
    (Parameter("duration", "duration"), Parameter("label", "text", False)),
    print,
)
ALARM = Tool("set_alarm", "clock", "Set an alarm.", Effect.WRITE, (Parameter("time", "when"),), print)
BARE = Tool("find_alarms", "clock", "Tell which alarms are set.", Effect.READ, (), print)


class ScriptedEngine:
    """Writes the lines of a script, one for each key; a token is a character."""

    def __init__(self, *lines):
        self.pool = AdapterPool({})
        self.lines, self.at, self.prompts = [line + "\n" for line in lines], 0, []

    def tokenize(self, text, *, special=False):
        return [ord(c) for c in text.replace("<|im_start|>", "\x01")]

    def detokenize(self, tokens):
        return "".join(map(chr, tokens))

    def begin(self, prompt):
        self.prompts.append(self.detokenize([token for token, _ in prompt]))
        self.line, self.at = self.lines.pop(0), 0
        return self._next()

    def extend(self, tokens, *, every=False):
        return self._next()[np.newaxis, :]

    def _next(self):
        logits = np.full(128, -50, np.float32)
        logits[ord(self.line[self.at])] = 50
        self.at += 1
        return logits


def test_free_text_is_read_back_line_by_line():
    engine = ScriptedEngine(" ten minutes", " egg")
    filled = FreeFiller(engine).fill("time my egg", TIMER, WORLD, Around([(ALARM, {"time": "noon"})]))
    assert filled.words == {"duration": "ten minutes", "label": "egg"}
    assert filled.missing == ()
    assert filled.probability == pytest.approx(1)
    assert engine.prompts[1] == (
        "\x01 time my egg\nset_alarm\ntime: noon\nset_timer\nduration: ten minutes\nlabel:"
    )


def test_a_dash_is_absent_and_a_required_one_missing():
    filled = FreeFiller(ScriptedEngine(" -", "")).fill("time my egg", TIMER, WORLD)
    assert filled.words == {}
    assert [p.name for p in filled.missing] == ["duration"]


def test_an_endless_line_is_cut():
    filled = FreeFiller(ScriptedEngine("o" * 400, " -")).fill("time", TIMER, WORLD)
    assert filled.words == {"duration": "o" * LONGEST}


@pytest.mark.parametrize("filler", [FreeFiller, CopyFiller])
def test_a_tool_without_parameters_needs_no_model(filler):
    filled = filler(ScriptedEngine()).fill("which alarms", BARE, WORLD)
    assert (filled.words, filled.missing, filled.probability) == ({}, (), 1.0)


@pytest.mark.parametrize("filler", [FreeFiller, CopyFiller])
def test_real_decodings_stand_in_for_the_filler(assistant, filler):
    text = "remind me to ring Sid's brother, tomorrow at noon"
    made = filler(assistant.engine)
    filled = made.fill(text, assistant.catalogue["create_reminder"], WORLD)
    again = made.fill(text, assistant.catalogue["create_reminder"], WORLD)
    assert filled == again
    assert set(filled.words) <= {p.name for p in assistant.catalogue["create_reminder"].parameters}
    assert 0 < filled.probability <= 1
    if filler is CopyFiller:
        assert all(words in text for words in filled.words.values())
    plan = baselines.with_parts(assistant, filler=made).plan(text, now=NOW)
    assert isinstance(plan, Plan)


@pytest.mark.parametrize("name", compare.PLANNERS)
def test_every_planner_makes_plans(assistant, name):
    _, planner = compare.PLANNERS[name]
    plan = planner(assistant).plan("set a timer for nine minutes", now=NOW)
    assert plan.end in {"done", "none", "ask"}
    bare = planner(assistant, select_only=True).plan("set a timer for nine minutes", now=NOW)
    assert all(call.args == {} for call in bare.calls)
    assert assistant.catalogue["set_timer"].parameters
    if name == "head":
        assert plan.early_exit
    if name in {"adapter", "both"}:
        assert not plan.early_exit
        assert [call.tool for call in bare.calls] == ["set_timer"]
    if name == "adapter":
        assert len(plan.shortlist) == len(assistant.catalogue) + 1


def test_planners_leave_the_assistant_as_it_was(assistant):
    before = assistant.selector, assistant.filler, assistant.retriever, assistant.catalogue
    baselines.AllToolsPlanner(assistant, select_only=True)
    baselines.BothPlanner(assistant)
    assert (assistant.selector, assistant.filler, assistant.retriever, assistant.catalogue) == before


CASES = [
    {"id": "t", "text": "set a timer for nine minutes", "now": NOW.isoformat(),
     "calls": [{"tool": "set_timer", "words": {"duration": "nine minutes"}}]},
    {"id": "n", "text": "tell me a joke", "now": NOW.isoformat(), "calls": [], "end": "none"},
]  # fmt: skip


class Always:
    def __init__(self, *calls):
        self.calls = calls

    def plan(self, text, *, now):
        return Plan(text, now, self.calls, end="done" if self.calls else "none")


def test_one_row_a_planner():
    cases = [parse_case(case) for case in CASES]
    told = []
    planners = {"never": Always(), "always": Always(Call("set_timer", {"duration": "PT9M"}))}
    result = compare.compare(
        cases, planners, lambda case: WORLD, progress=lambda row, done: told.append((row, done))
    )
    never, always = result.rows()
    assert (never["selection_accuracy"], always["selection_accuracy"]) == (0.5, 0.5)
    assert (never["exact_call"], always["abstention_f1"]) == (0.0, 0.0)
    assert told == [("never", 1), ("never", 2), ("always", 1), ("always", 2)]
    table = result.table().splitlines()
    assert table[0] == "2 cases"
    assert table[-1].startswith("always")
    assert compare.Comparison(result.reports, exact=False).rows()[1]["exact_call"] is None
    json.dumps(result.as_json())


def test_words_are_grounded_as_the_assistant_grounds_them(assistant):
    ground = compare.grounder(assistant)
    assert ground("set_timer", "duration", "nine minutes", WORLD) == "PT9M"
    assert ground("set_timer", "colour", "red", WORLD) == "red"
    assert ground("fly", "to", "the moon", WORLD) == "the moon"
    report = evaluate([parse_case(CASES[0])], Always(Call("set_timer", {"duration": "PT9M"})), lambda case: WORLD,
                      ground=ground)  # fmt: skip
    assert report.scores[0].exact == (True,)


class Holder:
    def __init__(self, **files):
        self.engine = self
        self.pool = AdapterPool(files)


def test_other_adapter_files_take_the_place_of_all_arguments(tmp_path):
    own, joint = tmp_path / "own.gguf", tmp_path / "joint.gguf"
    joint.touch()
    holder = Holder(**{"select": own, GENERIC: own, "arguments/set_timer": own})
    compare.put_adapters(holder, arguments=joint)
    assert holder.pool.files == {"select": own, GENERIC: joint}
    compare.put_adapters(holder, select=joint)
    assert holder.pool.files == {"select": joint, GENERIC: joint}
    with pytest.raises(ProductError, match=r"own\.gguf"):
        compare.put_adapters(holder, arguments=own)
    holder.pool._loaded["select"] = (None, 0)
    with pytest.raises(ProductError, match="before the first plan"):
        compare.put_adapters(holder, arguments=joint)


def test_the_command_compares(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("TINYAGENT_HOME", str(tmp_path / "home"))
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(json.dumps(case) for case in CASES))
    asked = []

    def planners(assistant, rows=(), **options):
        asked.append((rows, options))
        return {"never": Always()}

    monkeypatch.setattr(compare, "selections", planners)
    monkeypatch.setattr(compare, "decodings", planners)
    assert main(["compare", str(path), "--json", "--limit", "1", "--row", "head"]) == 0
    assert json.loads(capfd.readouterr().out)["n"] == 1
    assert main(["compare", str(path), "--decoding"]) == 0
    assert "never" in capfd.readouterr().out
    assert asked == [(("head",), {"select_only": False}), ((), {})]
    assert main(["compare", str(path), "--decoding", "--row", "head"]) == 2
    path.write_text("")
    assert main(["compare", str(path)]) == 2
