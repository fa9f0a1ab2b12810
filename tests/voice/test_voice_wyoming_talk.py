"""Commands over Wyoming: the real server, conversations and executor; the tools and models are made up, but in one."""

import asyncio
import sys
from pathlib import Path

import pytest
from wyoming.asr import Transcript
from wyoming.handle import Handled, HandledStop, NotHandled
from wyoming.intent import Intent, NotRecognized, Recognize
from wyoming_stage import Thread, ask, client, eventually, service

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))

from scripted import NOW, ScriptedAssistant

from tinyagent.calls import Call, Plan
from tinyagent.journal import open_journal
from tinyagent.settings import load
from tinyagent.voice.build import Manner
from tinyagent.voice.wyoming_handler import CONVERSATIONS, FORGOTTEN, TOO_SLOW, Conversations
from tinyagent.voice.wyoming_talk import TOO_LATE, VALID

LATER = "2026-03-02T15:00:00"


class Scene:
    """The handler with a clock that the test moves; `say` and `plan` are what a client does."""

    def __init__(self, home, **options):
        self.settings = load({"TINYAGENT_HOME": str(home), "TINYAGENT_TIMEZONE": "UTC"})
        self.home, self.time, self.answers = home, 0.0, []
        self.thread = Thread(lambda: ScriptedAssistant(self.settings))
        wording = Manner(lambda: self.settings.context().now)
        self.handler = Conversations(
            self.thread, wording, done=self.answers.append, clock=lambda: self.time, **options
        )

    async def say(self, text, who="me"):
        return await self.handler.handle(who, text)

    @property
    def ran(self):
        return sorted(path.name for path in (self.home / "state" / "ran").glob("*"))

    @property
    def journal(self):
        return [(entry.tool, entry.status) for entry in open_journal(self.settings).entries()]


def play(home, script, **options):
    scene = Scene(home, **options)
    try:
        asyncio.run(script(scene))
    finally:
        scene.thread.close()
    return scene


def test_a_command_is_done(tmp_path):
    async def script(scene):
        reply = await scene.say("remember to call Sid at three")
        assert reply.handled and reply.text == "Done: remember, call Sid, today at 3 pm."

    scene = play(tmp_path, script)
    assert scene.ran == ["remember"] and len(scene.answers) == 1


def test_what_there_is_no_tool_for_is_not_handled(tmp_path):
    async def script(scene):
        reply = await scene.say("banana")
        assert not reply.handled and reply.text == "I have no tool for that, so I did nothing."
        reply = await scene.say("")
        assert not reply.handled and reply.text and reply.answer is None

    assert play(tmp_path, script).ran == []


def test_a_call_that_needs_a_yes_is_read_back_and_a_yes_runs_it(tmp_path):
    async def script(scene):
        reply = await scene.say("delete lunch")
        assert reply.handled and "lunch" in reply.text and reply.text.endswith("Shall I do it? Yes, or no?")
        assert "not confirmed" not in reply.text and scene.ran == []
        reply = await scene.say("Yes, please.")
        assert reply.handled and reply.text.startswith("Done: delete") and scene.ran == ["delete_event"]
        reply = await scene.say("Yes.")
        assert not reply.handled

    assert len(play(tmp_path, script).answers) == 3


@pytest.mark.parametrize("words", ["no", "no, don't", "cancel"])
def test_a_no_leaves_it_and_a_later_yes_is_too_late(tmp_path, words):
    async def script(scene):
        await scene.say("delete lunch")
        reply = await scene.say(words)
        assert reply.handled and reply.text.startswith("Not done: ") and "lunch" in reply.text
        assert not (await scene.say("yes")).handled

    assert play(tmp_path, script).ran == []


@pytest.mark.parametrize(
    "words", ["maybe", "yes but not that one", "yes, mail it", "okay", "banana", "thank you"]
)
def test_anything_else_than_a_yes_is_none_and_the_question_is_gone(tmp_path, words):
    async def script(scene):
        await scene.say("delete lunch")
        await scene.say(words)
        await scene.say("yes")

    assert play(tmp_path, script).ran == []


def test_another_command_comes_in_the_place_of_a_yes(tmp_path):
    async def script(scene):
        await scene.say("delete lunch")
        reply = await scene.say("remember to call Sid at three")
        assert reply.text.startswith("Done: remember")
        await scene.say("yes")

    assert play(tmp_path, script).ran == ["remember"]


@pytest.mark.parametrize(("seconds", "ran"), [(VALID - 1, ["delete_event"]), (VALID + 1, []), (-1, [])])
def test_a_yes_counts_for_a_minute_and_not_before_the_question(tmp_path, seconds, ran):
    async def script(scene):
        await scene.say("delete lunch")
        scene.time += seconds
        reply = await scene.say("yes")
        assert reply.text.startswith("Done") if ran else reply.text == TOO_LATE
        scene.time = 0.0
        await scene.say("yes")

    assert play(tmp_path, script).ran == ran


def test_a_yes_of_another_conversation_is_none(tmp_path):
    async def script(scene):
        await scene.say("delete lunch")
        assert not (await scene.say("yes", "you")).handled
        assert scene.ran == []
        assert (await scene.say("yes")).handled

    assert play(tmp_path, script).ran == ["delete_event"]


def test_what_needs_no_yes_is_done_at_once_and_told_once(tmp_path):
    async def script(scene):
        reply = await scene.say("wake me at seven and delete lunch")
        assert reply.text.startswith("Done: set alarm") and reply.text.endswith("Yes, or no?")
        assert scene.ran == ["set_alarm"]
        reply = await scene.say("yes")
        assert reply.text.startswith("Done: delete") and "alarm" not in reply.text

    assert play(tmp_path, script).ran == ["delete_event", "set_alarm"]


@pytest.mark.parametrize("first", [True, False])
def test_every_call_is_asked_about_by_itself(tmp_path, first):
    async def script(scene):
        reply = await scene.say("delete lunch and text Bo")
        assert reply.text.startswith("Delet") and reply.text.count("Yes, or no?") == 1
        reply = await scene.say("yes" if first else "no")
        assert reply.text.startswith("Done: delete" if first else "Not done: ")
        assert "leaves this machine" in reply.text and reply.text.endswith("Yes, or no?")
        assert "send_mail" not in scene.ran
        reply = await scene.say("yes, send it")
        assert reply.handled and reply.text.startswith("Done: send")

    assert play(tmp_path, script).ran == (["delete_event", "send_mail"] if first else ["send_mail"])


def test_a_question_comes_before_what_needs_a_yes(tmp_path):
    async def script(scene):
        reply = await scene.say("delete lunch and mail Ana")
        assert reply.handled and "Ana Lima" in reply.text and "Shall I do it" not in reply.text
        reply = await scene.say("Ana Lima")
        assert reply.text.endswith("Yes, or no?") and scene.ran == []
        for _ in range(2):
            reply = await scene.say("yes")
        assert reply.handled

    assert play(tmp_path, script).ran == ["delete_event", "send_mail"]


class Chained(ScriptedAssistant):
    """Deletes, and remembers something because of that."""

    def stream(self, text, **options):
        if text == "chain":
            calls = Call("delete_event", {"query": "lunch"}), Call("remember", {"name": "it", "due": LATER})
            text = Plan("chain", NOW, calls, depends=((1, 0),))
        yield from super().stream(text, **options)


@pytest.mark.parametrize("agreed", [True, False])
def test_what_needs_the_call_waits_with_it(tmp_path, agreed):
    async def script(scene):
        scene.thread = Thread(lambda: Chained(scene.settings))
        scene.handler._thread = scene.thread
        reply = await scene.say("chain")
        assert reply.text.startswith("Deleting") and "remember" not in reply.text and scene.ran == []
        reply = await scene.say("yes" if agreed else "no")
        assert "remember" in reply.text and reply.text.startswith("Done" if agreed else "Not done: ")

    assert play(tmp_path, script).ran == (["delete_event", "remember"] if agreed else [])


def test_the_journal_has_the_refusal_and_what_was_done(tmp_path):
    async def script(scene):
        await scene.say("delete lunch")
        await scene.say("yes")

    scene = play(tmp_path, script)
    assert [status for _, status in scene.journal] in (["declined", "done"], ["done", "declined"])


def test_faults_are_sentences_and_the_next_command_is_done(tmp_path):
    async def script(scene):
        assert (await scene.say("broken")).text == "The model is damaged: run `tinyagent doctor`."
        reply = await scene.say("crash")
        assert not reply.handled and "ZeroDivisionError" in reply.text and "secret" not in reply.text
        reply = await scene.say("lose nowhere")
        assert reply.handled and scene.ran == []
        reply = await scene.say("yes")
        assert not reply.handled and "nowhere" in reply.text
        assert (await scene.say("remember to call Sid at three")).handled

    assert play(tmp_path, script).ran == ["remember"]


def test_a_command_that_hangs_is_stopped_at_its_next_step(tmp_path):
    async def script(scene):
        reply = await scene.say("stuck")
        assert reply.text == TOO_SLOW and not reply.handled
        (tmp_path / "state" / "go").touch()
        scene.handler._patience = 30
        assert (await scene.say("remember to call Sid at three")).handled

    assert "remember" in play(tmp_path, script, patience=0.5).ran


def test_conversations_are_forgotten(tmp_path):
    async def script(scene):
        await scene.say("delete lunch", "first")
        for number in range(CONVERSATIONS):
            await scene.say("banana", number)
        assert scene.handler.remembered == CONVERSATIONS
        assert not (await scene.say("yes", "first")).handled
        scene.time += FORGOTTEN + 1
        await scene.say("banana", "another")
        assert scene.handler.remembered == 1
        scene.handler.forget("another")
        scene.handler.forget("nobody")
        assert scene.handler.remembered == 0

    assert play(tmp_path, script).ran == []


def test_planning_does_nothing_and_remembers_nothing(tmp_path):
    async def script(scene):
        async with service(handler=scene.handler) as made, client(made.uri) as one:
            (only,) = await ask(one, Recognize("delete lunch"), Intent, NotRecognized)
            found = Intent.from_event(only)
            assert found.name == "delete_event"
            assert [(entity.name, entity.value) for entity in found.entities] == [("query", "lunch")]
            await ask(one, Transcript("yes"), NotHandled)
            (only,) = await ask(one, Recognize("banana"), Intent, NotRecognized)
            assert NotRecognized.is_type(only.type)

    scene = play(tmp_path, script)
    assert scene.ran == [] and scene.journal == []


def test_two_satellites_at_once_take_turns(tmp_path):
    async def script(scene):
        async with service(handler=scene.handler) as made:

            async def order(text):
                async with client(made.uri) as one:
                    return (await ask(one, Transcript(text), Handled, NotHandled))[-1].data["text"]

            said = await asyncio.gather(*(order("remember to call Sid at three") for _ in range(4)))
            assert len(set(said)) == 1 and said[0].startswith("Done: remember")
            await eventually(lambda: scene.handler.remembered == 0)

    assert len(play(tmp_path, script).answers) == 4


def test_the_real_assistant_sets_a_timer_for_a_satellite(assistant):
    thread = Thread(lambda: assistant)
    handler = Conversations(thread, Manner(lambda: assistant.settings.context().now), patience=300)

    async def main():
        await thread.do(lambda loaded: loaded.plan("set a timer for ten minutes"))
        async with service(handler=handler) as made, client(made.uri) as one:
            *_, whole, _ = await ask(one, Transcript("set a timer for ten minutes"), HandledStop, NotHandled)
            return Handled.from_event(whole).text

    try:
        said = asyncio.run(main())
    finally:
        thread.close()
    assert "timer" in said.lower() and ("10 minutes" in said or "ten minutes" in said)
