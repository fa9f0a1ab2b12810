"""The benchmark of the voice daemon: where speech ends, what is counted to which stage, and the day of the soak."""

import asyncio

import numpy as np
import pytest

from tinyagent.calls import Call
from tinyagent.evaluation import voice_latency, voice_soak
from tinyagent.evaluation.voice_latency import Row, Tape, Watch
from tinyagent.events import Planned, Started
from tinyagent.voice.events import Acted, Listened, Spoken, Understood
from tinyagent.voice.protocols import FRAME, RATE, Sound, Transcript
from tinyagent.voice.sound import write_wav


def test_speech_ends_where_it_can_be_heard_last():
    made, rows = voice_latency.clips(["set a timer", "what time is it"], "espeak-ng")
    whole = np.concatenate(made).astype(int)
    assert all(len(samples) % FRAME == 0 for samples in made)
    for row in rows:
        end = (row.last + 1) * FRAME
        assert np.abs(whole[end - 6 * FRAME : end]).max() > 200
        assert np.abs(whole[end : end + RATE]).max() < 200
    assert rows[0].last < len(made[0]) // FRAME < rows[1].last


def test_each_stage_gets_its_share():
    rows = [Row("one", 100), Row("two", 300)]
    tape = Tape([])
    tape.times = [0.032 * number for number in range(400)]
    tape.used = [0.0] * 400
    now = [0.0]
    watch, call = Watch(rows, tape, lambda: now[0]), Call("set_timer", {})
    spoken = Spoken(np.zeros(1, np.int16), 250, 298)
    for at, news in (
        (10.1, Listened(spoken)),
        (10.3, Understood(Transcript("two", "two"))),
        (10.4, Acted(Planned(0, call))),
        (10.45, Acted(Started(0, call))),
        (11.0, Acted(Started(1, call))),
    ):
        now[0] = at
        watch(news)
    found = voice_latency.report(rows)
    assert (found["commands"], found["started"]) == (2, 1)
    assert found["ms"].pop("  processor time of it")["p50"] > 0
    p50 = {name: ms["p50"] for name, ms in found["ms"].items()}
    assert p50 == {
        "endpointing": pytest.approx(500),
        "stt": pytest.approx(200),
        "plan": pytest.approx(100),
        "start": pytest.approx(50),
        "end of speech to call": pytest.approx(850),
    }
    assert "“one”" in voice_latency.table(found)


def test_a_day_has_its_minutes(tmp_path):
    write_wav(tmp_path / "a.wav", Sound(np.full(RATE, 1000, np.int16), RATE))
    day = voice_soak.Day(3, 0, [tmp_path / "a.wav"])

    async def listen():
        return [int(frame[0]) async for frame in day.frames()]

    frames = asyncio.run(listen())
    assert day.played == pytest.approx(len(frames) * FRAME / RATE)
    assert 180 <= day.played < 360
    assert 0 in frames and 1000 in frames


def test_the_soak_looks_at_this_process():
    mb, threads, files = voice_soak.state_of_process()
    assert mb > 10 and threads >= 1 and files > 2
