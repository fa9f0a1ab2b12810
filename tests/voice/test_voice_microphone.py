"""The microphone on a real PulseAudio, by way of PortAudio and ALSA."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from tinyagent.errors import VoiceError
from tinyagent.voice import devices, portaudio
from tinyagent.voice.microphone import Microphone, _converted
from tinyagent.voice.sound import level

TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16_000)).astype(np.int16)


async def hear(microphone, desk, what=TONE, rate=16_000, seconds=3.0):
    """Speak while the microphone is open, and return what came in until it was quiet again."""
    heard, said = [], None
    async with contextlib.aclosing(microphone.frames()) as frames:
        async for frame in frames:
            assert frame.shape == (512,) and frame.dtype == np.int16
            heard.append(frame)
            if said is None:
                said = desk.say(what, rate)
            if len(heard) > seconds * 16_000 / 512:
                break
            if level(frame) < 0.001 and any(level(before) > 0.1 for before in heard):
                break
    return np.concatenate(heard)


def spoken(samples):
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 200)
    assert len(loud), "nothing was heard"
    return samples[loud[0] : loud[-1] + 1]


def pitch(samples):
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * 16_000 / len(samples)


def test_what_is_said_comes_in(desk):
    microphone = Microphone()
    came = spoken(asyncio.run(hear(microphone, desk)))
    assert len(came) / 16_000 == pytest.approx(0.5, abs=0.1)
    assert pitch(came) == pytest.approx(440, abs=5)
    assert microphone.lost == 0 and portaudio.idle()


def test_a_device_that_records_at_its_own_rate_is_resampled(desk):
    came = spoken(asyncio.run(hear(Microphone(rate=44_100), desk)))
    assert pitch(came) == pytest.approx(440, abs=5) and len(came) / 16_000 == pytest.approx(0.5, abs=0.1)


def test_a_device_that_refuses_the_rate_records_at_its_own(desk):
    came = spoken(asyncio.run(hear(Microphone(rate=3_000_000), desk)))
    assert pitch(came) == pytest.approx(440, abs=5)


def test_two_channels_become_their_mean_before_the_rate_is_changed():
    came = []
    take = _converted(came.append, 48_000, 2)
    for at in range(0, 48_000, 1536):
        left = np.full(1536, 3000)
        right = 4000 * np.sin(2 * np.pi * 440 * np.arange(at, at + 1536) / 48_000)
        take(np.stack([left, right], axis=1).astype(np.int16))
    samples = np.concatenate(came)[1000:-1000].astype(np.float64)
    assert samples.mean() == pytest.approx(1500, abs=30) and samples.max() == pytest.approx(3500, abs=30)
    assert pitch(samples - samples.mean()) == pytest.approx(440, abs=2)


def test_microphones_have_the_names_that_a_person_knows(desk):
    assert [(device.name, device.default) for device in devices.inputs()] == [("Microphone", True)]
    assert [device.name for device in devices.outputs()] == ["Loudspeaker", "Headset", "Room"]
    assert devices.find("micro", "input").node == "microphone"
    with pytest.raises(VoiceError, match=r'There is no microphone "Jabra": .*one of these: Microphone\.$'):
        asyncio.run(anext(Microphone("Jabra").frames()))


def test_one_plugged_in_later_is_found_and_chosen(desk):
    devices.inputs()
    number = desk.server.pactl("load-module", "module-remap-source", "source_name=jabra", "master=headset.monitor",
                               "source_properties=device.description=Jabra-75")  # fmt: skip
    try:
        assert [device.name for device in devices.inputs()] == ["Microphone", "Jabra-75"]

        async def listen():
            # What is said into the room does not reach it.
            return await hear(Microphone("jabra"), desk, seconds=1.0)

        assert level(asyncio.run(listen())) == 0
        assert "PULSE_SOURCE" not in os.environ
    finally:
        desk.server.pactl("unload-module", number)


def test_a_device_of_alsa_plugged_in_later_is_found_while_another_is_open(desk):
    async def both():
        async with contextlib.aclosing(Microphone().frames()) as first:
            await anext(first)
            desk.server.configure_alsa("pcm.dongle { type pulse }")
            async with contextlib.aclosing(Microphone("dongle").frames()) as second:
                return len(await anext(second)), len([await anext(first) for _ in range(40)])

    assert asyncio.run(both()) == (512, 40)
    assert portaudio.idle()


def test_a_slow_reader_loses_the_oldest_and_is_told(desk):
    async def dawdle():
        microphone = Microphone(backlog=0.2)
        async with contextlib.aclosing(microphone.frames()) as frames:
            await anext(frames)
            await asyncio.sleep(1.0)
            await anext(frames)
        return microphone.lost

    assert 10 <= asyncio.run(dawdle()) <= 35


def test_a_server_that_dies_is_one_sentence_and_comes_back(desk):
    async def listen():
        microphone = Microphone()
        with pytest.raises(VoiceError, match=r"^The microphone (went away|gives no sound any more): .*\.$"):
            async with contextlib.aclosing(microphone.frames()) as frames:
                await anext(frames)
                desk.server.kill()
                async for _ in frames:
                    pass
        with pytest.raises(VoiceError, match=r"^There is no microphone: plug one in"):
            await anext(microphone.frames())
        desk.server.start()
        return await hear(microphone, desk)

    assert pitch(spoken(asyncio.run(listen()))) == pytest.approx(440, abs=5)
    assert portaudio.idle()


def test_cancelled_at_any_time_it_is_closed(desk):
    async def leave(after):
        async def listen():
            async for _ in Microphone().frames():
                pass

        task = asyncio.create_task(listen())
        await asyncio.sleep(after)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        # Cancelled while it was being opened, it is closed by the thread that opened it.
        for _ in range(200):
            if portaudio.idle():
                return True
            await asyncio.sleep(0.02)
        return False

    for after in (0.0, 0.001, 0.01, 0.2):
        assert asyncio.run(leave(after)), after


def test_the_loudness_for_the_doctor(desk):
    assert devices.check_input(seconds=0.2) == 0.0
    said = desk.say(np.tile(TONE, 6))
    try:
        assert any(devices.check_input("Microphone", 0.3) > 0.1 for _ in range(6))
    finally:
        said.kill()


def test_nothing_is_written_to_standard_error_and_nothing_to_the_disk(desk, tmp_path):
    program = tmp_path / "listen.py"
    program.write_text(
        "import asyncio\nfrom tinyagent.errors import VoiceError\nfrom tinyagent.voice.microphone import Microphone\n"
        "async def main(name):\n    async for frame in Microphone(name).frames():\n        return len(frame)\n"
        "print(asyncio.run(main('')))\n"
        "try:\n    asyncio.run(main('none such'))\nexcept VoiceError as error:\n    print(error)\n"
    )
    empty = tmp_path / "home"
    empty.mkdir()
    environment = {**desk.server.child_environment, "HOME": str(empty), "TMPDIR": str(empty)}
    before = {path for path in desk.server.home.rglob("*")}
    done = subprocess.run([sys.executable, str(program)], env=environment, cwd=empty, capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.startswith("512\nThere is no microphone")
    assert list(empty.rglob("*")) == [] and {path for path in desk.server.home.rglob("*")} <= before


def test_without_portaudio_it_says_what_to_install(tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    program = (
        "from tinyagent.voice import devices\nfrom tinyagent.errors import TinyAgentError\n"
        "try:\n    devices.inputs()\nexcept TinyAgentError as error:\n    print(type(error).__name__, error)\n"
    )

    def run():
        return subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(tmp_path)},
                              capture_output=True, text=True, timeout=60).stdout  # fmt: skip

    assert "VoiceError The library PortAudio is missing" in run() and "libportaudio2" in run()
    (tmp_path / "sounddevice.py").write_text("raise ImportError('No module named sounddevice')")
    assert run().startswith(
        "MissingExtraError This needs the package sounddevice: install it with `pip install"
    )


def test_lines_of_others_pass_through_the_quiet(capfd):
    with portaudio.quiet():
        os.write(2, b"ALSA lib pcm.c:1: noise\nsomething else\nExpression 'ret' failed in 'x.c'\n")
    assert capfd.readouterr().err == "something else\n"


def test_a_call_that_hangs_is_given_up():
    begun = time.monotonic()

    async def wait():
        await portaudio.aside(lambda: time.sleep(2), patience=0.1)

    with pytest.raises(VoiceError, match="does not answer"):
        asyncio.run(wait())
    assert time.monotonic() - begun < 2
