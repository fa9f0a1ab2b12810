"""From spoken words to a spoken answer all of it real but for microphone and loudspeaker."""

import asyncio
from dataclasses import replace

import pytest
from synthesised import silence, sounds

from tinyagent.events import Answered, Started
from tinyagent.journal import open_journal
from tinyagent.voice.build import stages
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.events import Acted, Said, Understood, Woken
from tinyagent.voice.microphone import WavSource
from tinyagent.voice.options import Options
from tinyagent.voice.protocols import RATE, Sound
from tinyagent.voice.sound import resampled, write_wav
from tinyagent.voice.speak import open_synthesiser
from tinyagent.voice.speaker import SilentSpeaker
from tinyagent.voice.transcribe import WhisperTranscriber
from tinyagent.voice.wake_pocketsphinx import PHRASE


def heard(assistant, path, options):
    news, speaker = [], SilentSpeaker()
    built = stages(assistant.settings, options, WavSource(path, speed=0), speaker, lambda: assistant)
    daemon = Daemon(replace(built, ring=lambda answer: None, show=None), news.append)
    asyncio.run(asyncio.wait_for(daemon.run(), 300))
    return news, speaker.played


@pytest.mark.parametrize("wake", ["push-to-talk", "pocketsphinx"])
def test_set_a_timer_for_ten_minutes(assistant, tmp_path, wake):
    options = Options(wake=wake, earcons=False)
    voice = open_synthesiser("piper" if wake == "pocketsphinx" else "espeak-ng")  # it does not hear espeak-ng
    words = "set a timer for ten minutes"
    said = voice.speak(f"{PHRASE}, {words}" if wake == "pocketsphinx" else words)
    sound = sounds(silence(0.5), resampled(said, RATE).samples, silence(1.5))
    write_wav(tmp_path / "said.wav", Sound(sound, RATE))
    news, played = heard(assistant, tmp_path / "said.wav", options)
    started = [n.event.call for n in news if isinstance(n, Acted) and isinstance(n.event, Started)]
    assert [(call.tool, call.args) for call in started] == [("set_timer", {"duration": "PT10M"})]
    assert any(isinstance(n, Woken) for n in news) == (wake == "pocketsphinx")
    (understood,) = [n.transcript for n in news if isinstance(n, Understood)]
    assert understood.text.lower().rstrip(".") in (
        "set a timer for 10 minutes",
        "set a timer for ten minutes",
    )
    (answer,) = [n.event.answer for n in news if isinstance(n, Acted) and isinstance(n.event, Answered)]
    assert answer.results[0].status == "done"
    assert open_journal(assistant.settings).entries()[0].tool == "set_timer"
    spoken = [n.text for n in news if isinstance(n, Said)]
    assert len(spoken) == 1 and len(played) >= 1
    back = " ".join(
        WhisperTranscriber().transcribe(resampled(one, RATE).samples).text for one in played
    ).lower()
    assert "timer" in back and "10 minutes" in back
    assert not [path for path in assistant.settings.state.rglob("*.wav")]
