"""The shortlist: short, with `none`, only of what is available, and with tools nobody trained."""

import numpy as np
import pytest

from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder, Reading
from tinyagent.retrieval.index import FOLLOWS, FRESH, NONE, ToolIndex
from tinyagent.retrieval.retriever import LONGEST, Retriever
from tinyagent.tools.registry import catalogue

NAMES = sorted(t.name for t in catalogue() if t.function.__module__.startswith("tinyagent."))


@pytest.fixture(scope="module")
def embedder():
    return Embedder()


@pytest.fixture(scope="module")
def index():
    return tool_index.load()


@pytest.fixture(scope="module")
def retriever(embedder, index):
    return Retriever(embedder, index, NAMES)


class Fixed:
    """An embedder that gives the same vector whatever the words."""

    def __init__(self, vector):
        self.vector = np.array(vector, np.float32)

    def read(self, text):
        return Reading(self.vector, self.vector[np.newaxis], ((0, 1),))


def flat(tools, spread=0.0, **calibration):
    """An index whose head gives `tools` and none nearly equal probabilities, falling by `spread`."""
    n = len(tools) + 1
    head = np.zeros((n, 3), np.float32)
    head[:, 2] = -spread * np.arange(n)
    centroids = np.tile(np.array([[1, 0]], np.float32), (n, 1))
    classes = (*tools, NONE)
    counts, follows = np.zeros((3, 3), np.float32), np.zeros((4, 3), np.float32)
    part_head = np.zeros((n + 1, 3), np.float32)
    heads = (counts, follows, part_head, classes)
    return ToolIndex(centroids, classes, head, classes, *heads, {"calibration": calibration})


COMMANDS = ["set a timer for ten minutes", "remind me to call Sid at three", "banana", "", "what's the time in Oslo",
            "add milk to the list and remind me about the dentist", "zzz qqq", "call", "3"]  # fmt: skip


@pytest.mark.parametrize("text", COMMANDS)
def test_every_shortlist_is_short_and_sorted_and_has_none(retriever, text):
    found = retriever.retrieve(text)
    names = [c.tool for c in found.candidates]
    assert NONE in names
    assert len(found.tools) <= LONGEST
    assert len(set(names)) == len(names)
    assert found.tools == tuple(name for name in names if name != NONE)
    ranked = [c.probability for c in found.candidates if c.tool != NONE]
    assert ranked == sorted(ranked, reverse=True)
    assert 0 < sum(c.probability for c in found.candidates) <= 1.0001
    assert sum(found.counts) == pytest.approx(1)
    assert sum(found.follows.values()) == pytest.approx(1)
    assert not found.unseen


@pytest.mark.parametrize(
    ("text", "tool"),
    [("set a timer for ten minutes", "set_timer"), ("wake me at six thirty", "set_alarm"),
     ("put eggs on my shopping list", "add_to_list"), ("how much is 12 percent of 80", "calculate")],
)  # fmt: skip
def test_a_plain_command_has_few_candidates_and_the_right_one_first(retriever, text, tool):
    found = retriever.retrieve(text)
    assert found.candidates[0].tool == tool
    assert len(found.tools) <= 3


def test_at_most_eight_of_many():
    found = Retriever(
        Fixed([1, 0]), flat([f"t{i}" for i in range(20)]), [f"t{i}" for i in range(20)]
    ).retrieve("")
    assert len(found.tools) <= LONGEST
    assert len(found.candidates) <= LONGEST + 1
    assert NONE in [c.tool for c in found.candidates]


def test_few_when_sure():
    tools = [f"t{i}" for i in range(20)]
    found = Retriever(Fixed([1, 0]), flat(tools, spread=5), tools).retrieve("")
    assert found.tools == ("t0",)


def test_every_available_tool_has_a_probability_on_the_shortlist_or_not():
    tools = [f"t{i}" for i in range(20)]
    found = Retriever(Fixed([1, 0]), flat(tools, spread=5), tools[:10]).retrieve("")
    assert set(found.scores) == {*tools[:10], NONE}
    assert found.tools == ("t0",)
    assert sum(found.scores.values()) == pytest.approx(1)
    assert found.scores["t0"] == found.candidates[0].probability
    assert found.scores["t9"] < found.scores["t1"] < found.scores["t0"]


def test_the_way_of_following_is_that_of_the_follow_head():
    index = flat(["a", "b"])
    index.follow_head[FOLLOWS.index("undo")] = (9, 0, 0)
    assert Retriever(Fixed([1, 0]), index, ["a", "b"]).retrieve("").follows["undo"] > 0.99
    even = Retriever(Fixed([0, 1]), index, ["a", "b"]).retrieve("").follows
    assert even == pytest.approx(dict.fromkeys(FOLLOWS, 0.25))


@pytest.mark.parametrize(
    ("text", "way"),
    [("undo that", "undo"), ("no, at four instead", "instead"), ("set a timer for ten minutes", FRESH),
     ("remind me to call Sid at three", FRESH)],
)  # fmt: skip
def test_the_committed_follow_head_hears_how_a_command_follows(retriever, text, way):
    follows = retriever.retrieve(text).follows
    assert max(follows, key=follows.get) == way


@pytest.mark.parametrize("gone", [["set_timer"], ["set_timer", "set_alarm", "cancel_timer"], NAMES[1:]])
def test_what_is_not_available_never_appears(embedder, index, gone):
    retriever = Retriever(embedder, index, [name for name in NAMES if name not in gone])
    for text in COMMANDS:
        assert not {c.tool for c in retriever.retrieve(text).candidates} & set(gone)


def test_without_any_tool_there_is_only_none(embedder, index):
    assert [c.tool for c in Retriever(embedder, index, []).retrieve("set a timer").candidates] == [NONE]


def test_an_index_without_none_still_offers_it():
    index = flat(["a", "b"])
    heads = index.head[:2], ("a", "b"), index.count_head, index.follow_head, index.part_head, index.parts
    index = ToolIndex(index.centroids[:2], ("a", "b"), *heads, {})
    found = Retriever(Fixed([1, 0]), index, ["a", "b"]).retrieve("")
    assert found.candidates[-1] == type(found.candidates[0])(NONE, 0.0)


EXAMPLES = [
    "turn the lights on in the kitchen",
    "lights off please",
    "dim the bedroom lamp",
    "make it brighter in here",
    "switch off all the lights",
    "turn on the hallway light",
    "lamp off",
    "set the lights to half",
    "kitchen lights on",
    "can you kill the lights",
    "light up the garage",
    "darken the living room",
]


def test_a_tool_nobody_trained_is_retrieved_by_its_examples(embedder, index):
    grown = index.with_tool("set_lights", embedder.embed_all(EXAMPLES))
    retriever = Retriever(embedder, grown, [*NAMES, "set_lights"])
    for text in ("turn off the lamp in the bathroom", "lights on in the office"):
        found = retriever.retrieve(text)
        assert found.tools[0] == "set_lights"
        assert found.unseen == {"set_lights"}
    for text, tool in (
        ("set a timer for ten minutes", "set_timer"),
        ("put eggs on my shopping list", "add_to_list"),
    ):
        assert retriever.retrieve(text).tools[0] == tool


def test_a_tool_without_examples_is_never_offered(embedder, index):
    retriever = Retriever(embedder, index, [*NAMES, "set_lights"])
    for text in COMMANDS:
        assert "set_lights" not in retriever.retrieve(text).tools
