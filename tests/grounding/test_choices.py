import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.grounding.choices import find_choices, resolve_choice

WHICH = {"next": ("next", "upcoming", "the first"), "all": ("all", "every", "all of", "all my", "both")}
PRIORITY = {
    "high": ("high", "urgent", "very important"),
    "medium": ("medium",),
    "low": ("low", "not important"),
}
UNREAD = {"true": ("unread", "not read yet")}


@pytest.mark.parametrize(
    ("text", "choices", "words", "value"),
    [
        ("cancel all of my alarms", WHICH, ["all of"], "all"),
        ("cancel all my alarms", WHICH, ["all my"], "all"),
        ("Cancel the NEXT alarm", WHICH, ["NEXT"], "next"),
        ("stop the upcomming alarm", WHICH, ["upcomming"], "next"),
        ("stop the upcomign alarm", WHICH, ["upcomign"], "next"),
        ("cancel every alarm", WHICH, ["every"], "all"),
        ("cancel my alarm", WHICH, [], None),
        ("call the falling ball", WHICH, [], None),
        ("make it urgent", PRIORITY, ["urgent"], "high"),
        ("it's very important", PRIORITY, ["very important"], "high"),
        ("it is not important", PRIORITY, ["not important"], "low"),
        ("high or low", PRIORITY, ["high", "low"], None),
        ("loww", PRIORITY, [], None),
        ("show unread mail", UNREAD, ["unread"], "true"),
        ("mail i have not  read yet", UNREAD, ["not read yet"], "true"),
        ("true mail", UNREAD, [], None),
        ("", PRIORITY, [], None),
    ],
)
def test_choices(text, choices, words, value):
    found = find_choices(text, choices)
    assert [p.words for p in found] == words
    assert [" ".join(text[a:b].split()) for p in found for a, b in p.spans] == words
    assert resolve_choice(text, choices) == value
    for proposal in found:
        assert resolve_choice(proposal.words, choices) is not None


def test_words_of_two_values_say_none():
    assert resolve_choice("both", {"a": ("both",), "b": ("both",)}) is None


def test_underscores_are_spaces():
    assert resolve_choice("very high", {"very_high": ()}) == "very_high"


@given(st.text(max_size=80), st.dictionaries(st.text(max_size=8), st.tuples(st.text(max_size=8)), max_size=4))
def test_never_raises(text, choices):
    resolve_choice(text, choices)
    for proposal in find_choices(text, choices):
        assert proposal.words in " ".join(text.split())
