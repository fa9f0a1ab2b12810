"""Whom and what pronouns mean: the latest mention in this command, then earlier turns, and never a guess."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Effect, Parameter, Tool
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.ground import ground
from tinyagent.grounding.mentions import after, is_pronoun, referent

WORLD = World(
    datetime(2026, 3, 2, 9), ("Ana Lima", "Sid Rao", "Bo Chan", "Will Green", "Boss\tSid Rao"), ("shopping",)
)
TO, WHO = Parameter("to", "persons"), Parameter("person", "person")
QUERY, TITLE, LIST = Parameter("query", "text"), Parameter("title", "text"), Parameter("list_name", "list")
FILE, FILES, PLACE = (
    Parameter("file", "file"),
    Parameter("attachments", "files"),
    Parameter("location", "place"),
)
BODY = Parameter("body", "text")


def tool(*parameters, toolset="mail", effect="write"):
    return Tool("use", toolset, "", Effect(effect), parameters, print)


@pytest.mark.parametrize(
    ("words", "parameter", "expected"),
    [
        ("him", WHO, True), ("Her", WHO, True), ("them", TO, True), ("both of them", TO, True), ("him.", TO, True),
        ("him and Ana", TO, True), ("Ana, Bo and her", TO, True), ("it", WHO, False), ("Ana", TO, False),
        ("her brother", TO, False), ("Himmel", WHO, False), ("it", QUERY, True), ("that one", TITLE, True),
        ("that", BODY, False), ("it", BODY, False), ("it", LIST, True), ("it", FILE, True), ("those", FILES, True),
        ("there", PLACE, True), ("that list", LIST, False), ("", QUERY, False), ("item", QUERY, False),
        ("him", QUERY, False),
    ],
)  # fmt: skip
def test_what_is_a_pronoun(words, parameter, expected):
    assert is_pronoun(words, parameter) is expected


def people(words, text="", parameter=TO, **mentioned):
    world = replace(WORLD, **mentioned)
    return referent(words, parameter, tool(parameter), world, text)


NOBODY = {"mentioned": {}, "before": {}}


@pytest.mark.parametrize(
    ("words", "text", "mentioned", "before", "expected"),
    [
        # A call of this command before a name that only stands in it, before an earlier turn.
        ("her", "tell Ana that Sid is late and text her", {"person": ("Ana Lima",)}, {}, ["Ana Lima"]),
        ("him", "remind me to call Sid and text him", {}, {"person": ("Ana Lima",)}, ["Sid Rao"]),
        ("him", "text him", {}, {"person": ("Sid Rao", "Ana Lima")}, ["Sid Rao"]),
        ("him", "call Ana, call Sid and text him", {}, {}, ["Sid Rao"]),
        ("him", "text him about Sid", {}, {"person": ("Bo Chan",)}, ["Bo Chan"]),
        ("him", "my boss is late, text him", {}, {}, ["Sid Rao"]),
        ("them", "text them", {"person": ("Ana Lima", "Bo Chan", "Sid Rao"), "persons": ("Ana Lima", "Bo Chan")}, {},
         ["Ana Lima", "Bo Chan"]),
        ("them", "invite Ana and Bo and text them", {}, {}, ["Ana Lima", "Bo Chan"]),
        ("them", "text them", {}, {"person": ("Bo Chan", "Sid Rao"), "persons": ("Bo Chan",)}, ["Bo Chan"]),
        ("them", "call Sid and text them", {"person": ("Sid Rao",), "persons": ("Sid Rao",)}, {}, ["Sid Rao"]),
        ("both", "text both", {"person": ("Bo Chan", "Ana Lima", "Sid Rao"), "persons": ("Bo Chan",)}, {},
         ["Bo Chan", "Ana Lima"]),
        ("both of them", "call Ana and Sid and text both of them", {}, {}, ["Ana Lima", "Sid Rao"]),
        ("him and Ana", "call Sid, mail him and Ana", {"person": ("Sid Rao",)}, {}, ["Sid Rao", "Ana Lima"]),
        ("Ana and her", "mail Ana and her", {"person": ("Ana Lima",)}, {}, ["Ana Lima"]),
    ],
)  # fmt: skip
def test_who_is_meant(words, text, mentioned, before, expected):
    assert people(words, text, mentioned=mentioned, before=before) == expected


def test_a_single_person_is_one_name():
    assert people("her", parameter=WHO, mentioned={"person": ("Ana Lima", "Sid Rao")}) == "Ana Lima"


@pytest.mark.parametrize(
    ("words", "text", "mentioned"),
    [
        ("him", "text him", {}),
        ("him", "text him about Sid", {}),
        ("him", "will it rain, and text him", {}),
        ("both", "text both", {"person": ("Ana Lima",)}),
        ("both", "call Ana and text both", {}),
        ("him and Ana", "mail him and Ana", {}),
    ],
)
def test_nobody_to_be_meant_is_a_question(words, text, mentioned):
    with pytest.raises(Unresolved) as error:
        people(words, text, mentioned=mentioned)
    assert (error.value.question.text, error.value.question.parameter) == ("Who?", "to")


def test_several_where_one_is_wanted_is_a_question_with_options():
    with pytest.raises(Unresolved) as error:
        people(
            "them",
            parameter=WHO,
            mentioned={"persons": ("Ana Lima", "Bo Chan"), "person": ("Ana Lima", "Bo Chan")},
        )
    assert error.value.question.options == ("Ana Lima", "Bo Chan")


def test_two_contacts_of_a_name_are_nobody():
    world = replace(WORLD, people=("Ana Lima", "Ana Roth", "Sid Rao"))
    assert referent("her", TO, tool(TO), world, "call Sid and Ana and text her") == ["Sid Rao"]
    assert referent("her", TO, tool(TO), world, "call Sid and Ana Roth and text her") == ["Ana Roth"]


@pytest.mark.parametrize(
    ("words", "parameter", "mentioned", "expected"),
    [
        ("it", QUERY, {"mail": ("the lease", "lunch")}, "the lease"),
        ("that one", QUERY, {"mail": ("the lease",)}, "the lease"),
        ("it", LIST, {"list": ("shopping",), "mail": ("x",)}, "shopping"),
        ("it", FILE, {"file": ("/a.pdf",), "mail": ("x",)}, "/a.pdf"),
        ("it", FILES, {"file": ("/a.pdf", "/b.pdf")}, ["/a.pdf"]),
        ("there", PLACE, {"place": ("Oslo",)}, "Oslo"),
        ("it", TITLE, {"thing": ("lunch",)}, "lunch"),
        ("it", TITLE, {"thing": ("lunch",), "mail": ("the lease",)}, "the lease"),
    ],
)
def test_what_is_meant(words, parameter, mentioned, expected):
    for where in ("mentioned", "before"):
        assert referent(words, parameter, tool(parameter), replace(WORLD, **{where: mentioned})) == expected


def test_the_things_of_this_command_come_before_those_of_earlier_ones():
    world = replace(WORLD, mentioned={"mail": ("new",)}, before={"mail": ("old",), "list": ("shopping",)})
    assert referent("it", QUERY, tool(QUERY), world) == "new"
    assert referent("it", LIST, tool(LIST), world) == "shopping"


@pytest.mark.parametrize(
    ("parameter", "effect", "mentioned"),
    [
        (QUERY, "write", {"calendar": ("lunch",), "thing": ("lunch",)}),  # of another toolset
        (TITLE, "destructive", {"thing": ("lunch",)}),
        (LIST, "write", {"thing": ("lunch",)}),
        (FILE, "write", {}),
        (QUERY, "read", {}),
    ],
)
def test_nothing_to_be_meant_is_a_question(parameter, effect, mentioned):
    with pytest.raises(Unresolved) as error:
        referent("it", parameter, tool(parameter, effect=effect), replace(WORLD, mentioned=mentioned))
    assert error.value.question.text == "Which one do you mean?"
    assert error.value.question.parameter == parameter.name


def test_what_a_call_mentions():
    event = tool(TITLE, TO, LIST, FILES, PLACE, toolset="calendar")
    args = {"title": "lunch", "to": ["Ana Lima", "Bo Chan"], "list_name": "work", "attachments": ["/a.pdf"],
            "location": "Oslo"}  # fmt: skip
    assert after({}, event, args) == {
        "person": ("Ana Lima", "Bo Chan"), "persons": ("Ana Lima", "Bo Chan"), "list": ("work",), "file": ("/a.pdf",),
        "place": ("Oslo",), "calendar": ("lunch",), "thing": ("lunch",),
    }  # fmt: skip
    later = after(after({}, event, args), tool(WHO, QUERY), {"person": "Sid Rao", "query": "budget"})
    assert later["person"] == ("Sid Rao", "Ana Lima", "Bo Chan")
    assert later["persons"] == ("Sid Rao",)
    assert (later["calendar"], later["mail"], later["thing"]) == (
        ("lunch",),
        ("budget",),
        ("lunch", "budget")[::-1],
    )


def test_results_are_not_mentioned():
    assert after({}, tool(TITLE, FILE, BODY), {"title": "$1", "file": "$2", "body": "$1.text"}) == {}


def test_a_call_is_grounded_with_its_pronouns():
    world = replace(WORLD, mentioned={"person": ("Sid Rao",)})
    assert ground(tool(TO, BODY), {"to": "him", "body": "it"}, world, text="") == {
        "to": ["Sid Rao"],
        "body": "it",
    }


@given(
    st.dictionaries(
        st.sampled_from(["title", "to", "person", "list_name"]), st.text() | st.lists(st.text()) | st.none()
    )
)
def test_anything_may_be_mentioned_and_is_bounded(args):
    mentioned = {}
    for _ in range(3):
        mentioned = after(mentioned, tool(TITLE, TO, WHO, LIST), args)
    for n in range(20):
        mentioned = after(mentioned, tool(TITLE, WHO), {"title": f"thing {n}", "person": f"Person {n}"})
    assert all(len(values) <= 8 and len(set(values)) == len(values) for values in mentioned.values())
    assert mentioned["person"][0] == "Person 19"


@given(st.text(), st.text())
def test_no_words_break_it(words, text):
    for parameter in (TO, WHO, QUERY, LIST, FILES):
        try:
            if is_pronoun(words, parameter):
                assert referent(words, parameter, tool(parameter), WORLD, text)
        except Unresolved as error:
            assert error.question.text.endswith("?")
