"""Cutting a command into wishes: the likeliest way, from what is likely for each token."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.retrieval.parts import Part, cut

NAMES = ("lamp", "alarm", "none")


def spans(count):
    return [(2 * i, 2 * i + 1) for i in range(count)]


def made(*tokens):
    """Each token as (its likeliest tool, how likely a wish begins there)."""
    tools = np.full((len(tokens), len(NAMES)), 0.05)
    for i, (name, _) in enumerate(tokens):
        tools[i, NAMES.index(name)] = 0.9
    return tools, np.array([begins for _, begins in tokens])


def named(parts):
    return [(part.tool, part.start, part.end) for part in parts]


def test_a_command_of_one_wish():
    tools, begins = made(("lamp", 0.99), ("lamp", 0.01), ("lamp", 0.01))
    found = cut(tools, begins, spans(3), NAMES)
    assert named(found) == [("lamp", 0, 5)]
    assert found[0].probability == pytest.approx(0.9)
    assert dict(found[0].chances) == pytest.approx({"lamp": 0.9, "alarm": 0.05, "none": 0.05})
    assert found[0].chances[0][0] == "lamp"


def test_wishes_in_the_order_of_their_words():
    tools, begins = made(("alarm", 0.9), ("alarm", 0.1), ("lamp", 0.9), ("none", 0.8))
    assert named(cut(tools, begins, spans(4), NAMES)) == [("alarm", 0, 3), ("lamp", 4, 5), ("none", 6, 7)]


def test_the_same_tool_twice_is_two_wishes_where_one_begins():
    tools, begins = made(("alarm", 0.9), ("alarm", 0.1), ("alarm", 0.9))
    assert named(cut(tools, begins, spans(3), NAMES)) == [("alarm", 0, 3), ("alarm", 4, 5)]


def test_one_odd_token_is_no_wish_of_its_own():
    tools, begins = made(("alarm", 0.9), ("lamp", 0.05), ("alarm", 0.05))
    assert named(cut(tools, begins, spans(3), NAMES)) == [("alarm", 0, 5)]


def test_no_wish_begins_inside_a_word():
    tools, begins = made(("alarm", 0.9), ("alarm", 0.99))
    assert named(cut(tools, begins, [(0, 3), (3, 5)], NAMES)) == [("alarm", 0, 5)]


def test_nothing_said():
    assert cut(np.zeros((0, 3)), np.zeros(0), [], NAMES) == ()


@given(st.data())
def test_no_other_cut_is_likelier(data):
    count = data.draw(st.integers(1, 5))
    share = st.floats(0.01, 1)
    tools = np.array([[data.draw(share) for _ in NAMES] for _ in range(count)])
    begins = np.array([data.draw(st.floats(0.01, 0.99)) for _ in range(count)])

    def worth(states, starts):
        p = np.prod([tools[i, k] for i, k in enumerate(states)])
        for i in range(1, count):
            p *= begins[i] if i in starts else 1 - begins[i]
        return p

    best = 0.0
    for states in product(range(len(NAMES)), repeat=count):
        must = {i for i in range(1, count) if states[i] != states[i - 1]}
        free = [i for i in range(1, count) if i not in must]
        for chosen in product((False, True), repeat=len(free)):
            best = max(best, worth(states, must | {i for i, is_ in zip(free, chosen, strict=True) if is_}))
    found = cut(tools, begins, spans(count), NAMES)
    states = [NAMES.index(part.tool) for part in found for _ in range(part.start // 2, (part.end + 1) // 2)]
    assert worth(states, {part.start // 2 for part in found}) == pytest.approx(best)


def test_a_part_is_plain_data():
    assert Part("lamp", 0, 4, 0.5) == Part("lamp", 0, 4, 0.5, ())
