"""The loudspeaker on a real PulseAudio, recorded at the monitor of its sink."""

import asyncio
import time

import numpy as np
import pytest

from tinyagent.errors import VoiceError
from tinyagent.voice import devices, portaudio
from tinyagent.voice.earcons import earcon
from tinyagent.voice.protocols import Sound
from tinyagent.voice.speaker import Speaker


def tone(frequency=440, seconds=0.6, rate=22_050, height=8000):
    time = np.arange(round(seconds * rate)) / rate
    return Sound((height * np.sin(2 * np.pi * frequency * time)).astype(np.int16), rate)


def pitch(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * 16_000 / len(samples)


@pytest.mark.parametrize("rate", [8_000, 22_050, 2_000_000])
def test_a_sound_of_any_rate_is_heard_to_its_end(desk, rate):
    with desk.recording() as recording:
        asyncio.run(Speaker().play(tone(rate=rate)))
    assert recording.loud == pytest.approx(0.6, abs=0.08)
    assert pitch(recording.samples) == pytest.approx(440, abs=5)
    assert portaudio.idle()


def test_one_after_the_other_and_an_earcon(desk):
    async def play():
        speaker = Speaker()
        await speaker.play(earcon("wake"))
        await speaker.play(tone(seconds=0.2))
        await speaker.play(Sound(np.zeros(0, np.int16), 16_000))

    with desk.recording() as recording:
        asyncio.run(play())
    assert recording.loud > 0.38


def test_cancelled_it_is_silent_at_once(desk):
    async def play():
        task = asyncio.create_task(Speaker().play(tone(seconds=5)))
        while recording.loud < 0.3:
            await asyncio.sleep(0.02)
        before = len(recording.samples)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await asyncio.sleep(0.6)
        return recording.samples[before:]

    with desk.recording() as recording:
        after = asyncio.run(play())
    assert len(after) > 6000
    # The recording itself is late by two of its pieces, and the machine may be busy: 50 ms are measured elsewhere.
    assert np.abs(after[4800:].astype(np.int32)).max() < 200
    assert recording.loud < 3 and portaudio.idle()


def test_cancelled_before_it_begins(desk):
    async def play(after):
        task = asyncio.create_task(Speaker().play(tone(seconds=5)))
        await asyncio.sleep(after)
        task.cancel()
        await asyncio.wait([task])
        while not portaudio.idle():
            await asyncio.sleep(0.02)
        return task.cancelled()

    with desk.recording() as recording:
        assert all(asyncio.run(play(after)) for after in (0.0, 0.001, 0.01))
    assert recording.loud < 1


def test_another_device_by_a_part_of_its_name(desk):
    with desk.recording("headset") as headset, desk.recording() as loudspeaker:
        asyncio.run(Speaker("head").play(tone(seconds=0.3)))
    assert headset.loud > 0.2 and loudspeaker.loud == 0
    with pytest.raises(VoiceError, match=r'There is no speaker "Sonos": .*`speaker` under \[voice\]'):
        asyncio.run(Speaker("Sonos").play(tone()))


def test_a_server_that_dies_is_one_sentence_and_comes_back(desk):
    speaker = Speaker()

    async def play():
        task = asyncio.create_task(speaker.play(tone(seconds=20)))
        while recording.loud < 0.2:
            await asyncio.sleep(0.02)
        desk.server.kill()
        await task

    with pytest.raises(VoiceError, match=r"^The loudspeaker went away: .*\.$"):
        with desk.recording() as recording:
            asyncio.run(play())
    with pytest.raises(VoiceError, match=r"^There is no loudspeaker: plug one in"):
        asyncio.run(speaker.play(tone()))
    desk.server.start()
    with desk.recording() as recording:
        asyncio.run(speaker.play(tone(seconds=0.3)))
    assert recording.loud > 0.2


def test_the_doctor_tries_it_without_a_sound(desk):
    with desk.recording() as recording:
        begun = time.monotonic()
        devices.check_output()
    assert recording.loud == 0 and time.monotonic() - begun >= 0.1
    with pytest.raises(VoiceError, match="There is no speaker"):
        devices.check_output("none such")
