"""The engines that are somewhere else, against our own service and against servers that do not behave."""

import asyncio
import json
import shutil
import socket
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from wyoming_stage import Ear, Voice, beside

from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.voice.protocols import RATE, Sound
from tinyagent.voice.sound import resampled
from tinyagent.voice.speak import open_synthesiser
from tinyagent.voice.transcribe import WhisperTranscriber
from tinyagent.voice.wyoming_engines import WyomingSynthesiser, WyomingTranscriber

SPEECH = (1000 * np.sin(np.arange(RATE) / 5)).astype(np.int16)


@pytest.fixture
def ear():
    return Ear()


@pytest.fixture
def voice():
    return Voice()


@pytest.fixture(params=["unix", "tcp"])
def uri(request, ear, voice, tmp_path):
    with beside(
        f"unix://{tmp_path}/w.sock" if request.param == "unix" else "tcp://127.0.0.1:0", ear, voice
    ) as at:
        yield at


@contextmanager
def server(*answers, wait=False, listens=True):
    """A server that sends these bytes to whoever connects; it hangs up then, or, with `wait`, at the end."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run():
            with listening.accept()[0] as connection:
                connection.settimeout(20)
                for answer in answers:
                    connection.sendall(answer)
                if wait:
                    over.wait(20)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            thread.join(20)


def line(kind, **data):
    return json.dumps({"type": kind, "data": data}).encode() + b"\n"


def test_what_is_said_is_written_down_somewhere_else(uri, ear):
    transcript = WyomingTranscriber(uri).transcribe(SPEECH, ["Ana Lima", "Sid Rao"])
    assert transcript.text == transcript.heard == "16000 samples"
    assert np.array_equal(ear.samples, SPEECH) and ear.hotwords == ("Ana Lima", "Sid Rao")


def test_words_are_spoken_somewhere_else(uri, voice):
    sound = WyomingSynthesiser(uri).speak("Good morning. How are you?")
    assert sound.rate == voice.rate and sound.samples.dtype == np.int16
    assert np.array_equal(
        sound.samples,
        np.concatenate([voice.speak("Good morning.").samples, voice.speak("How are you?").samples]),
    )


def test_silence_stays_silence(uri):
    assert WyomingTranscriber(uri).transcribe(np.zeros(0, np.int16)).text == "0 samples"
    assert len(WyomingSynthesiser(uri).speak("").samples) == 0


def test_half_a_character_is_no_harm(uri):
    assert WyomingSynthesiser(uri).speak("a\ud800").seconds > 0


def test_it_can_be_used_again_and_again(uri):
    engine = WyomingTranscriber(uri)
    assert [engine.transcribe(SPEECH[:count]).text for count in (10, 20)] == ["10 samples", "20 samples"]


def test_a_fault_over_there_is_told(uri, ear, voice):
    ear.broken = VoiceError("The model is damaged.")
    voice.broken = VoiceError("No such voice.")
    with pytest.raises(VoiceError, match=r"speech recogniser at .* could not do it \(The model is damaged\)"):
        WyomingTranscriber(uri).transcribe(SPEECH)
    with pytest.raises(VoiceError, match=r"voice at .* could not do it \(No such voice\)"):
        WyomingSynthesiser(uri).speak("hello")


def test_a_server_that_is_away_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(VoiceError, match=r"cannot be reached: .* take wyoming_asr out of the settings\."):
        WyomingTranscriber(f"tcp://127.0.0.1:{port}").transcribe(SPEECH)
    with pytest.raises(VoiceError, match=r"cannot be reached: .* take wyoming_tts out of the settings\."):
        WyomingSynthesiser(f"unix://{tmp_path}/none.sock").speak("hello")


@pytest.mark.parametrize("uri", ["", "localhost:10300", "http://localhost:1", "tcp://localhost"])
@pytest.mark.parametrize("engine", [WyomingTranscriber, WyomingSynthesiser])
def test_what_is_no_address_is_told_at_once(engine, uri):
    with pytest.raises(VoiceError, match="is no address"):
        engine(uri)


def test_a_server_that_says_nothing_is_not_waited_for():
    with server(wait=True) as uri, pytest.raises(VoiceError, match="did not answer within 1 seconds"):
        WyomingTranscriber(uri, timeout=0.6).transcribe(SPEECH[:100])


def test_a_server_that_talks_for_ever_is_not_waited_for():
    with server(line("pong") * 10, wait=True) as uri, pytest.raises(VoiceError, match="did not answer"):
        WyomingSynthesiser(uri, timeout=0.6).speak("hello")


FORMAT = {"rate": 16_000, "width": 2, "channels": 1}


@pytest.mark.parametrize(
    "answers",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        line("audio-start", **(FORMAT | {"rate": 1})),
        line("audio-start"),
        line("audio-start", **FORMAT) + line("audio-chunk", **(FORMAT | {"channels": 2})),
        b'{"type": "audio-chunk", "payload_length": 9999999999}\n',
        b'{"type": "audio-chunk", "data_length": 3}\nabc',
    ],
)
def test_a_server_that_speaks_something_else_is_one_sentence(answers):
    with (
        server(answers, wait=True) as uri,
        pytest.raises(VoiceError, match="does not speak Wyoming as it should"),
    ):
        WyomingSynthesiser(uri).speak("hello")


def test_an_endless_answer_is_cut_off():
    second = b'{"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}, "payload_length": 32000}\n'
    with (
        server((second + bytes(32_000)) * 310, wait=True) as uri,
        pytest.raises(VoiceError, match="at most 300"),
    ):
        WyomingSynthesiser(uri).speak("hello")


@pytest.mark.parametrize("answers", [b"", b'{"type": "transc', line("audio-start", **FORMAT)])
def test_a_server_that_hangs_up_is_one_sentence(answers):
    with server(answers) as uri, pytest.raises(VoiceError, match="has hung up"):
        WyomingSynthesiser(uri).speak("hello")


def test_what_a_server_says_cannot_move_the_cursor():
    with (
        server(line("error", text="\x1b[2J" + "x" * 5000), wait=True) as uri,
        pytest.raises(TinyAgentError) as caught,
    ):
        WyomingTranscriber(uri).transcribe(SPEECH[:10])
    assert str(caught.value).isprintable() and len(str(caught.value)) < 400
    with server(line("transcript", text="  set a\n timer " + "x" * 5000), wait=True) as uri:
        text = WyomingTranscriber(uri).transcribe(SPEECH[:10]).text
    assert text.startswith("set a timer x") and len(text) <= 2000
    with server(line("transcript", text=7), wait=True) as uri, pytest.raises(VoiceError, match="has a text"):
        WyomingTranscriber(uri).transcribe(SPEECH[:10])


def test_it_is_not_for_the_thread_of_an_event_loop(uri):
    async def main():
        return await asyncio.to_thread(WyomingTranscriber(uri).transcribe, SPEECH[:10])

    assert asyncio.run(main()).text == "10 samples"


def test_words_go_round_by_real_engines_over_the_socket(cache, tmp_path):
    if not shutil.which("espeak-ng"):
        pytest.fail("espeak-ng is missing: apt-get install -y --no-install-recommends espeak-ng")
    ear, voice = WhisperTranscriber(threads=1, cache=cache), open_synthesiser("espeak-ng")
    with beside(f"unix://{tmp_path}/w.sock", ear, voice) as uri:
        spoken = WyomingSynthesiser(uri).speak("Set a timer for ten minutes.")
        assert 1.0 < spoken.seconds < 5.0
        heard = WyomingTranscriber(uri).transcribe(resampled(spoken, RATE).samples)
    assert isinstance(spoken, Sound)
    assert "timer" in heard.text.lower() and ("10" in heard.text or "ten" in heard.text.lower())
