"""Names put right in what speech recognition wrote, and everything else left alone."""

from datetime import datetime

import numpy as np
import pytest

from tinyagent.evaluation.speech import cases_of
from tinyagent.grounding.base import World
from tinyagent.voice.hotwords import MOST, names
from tinyagent.voice.known_names import known_names
from tinyagent.voice.phonetics import alike, key
from tinyagent.voice.plain_words import ordinary
from tinyagent.voice.protocols import Transcript
from tinyagent.voice.repair import Repairing, repaired

KNOWN = ["Sid", "Ana", "Zoë", "Mark", "Bill", "Ben", "Rose", "Jonas Weber", "Eszter", "Carmen", "Tariq", "Svetlana",
         "Keiko", "Katarzyna", "Dawn", "Mateus", "to do", "Lena's party", "Spotify"]  # fmt: skip


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("Call sit at three.", "Call Sid at three."),
        ("Text said that I am late.", "Text Sid that I am late."),
        ("Send it to Anna.", "Send it to Ana."),
        ("What is Esther's email?", "What is Eszter's email?"),
        ("Phone number for Yonas Weber.", "Phone number for Jonas Weber."),
        ("Is Karmen's mail about the tickets here?", "Is Carmen's mail about the tickets here?"),
        ("Let Tarek know I said yes.", "Let Tariq know I said yes."),
        ("Tell Swetlana and Zoey congratulations.", "Tell Svetlana and Zoë congratulations."),
        ("Reply to Matthews, please.", "Reply to Mateus, please."),
        ("Email KACO.", "Email Keiko."),
        ("Open Spotifi.", "Open Spotify."),
    ],
)
def test_a_name_is_put_right(heard, meant):
    assert repaired(heard, KNOWN) == meant


@pytest.mark.parametrize(
    "text",
    [
        "Send it now.",
        "Remind me to sit down.",
        "Call Mark.",
        "Mark it done.",
        "Bill me for the work.",
        "Text an address to Ana.",
        "Call in sick and ask for a note.",
        "Call it off.",
        "Wake me at dawn.",
        "I had been there with Ben.",
        "Set the light to rose.",
        "Remind me to call before Easter.",
        "What's the forecast in Cape Town?",
        "Play Africa by Toto.",
        "Give me the brightest light.",
        "Add milk to my to do list.",
        "Is Jonas there?",
    ],
)
def test_other_words_stay(text):
    assert repaired(text, KNOWN) == text


def test_two_names_that_sound_the_same_leave_the_question_to_the_assistant():
    assert repaired("Call Carl.", ["Karl", "Kahrl"]) == "Call Carl."
    assert repaired("Call Carl.", ["Karl", "Priya"]) == "Call Karl."


def test_nothing_is_known_of_nobody():
    assert repaired("Call sit.", []) == "Call sit."
    assert repaired("", KNOWN) == ""


@pytest.mark.parametrize("text", [case.text for case in cases_of()])
def test_what_was_heard_rightly_stays(text):
    people = ["Sid", "Ana", "Mark", "Will", "Rob", "Sue", "Max", "Ray", "Guy", "Neil", "Dawn", "Art", "Miles"]
    assert repaired(text, people) == text


def test_a_thousand_names_are_looked_through_at_once():
    random = np.random.default_rng(3)
    many = ["".join(random.choice(list("aeioulmnrstk"), 7)).capitalize() for _ in range(MOST)]
    assert (
        repaired("Call sit about Esther's email.", [*many, "Sid", "Eszter"])
        == "Call Sid about Eszter's email."
    )


def test_likely_names_sound_like_something_in_the_text():
    known = known_names(("Yusuf", "Ana", "Auntie Shireen", "Tom"))
    assert known.likely("New email address to use of.")[0] == "Yusuf"
    assert "Auntie Shireen" in known.likely("Number for anti-shiring.")
    assert known.likely("") == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("sit", "Sid", True), ("Esther", "Eszter", True), ("Tarek", "Tariq", True), ("rows", "Rose", True),
        ("send", "Sandy", False), ("Molly", "Zoë", False), ("town", "Dawn", False), ("men", "Ben", False),
    ],
)  # fmt: skip
def test_how_alike_words_sound(one, other, near):
    assert (alike(one, other) >= 0.88) is near
    assert alike(one, other) == pytest.approx(alike(other, one))


def test_what_has_no_letters_has_no_sound():
    assert key("42!") == "" and alike("42", "Ana") == 0.0 and key("Zoë") == key("zoey")


def test_ordinary_words_are_known_by_their_frequency():
    assert ordinary("sit") and ordinary("Calls") and ordinary("don't")
    assert not ordinary("katarzina") and not ordinary("Eszter")


class _Engine:
    """Hears always the same, and keeps what it was given."""

    def __init__(self, text):
        self.text, self.given = text, None

    def transcribe(self, samples, hotwords=()):
        self.given = list(hotwords)
        return Transcript(self.text, self.text, 0.7)


def test_the_wrapped_engine_knows_the_names_and_its_text_is_put_right():
    engine = _Engine("Call sit.")
    heard = Repairing(engine, lambda: KNOWN).transcribe(np.zeros(10, np.int16))
    assert heard == Transcript("Call Sid.", "Call sit.", 0.7) and engine.given == KNOWN


def test_nothing_heard_stays_nothing():
    assert Repairing(_Engine(""), lambda: KNOWN).transcribe(np.zeros(10, np.int16)).text == ""


def test_names_come_from_the_whole_world_people_first():
    world = World(
        datetime(2026, 3, 2),
        ("Ana Lima", "Mum\tAna Lima", "Ana Lima"),
        ("groceries", "123", "x" * 50),
        note_folders=("work/plans",),
        apps=("Firefox", "web browser\tFirefox", "internet\t\tFirefox"),
    )
    tools = {"home": {"lights": {"kitchen": ["lamp"]}, "devices": {"fan": "plug"}}}
    assert names(world, tools) == [
        "Ana Lima", "Mum", "groceries", "kitchen", "fan", "plans", "Firefox", "web browser",
    ]  # fmt: skip
    assert names(World(datetime(2026, 3, 2)), {"home": {"lights": "all"}}) == []
