"""Calls with the errors that an argument adapter makes, for the selection adapter to learn from."""

import random

from tinyagent.tools.registry import catalogue
from tinyagent.training import plans
from tinyagent.training.mishearing import misheard

TOOLS = catalogue().tools
TEXT = "text Ana we run late, move dinner to eight and set a timer for ten minutes"
SAID = [
    (TOOLS["send_sms"], {"recipients": "Ana", "message": "we run late"}),
    (TOOLS["move_calendar_event"], {"start": "eight", "query": "dinner"}),
    (TOOLS["set_timer"], {"duration": "ten minutes"}),
]


def versions(said=SAID, share=1.0, text=TEXT):
    return [misheard(text, said, share, random.Random(seed)) for seed in range(300)]


def test_without_a_share_nothing_changes_and_with_all_each_call_errs_or_comes_out_by_chance():
    assert misheard(TEXT, SAID, 0.0, random.Random(1)) == SAID
    made = versions()
    assert all([tool for tool, _ in one] == [tool for tool, _ in SAID] for one in made)
    # A call errs in one argument, and always in some way.
    for one in made:
        for (_, words), (_, right) in zip(one, SAID, strict=True):
            assert sum(words.get(name) != value for name, value in right.items()) == 1
            assert list(words) == [name for name in right if name in words]


def test_a_run_takes_the_next_words_loses_some_is_another_or_is_lost():
    messages = {one[0][1].get("message") for one in versions()}
    assert {"we run late, move", "we run late, move dinner to eight", "we", "we run", None} <= messages
    assert "move dinner" in messages  # words that stand later
    assert all(message is None or message in TEXT for message in messages)


def test_what_resolvers_propose_comes_from_another_call_of_that_type_or_is_lost():
    two = [
        (TOOLS["set_alarm"], {"time": "six"}),
        (TOOLS["set_alarm"], {"time": "seven"}),
    ]
    assert {one[0][1].get("time") for one in versions(two, text="alarms at six and seven")} == {"seven"}
    assert {one[2][1].get("duration") for one in versions()} == {None}


def test_a_reference_is_lost_and_a_call_without_arguments_stays():
    said = [
        (TOOLS["take_screenshot"], {}),
        (TOOLS["compose_new_email"], {"attachments": "$1"}),
    ]
    for one in versions(said, text="screenshot, mail it"):
        assert [words for _, words in one] == [{}, {}]


def test_every_line_of_training_can_be_misheard():
    for row in plans.training(TOOLS)[::40]:
        compound = plans.parse(row)
        said = plans.said(compound, TOOLS)
        for (tool, words), (_, right) in zip(
            misheard(compound.text, said, 1.0, random.Random(2)), said, strict=True
        ):
            assert set(words) <= set(right)
            assert all(words[name] for name in words), tool.name
