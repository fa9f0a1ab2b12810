"""What `tinyagent listen --doctor` looks at: every device and every stage, each by using it once.

A check never raises and keeps nothing of what it records.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tinyagent.errors import TinyAgentError, VoiceError
from tinyagent.settings import Settings
from tinyagent.voice.options import PUSH_TO_TALK, Options, read_options
from tinyagent.voice.protocols import FRAME, RATE, Sound

QUIET = 0.0001
"""Level, of 1, below which a microphone gives nothing but zeros and their rounding."""
LOUD = 0.9
SENTENCE = "Set a timer for ten minutes."
SENTENCE_WORDS = {"timer", "minutes"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `ok` is False where the daemon could not do its work, `cure` says what helps."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


def run_checks(settings: Settings) -> Iterator[Finding]:
    """Yield what each check found, in the order of the pipeline."""
    try:
        options = read_options(settings)
        yield Finding("settings", True, f"the table [voice] is valid; wake: {options.wake}")
    except TinyAgentError as error:
        yield _failed("settings", error)
        options = Options()
    spoken: list[Sound] = []  # what the voice check said is what the transcriber check hears
    for name, check in _CHECKS:
        try:
            yield check(settings, options, spoken)
        except TinyAgentError as error:
            yield _failed(name, error)
        except Exception as error:  # whatever it is, the other checks still tell something
            yield Finding(name, False, f"{type(error).__name__}: {error}", "reinstall, or report this")


def _failed(name: str, error: TinyAgentError) -> Finding:
    detail, _, cure = str(error).partition(": ")
    return Finding(name, False, detail, cure)


def _microphone(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice import devices

    level = devices.check_input(options.microphone)
    name = devices.find(options.microphone, "input").name
    if level < QUIET:
        return Finding(
            "microphone", False, f"{name} is silent", "unmute it, or choose another one in the table [voice]"
        )
    loudness = f"{name}, level {20 * np.log10(level):.0f} dB"
    if level > LOUD:
        return Finding("microphone", False, f"{loudness}, overdriven", "turn its level down")
    return Finding("microphone", True, loudness)


def _speaker(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice import devices

    devices.check_output(options.speaker)
    return Finding("loudspeaker", True, devices.find(options.speaker, "output").name)


def _voice(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice.build import synthesiser

    sound = synthesiser(options).speak(SENTENCE)
    if sound.seconds < 0.5:
        raise VoiceError(
            "The voice said nothing: install it again, or choose another one in the table [voice]."
        )
    spoken.append(sound)
    return Finding("voice", True, f"{options.voice_engine}: a sentence of {sound.seconds:.1f} s")


def _activity(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice.activity import SileroActivity

    activity = SileroActivity()
    silent = max(activity.probability(np.zeros(FRAME, np.int16)) for _ in range(10))
    if silent > 0.5:
        raise VoiceError("The speech detector hears speech in silence: install faster-whisper again.")
    return Finding("speech detector", True, f"Silero, {silent:.2f} on silence")


def _wake(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    if options.wake == PUSH_TO_TALK:
        return Finding("wake word", True, "none: a key that runs `tinyagent listen --toggle`")
    from tinyagent.voice import licence
    from tinyagent.voice.wake import open_wake_word

    licence.require(settings, options.wake)
    engine = open_wake_word(options.wake, options.phrase)
    for _ in range(30):
        engine.heard(np.zeros(FRAME, np.int16))
    return Finding("wake word", True, f"{options.wake}, “{engine.phrase}”")


def _transcriber(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice.build import transcriber
    from tinyagent.voice.sound import resampled

    where = options.wyoming_asr or "Whisper tiny.en"
    if not options.wyoming_asr:
        from tinyagent.voice.transcribe import WhisperTranscriber

        WhisperTranscriber().check()  # without a cache: the file itself is looked at
        where += ", checksum right"
    if not spoken:
        return Finding("speech to text", True, f"{where}; not tried, since there is no voice")
    heard = transcriber(settings, options).transcribe(resampled(spoken[0], RATE).samples)
    if not SENTENCE_WORDS <= {word.strip(".,!").lower() for word in heard.text.split()}:
        raise VoiceError(f"Speech to text understood “{heard.text}” for “{SENTENCE}”: install it again.")
    return Finding("speech to text", True, f"{where}; understood “{heard.text}”")


def _notices(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice.notice import show

    if show("tinyagent", "This is how an answer looks."):
        return Finding("notifications", True, "shown on the desktop")
    return Finding(
        "notifications", False, "there is no desktop to show them on", "start this in a desktop session"
    )


def _socket(settings: Settings, options: Options, spoken: list[Sound]) -> Finding:
    from tinyagent.voice import control

    path = control.socket_path(settings, os.environ)
    try:
        status = control.ask(path, "status")
        return Finding("control socket", True, f"the daemon runs as {status['pid']}, {status['state']}")
    except control.NoDaemonError:
        with control.own_socket(path):
            return Finding("control socket", True, f"{path} can be made; the daemon does not run")


Check = Callable[[Settings, Options, list[Sound]], Finding]
_CHECKS: tuple[tuple[str, Check], ...] = (
    ("microphone", _microphone),
    ("loudspeaker", _speaker),
    ("voice", _voice),
    ("speech detector", _activity),
    ("wake word", _wake),
    ("speech to text", _transcriber),
    ("notifications", _notices),
    ("control socket", _socket),
)
