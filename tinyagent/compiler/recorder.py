"""What the executor tells a journal; the package `journal` has the real one, a test its own of a few lines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Protocol

from tinyagent.calls import Call, Effect, Result, Tool
from tinyagent.errors import TinyAgentError

_log = logging.getLogger(__name__)


class Record(Protocol):
    """The entry of one running call."""

    number: int | None
    """Which entry it is, None where nothing is written."""

    def keep(self, store: str, root: Path, undo: Any) -> None:
        """Hear what the tool is changing, on its thread and with the store locked; raising takes it back."""

    def end(self, result: Result) -> str:
        """Hear what became of the call; return a sentence for the person where that could not be written."""


class Recorder(Protocol):
    """Hears of every call of one plan before it runs."""

    def begin(self, tool: Tool, call: Call, decision: str) -> Record:
        """Hear of a call that is about to run, or was declined. Raises `StoreError`: then it must not run."""


class Unrecorded:
    """A recorder, and its records, that write nothing."""

    number: int | None = None

    def begin(self, tool: Tool, call: Call, decision: str) -> Unrecorded:
        """Write nothing."""
        return self

    def keep(self, store: str, root: Path, undo: Any) -> None:
        """Write nothing."""

    def end(self, result: Result) -> str:
        """Write nothing."""
        return ""


def begin(recorder: Recorder, tool: Tool, call: Call, decision: str) -> Record:
    """Record that a call is about to run. Raises `TinyAgentError` for one that changes something and cannot be."""
    try:
        return recorder.begin(tool, call, decision)
    except TinyAgentError:
        if tool.effect is not Effect.READ:
            raise
        _log.debug("a look is not recorded", exc_info=True)
        return Unrecorded()
