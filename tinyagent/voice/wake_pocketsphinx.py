"""The wake word engine pocketsphinx: finds any phrase of dictionary words, with the acoustic model that it carries.

It is a keyword spotter: the phrase's phonemes against a loop of all phonemes. How well the phrase has to fit is the
threshold, which depends on the phrase; `python -m tinyagent.evaluation.false_wakes` measures one. Of synthesised
voices it hears Piper's; most of espeak-ng's formant voices it does not. People were not measured.
"""

from __future__ import annotations

from typing import Any

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.voice.protocols import Samples

PHRASE = "hey computer"
THRESHOLDS = {
    PHRASE: 1e-40,
    "okay computer": 1e-38,
    "hello computer": 1e-42,
    "hey assistant": 1e-29,
    "hey jarvis": 1e-35,
}
"""Just above the best fit of other words in 21 minutes of speech, by Piper and espeak-ng; "ok assistant" fits better.

An hour of speech woke "hey computer" five times; three of them said "my computer" or "the computer".
"""
GUESS = 1e-30
"""For other phrases."""
FEWEST_PHONEMES = 6
"""A shorter phrase is heard everywhere."""


class PocketsphinxWakeWord:
    """Listens for one phrase; a `WakeWord`."""

    def __init__(self, phrase: str = "", *, threshold: float = 0.0) -> None:
        """Load the model for `phrase` (default `PHRASE`); a larger `threshold` is stricter, 0 takes the default.

        Raises `MissingExtraError` without pocketsphinx, `VoiceError` for a phrase that it cannot listen for.
        """
        try:
            import pocketsphinx
        except ImportError:
            raise MissingExtraError("voice", "pocketsphinx") from None
        self._phrase = " ".join(phrase.lower().split()) or PHRASE
        config = pocketsphinx.Config(lm=None, loglevel="FATAL")
        self._decoder: Any = pocketsphinx.Decoder(config)
        phonemes = sum(len(self._spelled(word)) for word in self._phrase.split())
        if phonemes < FEWEST_PHONEMES:
            raise VoiceError(f"The wake phrase {self._phrase!r} is too short: choose two or three words.")
        config["kws_threshold"] = threshold or THRESHOLDS.get(self._phrase, GUESS)
        self._decoder.add_keyphrase("wake", self._phrase)
        self._decoder.activate_search("wake")
        self._running = False

    @property
    def phrase(self) -> str:
        """The words to say."""
        return self._phrase

    def heard(self, frame: Samples) -> bool:
        """Return whether the phrase has just ended (0.1 s ago) with this int16 frame [512]; true once per phrase."""
        if not self._running:
            self._decoder.start_utt()
            self._running = True
        self._decoder.process_raw(frame.tobytes(), False, False)
        found = self._decoder.hyp() is not None
        if found:
            self.reset()
        return found

    def reset(self) -> None:
        """Forget the frames so far, but not how loud and how coloured the sound is."""
        if self._running:
            self._decoder.end_utt()
            self._running = False

    def _spelled(self, word: str) -> list[str]:
        """Return the word's phonemes."""
        phonemes = self._decoder.lookup_word(word)
        if phonemes is None:
            raise VoiceError(
                f"The wake phrase has the word {word!r}, which pocketsphinx does not know: "
                "choose common English words."
            )
        return str(phonemes).split()
