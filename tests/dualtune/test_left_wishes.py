"""What is left of a command, and which tool it makes likely."""

import pytest

from tinyagent.dualtune.wishes import chances, holds, left, wishes
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.parts import Part

TEXT = "alarm for five, one for six and put milk on the list but no need for eggs"


def part(tool, words, *others):
    start = TEXT.index(words)
    return Part(tool, start, start + len(words), 0.9, ((tool, 0.9), *others))


FIVE, SIX = part("set_alarm", "alarm for five"), part("set_alarm", "one for six")
MILK, EGGS = part("add_to_list", "put milk on the list"), part(NONE, "no need for eggs")
PARTS = (FIVE, SIX, MILK, EGGS)


def test_what_is_not_to_be_done_is_no_wish():
    assert wishes(PARTS) == (FIVE, SIX, MILK)


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], (FIVE, SIX, MILK)),
        ([("set_alarm", {"time": "five"})], (SIX, MILK)),
        ([("set_alarm", {"time": "six"})], (FIVE, MILK)),
        ([("set_alarm", {})], (SIX, MILK)),
        ([("set_alarm", {"time": "six"}), ("set_alarm", {"time": "five"})], (MILK,)),
        # Another tool than the head thought did these words.
        ([("create_list", {"name": "milk"})], (FIVE, SIX)),
        # A call of which nothing is known takes nothing away.
        ([("take_screenshot", {})], (FIVE, SIX, MILK)),
        ([("set_alarm", {}), ("set_alarm", {}), ("add_to_list", {"item": "milk"})], ()),
        ([("set_alarm", {}), ("set_alarm", {}), ("set_alarm", {"time": "noon"})], (MILK,)),
    ],
)
def test_each_call_does_the_part_that_its_words_are_from(earlier, expected):
    assert left(PARTS, TEXT, earlier) == expected


def test_the_first_part_comes_first():
    found = chances((FIVE, MILK), later=0.5)
    # Nothing is left of either only where both are none: never, here.
    assert found == pytest.approx({"set_alarm": 2 / 3, "add_to_list": 1 / 3, NONE: 0.0})


def test_without_parts_nothing_is_left():
    assert chances((), later=0.5) == {NONE: 1.0}


def test_a_part_that_may_be_none_leaves_the_end_open():
    doubtful = part("set_alarm", "alarm for five", (NONE, 0.3))
    found = chances((doubtful,), later=0.5)
    assert found == pytest.approx({"set_alarm": 0.75, NONE: 0.25})


@pytest.mark.parametrize(
    ("run", "expected"),
    [("milk on the list", True), ("Milk", True), ("six and put milk", False), ("eggs", False), ("", False)],
)
def test_a_part_holds_an_argument_where_all_its_words_stand_in_it(run, expected):
    assert holds(MILK, TEXT, run) is expected
