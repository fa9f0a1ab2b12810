"""Which words of a compound command are known to belong to which call."""

import pytest

from tinyagent.retrieval.index import NONE
from tinyagent.training import parts, plans

ALARM, MILK = "an alarm for [six](1.time)", "put [milk](2.item) on the [shopping](2.list_name) list"


def found(text, *tools, shape="independent"):
    compound = plans.parse({"text": text, "tools": tools, "shape": shape})
    return compound.text, parts.of_compound(compound)


def said(text, spans):
    return [text[start:end] for start, end, *_ in spans]


def test_each_word_belongs_to_the_call_on_its_side_of_the_joint():
    text, made = found(f"{ALARM}, and {MILK}.", "set_alarm", "add_to_list")
    labels = [(text[start:end], tool) for start, end, tool in made.labels]
    assert labels == [
        ("an alarm for six", "set_alarm"),
        (", and put milk on the shopping", "add_to_list"),
        (" list.", "add_to_list"),
    ]
    assert sorted(text[at:][:3] for at in made.begins) == [", a", "an "]
    assert made.unsure == ()
    assert made.others == {"set_alarm", "add_to_list"}


def test_where_the_joint_is_not_plain_nobody_knows_where_a_wish_begins():
    text, made = found(
        "an alarm for [six](1.time) please, it is late, and put [milk](2.item) on it",
        "set_alarm",
        "add_to_list",
    )
    assert said(text, made.unsure) == [" please, it is late, and put m"]
    assert [text[at:][:2] for at in made.begins] == ["an"]


def test_words_of_both_calls_belong_to_either():
    text, made = found(
        "[at six](1.time,2.due) an alarm [gym](1.label) and remind me to [pack](2.name)",
        "set_alarm",
        "create_reminder",
    )
    inside = [label for label in made.labels if label[0] <= text.index("six") < label[1]]
    assert inside == []
    assert made.others == {"set_alarm", "create_reminder"}


def test_what_is_taken_back_may_be_of_no_call():
    text, made = found(f"{ALARM} no wait forget that, {MILK}", "set_alarm", "add_to_list", shape="correction")
    assert NONE in made.others
    assert said(text, made.labels) == ["six", "milk", "shopping"]
    assert said(text, made.unsure) == [text[1:]]


def test_a_call_without_words_of_its_own_leaves_only_what_is_marked():
    text, made = found(
        "lock the screen and text [Ana](2.recipients) [bye](2.message)", "lock_screen", "send_sms"
    )
    assert said(text, made.labels) == ["Ana", "bye"]


def test_pieces_that_stand_in_one_text():
    one, two = parts.whole("lamp off", "set_light"), parts.whole("sing", NONE).shifted(10)
    made = parts.together([one, two])
    assert made.labels == ((0, 8, "set_light"), (10, 14, NONE))
    assert (made.begins, made.others) == ({0, 10}, {"set_light", NONE})


@pytest.mark.parametrize("row", plans.read_rows()[::40], ids=lambda row: row["text"][:30])
def test_no_label_contradicts_the_marks(row):
    compound = plans.parse(row)
    made = parts.of_compound(compound)
    for start, end, tool in made.labels:
        owners = {c.tool for c in compound.calls for m in c.marks if m.start < end and start < m.end}
        assert not owners or tool in owners
    assert 0 in made.begins
    assert made.others >= set(compound.tools)
