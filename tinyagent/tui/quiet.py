"""An app that ends in one sentence, whatever breaks: no traceback is ever painted over a person's terminal."""

from __future__ import annotations

import logging
from typing import Any

from textual.app import App

from tinyagent.tui.services import sentence

_log = logging.getLogger(__name__)


class QuietApp(App[None]):
    """`failure` is the sentence it ended with where something went wrong."""

    failure = ""

    def end(self, failure: str = "") -> None:
        """Close the screen, with a sentence where something went wrong; the process waits for what runs."""
        self.failure = self.failure or failure
        self.exit()

    def end_soon(self) -> None:
        """Close the screen, from a signal's handler."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.end)

    def panic(self, *renderables: Any) -> None:
        """End with one sentence: whatever broke, no traceback goes to the person's terminal."""
        self.end(self.failure or "The terminal went away.")

    def _handle_exception(self, error: Exception) -> None:
        """Do the same for an error in a handler; in a test, let it through."""
        _log.error("the screen broke", exc_info=error)
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.end(sentence(error))
