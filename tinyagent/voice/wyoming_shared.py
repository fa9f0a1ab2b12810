"""A voice that the daemon and the Wyoming service both use, each from a thread of its own."""

from __future__ import annotations

import threading

from tinyagent.voice.protocols import Sound, Synthesiser


class SharedSynthesiser:
    """A `Synthesiser` around another one, which does one call at a time: Piper's is not for two threads."""

    def __init__(self, inner: Synthesiser) -> None:
        self._inner, self._lock = inner, threading.Lock()

    def speak(self, text: str) -> Sound:
        """Return what the inner one does, once it is free."""
        with self._lock:
            return self._inner.speak(text)
