"""The daemon from the microphone to the loudspeaker; the assistant is real, its tools and models are scripted."""

import asyncio

import pytest
from daemon_stage import WAKE, Stage, play

from tinyagent.errors import VoiceError
from tinyagent.journal import open_journal
from tinyagent.voice.daemon import Press
from tinyagent.voice.ears import Mode
from tinyagent.voice.events import Deaf, HearsAgain, SourceEnded, SpokeUp, State, Woken
from tinyagent.voice.phrase import without_phrase

WORDS = {
    1: "remember to call Sid at three",
    2: "delete lunch",
    3: "yes please",
    4: "no",
    5: "banana",
    6: "mail Ana",
    7: "Ana Lima",
    8: "stuck",
    9: "Hey computer",
    10: "broken",
    11: "crash",
    12: "sleep",
    WAKE: "Hey computer,",
}
FIRST, LAST = SAID = ["Done:", "remember, call Sid, today at 3 pm."]
"""The answer, in the pieces in which it is spoken."""


async def press_and_say(stage, number):
    stage.daemon.press(Press.TOGGLE)
    await stage.state(State.LISTENING)
    stage.mic.hear(number)


async def back_to_idle(stage, number):
    await press_and_say(stage, number)
    await stage.state(State.IDLE)


def test_a_command_from_the_key_to_the_answer(tmp_path):
    stage = play(tmp_path, WORDS, lambda stage: back_to_idle(stage, 1))
    assert stage.states == [
        State.IDLE,
        State.LISTENING,
        State.TRANSCRIBING,
        State.ACTING,
        State.ANSWERING,
        State.IDLE,
    ]
    assert stage.understood == ["remember to call Sid at three"]
    assert stage.events == ["Shortlisted", "Selected", "Planned", "Started", "Finished", "Answered"]
    assert stage.ran == ["remember"]
    assert stage.room.played == ["<wake>", "<done>", *SAID]
    assert stage.shown == ["Done: remember, call Sid, 2026-03-02 15:00:00."]
    assert len(stage.rung) == 1
    assert stage.threads == {"assistant"}
    assert stage.mic.opened == 1 and not stage.mic.open
    assert [(r.text, r.answer) for r in stage.daemon.records] == [
        ("remember to call Sid at three", "Done: remember, call Sid, 2026-03-02 15:00:00.")
    ]


def test_the_microphone_is_closed_until_the_key_is_pressed(tmp_path):
    async def script(stage):
        stage.mic.hear(1)
        await asyncio.sleep(0.1)
        assert not stage.mic.opened

    assert play(tmp_path, WORDS, script).ran == []


def test_the_wake_word_and_the_command_in_one_breath(tmp_path):
    async def script(stage):
        for value in [0] * 20 + [WAKE] * 12:
            stage.mic.waiting.put_nowait(value)
        stage.mic.hear(1)
        await stage.until(lambda: stage.rung)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert len(stage.of(Woken)) == 1
    assert stage.understood == ["Remember to call Sid at three"]
    assert stage.ran == ["remember"]


def test_the_wake_word_and_a_pause(tmp_path):
    async def script(stage):
        stage.mic.hear(WAKE, silence=60)
        await stage.state(State.LISTENING)
        stage.mic.hear(1)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert stage.understood == ["remember to call Sid at three"]
    assert stage.ear.asked <= 3  # not for the wake word alone


def test_without_the_wake_word_nothing_is_understood(tmp_path):
    async def script(stage):
        stage.mic.hear(1, silence=60)
        await stage.until(lambda: stage.mic.waiting.empty())

    stage = play(tmp_path, WORDS, script, wake=True)
    assert (stage.states, stage.understood) == ([State.IDLE], [])
    assert stage.ear.asked == 1  # loading


def test_nobody_says_anything(tmp_path):
    async def script(stage):
        stage.daemon.press(Press.TOGGLE)
        await stage.state(State.LISTENING)
        stage.mic.silence(7.9)
        await stage.until(lambda: stage.mic.waiting.empty())
        assert stage.daemon.state is State.LISTENING
        stage.mic.silence(0.2)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script)
    assert stage.understood == []
    assert stage.room.played == ["<wake>", "<end>"]


def test_a_second_press_ends_what_is_being_said(tmp_path):
    async def script(stage):
        stage.daemon.press(Press.TOGGLE)
        await stage.state(State.LISTENING)
        stage.mic.hear(1, frames=20, silence=2)
        await stage.until(lambda: stage.mic.waiting.empty())
        assert stage.daemon.state is State.LISTENING
        stage.daemon.press(Press.TOGGLE)
        await stage.until(lambda: stage.rung)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script)
    assert stage.ran == ["remember"]


@pytest.mark.parametrize(
    ("answers", "runs", "asked"),
    [([3], True, 1), ([4], False, 1), ([5, 3], True, 2), ([5, 5], False, 2), ([], False, 1)],
)
def test_what_deletes_is_read_back_and_needs_a_yes(tmp_path, answers, runs, asked):
    async def script(stage):
        stage.room.hold("no?")
        await press_and_say(stage, 2)
        for number, end in zip(answers, ("Shall I do it?", "nothing"), strict=False):
            await stage.until(lambda: stage.room.held)
            # A yes that comes before the question has ended is none: the microphone is closed.
            stage.mic.hear(3)
            await asyncio.sleep(0.02)
            assert not stage.mic.open
            while not stage.mic.waiting.empty():
                stage.mic.waiting.get_nowait()
            stage.room.release()
            stage.room.hold(end)
            await stage.until(lambda: stage.mic.open)
            stage.mic.hear(number)
        if not answers:
            await stage.until(lambda: stage.room.held)
            stage.room.release()
            await stage.until(lambda: stage.mic.open)
            stage.mic.silence(9)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script)
    questions = [said for said in stage.said if "Shall I do it?" in said]
    assert len(questions) == asked
    assert "lunch" in questions[0]
    assert stage.ran == (["delete_event"] if runs else [])
    entry = open_journal(stage.settings).entries()[0]
    assert (entry.tool, entry.status) == ("delete_event", "done" if runs else "declined")


def test_a_question_that_cannot_be_spoken_is_a_no(tmp_path):
    async def script(stage):
        stage.room.broken = VoiceError("There is no loudspeaker: plug one in.")
        await back_to_idle(stage, 2)

    stage = play(tmp_path, WORDS, script)
    assert stage.ran == []
    assert stage.troubles == ["There is no loudspeaker: plug one in."]
    assert "There is no loudspeaker: plug one in." in stage.shown


def test_a_question_keeps_the_microphone_open_for_its_answer(tmp_path):
    async def script(stage):
        await press_and_say(stage, 6)
        await stage.state(State.FOLLOW_UP)
        await stage.until(lambda: stage.mic.open)
        stage.mic.hear(7)
        await stage.state(State.CONFIRMING)
        await stage.until(lambda: stage.mic.open)
        stage.mic.hear(3)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script)
    assert "Ana Lima" in stage.said[0] and "Ana Roth" in stage.said[0]
    assert stage.said[0].count("?") == 1
    assert stage.ran == ["send_mail"]


def test_a_question_that_nobody_answers_lapses(tmp_path):
    async def script(stage):
        await press_and_say(stage, 6)
        await stage.state(State.FOLLOW_UP)
        stage.mic.silence(9)
        await stage.state(State.IDLE)
        await back_to_idle(stage, 7)

    stage = play(tmp_path, WORDS, script)
    assert stage.ran == []
    assert stage.said[-1] == "I have no tool for that, so I did nothing."


@pytest.mark.parametrize("how", ["key", "wake word", "speech"])
def test_an_answer_can_be_stopped(tmp_path, how):
    async def script(stage):
        if how == "key":
            stage.daemon.press(Press.TOGGLE)
        else:
            stage.mic.hear(WAKE)
        await stage.state(State.LISTENING)
        stage.room.hold(FIRST)
        stage.mic.hear(1)
        await stage.until(lambda: stage.room.held)
        if how == "key":
            stage.daemon.press(Press.TOGGLE)
        else:
            stage.mic.hear(WAKE if how == "wake word" else 5, frames=10, silence=2)
        await stage.state(State.LISTENING)
        assert stage.room.cut == [FIRST]
        stage.daemon.press(Press.CANCEL)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=how != "key", headset=how == "speech")
    assert LAST not in stage.room.played
    assert bool(stage.of(SpokeUp)) == (how == "speech")


def test_without_a_headset_speech_does_not_stop_an_answer(tmp_path):
    async def script(stage):
        stage.mic.hear(WAKE)
        await stage.state(State.LISTENING)
        stage.room.hold(FIRST)
        stage.mic.hear(1)
        await stage.until(lambda: stage.room.held)
        stage.mic.hear(2, frames=30)
        await stage.until(lambda: stage.mic.waiting.empty())
        stage.room.release()
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert stage.understood == ["remember to call Sid at three"]
    assert LAST in stage.room.played


def test_a_running_call_is_stopped_and_the_journal_is_right(tmp_path):
    async def script(stage):
        await press_and_say(stage, 8)
        await stage.until(lambda: stage.daemon.begun == ["hang"])
        stage.daemon.press(Press.TOGGLE)
        await stage.state(State.IDLE)
        (tmp_path / "state" / "go").touch()
        await back_to_idle(stage, 1)

    stage = play(tmp_path, WORDS, script)
    assert stage.troubles == ["Stopped; hang had begun already."]
    assert stage.ran == ["hang", "remember", "went"]
    assert [(e.tool, e.status) for e in reversed(open_journal(stage.settings).entries())] == [
        ("hang", "done"),
        ("remember", "done"),
    ]


@pytest.mark.parametrize(
    ("number", "says"),
    [(10, "The model is damaged"), (11, "Something went wrong that should not (ZeroDivisionError)")],
)
def test_an_error_is_one_sentence_and_the_daemon_goes_on(tmp_path, number, says):
    async def script(stage):
        await back_to_idle(stage, number)
        await back_to_idle(stage, 1)

    stage = play(tmp_path, WORDS, script)
    assert stage.troubles[0].startswith(says)
    assert "secret" not in "".join(stage.troubles + stage.said + stage.shown)
    assert "<failed>" in stage.room.played
    assert stage.ran == ["remember"]


def test_speech_to_text_that_fails_is_said(tmp_path):
    async def script(stage):
        stage.ear.broken = VoiceError("The speech model is damaged: reinstall it.")
        await back_to_idle(stage, 1)
        stage.ear.broken = None
        await back_to_idle(stage, 1)

    stage = play(tmp_path, WORDS, script)
    assert stage.said[0] == "The speech model is damaged: reinstall it."
    assert stage.ran == ["remember"]


def test_noise_is_not_understood(tmp_path):
    stage = play(tmp_path, WORDS, lambda stage: back_to_idle(stage, 50))
    assert stage.said == ["I did not understand that."]
    assert stage.ran == []


def test_a_voice_that_fails_leaves_the_notification(tmp_path):
    async def script(stage):
        stage.voice.broken = VoiceError("The program espeak-ng is missing: install it.")
        await back_to_idle(stage, 1)
        await back_to_idle(stage, 5)

    stage = play(tmp_path, WORDS, script)
    assert stage.ran == ["remember"]
    assert stage.troubles == ["The program espeak-ng is missing: install it."]  # once
    assert "Done: remember, call Sid, 2026-03-02 15:00:00." in stage.shown


def test_the_microphone_is_opened_again_ever_more_slowly(tmp_path):
    async def script(stage):
        stage.mic.broken = VoiceError("The microphone went away: plug it in.")
        stage.mic.waiting.put_nowait(stage.mic.broken)
        await stage.until(lambda: len(stage.slept) >= 7)
        stage.mic.broken = None
        stage.mic.hear(WAKE)
        await stage.state(State.LISTENING)
        stage.mic.hear(1)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert stage.slept[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert [type(news) for news in stage.news if isinstance(news, Deaf | HearsAgain)] == [Deaf, HearsAgain]
    assert stage.ran == ["remember"]


def test_a_microphone_that_is_not_there_is_said_when_the_key_is_pressed(tmp_path):
    async def script(stage):
        stage.mic.broken = VoiceError("There is no microphone: plug one in.")
        stage.daemon.press(Press.TOGGLE)
        await stage.until(lambda: stage.said)
        await stage.state(State.IDLE)
        stage.mic.broken = None
        await back_to_idle(stage, 1)

    stage = play(tmp_path, WORDS, script)
    assert stage.said[0] == "There is no microphone: plug one in."
    assert stage.ran == ["remember"]


def test_muted_it_hears_nothing(tmp_path):
    async def script(stage):
        stage.mic.silence(0.2)
        await stage.until(lambda: stage.mic.waiting.empty())
        stage.daemon.mute(True)
        stage.mic.hear(WAKE)
        await stage.until(lambda: not stage.mic.open)
        with pytest.raises(VoiceError, match="muted"):
            stage.daemon.press(Press.TOGGLE)
        while not stage.mic.waiting.empty():
            stage.mic.waiting.get_nowait()
        assert stage.daemon.state is State.IDLE
        stage.daemon.mute(False)
        stage.mic.hear(WAKE)
        await stage.state(State.LISTENING)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert len(stage.of(Woken)) == 1
    assert stage.mic.opened == 2


def test_a_file_is_heard_command_by_command_to_its_end(tmp_path):
    async def main():
        stage = Stage(tmp_path, WORDS, mode=Mode.TAPE)
        for number in (
            1,
            2,
            3,
        ):  # the file goes on only while somebody is listened to: the yes comes after the question
            stage.mic.hear(number, silence=25)
        stage.mic.waiting.put_nowait(None)
        await asyncio.wait_for(stage.daemon.run(), 30)
        return stage

    stage = asyncio.run(main())
    assert stage.ran == ["delete_event", "remember"]
    assert stage.mic.opened == 1
    assert len(stage.of(SourceEnded)) == 1
    assert stage.daemon.state is State.IDLE


@pytest.mark.parametrize(
    "state", [State.LOADING, State.LISTENING, State.ACTING, State.CONFIRMING, State.ANSWERING]
)
def test_it_can_be_stopped_at_any_moment(tmp_path, state):
    async def main():
        stage = Stage(tmp_path, WORDS)
        task = asyncio.create_task(stage.daemon.run())
        if state is not State.LOADING:
            await stage.state(State.IDLE)
            stage.daemon.press(Press.TOGGLE)
            await stage.state(State.LISTENING)
        if state in (State.ACTING, State.CONFIRMING, State.ANSWERING):
            stage.room.hold("About" if state is State.CONFIRMING else FIRST)
            stage.mic.hear({State.ACTING: 8, State.CONFIRMING: 2, State.ANSWERING: 1}[state])
            await stage.state(state)
        if state is State.ACTING:
            await stage.until(lambda: stage.daemon.begun)
            (tmp_path / "state" / "go").touch()
        else:
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        assert not stage.mic.open
        return stage

    stage = asyncio.run(main())
    left = open_journal(stage.settings).entries()
    assert all(entry.status in ("done", "declined") for entry in left)
    assert stage.ran == {State.ACTING: ["hang", "went"], State.ANSWERING: ["remember"]}.get(state, [])


def test_a_press_while_loading_is_refused(tmp_path):
    async def main():
        stage = Stage(tmp_path, WORDS)
        with pytest.raises(VoiceError, match="still loading"):
            stage.daemon.press(Press.TOGGLE)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("heard", "left"),
    [
        ("Hey computer, set a timer.", "Set a timer."),
        ("hey computer set a timer", "set a timer"),
        ("A computer set a timer.", "Set a timer."),
        ("Computer! Set a timer.", "Set a timer."),
        ("Hey, Computer.", ""),
        ("Set a timer.", "Set a timer."),
        ("", ""),
    ],
)
def test_the_wake_word_is_no_part_of_the_command(heard, left):
    assert without_phrase(heard, "hey computer") == left


def test_its_own_last_word_does_not_count_as_an_answer(tmp_path):
    async def script(stage):
        stage.mic.hear(WAKE)
        await stage.state(State.LISTENING)
        stage.mic.hear(2)
        await stage.state(State.CONFIRMING)
        await stage.until(lambda: stage.room.played[-1:] and stage.room.played[-1].endswith("no?"))
        stage.mic.hear(3, frames=6)  # was on its way from the device when the question ended
        await stage.until(lambda: stage.mic.waiting.empty())
        assert stage.daemon.state is State.CONFIRMING
        stage.mic.hear(4)
        await stage.state(State.IDLE)

    stage = play(tmp_path, WORDS, script, wake=True)
    assert stage.understood == ["delete lunch", "no"]
    assert stage.ran == []


def test_a_long_answer_falls_silent_at_once(tmp_path):
    async def main():
        stage = Stage(tmp_path, WORDS)
        stage.room.hold("Sentence 2 ")
        text = " ".join(f"Sentence {number} is long enough to be one of its own." * 3 for number in range(20))
        task = asyncio.create_task(stage.daemon._mouth.say(text))
        await stage.until(lambda: stage.room.held)
        await asyncio.sleep(0.05)  # the next ones wait in the queue, which is full
        task.cancel()
        await asyncio.wait([task], timeout=20)
        assert task.cancelled()
        assert len(stage.room.cut) == 1
        stage.room.release()
        assert await stage.daemon._mouth.say("It speaks again.") is True

    asyncio.run(main())
