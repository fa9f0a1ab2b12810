import random
import sys

import numpy as np
import pytest
from synthesised import click, frames, noise, said, silence, sounds

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.evaluation import false_wakes
from tinyagent.voice import wake
from tinyagent.voice.activity import SileroActivity
from tinyagent.voice.protocols import FRAME, FRAME_SECONDS, RATE
from tinyagent.voice.sound import resampled
from tinyagent.voice.speak import open_synthesiser
from tinyagent.voice.wake import Gated, open_wake_word
from tinyagent.voice.wake_openwakeword import OpenWakeWord
from tinyagent.voice.wake_pocketsphinx import PHRASE, PocketsphinxWakeWord


class Marked:
    """Voice activity of frames that say themselves whether they are speech: the second sample."""

    def __init__(self):
        self.resets = 0

    def probability(self, frame):
        return frame[1] / 100

    def reset(self):
        self.resets += 1


class Noting:
    """An engine that notes the numbers of its frames (the first sample) and "-" for a reset; it hears 100."""

    phrase = "hey you"

    def __init__(self):
        self.given = []

    def heard(self, frame):
        self.given.append(int(frame[0]))
        return frame[0] == 100

    def reset(self):
        self.given.append("-")


def numbered(likely, first=0):
    """Frames with numbers from `first` on, each that likely (in per cent) to be speech."""
    return [np.full(FRAME, percent, np.int16) * (np.arange(FRAME) > 0) + (np.arange(FRAME) == 0) * number
            for number, percent in enumerate(likely, first)]  # fmt: skip


@pytest.fixture
def engine():
    return Noting()


@pytest.fixture
def activity():
    return Marked()


@pytest.fixture
def gate(engine, activity):
    return Gated(engine, activity, preroll=3 * FRAME_SECONDS, hangover=4 * FRAME_SECONDS)


def test_the_engine_rests_while_nobody_speaks(gate, engine):
    assert not any(gate.heard(frame) for frame in numbered([0, 10, 29] * 10))
    assert engine.given == []
    assert not gate.open


def test_speech_opens_the_gate_with_what_was_just_before_and_a_pause_closes_it(gate, engine):
    for frame in numbered([0] * 10 + [90, 90] + [0] * 10 + [90] + [0] * 5):
        gate.heard(frame)
    # The frame of the hangover's end is kept for the next opening, together with two before it.
    assert engine.given == [8, 9, 10, 11, 12, 13, 14, "-", 20, 21, 22, 23, 24, 25, "-"]


def test_what_is_kept_while_it_is_closed_is_given_once_and_in_order(gate, engine):
    for frame in numbered([90, 0, 0, 0, 0, 0, 90, 90]):
        gate.heard(frame)
    assert engine.given == [0, 1, 2, 3, "-", 4, 5, 6, 7]


def test_the_phrase_is_heard_with_the_frame_that_brings_it(gate):
    answers = [gate.heard(frame) for frame in numbered([90] * 6, first=97)]
    assert answers == [False, False, False, True, False, False]
    assert gate.phrase == "hey you"


def test_the_phrase_may_lie_in_what_was_before(gate):
    assert [gate.heard(frame) for frame in numbered([0, 0, 90], first=100)] == [False, False, True]


def test_reset_forgets_the_past_and_closes_the_gate(gate, engine, activity):
    for frame in numbered([0, 0, 90]):
        gate.heard(frame)
    gate.reset()
    assert not gate.open
    assert activity.resets == 1
    gate.heard(numbered([90], first=50)[0])
    assert engine.given == [0, 1, 2, "-", 50]


def times(engine, samples):
    engine.reset()
    return [number for number, frame in enumerate(frames(samples)) if engine.heard(frame)]


def spoken(text, voice="en-us"):
    return sounds(silence(0.8), said(text, voice), silence(1))


@pytest.fixture(scope="module")
def silero():
    return SileroActivity()


@pytest.fixture(scope="module")
def jarvis(silero):
    return open_wake_word("openwakeword", activity=silero)


@pytest.fixture(scope="module")
def sphinx(silero):
    return open_wake_word("pocketsphinx", activity=silero)


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en-us+f2"])
def test_openwakeword_hears_its_phrase_once(jarvis, voice):
    [at] = times(jarvis, spoken("hey jarvis", voice))
    assert 0.8 < at * FRAME_SECONDS < 0.8 + 1.3


def test_openwakeword_hears_it_before_a_command_and_twice_when_said_twice(jarvis):
    assert len(times(jarvis, spoken("hey jarvis, remind me to call Sid at three"))) == 1
    pause = silence(0.8)
    assert len(times(jarvis, sounds(pause, said("hey jarvis"), pause, said("hey jarvis"), pause))) == 2


def test_pocketsphinx_hears_its_phrase_once(sphinx):
    """Said by Piper: it does not hear most voices of espeak-ng."""
    voice = open_synthesiser("piper")
    for text in (f"{PHRASE.capitalize()}.", f"{PHRASE.capitalize()}, what is the weather?"):
        words = resampled(voice.speak(text), RATE).samples
        [at] = times(sphinx, sounds(silence(0.8), words, silence(1)))
        assert 0.8 < at * FRAME_SECONDS < 0.8 + 1.5


@pytest.mark.parametrize("name", ["jarvis", "sphinx"])
def test_nothing_else_wakes_it(name, request):
    listening = request.getfixturevalue(name)
    knocks = [part for _ in range(3) for part in (click(), silence(0.4))]
    sentences = [
        said(text) for text in ("play some jazz", "remind me to buy milk at three", "what is the weather")
    ]
    assert (
        times(listening, sounds(silence(2), noise(2, 800), silence(1), *knocks, *sentences, silence(1))) == []
    )


def test_a_reset_between_the_words_is_a_new_start(jarvis):
    words = frames(spoken("hey jarvis"))
    jarvis.reset()
    middle = next(number for number, frame in enumerate(words) if jarvis.heard(frame)) - 12
    jarvis.reset()
    heard = []
    for number, frame in enumerate(words):
        if number == middle:
            jarvis.reset()
        heard.append(jarvis.heard(frame))
    assert not any(heard[: middle + 1])


def test_openwakeword_refuses_a_phrase_without_a_model():
    with pytest.raises(
        VoiceError, match=r"does not know 'hey you': set phrase to hey jarvis, alexa, .*pocketsphinx"
    ):
        OpenWakeWord("hey you")


def test_pocketsphinx_refuses_what_it_cannot_listen_for():
    with pytest.raises(VoiceError, match="the word 'xyzzyq', which pocketsphinx does not know"):
        PocketsphinxWakeWord("hey xyzzyq")
    with pytest.raises(VoiceError, match="'hey' is too short"):
        PocketsphinxWakeWord("hey")
    with pytest.raises(VoiceError, match=r"the word '\\x1b\[31m'"):
        PocketsphinxWakeWord("hey \x1b[31m")


def test_a_phrase_is_written_in_any_way():
    assert PocketsphinxWakeWord(" Okay  COMPUTER ").phrase == "okay computer"
    assert PocketsphinxWakeWord().phrase == PHRASE
    assert OpenWakeWord("Hey  Mycroft").phrase == "hey mycroft"


def test_an_engine_that_there_is_not():
    with pytest.raises(
        VoiceError, match="no wake word engine 'porcupine': set wake to pocketsphinx or openwakeword"
    ):
        open_wake_word("porcupine", "hey you")


@pytest.mark.parametrize(("engine", "extra"), [("pocketsphinx", "voice"), ("openwakeword", "wakeword")])
def test_a_missing_package_is_named_with_its_extra(monkeypatch, engine, extra):
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(MissingExtraError, match=rf"tinyagent\[{extra}\]"):
        open_wake_word(engine, activity=Marked())


def test_the_licence_says_what_a_person_has_to_know():
    assert "CC BY-NC-SA 4.0" in wake.LICENCE
    assert "not be used commercially" in wake.LICENCE


class Loud:
    """Hears a "phrase" in the first loud frame after a reset."""

    phrase = "hey you"

    def __init__(self):
        self.reset()

    def reset(self):
        self.done = False

    def heard(self, frame):
        heard = not self.done and np.abs(frame.astype(int)).mean() > 2000
        self.done |= heard
        return heard


@pytest.fixture(scope="module")
def room():
    return false_wakes.Room(random.Random(1), ("en-us", "en-gb"), piper=False)


def test_the_evaluation_counts_false_wakes_hits_and_silence(room, monkeypatch):
    monkeypatch.setattr(false_wakes, "NOISES", (30.0,))
    count = false_wakes.Count(Loud())
    false_wakes.count_silence(count, room, seconds=3)
    assert count.false == []
    count.wake.reset()
    false_wakes.count_false([count], 0.05, room, random.Random(1))
    assert len(count.false) == 1  # it hears once until it is reset
    assert count.spoken >= 3
    assert count.per_hour == pytest.approx(3600 / count.spoken)
    false_wakes.count_hits(count, room, random.Random(1))
    assert count.hits == {("espeak-ng", 30.0): (4, 4)}
    said = false_wakes.report(count)
    assert '"hey you"' in said and "heard         100%" in said and "1 in 0." in said
    assert f"woken by: {count.false[0]}" in said


def test_the_rooms_noise_is_as_far_below_speech_as_it_says(room):
    words = room.say(room.espeak[0], "remind me to call Sid", 10.0).astype(float)
    hiss = room.hiss(16_000, 10.0).astype(float)
    assert 20 * np.log10(words[8_000:-8_000].std() / hiss.std()) == pytest.approx(10, abs=4)


def test_the_sentences_are_usage_examples(room):
    said = false_wakes.sentences(random.Random(3))
    found = {next(said) for _ in range(50)}
    assert len(found) > 30
    assert all(text == text.strip() and "](" not in text for text in found)


def test_the_program_names_what_it_cannot_do(capsys):
    assert false_wakes.main(["--engine", "openwakeword", "--phrase", "hey you", "--minutes", "0"]) == 1
    assert "set phrase to hey jarvis" in capsys.readouterr().err
