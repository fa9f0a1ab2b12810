"""What a training run works on: the tools, the data, the base model, and where products go."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.calls import Tool
from tinyagent.products import folder
from tinyagent.runtime import base as bases
from tinyagent.runtime import engine, native

Progress = Callable[[float, str], None]
DATA = [
    "usage examples of this project",
    "HWU64 (Liu et al. 2019, CC BY 4.0)",
    "CLINC150 (Larson et al. 2019, CC BY 3.0)",
    "SNIPS (Coucke et al. 2018, CC0)",
]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a training run works on: the tools, the shared data (None: own examples only), and where products go."""

    tools: Mapping[str, Tool]
    data: Path | None
    work: Path
    cache: Path
    adapters: Path | None = None
    share: float = 1.0
    threads: int = 0
    progress: Progress = lambda done, text: None

    @property
    def base(self) -> bases.Base:
        """The base model that is trained for."""
        return bases.describe()

    @property
    def served(self) -> Path:
        """The file that is served, on whose weights adapters are trained."""
        return bases.served(self.cache)

    @property
    def home(self) -> Path:
        """Where the adapters of this base go."""
        return (self.adapters or folder("adapters")) / self.base.name


class VocabularyTokenizer:
    """The served model's own tokenizer, without its weights: training and serving cannot drift apart."""

    def __init__(self, served: Path) -> None:
        self._model = native.load_model(served, vocabulary_only=True)
        self._vocabulary = native.library().llama_model_get_vocab(self._model)

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return token ids."""
        return engine.tokenize(self._vocabulary, text, special=special)


def part(rows: Sequence[Any], share: float, rng: random.Random) -> list[Any]:
    """Return a random share of the rows, some at least; all of them in order where the share is all."""
    return (
        list(rows) if share >= 1 else rng.sample(list(rows), min(len(rows), max(8, round(len(rows) * share))))
    )
