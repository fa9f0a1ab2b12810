import json
import os
import re
import sys
from datetime import datetime
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from tinyagent.calls import Call, Effect, Parameter, Plan, Tool
from tinyagent.cli import main
from tinyagent.errors import TinyAgentError
from tinyagent.evaluation import bench, processes
from tinyagent.evaluation.all_tools import LIMIT, AllToolsPrompt, parse, tool_line
from tinyagent.evaluation.bench_report import BenchReport, Figure, Load
from tinyagent.evaluation.processes import Busy, Startup
from tinyagent.evaluation.recording import Recorder
from tinyagent.tools.registry import catalogue

TIMER = Tool(
    "set_timer",
    "clock",
    "Start a timer.",
    Effect.WRITE,
    (Parameter("duration", "duration"), Parameter("label", "text", False)),
    print,
)


class ScriptedEngine:
    """Writes the characters of a script; a token is a character's code point."""

    def __init__(self, script=""):
        self.script, self.state, self.decoded, self.written = script, [], [], 0

    def tokenize(self, text, *, special=False):
        return [ord(c) for c in text.replace("<|im_start|>", "\x01").replace("<|im_end|>", "\x02")]

    def detokenize(self, tokens):
        return "".join(map(chr, tokens))

    def begin(self, prompt):
        keep = next((i for i, (a, b) in enumerate(zip(self.state, prompt, strict=False)) if a != b), None)
        keep = min(len(self.state), len(prompt) - 1) if keep is None else min(keep, len(prompt) - 1)
        self.truncate(keep)
        self.written = 0
        return self._decode([t for t, _ in prompt[keep:]], prompt[-1][1], every=False)[-1]

    def extend(self, tokens, *, every=False):
        return self._decode(list(tokens), self.state[-1][1], every=every)

    def truncate(self, length):
        del self.state[length:]

    def _decode(self, tokens, owner, *, every):
        self.decoded.append((len(self.state), len(tokens), owner, every))
        self.state += [(token, owner) for token in tokens]
        logits = np.zeros((1, 128), np.float32)
        logits[0, ord(self.script[self.written]) if self.written < len(self.script) else 2] = 1
        self.written += 1
        return logits


def test_the_commands_name_every_tool_and_nothing_else():
    pairs = bench.read_commands()
    assert {tool for tool, _ in pairs} == set(catalogue().tools)
    assert 55 <= len(pairs) == len({command for _, command in pairs})
    assert bench.read_commands(limit=4) == [pairs[len(pairs) * i // 4] for i in range(4)]


def test_the_commands_are_not_among_the_usage_examples():
    usage = Path(__file__).parents[2] / "tool_index" / "usage"
    lines = [line for path in usage.glob("*.jsonl") for line in path.read_text("utf-8").splitlines() if line]
    known = {re.sub(r"\[(.*?)\]\(.*?\)", r"\1", json.loads(line)["text"]).casefold() for line in lines}
    assert len(known) > 1000
    assert not known & {command.casefold() for command in bench.texts(bench.read_commands())}


def test_a_tool_is_one_line():
    assert tool_line(TIMER) == "set_timer(duration: duration, label: text) — Start a timer."


def test_an_answer_ends_with_its_last_brace_the_end_token_or_the_limit():
    call = '{"tool": "x", "a": {}}'
    assert AllToolsPrompt(ScriptedEngine(call + " and more"), [TIMER]).write("go") == call
    assert AllToolsPrompt(ScriptedEngine("no"), [TIMER]).write("go") == "no"
    assert AllToolsPrompt(ScriptedEngine("o" * 200), [TIMER]).write("go") == "o" * LIMIT


def test_the_tools_are_evaluated_again_unless_cached():
    engine = ScriptedEngine("{}")
    prompt = AllToolsPrompt(engine, [TIMER])
    prompt.write("one", cached=False)
    first = engine.decoded[0]
    prompt.write("two")
    cached = engine.decoded[2]
    prompt.write("two", cached=False)
    assert first[:2] == engine.decoded[4][:2] == (0, len(engine.state) - 1)
    assert cached[0] == len(prompt.prefix)


@pytest.mark.parametrize(
    ("written", "tool", "words"),
    [
        (
            '{"tool": "set_timer", "arguments": {"duration": "one hour"}}',
            "set_timer",
            {"duration": "one hour"},
        ),
        (
            'So: {"tool": "set_timer", "arguments": {"n": 3, "of": ["a", "b"]}}',
            "set_timer",
            {"n": "3", "of": "a and b"},
        ),
        ('{"tool": "set_timer", "duration": "ten min', "set_timer", {"duration": "ten min"}),
        ('{"tool": "create_timer"}', None, {}),
        ("I would use set_timer(10)", "set_timer", {}),
        ('{"tool": "none"}', None, {}),
        ('{"tool": {"set": 1}}', None, {}),
        ("", None, {}),
    ],
)
def test_what_is_written_is_read_leniently(written, tool, words):
    assert parse(written, {"set_timer"}) == (tool, words)


def test_a_recording_is_replayed_at_the_same_places_under_the_same_adapters():
    engine = ScriptedEngine()
    engine.begin([(1, ("a",)), (2, ("a",))])
    engine.decoded.clear()
    with Recorder(engine) as recorder:
        engine.begin([(1, ("a",)), (3, ("a",)), (4, ("b",))])
        engine.extend([5, 6], every=True)
        engine.truncate(3)
        engine.extend([7])
        recording = recorder.take()
        original = list(engine.decoded)
        assert recording.tokens == 5
        ticks = count()
        engine.decoded.clear()
        assert recorder.replay(recording, lambda: next(ticks)) == 1000
    assert (
        engine.decoded[-3:]
        == original
        == [(1, 2, ("b",), False), (3, 2, ("b",), True), (3, 1, ("b",), False)]
    )
    engine.extend([8])
    assert recorder.take().batches == []


def test_the_load_says_what_it_means():
    assert "idle" in Load(0.2, 2).sentence
    assert "upper bounds" in Load(1.4, 2).sentence
    assert Load.now().cores >= 1


def test_the_report_has_a_table_and_json():
    report = BenchReport(Load(0.0, 2), 2, 1, early_exit=0.5, tokens=30.0, batches=3.0)
    report.figures = [Figure("plan", (100.0, 300.0)), Figure("usual", (400.0,), 2.0, "÷ plan")]
    report.stages = {"plan": [Figure("fill", (90.0,)), Figure("never", ())]}
    report.busy = [Busy("1 thread", {"p50_ms": 100.0, "p95_ms": 110.0}, None)]
    report.busy.append(Busy("2 threads", {"p50_ms": 100.0, "p95_ms": 1.0}, {"p50_ms": 150.0, "p95_ms": 1.0}))
    report.startup = [Startup("tinyagent --help", (10.0, 30.0, 20.0), 17.0)]
    data = json.loads(json.dumps(report.as_json()))
    assert data["figures"][0] == {"name": "plan", "n": 2, "p50_ms": 200.0, "p95_ms": 290.0}
    assert data["figures"][1]["ratio"] == 2.0
    assert [row["ratio"] for row in data["busy"]] == [None, 1.5]
    assert data["startup"][0]["wall_ms"] == {"p50": 20.0, "max": 30.0}
    table = report.table()
    assert "early exit 50 %" in table
    assert "2.00 ÷ plan" in table
    assert "–" in next(line for line in table.splitlines() if line.startswith("1 thread"))


def test_without_figures_the_table_is_short():
    assert BenchReport(Load(0.0, 2), 0, 1).table() == "\n"


def test_a_core_is_kept_busy_while_the_block_is_open():
    with processes.spinning() as pid:
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


SCRIPT = """
import os, sys, json
if sys.argv[1:2] == ["bench"]:
    ms = 10.0 * int(os.environ.get("TINYAGENT_THREADS", "7"))
    print(json.dumps({"figures": [{"name": "plan", "p50_ms": ms, "p95_ms": 2 * ms}]}))
elif sys.argv[1:] != ["--help"]:
    assert os.environ["TINYAGENT_CACHE"] == "/cache" and "tinyagent-" in os.environ["TINYAGENT_HOME"]
    held = bytearray(40 << 20)
    held[::4096] = b"x" * len(held[::4096])
    sys.exit(4)
"""


def test_settings_are_tried_in_processes_of_their_own(monkeypatch):
    monkeypatch.setenv("TINYAGENT_THREADS", "5")
    settings = {"as shipped": {}, "1 thread": {"TINYAGENT_THREADS": "1"}}
    told = []
    rows = processes.beside_a_busy_core(
        1, 2, settings=settings, start=[sys.executable, "-c", SCRIPT], progress=told.append
    )
    assert [row.idle["p50_ms"] for row in rows] == [70.0, 10.0]
    assert [row.ratio for row in rows] == [1.0, 1.0]
    assert len(told) == 4


def test_a_child_that_fails_is_one_sentence():
    with pytest.raises(TinyAgentError, match="no model"):
        processes.beside_a_busy_core(1, 2, start=[sys.executable, "-c", "import sys; sys.exit('no model')"])
    with pytest.raises(TinyAgentError, match="by hand"):
        processes.startup(Path("/cache"), 1, start=[sys.executable, "-c", "raise SystemExit(1)"])


def test_processes_are_timed_and_weighed():
    ballast = bytearray(300 << 20)
    ballast[::4096] = b"x" * len(ballast[::4096])
    bare, asked = processes.startup(Path("/cache"), 2, start=[sys.executable, "-c", SCRIPT])
    assert len(bare.ms) == len(asked.ms) == 2
    assert bare.peak_mb + 35 < asked.peak_mb < 150  # not the 300 that this process holds


def test_the_command_prints_what_was_measured(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("TINYAGENT_HOME", str(tmp_path))
    given = {}

    def run(settings, commands, repetitions, **options):
        given.update(options, commands=commands, repetitions=repetitions)
        return BenchReport(Load(0.0, 2), len(commands), repetitions, [Figure("plan", (1.0,))])

    monkeypatch.setattr(bench, "run", run)
    monkeypatch.setattr(
        processes, "startup", lambda cache, progress: [Startup("tinyagent --help", (9.0,), 1.0)]
    )
    monkeypatch.setattr(
        processes, "beside_a_busy_core", lambda n, limit, progress: [Busy("1 thread", None, None)]
    )
    assert main(["bench", "--json", "--limit", "5", "--repetitions", "2", "--busy", "--startup"]) == 0
    data = json.loads(capfd.readouterr().out)
    assert (data["commands"], len(given["commands"]), given["repetitions"]) == (5, 5, 2)
    assert data["busy"][0]["setting"] == "1 thread"
    assert data["startup"][0]["command"] == "tinyagent --help"
    assert main(["bench", "--limit", "1"]) == 0
    out = capfd.readouterr().out
    assert out.startswith("Load average")
    assert "plan" in out


def test_what_was_measured_is_printed_even_if_a_process_fails(monkeypatch, capfd, tmp_path):
    monkeypatch.setenv("TINYAGENT_HOME", str(tmp_path))

    def fail(cache, progress):
        raise TinyAgentError("The process failed: try again.")

    monkeypatch.setattr(
        bench, "run", lambda *_, **__: BenchReport(Load(0.0, 2), 1, 1, [Figure("plan", (1.0,))])
    )
    monkeypatch.setattr(processes, "startup", fail)
    assert main(["bench", "--startup"]) == 1
    out, err = capfd.readouterr()
    assert "plan" in out
    assert err == "Error: The process failed: try again.\n"


def test_a_real_slice(assistant):
    commands = ["set a timer for nine minutes", "what is on the groceries list"]
    told = []
    report = bench.run(
        assistant.settings, commands, 1, baselines=1, assistant=assistant, progress=told.append
    )
    figures = {figure.name: figure for figure in report.figures}
    assert len(figures["plan"].ms) == len(figures["plan, selection step always"].ms) == 2
    assert figures["all tools in one prompt, nothing cached"].ratio > 1
    assert {stage.name for stage in report.stages["plan"]} >= {"retrieve", "select", "other"}
    assert all(ms >= 0 for stage in report.stages["plan"] for ms in stage.ms)
    assert told[-1] == "Round 1 of 1: 2 of 2 commands …"
    assert "raw evaluation" in report.table()
    plain = bench.run(assistant.settings, commands, 1, plan_only=True, assistant=assistant)
    assert [figure.name for figure in plain.figures] == ["plan"]
    plan = assistant.plan(commands[0], now=datetime(2026, 3, 2, 9))
    assert isinstance(plan, Plan)
    assert all(isinstance(call, Call) for call in plan.calls)
