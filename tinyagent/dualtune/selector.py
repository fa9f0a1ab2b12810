"""Select: the selection adapter names the next tool, combined with retrieval's probabilities; skipped when sure.

The name is scored, not generated: the decoding is restricted to the shortlist, `none` and `done`, which gives a
probability per candidate. Where the head alone is sure that this is one call of one tool (or none), the step is
skipped (early exit).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyagent.calls import Candidate
from tinyagent.dualtune import prompts
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine

ADAPTER = "select"
DONE = "done"
Earlier = Sequence[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the two judges are combined: p ∝ head^head_weight · adapter^adapter_weight; when the head alone suffices."""

    head_weight: float = 1.0
    adapter_weight: float = 0.4
    sure: float = 0.8
    single: float = 0.5
    several: float = 0.15

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Calibration:
        """Read the calibration that the index's manifest holds; unknown keys are for others."""
        return cls(**{name: float(values[name]) for name in cls.__slots__ if name in values})


def is_sure(retrieved: Retrieved, calibration: Calibration) -> bool:
    """Return whether the head alone decides: a trained candidate is likely enough and a second call is not."""
    best = retrieved.candidates[0]
    none, one, _ = retrieved.counts
    alone = none if best.tool == NONE else one
    trained = best.tool not in retrieved.unseen
    return trained and best.probability >= calibration.sure and alone >= calibration.single


class Selector:
    """Chooses the next name for a command."""

    def __init__(self, engine: Engine, calibration: Calibration | None = None) -> None:
        self._engine = engine
        self.calibration = calibration or Calibration()

    def sure(self, retrieved: Retrieved) -> bool:
        """Whether retrieval alone decides: one candidate is likely enough and a second call is not."""
        return is_sure(retrieved, self.calibration)

    def expects_more(self, retrieved: Retrieved, calls: int) -> bool:
        """Whether another call may follow `calls` calls."""
        return retrieved.counts[2] >= self.calibration.several if calls == 1 else calls > 1

    def select(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> list[Candidate]:
        """Return the candidates for the next step (tools, `none` or, after a call, `done`), the likeliest first."""
        names = [*retrieved.tools, DONE if earlier else NONE]
        scores = self._score(text, names, earlier, retrieved.unseen)
        prior = {c.tool: c.probability for c in retrieved.candidates}
        c = self.calibration
        combined = {}
        for name, score in zip(names, scores, strict=True):
            # After the first call the head's view of the whole command says little about what is left.
            head = 1.0 if earlier else max(prior.get(name, 0.0), 1e-6) ** c.head_weight
            combined[name] = head * max(score, 1e-6) ** (1.0 if earlier else c.adapter_weight)
        total = sum(combined.values())
        ranked = sorted(combined.items(), key=lambda item: -item[1])
        return [Candidate(name, value / total) for name, value in ranked]

    def adapter_scores(self, text: str, retrieved: Retrieved) -> dict[str, float]:
        """Return the adapter's own probabilities over the shortlist and `none`, for calibration."""
        names = [*retrieved.tools, NONE]
        return dict(zip(names, self._score(text, names, (), retrieved.unseen), strict=True))

    def _score(
        self, text: str, names: Sequence[str], earlier: Earlier, unseen: frozenset[str]
    ) -> list[float]:
        engine = self._engine
        # The line of names costs tokens; only tools that the adapter was not trained on need it.
        shown = [name for name in names if name not in (NONE, DONE)] if unseen.intersection(names) else []
        tokens = prompts.so_far(engine, text, earlier, shortlist=shown)
        decoder = Decoder(engine, [(token, (ADAPTER,)) for token in tokens])
        return decoder.score([prompts.name_tokens(engine, name) for name in names])
