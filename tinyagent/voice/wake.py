"""The wake word: which engines there are, and a gate that lets them rest while nobody speaks.

pocketsphinx   any phrase of English dictionary words; free (BSD), in the extra `voice`
openwakeword   one of four phrases that it was trained for; hears better, but its models are not for commercial
               use, so it is there only for who installs the extra `wakeword` and accepts `LICENCE`
"""

from __future__ import annotations

from collections import deque

from tinyagent.errors import VoiceError
from tinyagent.voice.protocols import FRAME_SECONDS, Activity, Samples, WakeWord

ENGINES = ("pocketsphinx", "openwakeword")
LICENCE = (
    "The models of openWakeWord by David Scripka are licensed under CC BY-NC-SA 4.0 "
    "(https://creativecommons.org/licenses/by-nc-sa/4.0/): they may not be used commercially, and what is made "
    "from them must be shared under the same licence. tinyagent neither contains nor changes them."
)
"""What a person accepts before the engine "openwakeword" is used for the first time."""


class Gated:
    """Lets another wake word engine run only while there is speech; a `WakeWord`.

    Its engine costs several times what voice activity costs. What was heard just before the speech was noticed is
    given to the engine first. Each stretch of speech starts afresh.
    """

    def __init__(
        self,
        inner: WakeWord,
        activity: Activity,
        *,
        threshold: float = 0.3,
        preroll: float = 0.4,
        hangover: float = 0.5,
    ) -> None:
        """Open at `threshold`, with `preroll` seconds of the past; close after `hangover` seconds below it."""
        self._inner = inner
        self._activity = activity
        self._threshold = threshold
        self._before: deque[Samples] = deque(maxlen=round(preroll / FRAME_SECONDS))
        self._hangover = round(hangover / FRAME_SECONDS)
        self._left = 0

    @property
    def phrase(self) -> str:
        """The words to say."""
        return self._inner.phrase

    @property
    def open(self) -> bool:
        """Whether the engine is running."""
        return self._left > 0

    def heard(self, frame: Samples) -> bool:
        """Return whether the phrase has just ended with this int16 frame [512]; true once per phrase."""
        if self._activity.probability(frame) >= self._threshold:
            self._left = self._hangover
        elif self._left:
            self._left -= 1
            if not self._left:
                self._inner.reset()
        self._before.append(frame)
        if not self._left:
            return False
        # No any(): the engine is to be given every frame.
        found = [self._inner.heard(one) for one in self._before]
        self._before.clear()
        return True in found

    def reset(self) -> None:
        """Forget the frames so far."""
        self._before.clear()
        self._left = 0
        self._inner.reset()
        self._activity.reset()


def open_wake_word(engine: str, phrase: str = "", activity: Activity | None = None) -> WakeWord:
    """Return an engine that listens for `phrase` ("": the engine's own), gated by voice activity (default: Silero).

    Give a `SharedActivity` where another stage asks about the same frames. Raises `VoiceError` for an engine or a
    phrase that there is not, `MissingExtraError` where a package is missing.
    """
    inner: WakeWord
    if engine == "pocketsphinx":
        from tinyagent.voice.wake_pocketsphinx import PocketsphinxWakeWord

        inner = PocketsphinxWakeWord(phrase)
    elif engine == "openwakeword":
        from tinyagent.voice.wake_openwakeword import OpenWakeWord

        inner = OpenWakeWord(phrase)
    else:
        raise VoiceError(f"There is no wake word engine {engine!r}: set wake to {' or '.join(ENGINES)}.")
    if activity is None:
        from tinyagent.voice.activity import SileroActivity

        activity = SileroActivity()
    return Gated(inner, activity)
