"""What embedder, head and selection adapter are shown: labels, splits, compounds, people's commands."""

import json
import random
import re

import pytest

from tinyagent.retrieval.index import FOLLOWS, FRESH
from tinyagent.training import commands, human, usage
from tinyagent.training.commands import Command

TOOLS = ["add_to_list", "create_reminder", "set_timer"]


@pytest.fixture
def data(tmp_path):
    """A folder of shared data with rows of our own."""
    rows = {
        "hwu64_train": [("alarm_set", f"wake me at {i}") for i in range(1, 7)]
        + [("lists_createoradd", f"add thing {i} to the list") for i in range(20)]
        + [("general_joke", f"tell joke number {i}") for i in range(200)],
        "clinc150_train_val": [("timer", "start a timer"), ("payday", "when do i get paid")]
        + [("translate", f"say number {i} in french") for i in range(200)],
        "snips_train": [("BookRestaurant", f"book a table for {i}") for i in range(200)],
    }
    (tmp_path / "human").mkdir()
    for name, lines in rows.items():
        text = "\n".join(json.dumps({"intent": intent, "text": text}) for intent, text in lines)
        (tmp_path / "human" / f"{name}.jsonl").write_text(text + "\n", "utf-8")
    return tmp_path


def test_own_commands_have_the_tools_they_ask_for():
    made = commands.own(TOOLS, copies=2, rng=random.Random(1))
    assert {tool for c in made for tool in c.tools} == set(TOOLS)
    assert all(c.kind.startswith("none/") for c in made if not c.tools)
    assert {c.kind for c in made if not c.tools} > {"none/own"}
    assert any(len(c.tools) > 1 for c in made)
    assert all(set(c.tools) <= set(TOOLS) for c in made)
    assert any(c.held_out for c in made)
    for tool in TOOLS:
        own = [c for c in made if c.tools == (tool,)]
        assert len(own) > len(usage.read(tool))


def test_variants_of_a_held_out_line_are_held_out():
    made = commands.own(TOOLS, copies=4, rng=random.Random(1))
    held = {e.text for tool in TOOLS for e in usage.read(tool) if e.held_out}
    shown = {e.text for tool in TOOLS for e in usage.read(tool) if not e.held_out}
    for command in made:
        if len(command.tools) == 1 and command.text in held | shown:
            assert command.held_out == (command.text in held)
    share = sum(c.held_out for c in made) / len(made)
    assert 0.03 < share < 0.2


def test_tools_outside_the_catalogue_are_none():
    few = commands.own(["set_timer"], copies=1, rng=random.Random(1))
    assert {tool for c in few for tool in c.tools} == {"set_timer"}


def test_two_in_one_breath():
    rng = random.Random(2)
    assert commands.join("Set a timer. ", "add milk", rng).startswith("Set a timer")
    for seed in range(30):
        text = commands.join("Set a timer.", "add milk", random.Random(seed))
        assert text.endswith("add milk")
        assert text.removeprefix("Set a timer").removesuffix("add milk") in commands._JOINTS


def singles():
    made = [Command(f"alpha{i}.", ("x",), held_out=i % 5 == 0) for i in range(40)]
    return [*made, Command("sing to me", (), "none/own"), Command("two", ("x", "y"))]


def test_several_in_one_breath():
    made = commands.joined(singles(), 300, random.Random(2))
    assert len(made) == 300
    assert {len(c.tools) for c in made} >= {1, 2, 3, 4, 5}
    held = {c.text.rstrip(".") for c in singles() if c.held_out}
    for command in made:
        said = re.findall(r"alpha\d+|sing to me", command.text)
        assert len(command.tools) == sum(word != "sing to me" for word in said) > 0
        # A piece that is held out holds back the whole: none of them is trained on.
        assert command.held_out == any(word in held for word in said)
        labelled = [command.text[start:end] for start, end, _ in command.parts.labels]
        assert [re.findall(r"alpha\d+|sing to me", words) for words in labelled] == [[word] for word in said]
        names = [name for *_, name in command.parts.labels]
        assert names == ["none" if word == "sing to me" else "x" for word in said]
        assert len(command.parts.begins) == len(said)
    assert any(c.held_out for c in made)
    assert any("sing to me" in c.text for c in made)


def test_the_same_thing_twice_says_the_tools_words_once():
    made = commands.repeated(["set_timer", "send_sms"], 40, random.Random(3))
    assert len(made) == 40
    assert {c.tools for c in made} <= {(t,) * n for t in ("set_timer", "send_sms") for n in (2, 3)}
    for command in made:
        assert len(command.parts.labels) == len(command.parts.begins) == len(command.tools)
        first, *others = (command.text[start:end] for start, end, _ in command.parts.labels)
        assert all(len(other) <= len(first) + 60 for other in others)
    assert not any(c.held_out for c in made)


def test_a_single_command_is_one_part_and_a_second_turn_has_none():
    assert Command("lamp off", ("set_light",)).known_parts().labels == ((0, 8, "set_light"),)
    assert Command("sing", (), "none/own").known_parts().labels == ((0, 4, "none"),)
    assert Command("and at six", (), follow="another").known_parts() is None
    assert Command("lamp off, alarm at six", ("set_light", "set_alarm")).known_parts() is None


def test_second_turns_say_how_they_follow_and_others_that_they_do_not():
    tools = [*TOOLS, "set_alarm", "get_weather", "send_sms"]
    others = [Command(f"c{i}", ("set_timer",), held_out=i % 4 == 0) for i in range(4000)]
    made = commands.following(tools, others, copies=2, rng=random.Random(1))
    second = [c for c in made if c.text not in {other.text for other in others}]
    assert {c.follow for c in second} == set(FOLLOWS)
    for command in second:
        if command.follow == FRESH:
            assert command.tools or command.kind == "none/own"
            assert set(command.tools) <= set(tools)
        else:
            # What is only different from the turn before says nothing of tools.
            assert (command.tools, command.kind) == ((), "")
    assert any(c.held_out for c in second)
    again = [c for c in made if c.text in {other.text for other in others}]
    assert len(again) == len(second)
    assert all((c.tools, c.follow, c.held_out) == (("set_timer",), FRESH, False) for c in again)
    assert len({c.text for c in again}) == len(again)


def test_few_other_commands_are_all_repeated():
    others = [Command("a", ("set_timer",)), Command("b", (), "none/own"), Command("c", (), held_out=True)]
    made = commands.following(["set_timer"], others, copies=1, rng=random.Random(1))
    assert sorted(c.text for c in made if c.text in {"a", "b", "c"}) == ["a", "b"]


def test_without_held_out_ones_all_compounds_are_for_training():
    made = commands.joined([Command("a", ("x",)), Command("b", ("y",))], 50, random.Random(1))
    assert not any(c.held_out for c in made)


def test_peoples_commands(data):
    made = commands.shared(data, ["add_to_list", "set_timer"], none_share=0.5, rng=random.Random(4))
    by_label = {}
    for command in made:
        by_label.setdefault(command.tools or command.kind, []).append(command)
    # All that map to a tool; tools that are not at hand are left out altogether.
    assert len(by_label[("add_to_list",)]) == 20
    assert len(by_label[("set_timer",)]) == 1
    assert not any("wake" in c.text or "paid" in c.text for c in made)
    assert 95 < len(by_label["none/general_joke"]) < 145
    assert 70 < len(by_label["none/translate"]) < 130
    assert 4 < len(by_label["none/BookRestaurant"]) < 35
    assert not any(c.held_out for c in made)


def test_reading_gives_source_text_and_label(data):
    rows = list(human.read(data))
    assert rows[0] == ("hwu64_train", "wake me at 1", "set_alarm")
    assert ("clinc150_train_val", "start a timer", "set_timer") in rows
    assert not any("paid" in text for _, text, _ in rows)


def test_the_words_people_typed_are_preferred(data):
    row = {"intent": "timer", "text": "start a timer", "user_text": "Start a timer!"}
    (data / "human" / "snips_train.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    assert list(human.read(data))[-1] == ("snips_train", "Start a timer!", "set_timer")
