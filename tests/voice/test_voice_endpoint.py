import numpy as np
import pytest
from synthesised import click, frames, noise, said, silence, sounds

from tinyagent.voice.activity import SileroActivity
from tinyagent.voice.endpoint import Endpointer
from tinyagent.voice.protocols import FRAME, FRAME_SECONDS, RATE

SPEECH, MAYBE, NOTHING = 0.9, 0.4, 0.02


def fed(endpointer, likely):
    """Feed frames that are filled with their own number; return the utterances with the frames they ended at."""
    ended = []
    for number, probability in enumerate(likely):
        said = endpointer.feed(np.full(FRAME, number, np.int16), probability)
        if said is not None:
            ended.append((number, said))
    return ended


def numbers(utterance):
    return list(utterance.samples[::FRAME])


def test_an_utterance_has_its_bounds_the_preroll_and_the_pause():
    endpointer = Endpointer(onset=0.1, preroll=0.3, patience=0.5)
    [(at, utterance)] = fed(endpointer, [NOTHING] * 20 + [SPEECH] * 30 + [NOTHING] * 40)
    assert (utterance.started_at_frame, utterance.ended_at_frame) == (20, 50)
    assert at == 65  # 16 frames of 32 ms are the pause of half a second
    assert numbers(utterance) == list(range(20 - 9, 66))
    assert not utterance.cut


def test_speaking_is_true_from_the_third_frame_to_the_end():
    endpointer = Endpointer(onset=0.1, patience=0.3)
    states = []
    for probability in [NOTHING] * 2 + [SPEECH] * 10 + [NOTHING] * 12:
        endpointer.feed(silence(FRAME_SECONDS), probability)
        states.append(endpointer.speaking)
    assert states == [False] * 4 + [True] * 16 + [False] * 4


@pytest.mark.parametrize("short", [1, 2, 5])
def test_what_is_too_short_is_dropped(short):
    endpointer = Endpointer(onset=0.1, shortest=0.2)
    assert fed(endpointer, [NOTHING] * 5 + [SPEECH] * short + [NOTHING] * 30) == []
    assert not endpointer.speaking


def test_single_likely_frames_never_begin_anything():
    endpointer = Endpointer(onset=0.1)
    for probability in [SPEECH, SPEECH, NOTHING] * 20:
        assert endpointer.feed(silence(FRAME_SECONDS), probability) is None
        assert not endpointer.speaking


def test_between_the_thresholds_nothing_changes():
    endpointer = Endpointer(start=0.5, stop=0.35)
    assert fed(endpointer, [MAYBE] * 50) == []
    [(_, utterance)] = fed(endpointer, [SPEECH] * 10 + [MAYBE] * 30 + [NOTHING] * 20)
    assert utterance.ended_at_frame - utterance.started_at_frame == 40


def test_a_murmur_in_the_pause_does_not_hold_it_up():
    [(at, utterance)] = fed(Endpointer(patience=0.5), [SPEECH] * 10 + ([NOTHING] + [MAYBE] * 3) * 10)
    assert (at, utterance.ended_at_frame) == (25, 10)


def test_a_pause_that_is_shorter_than_patience_stays_inside():
    [(_, utterance)] = fed(
        Endpointer(patience=0.5), [SPEECH] * 10 + [NOTHING] * 14 + [SPEECH] * 10 + [NOTHING] * 20
    )
    assert (utterance.started_at_frame, utterance.ended_at_frame) == (0, 34)


def test_patience_can_be_lowered_while_somebody_speaks():
    endpointer = Endpointer(patience=2.0)
    fed(endpointer, [SPEECH] * 10)
    endpointer.patience = 0.2
    [(at, _)] = fed(endpointer, [NOTHING] * 20)
    assert at == 5


def test_what_is_too_long_is_cut_and_the_rest_is_another_utterance():
    endpointer = Endpointer(longest=1.0, onset=0.1)
    first, *_ = ended = fed(endpointer, [SPEECH] * 70 + [NOTHING] * 20)
    assert [utterance.cut for _, utterance in ended] == [True, True, False]
    assert len(first[1].samples) == 31 * FRAME
    taken = sorted({number for _, utterance in ended for number in numbers(utterance)})
    assert taken[:70] == list(range(70))  # nothing is lost at a cut


def test_finish_gives_what_was_said_and_reset_forgets_it():
    endpointer = Endpointer()
    assert endpointer.finish() is None
    fed(endpointer, [SPEECH] * 12)
    assert endpointer.finish().ended_at_frame == 12
    fed(endpointer, [SPEECH] * 12)
    endpointer.reset()
    assert not endpointer.speaking
    assert endpointer.finish() is None
    assert fed(endpointer, [NOTHING] * 40) == []


def test_thresholds_the_wrong_way_round_are_refused():
    with pytest.raises(ValueError, match="stop <= start"):
        Endpointer(start=0.3, stop=0.5)


@pytest.fixture(scope="module")
def silero():
    return SileroActivity()


def heard(silero, samples, **options):
    silero.reset()
    endpointer = Endpointer(**options)
    given = [endpointer.feed(frame, silero.probability(frame)) for frame in frames(samples)]
    return [utterance for utterance in given if utterance is not None]


@pytest.mark.parametrize(
    "text", ["yes", "no", "stop", "two", "remind me to call Sid at three", "what time is it in Lima"]
)
def test_spoken_words_come_out_whole(silero, text):
    words = said(text)
    samples = sounds(silence(1), words, silence(1.5))
    [utterance] = heard(silero, samples)
    start, end = utterance.started_at_frame * FRAME / RATE, utterance.ended_at_frame * FRAME / RATE
    loud = np.flatnonzero(np.abs(words) > 1500) / RATE + 1
    assert start - 0.3 < loud[0] and loud[-1] < end + 0.5
    assert abs(start - loud[0]) < 0.2 and abs(end - loud[-1]) < 0.3


def test_two_sentences_are_two_utterances(silero):
    first, second = said("switch off the lamp"), said("what is the weather tomorrow")
    utterances = heard(silero, sounds(silence(1), first, silence(1.2), second, silence(1)))
    assert len(utterances) == 2
    assert utterances[0].ended_at_frame < utterances[1].started_at_frame


def test_silence_noise_and_clicks_are_nothing(silero):
    knocks = [part for _ in range(6) for part in (click(), silence(0.4))]
    assert heard(silero, sounds(silence(2), noise(3, 800), silence(1), *knocks)) == []
