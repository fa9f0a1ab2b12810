"""The licence of the models of openWakeWord: accepted once, by a person, before that engine is used."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from tinyagent.errors import VoiceError
from tinyagent.settings import Settings
from tinyagent.tools.files import atomic_write, read_text
from tinyagent.voice.wake import LICENCE as LICENCE

ENGINE = "openwakeword"
FILE = "openwakeword-licence"


def is_accepted(settings: Settings) -> bool:
    """Whether the licence, in its present words, was accepted."""
    return (read_text(_path(settings)) or "").startswith(_digest())


def accept(settings: Settings, now: datetime) -> None:
    """Remember that it was accepted. Raises `StoreError`."""
    atomic_write(_path(settings), f"{_digest()} accepted {now:%Y-%m-%d %H:%M}\n{LICENCE}\n")


def require(settings: Settings, engine: str) -> None:
    """Raise `VoiceError` where an engine is not to be used yet."""
    if engine == ENGINE and not is_accepted(settings):
        raise VoiceError(
            "The licence of the wake word models is not accepted yet: "
            "run `tinyagent listen --wake openwakeword` on a terminal once."
        )


def _path(settings: Settings) -> Path:
    return settings.state / FILE


def _digest() -> str:
    return hashlib.sha256(LICENCE.encode()).hexdigest()[:16]
