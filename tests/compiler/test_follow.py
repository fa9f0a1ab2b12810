"""What a second turn keeps of the first: times in part, what is said in another way, what belongs to one thing only."""

from datetime import datetime

import pytest

from tinyagent.calls import Call, Candidate, Result
from tinyagent.compiler import follow
from tinyagent.compiler.past import Past
from tinyagent.grounding.base import Unresolved, World
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.tools.registry import catalogue

NOW = datetime(2026, 3, 2, 9)
WORLD = World(NOW, ("Ana Lima", "Sid Rao"), ("groceries", "hardware"))
TOOLS = catalogue()


def carried(tool, old, words, way="instead", text="", said=None):
    call = Call(tool, old, said or {})
    return follow.carry(TOOLS[tool], call, words, WORLD, text or " ".join(words.values()), way)


@pytest.mark.parametrize(
    ("old", "words", "new"),
    [
        ("2026-03-04T15:00:00", "four", "2026-03-04T16:00:00"),
        ("2026-03-04T08:00:00", "nine", "2026-03-04T09:00:00"),
        ("2026-03-04T15:00:00", "four am", "2026-03-04T04:00:00"),
        ("2026-03-04T15:00:00", "19:30", "2026-03-04T19:30:00"),
        ("2026-03-04T15:00:00", "friday", "2026-03-06T15:00:00"),
        ("2026-03-04T15:00:00", "friday at ten", "2026-03-06T10:00:00"),
        ("2026-03-04", "friday", "2026-03-06"),
        ("2026-03-04", "four", "2026-03-04T16:00:00"),
    ],
)
def test_a_time_said_in_part_keeps_the_rest(old, words, new):
    call = carried("create_reminder", {"name": "call Sid", "due": old}, {"due": words})
    assert call.args == {"name": "call Sid", "due": new}


def test_a_clock_time_that_has_passed_on_the_old_day_is_read_anew():
    call = carried("create_reminder", {"name": "call Sid", "due": "2026-03-02T11:00:00"}, {"due": "8 am"})
    assert call.args["due"] == "2026-03-03T08:00:00"


def test_the_end_goes_with_the_start():
    old = {"title": "lunch", "start": "2026-03-04T12:00:00", "end": "2026-03-04T13:30:00"}
    assert carried("create_calendar_event", old, {"start": "one"}).args == {
        "title": "lunch",
        "start": "2026-03-04T13:00:00",
        "end": "2026-03-04T14:30:00",
    }
    new = carried("create_calendar_event", old, {"duration": "an hour"}).args
    assert new == {"title": "lunch", "start": "2026-03-04T12:00:00", "duration": "PT1H"}


@pytest.mark.parametrize(
    ("tool", "old", "words", "new"),
    [
        ("set_volume", {"change": "up"}, {"level": "forty"}, {"level": 40}),
        (
            "set_light",
            {"room": "hall", "state": "off"},
            {"level": "30 percent"},
            {"room": "hall", "level": 30},
        ),
        ("set_light", {"color": "orange"}, {"room": "hall"}, {"room": "hall", "color": "orange"}),
        ("cancel_alarm", {"time": "2026-03-03T06:00:00"}, {"label": "gym"}, {"label": "gym"}),
    ],
)
def test_what_is_said_in_another_way_takes_the_place(tool, old, words, new):
    assert carried(tool, old, words, "another").args == new


def test_another_thing_does_not_take_over_what_belongs_to_the_first():
    old = {"title": "lunch", "start": "2026-03-04T12:00:00", "location": "Luigi's", "notes": "bring cash"}
    another = carried("create_calendar_event", old, {"title": "dinner", "start": "8 pm"}, "another")
    assert another.args == {"title": "dinner", "start": "2026-03-04T20:00:00"}
    instead = carried("create_calendar_event", old, {"title": "dinner"}, "instead")
    assert instead.args == {**old, "title": "dinner"}


def test_people_and_lists_are_grounded():
    mail = {"recipients": ["Sid Rao"], "message": "running late"}
    assert carried("send_sms", mail, {"recipients": "ana"}, "another").args == {
        **mail,
        "recipients": ["Ana Lima"],
    }
    with pytest.raises(Unresolved):
        carried("send_sms", mail, {"recipients": "her"}, "another")


def test_what_was_a_result_stays_marked_as_one():
    old = {"recipients": ["Sid Rao"], "message": "020 7946 0958"}
    call = carried("send_sms", old, {"recipients": "ana"}, said={"recipients": "sid", "message": "$1.phone"})
    assert call.taken == ("message",)
    assert call.words == {"recipients": "ana", "message": "$1.phone"}
    assert carried("send_sms", old, {"message": "hi"}, said={"message": "$1.phone"}).taken == ()


def past(*tools):
    results = tuple(Result(Call(tool, {}), "done", entry=n) for n, tool in enumerate(tools, 1))
    return Past("x", tuple(TOOLS[tool] for tool in tools), results, (len(tools),))


def retrieved(follows=None, **scores):
    return Retrieved((Candidate("none", 1.0),), (0, 1, 0), follows=follows or {}, scores=scores)


def test_how_a_command_follows():
    assert follow.how(past("set_alarm"), retrieved({"another": 0.9, "fresh": 0.1})) == "another"
    assert follow.how(past("set_alarm"), retrieved({"another": 0.4, "undo": 0.3, "fresh": 0.3})) == "fresh"
    assert follow.how(Past(), retrieved({"instead": 1.0})) == "fresh"
    assert follow.how(Past(), retrieved({"undo": 1.0})) == "undo"
    assert follow.how(past("set_alarm"), retrieved()) == "fresh"


def test_which_call_is_followed():
    two = past("set_alarm", "add_to_list")
    assert follow.followed(two, retrieved(set_alarm=0.2, add_to_list=0.1, play_media=0.3)) == 0
    assert follow.followed(two, retrieved(none=0.99)) == 1
    assert follow.followed(two, retrieved(play_media=0.95)) is None
    assert follow.followed(Past(), retrieved()) is None


@pytest.mark.parametrize(
    ("text", "back"),
    [("text it to Ana", True), ("mail her the link", True), ("put THAT on a list", True),
     ("text Ana the time", False), ("play italy", False)],
)  # fmt: skip
def test_words_that_point_back(text, back):
    assert follow.points_back(text) is back
