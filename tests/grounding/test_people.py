from datetime import datetime

import pytest

from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.people import (
    match_people,
    resolve_person,
    resolve_persons,
    resolve_place,
    resolve_text,
)

PEOPLE = (
    "Ana Lima",
    "Sid Stone",
    "Bob Meyer",
    "Catherine O'Neill",
    "José García",
    "Uncle Tom",
    "Jon Snow",
    "Salt and Pepper Ltd",
    "Paula Reis",
    "Mary Poe",
    "Christopher Lee",
    "Kate\tCatherine O'Neill",
    "Mum\tRosa Lima",
    "Rosa Lima",
)
WORLD = World(datetime(2026, 3, 2, 9), people=PEOPLE)


@pytest.mark.parametrize(
    ("words", "full"),
    [
        ("Ana Lima", "Ana Lima"),
        ("ana", "Ana Lima"),
        ("ana's", "Ana Lima"),
        ("my Ana", "Ana Lima"),
        ("to ana", "Ana Lima"),
        ("Anna", "Ana Lima"),
        ("Lima, Ana", "Ana Lima"),
        ("ana l", "Ana Lima"),
        ("Meyer", "Bob Meyer"),
        ("mr meyer", "Bob Meyer"),
        ("bob mayer", "Bob Meyer"),
        ("kate", "Catherine O'Neill"),
        ("katherine", "Catherine O'Neill"),
        ("oneill", "Catherine O'Neill"),
        ("jose garcia", "José García"),
        ("John", "Jon Snow"),
        ("johnsnow", "Jon Snow"),
        ("uncle tom", "Uncle Tom"),
        ("tom", "Uncle Tom"),
        ("aunt rosa", "Rosa Lima"),
        ("my mum", "Rosa Lima"),
        ("cristopher", "Christopher Lee"),
        ("crhistopher", "Christopher Lee"),
    ],
)
def test_words_become_contacts(words, full):
    assert resolve_person(words, WORLD) == full


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("Zoe", "Zoe"),
        ("my boss", "boss"),
        ("the plumber", "plumber"),
        ("zoe@example.org", "zoe@example.org"),
        ("mom", "mom"),
        ("Mark", "Mark"),
        ("Paul", "Paul"),
        ("Dana", "Dana"),
        ("Syd", "Syd"),
        ("Ana Souza", "Ana Souza"),
        ("Al", "Al"),
        ("“Zoe”", "Zoe"),
        ("my", "my"),
        ("+351 912 345 678", "+351 912 345 678"),
        ("", ""),
        ("?!", "?!"),
    ],
)
def test_words_that_name_nobody_stay(words, kept):
    assert resolve_person(words, WORLD) == kept


def test_several_are_asked_about():
    world = World(WORLD.now, people=("Ana Lima", "Ana Berg", "Bob Ana"))
    with pytest.raises(Unresolved) as caught:
        resolve_person("my Ana", world)
    question = caught.value.question
    assert question.text == "Which Ana: Ana Lima or Ana Berg?"
    assert question.options == ("Ana Lima", "Ana Berg")
    assert resolve_person("ana b", World(WORLD.now, people=("Ana Lima", "Ana Berg"))) == "Ana Berg"
    with pytest.raises(Unresolved, match="Which Ana"):
        resolve_persons("Sid and Ana", world)


def test_a_surer_step_decides():
    assert match_people("jon", ("John Lee", "Jon Snow")) == ["Jon Snow"]
    assert match_people("ana", ("Ana", "Ana Lima")) == ["Ana"]
    assert match_people("james", ("Bob James", "James Smith")) == ["James Smith"]
    assert match_people("james", ("Bob James", "Rob Smith")) == ["Bob James"]


def test_one_person_with_two_names_is_one():
    assert match_people("ana", ("Ana Lima", "Ana\tAna Lima", "Ana Lima")) == ["Ana Lima"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Ana and Sid", ["Ana Lima", "Sid Stone"]),
        ("ana, sid & bob", ["Ana Lima", "Sid Stone", "Bob Meyer"]),
        ("ana, sid, and my boss", ["Ana Lima", "Sid Stone", "boss"]),
        ("both ana and sid", ["Ana Lima", "Sid Stone"]),
        ("ana sid bob meyer", ["Ana Lima", "Sid Stone", "Bob Meyer"]),
        ("Ana and ana lima", ["Ana Lima"]),
        ("Salt and Pepper Ltd", ["Salt and Pepper Ltd"]),
        ("ana plus zoe@example.org", ["Ana Lima", "zoe@example.org"]),
        ("the sales team", ["sales team"]),
        ("Sandy Anderson", ["Sandy Anderson"]),
        ("ana as well as sid", ["Ana Lima", "Sid Stone"]),
        ("", []),
        (" , and ", []),
    ],
)
def test_lists_of_people(words, found):
    assert resolve_persons(words, WORLD) == found


def test_nobody_known():
    nobody = World(WORLD.now)
    assert resolve_person("Ana Lima", nobody) == "Ana Lima"
    assert resolve_persons("Ana and Bob", nobody) == ["Ana", "Bob"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("at the office", "the office"),
        ("in Room 4", "Room 4"),
        ("Inverness", "Inverness"),
        ("at", "at"),
        ("“Joe's”", "Joe's"),
    ],
)
def test_places(words, place):
    assert resolve_place(words) == place


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("  buy   milk, ", "buy milk"),
        ("“lunch”", "lunch"),
        ("call Sid.", "call Sid"),
        ("wait...", "wait..."),
        ("meet at 3 p.m.", "meet at 3 p.m."),
        ('"', '"'),
        ("", ""),
    ],
)
def test_texts(words, text):
    assert resolve_text(words) == text
