"""The app's themes: two calm ones, one of high contrast, and two in the terminal's own sixteen colours."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from textual.theme import BUILTIN_THEMES, Theme

FILE = "theme"
"""The file in the state folder that keeps the person's choice."""

THEMES = (
    Theme(
        name="night",
        primary="#7aa2c8",
        secondary="#8f9bb3",
        accent="#d8b36a",
        success="#8fb573",
        warning="#d8b36a",
        error="#d97b7b",
        foreground="#d5d9e0",
        background="#15181d",
        surface="#1b1f26",
        panel="#232832",
    ),
    Theme(
        name="paper",
        primary="#2f5d8a",
        secondary="#6b7280",
        accent="#8a5a00",
        success="#38701f",
        warning="#8a5a00",
        error="#a62b2b",
        foreground="#23262b",
        background="#faf8f3",
        surface="#f2efe8",
        panel="#e8e4da",
        dark=False,
    ),
    Theme(
        name="contrast",
        primary="#66ccff",
        secondary="#ffffff",
        accent="#ffff00",
        success="#66ff66",
        warning="#ffff00",
        error="#ff7777",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#1c1c1c",
    ),
    replace(BUILTIN_THEMES["ansi-dark"], name="terminal"),
    replace(BUILTIN_THEMES["ansi-light"], name="terminal-light"),
)
NAMES = tuple(theme.name for theme in THEMES)


def first_theme(state: Path, color_system: str | None) -> str:
    """Return the theme to start with: the one chosen last, else what fits a terminal of these colours."""
    with suppress(OSError, UnicodeDecodeError):
        chosen = (state / FILE).read_text("utf-8").strip()
        if chosen in NAMES:
            return chosen
    return "terminal" if color_system in (None, "standard") else "night"


def keep(state: Path, name: str) -> None:
    """Keep the person's choice; one that cannot be kept holds for this session."""
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        beside = state / f".{FILE}-{os.getpid()}"
        beside.write_text(name + "\n", "utf-8")
        beside.replace(state / FILE)
