"""Words in, shortlist out: the head's probabilities where it knows the tools, Tool2Vec for tools it has never seen."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from tinyagent.calls import Candidate
from tinyagent.retrieval.embedder import Embedder
from tinyagent.retrieval.index import NONE, ToolIndex
from tinyagent.retrieval.parts import Part

LONGEST = 8


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What retrieval thinks: candidates (tools and `none`) by probability, the likeliest first, and the call counts.

    `counts` are the probabilities of no call, one call and several. `unseen` are candidates without training.
    `follows` says how likely the command follows the one before in each of the ways of `index.FOLLOWS`,
    `scores` the probability of every tool, `parts` which words are which wish, in the order they are said.
    """

    candidates: tuple[Candidate, ...]
    counts: tuple[float, float, float]
    unseen: frozenset[str] = frozenset()
    follows: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def tools(self) -> tuple[str, ...]:
        """The shortlist of tools, without `none`."""
        return tuple(c.tool for c in self.candidates if c.tool != NONE)

    def favouring(self, tools: frozenset[str], times: float) -> Retrieved:
        """Return the same with some tools `times` as likely, and the likeliest of them on the shortlist."""
        scores = {name: p * (times if name in tools else 1.0) for name, p in self.scores.items()}
        total = sum(scores.values()) or 1.0
        best = max(tools & scores.keys(), key=scores.__getitem__, default=NONE)
        names = {best, *(c.tool for c in self.candidates)}
        chosen = sorted(
            (Candidate(name, scores.get(name, 0.0) / total) for name in names), key=lambda c: -c.probability
        )
        return replace(self, candidates=tuple(chosen), scores={name: p / total for name, p in scores.items()})


class Retriever:
    """Retrieves over the tools of a catalogue, whether they work here or not; `available` are their names."""

    def __init__(self, embedder: Embedder, index: ToolIndex, available: Collection[str]) -> None:
        self._embedder = embedder
        self._index = index
        known = set(index.classes)
        self._available = frozenset(available)
        self._unseen = self._available - known
        calibration = index.manifest.get("calibration", {})
        self._temperature: float = calibration.get("tool2vec_temperature", 0.05)
        self._cover: float = calibration.get("shortlist_cover", 0.97)
        self._floor: float = calibration.get("shortlist_floor", 0.005)

    def retrieve(self, text: str) -> Retrieved:
        """Return the shortlist for a command: at most eight tools, few when sure, those of its parts, and `none`."""
        reading = self._embedder.read(text)
        embedding = reading.vector
        scores = self._index.head_probabilities(embedding)
        scores = {name: p for name, p in scores.items() if name in self._available or name == NONE}
        if self._unseen:
            scores = self._with_unseen(scores, self._index.similarities(embedding))
        total = sum(scores.values()) or 1.0
        ranked = sorted(((p / total, name) for name, p in scores.items()), reverse=True)
        chosen: list[Candidate] = []
        covered = 0.0
        for p, name in ranked:
            if chosen and (covered >= self._cover or p < self._floor or len(chosen) == LONGEST):
                break
            chosen.append(Candidate(name, p))
            covered += p
        parts = self._index.cut(reading, self._available)
        named = {part.tool for part in parts} - {c.tool for c in chosen}
        added = [Candidate(name, p) for p, name in ranked if name in named][: LONGEST - 1]
        chosen = [*chosen[: LONGEST - len(added)], *added]
        if all(c.tool != NONE for c in chosen):
            chosen.append(Candidate(NONE, next((p for p, name in ranked if name == NONE), 0.0)))
        counts, follows = self._index.counts(embedding), self._index.follows(embedding)
        return Retrieved(
            *(tuple(chosen), counts, self._unseen, follows),
            {name: p for p, name in ranked},
            parts,
        )

    def _with_unseen(self, scores: dict[str, float], similarities: dict[str, float]) -> dict[str, float]:
        """Give unseen tools their Tool2Vec share and the known ones the rest, by the head."""
        names = [n for n in similarities if n in self._available or n == NONE]
        if not names:
            return scores
        top = max(similarities[n] for n in names)
        weights = {n: math.exp((similarities[n] - top) / self._temperature) for n in names}
        total = sum(weights.values())
        unseen = {n: weights[n] / total for n in names if n in self._unseen}
        rest = 1 - sum(unseen.values())
        return {**{n: p * rest for n, p in scores.items()}, **unseen}
