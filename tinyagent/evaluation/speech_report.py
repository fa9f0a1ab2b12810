"""What came of spoken commands: for each synthesiser, noise and kind of hint one cell of figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(slots=True)
class Cell:
    """What one synthesiser at one noise came to: error rate of words, commands right, seconds of one core each."""

    voice: str
    noise: str
    hotwords: bool
    errors: int = 0
    words: int = 0
    right: int = 0
    right_repaired: int = 0
    helped: list[tuple[str, str, str]] = field(default_factory=list)
    harmed: list[tuple[str, str, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def as_json(self, count: int) -> dict[str, Any]:
        """Return the figures for machines."""
        return {
            "voice": self.voice,
            "noise": self.noise,
            "hotwords": self.hotwords,
            "wer": self.errors / max(self.words, 1),
            "exact_call": self.right / count,
            "exact_call_repaired": self.right_repaired / count,
            "seconds": float(np.median(self.seconds)) if self.seconds else None,
            "helped": self.helped,
            "harmed": self.harmed,
        }


@dataclass(slots=True)
class Report:
    """All cells, and how many of the same commands are right when typed."""

    count: int = 0
    typed: int = 0
    cells: list[Cell] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the figures for machines."""
        return {
            "n": self.count,
            "typed_exact_call": self.typed / max(self.count, 1),
            "cells": [cell.as_json(self.count) for cell in self.cells],
        }

    def table(self) -> str:
        """Return the figures for people."""
        lines = [
            f"{self.count} commands; typed, {self.typed / max(self.count, 1):.3f} of them are right.",
            "voice      noise  hotwords   WER  right  repaired  helped/harmed  s each",
        ]
        for cell in self.cells:
            row = cell.as_json(self.count)
            seconds = f"{row['seconds']:.2f}" if row["seconds"] is not None else "-"
            lines.append(
                f"{cell.voice:9}  {cell.noise:5}  {'yes' if cell.hotwords else 'no':8}  {row['wer']:.3f}  "
                f"{row['exact_call']:.3f}  {row['exact_call_repaired']:8.3f}  "
                f"{len(cell.helped):6}/{len(cell.harmed):<6}  {seconds}"
            )
        return "\n".join(lines)
