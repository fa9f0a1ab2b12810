import os
import subprocess
import sys

import numpy as np
import pytest
from synthesised import click, frames, noise, said, silence, sounds

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.voice.activity import SharedActivity, SileroActivity
from tinyagent.voice.protocols import FRAME, RATE


@pytest.fixture(scope="module")
def silero():
    return SileroActivity()


@pytest.fixture
def activity(silero):
    silero.reset()
    return silero


@pytest.fixture(scope="module")
def sentence():
    return said("remind me to call Sid at three")


def heard(activity, samples):
    return [activity.probability(frame) for frame in frames(samples)]


@pytest.mark.parametrize("voice", ["en-us", "en-gb+f3"])
def test_speech_is_likely_and_what_is_around_it_is_not(activity, voice):
    words = said("remind me to call Sid at three", voice)
    likely = np.array(heard(activity, sounds(silence(1), words, silence(1))))
    first, last = RATE // FRAME, (RATE + len(words)) // FRAME
    assert np.median(likely[first:last]) > 0.9
    assert likely[: first - 2].max() < 0.3
    assert likely[last + 5 :].max() < 0.3


@pytest.mark.parametrize(
    "nobody", [silence(3), noise(3, 1000), noise(3, 30), sounds(silence(1), click(), silence(1))]
)
def test_silence_noise_and_a_click_are_no_speech(activity, nobody):
    assert max(heard(activity, nobody)) < 0.5


def test_speech_is_found_in_noise(activity, sentence):
    loud = sentence.astype(float) * 0.5 + noise(len(sentence) / RATE, 400)[: len(sentence)]
    assert np.median(heard(activity, loud.astype(np.int16))) > 0.8


def test_an_answer_depends_on_what_was_before_until_reset(activity, sentence):
    first = heard(activity, sentence)
    again = heard(activity, sentence)
    activity.reset()
    assert heard(activity, sentence) == first != again


def test_the_streamed_answers_are_those_of_the_whole(activity, sentence):
    """faster-whisper runs the same file over all frames at once: the context and the state have to be the same."""
    from faster_whisper.vad import get_vad_model

    whole = np.concatenate(frames(sentence)).astype(np.float32) / 32768
    np.testing.assert_allclose(heard(activity, sentence), get_vad_model()(whole), atol=0.02)


class Counting:
    def __init__(self):
        self.asked = 0
        self.resets = 0

    def probability(self, frame):
        self.asked += 1
        return self.asked / 10

    def reset(self):
        self.resets += 1


def test_a_shared_frame_is_looked_at_once():
    inner = Counting()
    shared = SharedActivity(inner)
    one, other = silence(0.032), silence(0.032)
    assert [shared.probability(frame) for frame in (one, one, other, other, one)] == [0.1, 0.1, 0.2, 0.2, 0.3]
    shared.reset()
    assert inner.resets == 1
    assert shared.probability(one) == 0.4


def test_a_damaged_file_is_one_sentence(tmp_path):
    model = tmp_path / "model.onnx"
    model.write_bytes(b"no network")
    with pytest.raises(VoiceError, match="damaged or missing: install faster-whisper again"):
        SileroActivity(model)
    with pytest.raises(VoiceError, match="damaged or missing"):
        SileroActivity(tmp_path / "nowhere.onnx")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(MissingExtraError, match=r"faster-whisper: .*tinyagent\[voice\]"):
        SileroActivity()


def test_telemetry_is_off_and_the_import_is_cheap():
    script = (
        "import sys, os\n"
        "import tinyagent.voice.activity as activity, tinyagent.voice.endpoint, tinyagent.voice.wake\n"
        "import tinyagent.voice.wake_pocketsphinx, tinyagent.voice.wake_openwakeword\n"
        "heavy = {'onnxruntime', 'torch', 'faster_whisper', 'pocketsphinx', 'openwakeword'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "activity.SileroActivity()\n"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1'\n"
        "assert not {'torch', 'faster_whisper'} & set(sys.modules)\n"
    )
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
