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
from tinyagent.dualtune.wishes import Feeds, chances, left, wishes
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.parts import Part
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine

ADAPTER = "select"
DONE = "done"
_LEAST = 1e-6
Earlier = Sequence[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the two judges are combined, p ∝ head^head_weight · adapter^adapter_weight, and when the head suffices.

    For a command of several calls (the count head gives `several` or more, `single` where it is cut into one part) it
    is p ∝ prior · adapter^more_weight, and where the likeliest prior is `sure_step` or more the prior alone decides.
    It is a mixture: what the parts say that are not done yet (one said later counts `later` times as much as the
    first), and, by `head_share`, what the head says. That spreads its probability over all the tools that the command
    asks for; so its prior of a tool that is not used yet is the head's, of one that is it is `again` times as much, of
    ending `done`.
    """

    head_weight: float = 1.0
    adapter_weight: float = 0.4
    sure: float = 0.8
    single: float = 0.5
    several: float = 0.15
    more_weight: float = 0.5
    done: float = 0.2
    again: float = 0.2
    head_share: float = 0.3
    later: float = 0.3
    sure_step: float = 2.0

    def combined(
        self, prior: Mapping[str, float], adapter: Mapping[str, float], weight: float
    ) -> dict[str, float]:
        """Return the probability of each name that the adapter has scored."""
        found = {
            name: max(prior.get(name, 0.0), _LEAST) * max(score, _LEAST) ** weight
            for name, score in adapter.items()
        }
        return _shares(found)

    def step_prior(
        self, retrieved: Retrieved, parts: Sequence[Part], used: Collection[str]
    ) -> dict[str, float]:
        """Return the prior of each name for the next step of a command of several calls.

        `parts` are those not done yet, `used` the tools of the calls so far.
        """
        head = {c.tool: c.probability * (self.again if c.tool in used else 1.0) for c in retrieved.candidates}
        end = DONE if used else NONE
        if used:
            head.pop(NONE, None)
            head[DONE] = self.done
        head = _shares(head)
        said = chances(parts, self.later)
        said[end] = said.pop(NONE)
        names = {*head, *said}
        # The part head knows nothing of tools without training.
        known = retrieved.parts and not retrieved.unseen.intersection(head)
        share = self.head_share if known else 1.0
        return {name: share * head.get(name, 0.0) + (1 - share) * said.get(name, 0.0) for name in names}

    def sure_of(self, prior: Mapping[str, float]) -> str | None:
        """Return the next step where a prior alone decides it."""
        name = max(prior, key=prior.__getitem__)
        return name if prior[name] >= self.sure_step else None

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Calibration:
        """Read the calibration that the index's manifest holds; unknown keys are for others."""
        return cls(**{name: float(values[name]) for name in cls.__slots__ if name in values})


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values()) or 1.0
    return {name: value / total for name, value in values.items()}


def is_sure(retrieved: Retrieved, calibration: Calibration) -> bool:
    """Return whether the head alone decides: a trained candidate is likely enough and a second call is not."""
    best = retrieved.candidates[0]
    none, one, _ = retrieved.counts
    alone = none if best.tool == NONE else one
    trained = best.tool not in retrieved.unseen
    return trained and best.probability >= calibration.sure and alone >= calibration.single


class Selector:
    """Chooses the next name for a command."""

    def __init__(
        self,
        engine: Engine,
        calibration: Calibration | None = None,
        feeds: Feeds = lambda source, target: False,
    ) -> None:
        """Take the model, how its opinion is weighed, and which tool's result can be an argument of which."""
        self._engine = engine
        self._feeds = feeds
        self.calibration = calibration or Calibration()

    def sure(self, retrieved: Retrieved) -> bool:
        """Whether retrieval alone decides: one candidate is likely enough and a second call is not."""
        return is_sure(retrieved, self.calibration)

    def several(self, retrieved: Retrieved) -> bool:
        """Whether the command sounds like more than one call; cut into one part it has to sound more like it."""
        one = retrieved.parts and len(wishes(retrieved.parts)) < 2
        return retrieved.counts[2] >= (self.calibration.single if one else self.calibration.several)

    def expects_more(self, text: str, retrieved: Retrieved, earlier: Earlier) -> bool:
        """Whether another call may follow the `earlier` ones: the next step is decided then."""
        return self.several(retrieved) or len(earlier) > 1 or says_more(text, earlier)

    def without_adapter(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> Candidate | None:
        """Return the next step where retrieval alone is sure of it."""
        if not earlier and self.sure(retrieved):
            return retrieved.candidates[0]
        if self.several(retrieved):
            prior = self._step_prior(text, retrieved, earlier)
            name = self.calibration.sure_of(prior)
            if name is not None:
                return Candidate(name, prior[name])
        return None

    def select(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> list[Candidate]:
        """Return the candidates for the next step (tools, `none` or, after a call, `done`), the likeliest first."""
        by, several = self.calibration, self.several(retrieved)
        scores = self.adapter_scores(text, retrieved, earlier)
        if several or earlier:
            combined = by.combined(self._step_prior(text, retrieved, earlier), scores, by.more_weight)
        else:
            prior = {c.tool: max(c.probability, _LEAST) ** by.head_weight for c in retrieved.candidates}
            combined = by.combined(prior, scores, by.adapter_weight)
        if earlier and not several and max(combined.values()) < by.sure:
            # What does not sound like several calls goes on only where that is as sure as an early exit.
            return [Candidate(DONE, combined[DONE])]
        return [Candidate(name, p) for name, p in sorted(combined.items(), key=lambda item: -item[1])]

    def _step_prior(self, text: str, retrieved: Retrieved, earlier: Earlier) -> dict[str, float]:
        open_ = self.left(text, retrieved, earlier)
        return self.calibration.step_prior(retrieved, open_, {tool for tool, _ in earlier})

    def left(self, text: str, retrieved: Retrieved, earlier: Earlier) -> tuple[Part, ...]:
        """Return the parts of the command that are still to be done."""
        return left(retrieved.parts, text, earlier, self._feeds)

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
