"""What a tool is called in a sentence."""

import pytest

from tinyagent.compiler.naming import doing
from tinyagent.tools.registry import catalogue


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ("delete_calendar_event", "deleting the calendar event"),
        ("set_timer", "setting the timer"),
        ("cancel_alarm", "cancelling the alarm"),
        ("snooze_alarm", "snoozing the alarm"),
        ("reply_to_email", "replying to the email"),
        ("send_sms", "sending the text message"),
        ("add_to_list", "adding"),
        ("now_playing", "saying what is playing"),
        ("createIssue", "creating the issue"),
        ("list-issues", "listing the issues"),
        ("find", "finding"),
        ("weather_lookup", "“weather lookup”"),
        ("jira__create_issue", "“jira create issue”"),
        ("über_tool", "“über tool”"),
        ("__", "“__”"),
        ("", "“”"),
        ("lamp\x1b[31m_on", "“lamp 31m on”"),
    ],
)
def test_a_name_in_words(tool, said):
    assert doing(tool) == said


def test_of_every_tool_one_can_speak():
    for tool in catalogue():
        said = doing(tool.name)
        assert said.split()[0].endswith("ing"), said
        assert "_" not in said


def test_an_endless_name_is_cut():
    assert len(doing("make_" + "very_" * 50)) < 60
    assert len(doing("x" * 500)) < 60
