"""Training sequences are what serving writes, token by token, and learn nothing but its decisions."""

import random
from datetime import datetime
from typing import ClassVar

import pytest
from scripted_engine import ScriptedEngine

from tinyagent.calls import Candidate
from tinyagent.dualtune import arguments as serving
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import GENERIC, Around, Filler
from tinyagent.dualtune.prompts import Before
from tinyagent.dualtune.references import fitting
from tinyagent.dualtune.selector import Selector
from tinyagent.grounding.base import World
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.runtime.decoding import Decoder
from tinyagent.tools.registry import catalogue
from tinyagent.training import arguments, select, sequences, turns, usage
from tinyagent.training.bench import VocabularyTokenizer
from tinyagent.training.sequences import Unreachable

WORLD = World(datetime(2026, 3, 2, 9))
TOOLS = {tool.name: tool for tool in catalogue() if tool.function.__module__.startswith("tinyagent.")}


@pytest.fixture(scope="module")
def tokenizer(served):
    return VocabularyTokenizer(served)


class Recording(Decoder):
    """A decoder that remembers what it wrote and where something was in question."""

    made: ClassVar[list] = []

    def __init__(self, engine, prompt):
        super().__init__(engine, prompt)
        self.decisions = []
        self.made.append(self)

    @property
    def written(self):
        before = self._engine.state if self._prompt is None else self._prompt
        return [token for token, _ in before] + self._pending

    def _decide(self, allowed):
        if len(allowed) > 1:
            self.decisions.append(len(self.written))
        return super()._decide(allowed)


@pytest.fixture
def recording(monkeypatch):
    monkeypatch.setattr(Recording, "made", [])
    monkeypatch.setattr(serving, "Decoder", Recording)
    return Recording.made


def learnt(engine, sequence):
    """The targets as text, one piece for every stretch of them."""
    pieces, last = [], None
    for target in sequence.targets:
        if target - 1 != last:
            pieces.append([])
        pieces[-1].append(sequence.tokens[target])
        last = target
    return [engine.text(piece) for piece in pieces]


def one(line, tool="create_reminder", **options):
    engine = ScriptedEngine()
    sequence, words = sequences.arguments(engine, usage.parse(tool, line), TOOLS[tool], WORLD, **options)
    return engine.text(sequence.tokens), learnt(engine, sequence), words


def test_only_decisions_are_targets():
    text, targets, words = one("remind me to [call Sid](name) at [three pm](due)")
    assert text == (
        "<|im_start|> remind me to call Sid at three pm\ncreate_reminder\n"
        "due: three pm\nname: call Sid\nnotes: -\nlist_name: -\n"
    )
    assert targets == [" three pm\n", " call Sid\n", " -\n", " -\n"]
    assert words == {"due": "three pm", "name": "call Sid"}


def test_a_line_without_a_choice_is_forced():
    text, targets, words = one("set a timer for [ten minutes](duration)", "set_timer")
    assert "duration: ten minutes\n" in text
    assert not any("ten" in target for target in targets)
    assert words["duration"] == "ten minutes"


def test_two_possibilities_are_a_choice():
    _, targets, words = one("set a timer for [ten minutes](duration) not five minutes", "set_timer")
    assert " ten minutes\n" in targets
    assert words["duration"] == "ten minutes"


def test_the_name_is_a_target_of_the_joint_adapter_only():
    assert one("remind me to [call Sid](name)", learn_name=True)[1][0] == "create_reminder\n"
    assert "create_reminder\n" not in one("remind me to [call Sid](name)")[1]


def test_earlier_calls_carry_no_loss():
    earlier = [(TOOLS["set_timer"], {"duration": "ten minutes"})]
    text, targets, _ = one("a timer of ten minutes and remind me to [call Sid](name)", earlier=earlier)
    assert "\nset_timer\nduration: ten minutes\ncreate_reminder\n" in text
    assert targets == [" call Sid\n", " -\n", " -\n"]


def test_a_value_in_pieces_is_the_run_around_them():
    _, _, words = one("add [milk](item), [eggs](item) and some [tea](item) to the list", "add_to_list")
    assert words["item"] == "milk, eggs and some tea"
    with pytest.raises(Unreachable, match=r"item \(in pieces\)"):
        one("add [milk](item) from the farm [tea](item)", "add_to_list")


@pytest.mark.parametrize(
    ("line", "tool", "reason"),
    [
        ("set a timer for [a while](duration)", "set_timer", "duration"),
        ("remind me to [call](name) at [whenever](due)", "create_reminder", "due"),
        ("remind me at [nine](due) or ten to [](name)", "create_reminder", "name"),
        ("set a timer for five minutes", "set_timer", r"duration \(nothing marked\)"),
    ],
)
def test_what_serving_could_not_write_is_unreachable(line, tool, reason):
    with pytest.raises(Unreachable, match=reason):
        one(line, tool)


def replay(tokenizer, example, tool, recording, earlier=(), refs=None, before=None):
    """Write the gold decisions with serving's own code and compare."""
    try:
        sequence, words = sequences.arguments(
            tokenizer, example, tool, WORLD, earlier, refs=refs, before=before
        )
    except Unreachable:
        return 0
    if not tool.parameters:
        return 0
    engine = ScriptedEngine(sequence.tokens, (GENERIC,), tokenizer, size=49152)
    filled = Filler(engine).fill(example.text, tool, WORLD, Around(earlier, before))
    assert dict(filled.words) == words, example.template
    decoder = recording[-1]
    assert decoder.written == list(sequence.tokens), example.template
    assert set(decoder.decisions) <= set(sequence.targets), example.template
    # Every line that is learnt had something to decide.
    starts = [t for t in sequence.targets if t - 1 not in sequence.targets]
    ends = [t for t in sequence.targets if t + 1 not in sequence.targets]
    line = {t for t in sequence.targets if sequence.tokens[t] == prompts.line_end(tokenizer)}
    assert set(ends) <= line
    assert all(
        any(start <= d <= end for d in decoder.decisions) for start, end in zip(starts, ends, strict=True)
    )
    return 1


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_serving_writes_the_training_tokens(tokenizer, recording, name):
    rng = random.Random(name)
    examples = rng.sample(usage.read(name), 12)
    values = usage.read_values()
    examples += [usage.vary(example, values, rng) for example in examples[:4]]
    done = [replay(tokenizer, example, TOOLS[name], recording) for example in examples]
    assert not TOOLS[name].parameters or sum(done) >= 0.75 * len(done)


def test_serving_writes_the_training_tokens_after_an_earlier_call(tokenizer, recording):
    example = usage.parse(
        "create_reminder", "a ten minutes timer, and remind me at [nine](due) to [run](name)"
    )
    earlier = [(TOOLS["set_timer"], {"duration": "ten minutes"})]
    assert replay(tokenizer, example, TOOLS["create_reminder"], recording, earlier)


REFERRING = [
    ("summarise the lease pdf and email it to [Ana](recipients)", "compose_new_email", {"body": "$1"}, "summarize_pdf"),
    ("two times three, and turn that from [miles](from_unit) into [km](to_unit)", "convert_units", {"value": "$1"},
     "calculate"),
    ("find Sid's number and add it to the [calls](name) note", "append_note_content", {"content": "$1.phone"},
     "get_phone_number"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "name", "refs", "first"), REFERRING)
def test_serving_writes_the_training_tokens_of_references(tokenizer, recording, line, name, refs, first):
    tool = TOOLS[name]
    reachable = {n: r for n, r in refs.items() if r in fitting(tool.parameter(n), [TOOLS[first]])}
    assert replay(tokenizer, usage.parse(name, line), tool, recording, [(TOOLS[first], {})], reachable)
    if reachable:
        said = Filler(recording[-1]._engine).fill(
            usage.parse(name, line).text, tool, WORLD, Around([(TOOLS[first], {})])
        )
        assert said.references == set(reachable)


SECOND = [row for way in ("another", "instead", "new", "fresh")
          for row in [row for row in turns.read_rows(TOOLS) if row["how"] == way][:12]]  # fmt: skip
SECOND += [row for row in turns.read_rows(TOOLS) if "refs" in row]


def test_serving_writes_the_training_tokens_of_second_turns(tokenizer, recording):
    done, referring = [], 0
    for row in SECOND:
        turn = turns.parse(row)
        said, known = turns.said(turn, TOOLS), len(turn.first.calls)
        before = Before(turn.first.text, said[:known])
        for n, (example, refs) in enumerate(zip(turn.calls, turn.refs, strict=True)):
            earlier = said[known : known + n]
            done.append(replay(tokenizer, example, TOOLS[example.tool], recording, earlier, refs, before))
            referring += bool(refs and done[-1])
    assert sum(done) >= 0.9 * len(done)
    assert referring > 20


AGO = Before("a ten minutes timer", [(TOOLS["set_timer"], {"duration": "ten minutes"})])


def test_the_turn_before_carries_no_loss():
    text, targets, words = one("no, [twelve minutes](duration)", "set_timer", before=AGO)
    assert text.startswith(
        "<|im_start|> a ten minutes timer\nset_timer\nduration: ten minutes\n"
        "<|im_start|> no, twelve minutes\nset_timer\nduration: twelve minutes\n"
    )
    # It may also be absent, so that it is there has to be learnt.
    assert targets[0] == " twelve minutes\n"
    assert words["duration"] == "twelve minutes"


def test_what_is_required_may_be_absent_only_after_a_turn():
    line = "make five minutes of noise [later](label)"
    text, targets, words = one(line, "set_timer", before=AGO)
    assert text.endswith("set_timer\nduration: -\nlabel: later\n")
    assert targets == [" -\n", " later\n"]
    assert words == {"label": "later"}
    with pytest.raises(Unreachable, match=r"duration \(nothing marked\)"):
        one(line, "set_timer")


def test_references_count_the_calls_of_both_turns():
    before = Before("sum up the lease", [(TOOLS["summarize_pdf"], {})])
    earlier = [(TOOLS["get_phone_number"], {"name": "sid"})]
    line = "find sid's number and put it on the [calls](name) note"
    for reference in ("$1", "$2.phone"):
        text, _, words = one(
            line, "append_note_content", earlier=earlier, before=before, refs={"content": reference}
        )
        assert f"content: {reference}\n" in text
        assert words == {"name": "calls", "content": reference}
    with pytest.raises(Unreachable, match=r"content \(\$3\)"):
        one(line, "append_note_content", earlier=earlier, before=before, refs={"content": "$3"})


def test_a_reference_that_nothing_offers_is_unreachable():
    with pytest.raises(Unreachable, match=r"due \(\$1\)"):
        one("remind me to [go](name) then", earlier=[(TOOLS["calculate"], {})], refs={"due": "$1"})


@pytest.mark.parametrize(
    ("name", "earlier", "unseen"),
    [
        ("set_timer", [], []),
        ("none", [], []),
        ("done", [("set_timer", {"duration": "ten minutes"})], []),
        ("add_to_list", [("set_timer", {"duration": "ten minutes"})], []),
        ("set_timer", [], ["set_lights"]),
    ],
)
def test_selection_is_trained_on_what_is_served(tokenizer, name, earlier, unseen):
    text = "set a timer for ten minutes, and add milk to Ana's list."
    shortlist = ["set_timer", "add_to_list", *unseen]
    sequence = sequences.selection(tokenizer, text, name, earlier, shortlist if unseen else ())
    engine = ScriptedEngine(sequence.tokens, tokenizer=tokenizer, size=49152)
    found = Retrieved(tuple(Candidate(tool, 0.3) for tool in shortlist), (0, 0, 1), frozenset(unseen))
    scores = Selector(engine).adapter_scores(text, found, earlier)
    assert (max(scores, key=scores.get), scores[name]) == (name, pytest.approx(1, abs=1e-3))
    prompt = [token for token, _ in engine.state]
    target = prompts.name_tokens(tokenizer, name)
    assert [*prompt, *target] == list(sequence.tokens)
    assert sequence.targets == tuple(range(len(prompt), len(sequence.tokens)))


CALLS = [("set_timer", {"duration": "ten minutes"}), ("add_to_list", {"item": "milk", "list_name": "Ana's"})]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_one_sequence_holds_every_step(tokenizer, count):
    text, calls = "set a timer for ten minutes, and add milk to Ana's list.", CALLS[:count]
    whole = sequences.selections(tokenizer, text, calls, "done")
    names = [*(name for name, _ in calls), "done"]
    steps = [sequences.selection(tokenizer, text, name, calls[:at]) for at, name in enumerate(names)]
    assert all(whole.tokens[: len(step.tokens)] == step.tokens for step in steps)
    assert whole.tokens == steps[-1].tokens
    assert whole.targets == tuple(target for step in steps for target in step.targets)


def test_the_two_parts_of_a_split_are_the_whole():
    made = [sequences.Sequence_((i,), ()) for i in range(400)]
    shown, held = sequences.split(made, 0.1, random.Random(1))
    assert sorted(s.tokens for s in [*shown, *held]) == sorted(s.tokens for s in made)
    assert 20 < len(held) < 65


def test_nothing_held_out_is_built_in(tokenizer):
    made, lost = arguments.build(tokenizer, TOOLS, None, random.Random(1), copies=1)
    assert set(made) == set(TOOLS)
    assert sum(lost.values()) < 0.06 * sum(len(rows) for rows in made.values())
    headers = {row.tokens for rows in made.values() for row in rows}
    for name in ("create_reminder", "add_to_list"):
        for example in usage.read(name):
            if example.held_out:
                start = tuple(prompts.header(tokenizer, example.text))
                own = (*start, *prompts.name_tokens(tokenizer, name))
                assert not any(tokens[: len(own)] == own for tokens in headers), example.text
    assert all(row.targets for rows in made.values() for row in rows)


FEW = {name: TOOLS[name] for name in ("set_timer", "set_alarm", "add_to_list")}


def pieces(sequence):
    """The tokens of each line among the targets; the last one ends a line."""
    found, last, end = [], None, sequence.tokens[sequence.targets[-1]]
    for target in sequence.targets:
        if last is None or target != last + 1 or sequence.tokens[last] == end:
            found.append(())
        found[-1] += (sequence.tokens[target],)
        last = target
    return found


def test_selection_rows_are_names_done_and_none(tokenizer):
    rows = select.build(tokenizer, FEW, None, random.Random(1))
    names = {tuple(prompts.name_tokens(tokenizer, name)): name for name in (*FEW, "none", "done")}
    written = [[names.get(piece) for piece in pieces(row)] for row in rows]
    assert not any(None in row for row in written)
    assert {row[-1] for row in written} == set(names.values())
    assert all(row.targets[-1] == len(row.tokens) - 1 for row in rows)
    # A command of several calls is one row: its tools in order, and then that it is done.
    several = [row for row in written if len(row) > 1]
    assert {len(row) for row in several} >= {2 + 1}
    for row in several:
        assert set(row[:-1]) <= set(FEW)
        assert row[-1] == "done"
    assert {row[-1] for row in written if len(row) == 1} == set(names.values())
    question = tokenizer.tokenize("? ")[0]
    shown = [row for row in rows if question in row.tokens]
    assert 0.1 < len(shown) / len(rows) < 0.5


def single_and_several(rows):
    several = [row for row in rows if len(pieces(row)) > 1]
    return len(rows) - len(several), len(several)


def test_rehearsal_takes_a_share_of_the_single_commands(tokenizer):
    counts = {
        share: single_and_several(select.build(tokenizer, FEW, None, random.Random(1), rehearse=share))
        for share in (0.0, 0.25, 1.0)
    }
    assert counts[0.0][0] == 0
    assert counts[0.25][0] == pytest.approx(counts[1.0][0] / 4, rel=0.1)
    # All of the others, but for values that are drawn anew and may be the same twice.
    assert counts[0.0][1] > 700
    assert counts[0.0][1] == pytest.approx(counts[1.0][1], rel=0.01)
    assert counts[0.25][1] == pytest.approx(counts[1.0][1], rel=0.01)


def test_rehearsal_of_arguments_keeps_all_compounds_and_conversations():
    engine = ScriptedEngine(size=200_000)

    def texts(share):
        made, _ = arguments.build(engine, FEW, None, random.Random(1), copies=2, rehearse=share)
        return [engine.text(row.tokens) for rows in made.values() for row in rows]

    def command(text):
        return text.split("\n")[0]

    rows = {share: texts(share) for share in (0.0, 0.25, 1.0)}
    own = {
        command(engine.text(prompts.header(engine, e.text)))
        for name in FEW
        for e in usage.read(name)
        if not e.held_out
    }
    alone = {
        share: [t for t in found if command(t) in own and t.count("<|im_start|>") == 1]
        for share, found in rows.items()
    }
    assert len(alone[0.0]) < 0.02 * len(alone[1.0])  # what lacks a required value stays
    assert len(alone[0.25]) == pytest.approx(len(alone[1.0]) / 4, rel=0.25)
    second = {share: sum(t.count("<|im_start|>") == 2 for t in found) for share, found in rows.items()}
    assert second[0.0] == pytest.approx(second[1.0], rel=0.05)
    assert second[0.0] == pytest.approx(second[0.25], rel=0.05)
    assert second[0.0] > 40
    assert len(rows[0.0]) < len(rows[0.25]) < len(rows[1.0])
