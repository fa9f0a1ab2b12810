from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.grounding.base import World
from tinyagent.grounding.lists import match_list, resolve_list

LISTS = ("Groceries", "Books to read", "to do", "Christmas presents", "work")
WORLD = World(datetime(2026, 3, 2, 9), lists=LISTS)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("groceries", "Groceries"), ("my grocery list", "Groceries"), ("the groceries list", "Groceries"),
        ("on my groceries list", "Groceries"), ("grocries", "Groceries"), ("books to raed", "Books to read"),
        ("to-do list", "to do"), ("to do", "to do"), ("my To Do List", "to do"),
        ("christmas present", "Christmas presents"),
        ("Work", "work"), ("wrok", "wrok"),  # too short to guess
        ("shopping list", "shopping"), ("my packing list", "packing"), ("holiday", "holiday"),
        ("this week", "this week"),
        ("things to sell", "things to sell"), ("list", "list"), ("my list", "my list"), ("", ""),
    ],
)  # fmt: skip
def test_names(words, name):
    assert resolve_list(words, WORLD) == name


def test_two_equally_near_names_are_no_match():
    assert match_list("party a", ("party b", "party c")) is None


@given(st.text(max_size=60))
def test_never_raises(words):
    assert isinstance(resolve_list(words, WORLD), str)
