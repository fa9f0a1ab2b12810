"""Voice activity detection with Silero v6: how likely each 32 ms of sound is speech.

The network is the ONNX file that faster-whisper carries. It is run one frame at a time, with its recurrent state and
the last 64 samples of the frame before, for 0.3 % of a core. It knows speech from music and noise, not whose it is.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.voice.protocols import FRAME, Activity, Samples

CONTEXT = 64
STATE = (1, 1, 128)
FULL_SCALE = 32_768.0


class SileroActivity:
    """Silero v6 on one thread; an `Activity`."""

    def __init__(self, model: Path | None = None) -> None:
        """Load the ONNX file `model` (default: the one in faster-whisper).

        Raises `MissingExtraError` without faster-whisper, `VoiceError` for a damaged file.
        """
        # Its Linux wheels report usage by default; nothing leaves this machine.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        path = model or _shipped()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception:  # bare exceptions of its own for a damaged file
            raise VoiceError(
                f"The speech detector {path} is damaged or missing: install faster-whisper again."
            ) from None
        self._input: NDArray[np.float32] = np.zeros((1, CONTEXT + FRAME), np.float32)
        self._hidden: NDArray[np.float32]
        self._cell: NDArray[np.float32]
        self.reset()

    def probability(self, frame: Samples) -> float:
        """Return how likely the int16 frame [512] is speech, in [0, 1]; frames are given in order."""
        self._input[0, :CONTEXT] = self._input[0, -CONTEXT:]
        self._input[0, CONTEXT:] = frame
        self._input[0, CONTEXT:] /= FULL_SCALE
        likely, self._hidden, self._cell = self._session.run(
            None, {"input": self._input, "h": self._hidden, "c": self._cell}
        )
        return float(likely[0])

    def reset(self) -> None:
        """Forget the frames so far."""
        self._input.fill(0)
        self._hidden = np.zeros(STATE, np.float32)
        self._cell = np.zeros(STATE, np.float32)


class SharedActivity:
    """Lets two stages ask about the same frame at the price of one: an `Activity` around another one.

    A frame that is given again right away, as the very same array, gets the answer it got before. So arrays must not
    be filled anew in place.
    """

    def __init__(self, inner: Activity) -> None:
        self._inner = inner
        self._frame: Samples | None = None
        self._answer = 0.0

    def probability(self, frame: Samples) -> float:
        """Return how likely the int16 frame [512] is speech, in [0, 1]."""
        if frame is not self._frame:
            self._answer = self._inner.probability(frame)
            self._frame = frame
        return self._answer

    def reset(self) -> None:
        """Forget the frames so far."""
        self._frame = None
        self._inner.reset()


def _shipped() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("voice", "faster-whisper")
    return Path(spec.submodule_search_locations[0]) / "assets" / "silero_vad_v6.onnx"
