"""Alt+Enter in terminals of the old kind: they send Escape and Enter together, which Textual takes for Enter."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _Key(StrEnum):
    ALT_ENTER = "alt+enter"


def know_alt_enter() -> None:
    """Let Textual tell Alt+Enter from Enter: a plan to be looked at must not be run. May be called again."""
    cast(dict[str, Any], ANSI_SEQUENCES_KEYS).setdefault("\x1b\r", (_Key.ALT_ENTER,))
