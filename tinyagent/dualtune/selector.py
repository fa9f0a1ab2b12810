"""Select: the selection adapter names the next tool, combined with retrieval's probabilities; skipped when sure.

The name is scored, not generated: the decoding is restricted to the shortlist, `none` and `done`, which gives a
probability per candidate. Where the head alone is sure that this is one call of one tool (or none), the step is
skipped (early exit).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tinyagent.calls import Candidate
from tinyagent.dualtune import prompts
from tinyagent.dualtune.coverage import says_more
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine

ADAPTER = "select"
DONE = "done"
_LEAST = 1e-6
Earlier = Sequence[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the two judges are combined, p ∝ head^head_weight · adapter^adapter_weight, and when the head alone suffices.

    For a command of several calls (the count head gives `several` or more) it is p ∝ prior · adapter^more_weight. The
    head spreads its probability over all the tools that the command asks for; so the prior of a tool that is not used
    yet is the head's, of one that is it is `again` times as much, and of ending it is `done`.
    """

    head_weight: float = 1.0
    adapter_weight: float = 0.4
    sure: float = 0.8
    single: float = 0.5
    several: float = 0.15
    more_weight: float = 0.5
    done: float = 0.2
    again: float = 0.2

    def combined(
        self,
        prior: Mapping[str, float],
        adapter: Mapping[str, float],
        used: Collection[str] = (),
        several: bool = False,
    ) -> dict[str, float]:
        """Return the probability of each name that the adapter has scored, after calls of the tools `used`."""
        found = {}
        for name, score in adapter.items():
            if used or several:
                p = (
                    self.done
                    if name == DONE
                    else prior.get(name, 0.0) * (self.again if name in used else 1.0)
                )
                weight = self.more_weight
            else:
                p, weight = max(prior.get(name, 0.0), _LEAST) ** self.head_weight, self.adapter_weight
            found[name] = max(p, _LEAST) * max(score, _LEAST) ** weight
        total = sum(found.values())
        return {name: value / total for name, value in found.items()}

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

    def expects_more(self, text: str, retrieved: Retrieved, earlier: Earlier) -> bool:
        """Whether another call may follow the `earlier` ones: the adapter is asked then."""
        several = retrieved.counts[2] >= self.calibration.several
        return several or len(earlier) > 1 or says_more(text, earlier)

    def select(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> list[Candidate]:
        """Return the candidates for the next step (tools, `none` or, after a call, `done`), the likeliest first."""
        prior = {c.tool: c.probability for c in retrieved.candidates}
        scores = self.adapter_scores(text, retrieved, earlier)
        several = retrieved.counts[2] >= self.calibration.several
        combined = self.calibration.combined(prior, scores, {tool for tool, _ in earlier}, several)
        return [Candidate(name, p) for name, p in sorted(combined.items(), key=lambda item: -item[1])]

    def adapter_scores(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> dict[str, float]:
        """Return the adapter's own probabilities over the shortlist and `none` or, after a call, `done`."""
        names = [*retrieved.tools, DONE if earlier else NONE]
        return dict(zip(names, self._score(text, names, earlier, retrieved.unseen), strict=True))

    def _score(
        self, text: str, names: Sequence[str], earlier: Earlier, unseen: frozenset[str]
    ) -> list[float]:
        engine = self._engine
        # The line of names costs tokens; only tools that the adapter was not trained on need it.
        shown = [name for name in names if name not in (NONE, DONE)] if unseen.intersection(names) else []
        tokens = prompts.so_far(engine, text, earlier, shortlist=shown)
        decoder = Decoder(engine, [(token, (ADAPTER,)) for token in tokens])
        return decoder.score([prompts.name_tokens(engine, name) for name in names])
