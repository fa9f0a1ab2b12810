"""Whether a command says more than its calls: a joint with telling words behind it that nobody has."""

import pytest

from tinyagent.dualtune.coverage import says_more

ALARM = ("set_alarm", {"time": "six"})


@pytest.mark.parametrize(
    ("text", "earlier", "more"),
    [
        ("set an alarm for six", [ALARM], False),
        ("set an alarm for six please, thanks", [ALARM], False),
        ("set alarms for six and six fifteen", [ALARM], True),
        ("set alarms for six and six fifteen", [ALARM, ("set_alarm", {"time": "six fifteen"})], False),
        ("wake me at six. also lock the screen", [ALARM], True),
        # A verb is no argument: the adapter is asked once more than it had to be.
        ("wake me at six; play bach", [ALARM, ("play_media", {"query": "bach"})], True),
        ("add milk, eggs and bread to groceries",
         [("add_to_list", {"item": "milk, eggs and bread", "list_name": "groceries"})], False),
        ("add milk, eggs and bread to groceries then call mum",
         [("add_to_list", {"item": "milk, eggs and bread", "list_name": "groceries"})], True),
        ("what alarms do i have and are any timers running", [("find_alarms", {})], True),
        ("text Ana and Bob that i'm late", [("send_sms", {"recipients": "Ana and Bob", "message": "i'm late"})],
         False),
        ("remind me to call Sid and to feed the cat", [("create_reminder", {"name": "call Sid"})], True),
        ("", [], False),
        ("and", [], False),
    ],
)  # fmt: skip
def test_what_is_left(text, earlier, more):
    assert says_more(text, earlier) is more


def test_words_of_one_call_are_had_once():
    twice = "ten minutes for tea and ten minutes for eggs"
    first = ("set_timer", {"duration": "ten minutes", "label": "tea"})
    assert says_more(twice, [first])
    assert not says_more(twice, [first, ("set_timer", {"duration": "ten minutes", "label": "eggs"})])
