"""Second turns on real stores: the same again, corrections, undo, results of the turn before, questions."""

from dataclasses import replace
from datetime import datetime

import pytest
from scripted_path import Models

from tinyagent.assistant import Assistant
from tinyagent.calls import Candidate
from tinyagent.conversation import TURNS, Conversation
from tinyagent.events import TakenBack, TakingBack
from tinyagent.settings import load
from tinyagent.tools.registry import Catalogue, catalogue

NOW = datetime(2026, 3, 2, 9)
NAMES = ("set_alarm", "find_alarms", "add_to_list", "read_list", "create_list", "add_contact",
         "get_phone_number", "create_note", "open_note")  # fmt: skip


class Talk:
    """A conversation with real tools on a home of its own, and a model that wants what it is told to."""

    def __init__(self, home):
        everything = catalogue()
        self.tools = Catalogue({name: everything[name] for name in NAMES})
        self.settings = load({"TINYAGENT_HOME": str(home), "TINYAGENT_TIMEZONE": "UTC"})
        self.assistant = Assistant(self.settings, tools=self.tools, availability=None)
        self.conversation = Conversation(self.assistant)

    def say(self, text, *wanted, follow="fresh", sure=None):
        models = Models(self.tools, wanted, follow=follow)
        if sure:
            # As a head that is sure of one call of this tool.
            first = (Candidate(sure, 0.99), Candidate("none", 0.01))
            found = models.retriever.found
            models.retriever.found = replace(found, candidates=first, counts=(0.0, 1.0, 0.0))
        models.into(self.assistant)
        self.events = list(self.conversation.stream(text, confirm=lambda tool, call: True, now=NOW))
        return self.events[-1].answer

    def look(self, tool, **words):
        """Ask somebody else, so that the conversation is as it was."""
        Models(self.tools, [(tool, words)]).into(self.assistant)
        return self.assistant.run("what is there " + " ".join(words.values()), now=NOW).text


@pytest.fixture
def talk(tmp_path):
    talk = Talk(tmp_path)
    talk.say("make a groceries list", ("create_list", {"list_name": "groceries"}))
    talk.say("add milk to groceries", ("add_to_list", {"item": "milk", "list_name": "groceries"}))
    return talk


def test_another_takes_over_what_is_not_said(talk):
    answer = talk.say("and eggs", ("add_to_list", {"item": "eggs"}), follow="another")
    assert answer.plan.calls[0].args == {"item": "eggs", "list_name": "groceries"}
    shown = talk.look("read_list", list_name="groceries")
    assert "milk" in shown
    assert "eggs" in shown


def test_a_correction_takes_back_and_does_it_anew(talk):
    first = talk.say("an alarm at seven", ("set_alarm", {"time": "seven"}))
    entry = first.results[0].entry
    answer = talk.say("no, at eight", ("set_alarm", {"time": "eight"}), follow="instead")
    assert [e.entries for e in talk.events if isinstance(e, TakingBack)] == [(entry,)]
    assert [(e.entry, e.done) for e in talk.events if isinstance(e, TakenBack)] == [(entry, True)]
    assert answer.plan.undoes == (entry,)
    assert answer.text.startswith(answer.results[0].answer)
    shown = talk.look("find_alarms")
    assert "20:00" in shown
    assert "19:00" not in shown
    # A correction of the correction takes back that one alone.
    last = talk.say("nine I mean", ("set_alarm", {"time": "nine"}), follow="instead")
    assert last.plan.undoes == (answer.results[0].entry,)
    assert talk.look("find_alarms") == "There is an alarm today at 21:00."


def test_undo_goes_back_turn_by_turn(talk):
    talk.say("add eggs to groceries", ("add_to_list", {"item": "eggs", "list_name": "groceries"}))
    talk.say("whats on groceries", ("read_list", {"list_name": "groceries"}))
    answer = talk.say("undo that", follow="undo")
    assert answer.plan.end == "done"
    assert answer.text.startswith("Undone: Added eggs")
    assert "eggs" not in talk.look("read_list", list_name="groceries")
    talk.say("undo that too", follow="undo")
    assert "milk" not in talk.look("read_list", list_name="groceries")


def test_undo_takes_a_whole_turn_back_the_last_call_first(talk):
    two = [("add_to_list", {"item": item, "list_name": "groceries"}) for item in ("eggs", "bread")]
    answer = talk.say("add eggs and then bread to groceries", *two)
    entries = [result.entry for result in answer.results]
    talk.say("undo both", follow="undo")
    assert [e.entry for e in talk.events if isinstance(e, TakenBack)] == entries[::-1]
    shown = talk.look("read_list", list_name="groceries")
    assert "milk" in shown
    assert "eggs" not in shown
    assert "bread" not in shown


def test_what_cannot_be_taken_back_is_said(talk):
    first = talk.say("an alarm at seven", ("set_alarm", {"time": "seven"}))
    talk.assistant.journal.entry(first.results[0].entry)
    from tinyagent.journal import undo

    undo(talk.assistant.journal, talk.tools, talk.settings.context(NOW), first.results[0].entry)
    answer = talk.say("undo that", follow="undo")
    assert "is undone already" in answer.text
    assert [e.done for e in talk.events if isinstance(e, TakenBack)] == [False]


def test_nothing_to_undo(tmp_path):
    answer = Talk(tmp_path).say("undo that", follow="undo")
    assert (answer.plan.end, answer.plan.undoes) == ("none", ())
    assert answer.text == "Nothing was changed in this conversation, so there is nothing to undo."


def test_the_result_of_the_turn_before_goes_into_a_call(talk):
    talk.say("save Sid Rao, 020 7946 0958", ("add_contact", {"name": "Sid Rao", "phone": "020 7946 0958"}))
    talk.say("what is sid's number", ("get_phone_number", {"name": "sid"}))
    answer = talk.say(
        "put it in a note called phones", ("create_note", {"name": "phones", "content": "$1.phone"})
    )
    call = answer.plan.calls[0]
    assert call.args == {"name": "phones", "content": "020 7946 0958"}
    assert call.taken == ("content",)
    assert answer.plan.depends == ()
    assert "020 7946 0958" in (talk.settings.data / "notes" / "phones.md").read_text("utf-8")


def test_a_result_is_no_choice_where_nothing_points_back(talk):
    talk.say("save Sid Rao, 020 7946 0958", ("add_contact", {"name": "Sid Rao", "phone": "020 7946 0958"}))
    talk.say("what is sid's number", ("get_phone_number", {"name": "sid"}))
    answer = talk.say("make a note called phones", ("create_note", {"name": "phones", "content": "$1.phone"}))
    assert "$" not in str(answer.plan.calls[0].args)
    assert answer.plan.calls[0].taken == ()


def test_pronouns_mean_what_was_spoken_of(talk):
    talk.say("save Sid Rao, 020 7946 0958", ("add_contact", {"name": "Sid Rao", "phone": "020 7946 0958"}))
    talk.say("what is sid's number", ("get_phone_number", {"name": "sid"}))
    answer = talk.say("and what number has he", ("get_phone_number", {"name": "he"}))
    assert answer.plan.calls[0].args == {"name": "Sid Rao"}


def test_a_question_is_answered_by_the_next_turn(talk):
    asked = talk.say("set an alarm", ("set_alarm", {}))
    assert talk.conversation.question == asked.plan.question
    assert asked.plan.question.text == "At what time?"
    answer = talk.say("at seven", ("set_alarm", {"time": "seven"}))
    assert talk.conversation.question is None
    assert [result.status for result in answer.results] == ["done"]
    assert answer.plan.text == "set an alarm"


def test_a_few_turns_are_kept(talk):
    for item in "abcdefgh":
        talk.say(f"add {item} to groceries", ("add_to_list", {"item": item, "list_name": "groceries"}))
    assert len(talk.conversation.turns) == TURNS
    talk.conversation.forget()
    assert talk.say("undo that", follow="undo").plan.end == "none"


def test_a_command_in_the_place_of_an_answer_is_a_command(talk):
    asked = talk.say("set an alarm", ("set_alarm", {}))
    milk = ("add_to_list", {"item": "bread", "list_name": "groceries"})
    again = talk.say("put bread on my groceries please", milk)
    # A scripted head is never sure, so this is taken for an answer that does not help.
    assert again.plan.question == asked.plan.question
    answer = talk.say("put bread on my groceries please", milk, sure="add_to_list")
    assert answer.plan.text == "put bread on my groceries please"
    assert talk.conversation.question is None
    assert "bread" in talk.look("read_list", list_name="groceries")
    assert [turn.plan.text for turn in talk.conversation.turns][-2:] == ["set an alarm", answer.plan.text]
