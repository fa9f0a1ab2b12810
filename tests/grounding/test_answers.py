"""Answers to questions: which option or which words are meant, what says nothing, and what takes the wish back."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Parameter, Question
from tinyagent.grounding.answers import gives_up, option, words_of
from tinyagent.grounding.base import World

PEOPLE = ("Ana Lima", "Ana Roth", "Sid Rao", "Bo Chan", "Bo Berg")
FILES = ("/home/me/a/report.pdf", "/home/me/b/report.pdf", "/home/me/plan.txt")
WORLD = World(datetime(2026, 3, 2, 9), PEOPLE, ("shopping",), FILES)
ANAS = ("Ana Lima", "Ana Roth")
FOUR = ("work/report.pdf", "home/report.pdf", "home/report (old).pdf", "taxes/report.pdf")

MEANT = [
    (ANAS, "Ana Lima", 0), (ANAS, "ana roth", 1), (ANAS, "Lima", 0), (ANAS, "roth", 1), (ANAS, "Roth please", 1),
    (ANAS, "the first one", 0), (ANAS, "the second", 1), (ANAS, "second one", 1), (ANAS, "first", 0),
    (ANAS, "number two", 1), (ANAS, "number 1", 0), (ANAS, "1", 0), (ANAS, "2", 1), (ANAS, "option 2", 1),
    (ANAS, "the last one", 1), (ANAS, "the former", 0), (ANAS, "the latter", 1), (ANAS, "one", 0), (ANAS, "two", 1),
    (ANAS, "2nd", 1), (ANAS, "the 1st", 0), (ANAS, "um, Lima", 0), (ANAS, "I mean Ana Roth", 1),
    (ANAS, "it's lima", 0), (ANAS, "Ana Lima, thanks", 0), (ANAS, "the Roth one", 1), (ANAS, "Lina", 0),
    (ANAS, "ana limma", 0), (ANAS, "that's Roth", 1), (ANAS, "oh, the second one please", 1),
    (FOUR, "the one in work", 0), (FOUR, "taxes", 3), (FOUR, "the old one", 2), (FOUR, "home/report.pdf", 1),
    (FOUR, "number four", 3), (FOUR, "the third", 2), (FOUR, "last", 3), (FOUR, "4", 3), (FOUR, "work/report", 0),
]  # fmt: skip
UNCLEAR = [
    (ANAS, text)
    for text in ("Ana", "ana", "Sid", "the third", "3", "0", "-1", "which ones are there", "purple", "yes", "hm", "the",
                 "one of them", "Ana Ana", "l", "Lima or Roth", "both", "99", "two hundred", "the fifth one", "",
                 "somebody", "what", "the other", "Ana Schmidt", "i don't know", "any", "a", "Anna")
] + [(FOUR, text) for text in ("report", "report.pdf", "home", "the report", "5", "pdf", "music", "sixth")]  # fmt: skip


@pytest.mark.parametrize(("options", "said", "place"), MEANT)
def test_the_option_that_is_meant(options, said, place):
    assert option(said, options) == options[place]


@pytest.mark.parametrize(("options", "said"), UNCLEAR)
def test_what_could_be_several_options_or_none_is_none(options, said):
    assert option(said, options) is None


def parameter(type, name="x", **more):
    return Parameter(name, type, **more)


ENUM = parameter("enum", choices={"high": ("urgent", "high"), "low": ("low", "unimportant")})
ALARM = parameter("when", "time", prefer="next")
TO = parameter("persons", "to")
SAID = [
    ("ten minutes", parameter("duration"), "", "ten minutes"),
    ("for about half an hour", parameter("duration"), "", "half an hour"),
    ("an hour please", parameter("duration"), "", "an hour"),
    ("make it 45 seconds", parameter("duration"), "", "45 seconds"),
    ("tomorrow at noon", parameter("when"), "", "tomorrow at noon"),
    ("on friday", parameter("when"), "", "friday"),
    ("at seven", ALARM, "", "seven"),
    ("7", ALARM, "", "7"),
    ("at 7", ALARM, "", "7"),
    ("half past six", ALARM, "tomorrow", "tomorrow at half past six"),
    ("at seven", ALARM, "tomorrow", "tomorrow at seven"),
    ("7:30", ALARM, "on friday", "on friday at 7:30"),
    ("monday at eight", ALARM, "tomorrow", "monday at eight"),
    ("this weekend", parameter("span"), "", "this weekend"),
    ("every weekday", parameter("recurrence"), "", "every weekday"),
    ("twelve", parameter("number"), "", "twelve"),
    ("40 percent", parameter("percent"), "", "40 percent"),
    ("to forty percent", parameter("percent"), "", "forty percent"),
    ("it's urgent", ENUM, "", "urgent"),
    ("low", ENUM, "", "low"),
    ("in miles", parameter("unit"), "", "miles"),
    ("12 times 3", parameter("expr"), "", "12 times 3"),
    ("Call the plumber.", parameter("text", "name"), "", "Call the plumber"),
    ("lunch with Ana", parameter("text", "title"), "", "lunch with Ana"),
    ("I'm running late!", parameter("text", "message"), "", "I'm running late!"),
    ("no", parameter("text", "body"), "", "no"),
    ("Is it done?", parameter("text", "body"), "", "Is it done?"),
    ("to Sid", TO, "", "Sid"),
    ("my boss and Sid", TO, "", "boss and Sid"),
    ("the shopping list", parameter("list"), "", "shopping list"),
    ("on the work list", parameter("list"), "", "work list"),
    ("in Oslo", parameter("place"), "", "Oslo"),
    ("plan.txt", parameter("file"), "", "plan.txt"),
    ("the plan", parameter("file"), "", "plan"),
    ("um, Sid", parameter("person"), "", "Sid"),
    ("it's for Sid", parameter("person"), "", "Sid"),
    ("okay, Sid please", parameter("person"), "", "Sid"),
]
NOT_SAID = [
    (text, parameter(type))
    for type, texts in {
        "duration": ("purple", "friday", "yes", "soon", "what do you mean", "long"),
        "when": ("purple", "the kitchen", "ask Sid", "hm", "later maybe", "whenever"),
        "span": ("purple", "yes", "Ana"),
        "recurrence": ("purple", "tomorrow", "sure", "once"),
        "number": ("purple", "many", "a lot", "Ana"),
        "percent": ("purple", "brighter", "Ana"),
        "unit": ("purple", "Ana", "yes"),
        "expr": ("purple", "Ana", "what"),
    }.items()
    for text in texts
] + [(text, ENUM) for text in ("purple", "Ana", "medium", "yes")]


@pytest.mark.parametrize(("said", "about", "before", "expected"), SAID)
def test_the_words_of_an_answer(said, about, before, expected):
    question = Question("?", words={about.name: before} if before else {})
    assert words_of(said, question, about, WORLD) == expected


@pytest.mark.parametrize(("said", "about"), NOT_SAID)
def test_what_cannot_be_a_value_is_none(said, about):
    assert words_of(said, Question("?"), about, WORLD) is None


@pytest.mark.parametrize(
    ("type", "before", "options", "said", "expected"),
    [
        ("persons", "Ana and Sid", ANAS, "Roth", "Ana Roth and Sid"),
        ("persons", "Sid, Ana and Bo", ANAS, "1", "Sid, Ana Lima and Bo"),
        ("persons", "Ana Lima and Bo", ("Bo Chan", "Bo Berg"), "berg", "Ana Lima and Bo Berg"),
        ("persons", "Ana", ANAS, "Lima", "Ana Lima"),
        ("person", "Ana", ANAS, "Lima", "Ana Lima"),
        (
            "files",
            "report.pdf and plan.txt",
            ("a/report.pdf", "b/report.pdf"),
            "b",
            "b/report.pdf and plan.txt",
        ),
        ("file", "report.pdf", ("a/report.pdf", "b/report.pdf"), "the first", "a/report.pdf"),
        ("persons", "Ana and Sid", ANAS, "purple", None),
    ],
)
def test_only_what_was_asked_about_becomes_another(type, before, options, said, expected):
    about = parameter(type)
    question = Question("Which?", options=options, words={"x": before})
    assert words_of(said, question, about, WORLD) == expected


GIVING_UP = [
    "never mind", "nevermind", "Never mind that.", "forget it", "forget about it", "cancel", "cancel that",
    "cancel it!", "nothing", "stop", "leave it", "don't", "don’t bother", "don't do it", "none",
    "neither", "no thanks", "no", "nope",
    "abort", "quit", "oh, never mind", "no, forget it", "actually never mind", "uh no", "No thank you.", "drop it",
    "skip it", "none of them", "nobody", "nah", "Oh no, cancel that please",
]  # fmt: skip
GOING_ON = [
    "Ana", "no one else but Ana", "nothing compares to you", "stop the car", "cancel the meeting with Bo", "never",
    "nob",
    "don't forget the milk", "ten minutes", "none the wiser", "no later than five", "leave it at the door",
    "forget me not",
    "the second", "quit smoking", "skip the gym", "yes", "number two", "", "noon", "November", "Noah",
    "drop it off at six",
]  # fmt: skip


@pytest.mark.parametrize("said", GIVING_UP)
def test_taking_the_wish_back(said):
    assert gives_up(said)
    assert gives_up(f"  {said} ", parameter("persons"))


@pytest.mark.parametrize("said", GOING_ON)
def test_what_takes_nothing_back(said):
    assert not gives_up(said)


@pytest.mark.parametrize("said", ["no", "nope", "Stop.", "nothing", "nobody"])
def test_a_message_may_say_no(said):
    assert gives_up(said)
    assert gives_up(said, parameter("text", "title"))
    assert not gives_up(said, parameter("text", "message"))
    assert gives_up("never mind", parameter("text", "message"))


def test_there_are_enough_of_them():
    assert len(MEANT) + len(SAID) >= 60
    assert len(UNCLEAR) + len(NOT_SAID) >= 60


TYPES = st.sampled_from(
    ["text", "person", "persons", "when", "duration", "number", "list", "file", "files", "percent"]
)


@given(st.text(), TYPES, st.text(), st.lists(st.text(min_size=1), max_size=4))
def test_no_answer_breaks_it(said, type, before, options):
    gives_up(said)
    found = words_of(said, Question("?", options=tuple(options), words={"x": before}), parameter(type), WORLD)
    assert found is None or isinstance(found, str)
    chosen = option(said, options)
    assert chosen is None or chosen in options


@given(
    st.lists(
        st.from_regex(r"[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", fullmatch=True), min_size=2, max_size=6, unique=True
    )
)
def test_every_option_can_be_said_in_full_and_by_its_place(options):
    for place, one in enumerate(options):
        assert option(str(place + 1), options) == one
        if len({o.casefold() for o in options}) == len(options):
            assert option(f"{one}, please", options) == one
