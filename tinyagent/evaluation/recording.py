"""What an engine evaluated, batch by batch, and the same again with nothing around it.

The replay is the floor that a plan is measured against: llama.cpp on the same tokens at the same positions under the
same adapters, without tokenising, retrieval, decisions or grounding.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

from tinyagent.runtime.engine import Engine, Logits, Owned, Owner


@dataclass(frozen=True, slots=True)
class Batch:
    """One evaluation: tokens from position `start` on under the adapters `owner`, logits of all tokens or the last."""

    start: int
    tokens: tuple[int, ...]
    owner: Owner
    every: bool


@dataclass(slots=True)
class Recording:
    """The batches of one plan and the cached tokens that the first of them went on from."""

    prefix: list[Owned] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """How many tokens were evaluated."""
        return sum(len(batch.tokens) for batch in self.batches)


class Recorder:
    """Notes every batch that an engine evaluates while the `with` block is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._decode = engine._decode
        self._recording = Recording()

    def __enter__(self) -> Recorder:
        self._engine._decode = self._note  # type: ignore[method-assign]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine._decode = self._decode  # type: ignore[method-assign]

    def _note(self, tokens: list[int], owner: Owner, *, every: bool) -> Logits:
        state = self._engine.state
        if not self._recording.batches:
            self._recording.prefix = list(state)
        self._recording.batches.append(Batch(len(state), tuple(tokens), owner, every))
        return self._decode(tokens, owner, every=every)

    def take(self) -> Recording:
        """Return what was evaluated since the last call."""
        taken, self._recording = self._recording, Recording()
        return taken

    def replay(self, recording: Recording, clock: Callable[[], float] = time.perf_counter) -> float:
        """Evaluate the batches again; return the milliseconds that took. `clock` gives seconds."""
        engine = self._engine
        if recording.prefix:
            engine.begin(recording.prefix)
        else:
            engine.truncate(0)
        work = [(batch, list(batch.tokens)) for batch in recording.batches]
        started = clock()
        for batch, tokens in work:
            engine.truncate(batch.start)
            self._decode(tokens, batch.owner, every=batch.every)
        spent = (clock() - started) * 1000
        self.take()
        return spent
