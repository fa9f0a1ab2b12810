import pytest

from tinyagent.tools.matching import best_of, fitting, meant, query

TITLES = [
    "Dentist",
    "Team meeting",
    "Call mom",
    "Call Sid about the budget",
    "Budget review",
    "Room 18",
    "Room 180",
]


def texts(title):
    return [title]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("dentist", ["Dentist"]),
        ("the dentist appointment", ["Dentist"]),
        ("dentsit", ["Dentist"]),
        ("call mom", ["Call mom"]),
        ("calling sid", ["Call Sid about the budget"]),
        ("budget review with everybody", ["Budget review"]),
        ("team meeting", ["Team meeting"]),
        ("the meeting", ["Team meeting"]),
        ("room 18", ["Room 18"]),
        ("call", ["Call mom", "Call Sid about the budget"]),
        ("pay rent", []),
        ("call the plumber about the sink", []),
        ("mop", []),
        ("room 19", []),
    ],
)
def test_what_fits_best(asked, found):
    assert best_of(query(asked), TITLES, texts) == found


def test_general_words():
    assert query("all my meetings").is_general
    assert query("all my meetings").several
    assert not query("my next meeting").several
    assert not query("dentist").is_general
    assert fitting(query("my appointments"), TITLES, texts) == TITLES
    assert meant(query("my appointment"), TITLES, texts) == TITLES
    assert meant(query("my meeting"), TITLES, texts) == ["Team meeting"]
    assert meant(query("yoga"), TITLES, texts) == []
    assert meant(query(""), TITLES, texts) == TITLES


@pytest.mark.parametrize("asked", ["", "the", "!?", "日本語", "x" * 5000])
def test_odd_words_do_no_harm(asked):
    best_of(query(asked), [*TITLES, "", "日本語"], texts)
