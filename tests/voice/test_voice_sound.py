"""Wav files, sample rates, noise, earcons; the wav file as a microphone and as a loudspeaker."""

import asyncio
import struct
import subprocess
import time

import numpy as np
import pytest

from tinyagent.errors import VoiceError
from tinyagent.voice import earcons
from tinyagent.voice.microphone import WavSource
from tinyagent.voice.protocols import Sound
from tinyagent.voice.sound import (
    Framer,
    Resampler,
    joined,
    level,
    mixed,
    read_wav,
    resampled,
    silence,
    with_noise,
    write_wav,
)
from tinyagent.voice.speaker import SilentSpeaker, WavSpeaker


def tone(frequency, seconds=0.5, rate=16_000, height=8000):
    time = np.arange(round(seconds * rate)) / rate
    return Sound((height * np.sin(2 * np.pi * frequency * time)).astype(np.int16), rate)


def pitch(sound):
    spectrum = np.abs(np.fft.rfft(sound.samples * np.hanning(len(sound.samples))))
    return float(np.argmax(spectrum)) * sound.rate / len(sound.samples)


def strength(sound):
    """Of the middle, where the filter's ends do not matter."""
    quarter = len(sound.samples) // 4
    return level(sound.samples[quarter:-quarter])


def collect(source):
    async def run():
        return [frame async for frame in source.frames()]

    return asyncio.run(run())


@pytest.mark.parametrize(
    "options", ["-b 8 -e unsigned", "-b 16", "-b 24 -t wavpcm", "-b 32 -t wavpcm -e signed"]
)
def test_wav_files_of_every_width_and_several_channels(tmp_path, options):
    made = tmp_path / "made.wav"
    subprocess.run(["sox", "-n", "-r", "22050", "-c", "2", *options.split(), str(made),
                    "synth", "0.5", "sine", "440", "gain", "-6"], check=True)  # fmt: skip
    read = read_wav(made)
    assert read.rate == 22_050 and read.samples.dtype == np.int16
    assert read.seconds == pytest.approx(0.5, abs=0.001)
    assert pitch(read) == pytest.approx(440, abs=2)
    assert strength(read) == pytest.approx(0.5 / np.sqrt(2), rel=0.03)


def test_written_and_read_again(tmp_path):
    sound = tone(440, rate=11_025)
    write_wav(tmp_path / "a.wav", sound)
    again = read_wav(tmp_path / "a.wav")
    assert again.rate == 11_025 and np.array_equal(again.samples, sound.samples)


def test_files_that_are_no_sound(tmp_path):
    with pytest.raises(VoiceError, match="cannot be read: No such file"):
        read_wav(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_text("This is a letter and no sound, for all its name says.")
    with pytest.raises(VoiceError, match="is no PCM wav file"):
        read_wav(tmp_path / "text.wav")
    (tmp_path / "empty.wav").write_bytes(b"")
    with pytest.raises(VoiceError, match="is no PCM wav file"):
        read_wav(tmp_path / "empty.wav")
    floats = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36, b"WAVE", b"fmt ", 16, 3, 1, 8000, 32000, 4, 32, b"data", 0
    )
    (tmp_path / "floats.wav").write_bytes(floats)
    with pytest.raises(VoiceError, match="convert it with `sox"):
        read_wav(tmp_path / "floats.wav")
    with pytest.raises(VoiceError, match="cannot be written"):
        write_wav(tmp_path / "nowhere" / "a.wav", tone(440))


def test_a_file_cut_off_in_the_middle_of_a_sample(tmp_path):
    write_wav(tmp_path / "a.wav", tone(440))
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:-101])
    assert len(read_wav(tmp_path / "a.wav").samples) == 8000 - 51


@pytest.mark.parametrize("source", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("target", [16_000, 44_100])
def test_resampling_keeps_length_pitch_and_loudness(source, target):
    before = tone(1000, rate=source)
    after = resampled(before, target)
    assert after.rate == target
    assert abs(len(after.samples) - len(before.samples) * target / source) <= 1
    assert pitch(after) == pytest.approx(1000, abs=3)
    assert strength(after) == pytest.approx(strength(before), rel=0.01)


def test_what_the_lower_rate_cannot_hold_is_gone():
    assert strength(resampled(tone(11_000, rate=48_000), 16_000)) < 0.001 * strength(
        tone(11_000, rate=48_000)
    )
    assert strength(resampled(tone(6_500, rate=48_000), 16_000)) > 0.97 * strength(tone(6_500, rate=48_000))


def test_resampling_in_pieces_gives_the_same():
    sound = tone(700, rate=44_100)
    random = np.random.default_rng(3)
    resampler = Resampler(44_100, 16_000)
    pieces, at = [], 0
    while at < len(sound.samples):
        size = int(random.integers(1, 900))
        pieces.append(resampler.feed(sound.samples[at : at + size]))
        at += size
    assert np.array_equal(np.concatenate([*pieces, resampler.flush()]), resampled(sound, 16_000).samples)


def test_nothing_and_very_little_can_be_resampled():
    assert len(resampled(Sound(np.zeros(0, np.int16), 48_000), 16_000).samples) == 0
    assert len(resampled(Sound(np.ones(1, np.int16), 8_000), 16_000).samples) == 2


def test_frames_have_their_size_and_nothing_is_lost():
    samples = np.arange(1700, dtype=np.int16)
    framer = Framer()
    frames = [frame for at in range(0, 1700, 300) for frame in framer.feed(samples[at : at + 300])]
    frames += framer.flush()
    assert [len(frame) for frame in frames] == [512] * 4
    assert np.array_equal(np.concatenate(frames)[:1700], samples) and not np.concatenate(frames)[1700:].any()
    assert list(framer.flush()) == []


def test_one_after_the_other_and_both_at_once():
    first, second = tone(440, 0.2), tone(440, 0.1, rate=48_000)
    after = joined(first, silence(0.1, 16_000), second)
    assert after.rate == 16_000 and after.seconds == pytest.approx(0.4)
    both = mixed(first, tone(880, 0.2), at=0.1)
    assert both.seconds == pytest.approx(0.3)
    assert np.array_equal(both.samples[:1600], first.samples[:1600])
    assert mixed(tone(440, height=30_000), tone(440, height=30_000)).samples.max() == 32_767


def test_noise_is_as_loud_as_asked():
    speech, random = tone(440, 2.0, height=3000), np.random.default_rng(1)
    for noise in (None, tone(90, 0.3, rate=8_000, height=500)):
        noisy = with_noise(speech, 10.0, random, noise)
        rest = noisy.samples.astype(np.int32) - speech.samples
        assert 20 * np.log10(level(speech.samples) / level(rest)) == pytest.approx(10.0, abs=0.1)
    assert with_noise(speech, 10.0, random, silence(1, 16_000)) is speech


@pytest.mark.parametrize("name", earcons.NAMES)
def test_earcons_are_short_soft_and_begin_and_end_without_a_click(name):
    sound = earcons.earcon(name)
    assert sound.seconds < 0.2
    assert 0.1 < np.abs(sound.samples).max() / 32_768 < 0.25
    assert abs(int(sound.samples[0])) < 50 and abs(int(sound.samples[-1])) < 50
    assert np.abs(np.diff(sound.samples.astype(np.int32))).max() < 2000
    assert sound is earcons.earcon(name)


def test_earcons_can_be_told_apart():
    halves = {}
    for name in earcons.NAMES:
        sound = earcons.earcon(name)
        middle = len(sound.samples) // 2
        halves[name] = [
            round(pitch(Sound(part, sound.rate)), -2) for part in np.split(sound.samples, [middle])
        ]
    assert halves["wake"][0] < halves["wake"][1] and halves["end"][0] > halves["end"][1]
    assert len({tuple(pitches) for pitches in halves.values()}) == 5


def test_a_file_as_microphone(tmp_path):
    path = tmp_path / "said.wav"
    write_wav(path, tone(440, 0.3, rate=44_100))
    frames = collect(WavSource(path, speed=0, silence=0.5))
    assert {len(frame) for frame in frames} == {512} and len(frames) == 25
    assert level(np.concatenate(frames[:9])) > 0.1 and not np.concatenate(frames[11:]).any()


def test_a_file_as_microphone_in_real_time_can_be_left(tmp_path):
    path = tmp_path / "said.wav"
    write_wav(path, tone(440, 0.5))
    begun = time.monotonic()
    assert len(collect(WavSource(path, speed=2.0, silence=0))) == 16
    assert time.monotonic() - begun >= 0.25  # never faster than it is spoken

    async def leave():
        task = asyncio.create_task(anext(WavSource(path, speed=0.001).frames()))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(leave())


def test_a_missing_file_as_microphone(tmp_path):
    with pytest.raises(VoiceError, match="cannot be read"):
        collect(WavSource(tmp_path / "none.wav"))


def test_speakers_without_a_sound(tmp_path):
    quiet, kept = SilentSpeaker(), WavSpeaker(tmp_path / "played.wav")
    sounds = [tone(440, 0.2, rate=22_050), tone(880, 0.1, rate=16_000)]

    async def play():
        for sound in sounds:
            await quiet.play(sound)
            await kept.play(sound)

    asyncio.run(play())
    assert quiet.played == sounds
    played = read_wav(tmp_path / "played.wav")
    assert played.rate == 22_050 and played.seconds == pytest.approx(0.3, abs=0.001)
