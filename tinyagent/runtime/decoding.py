"""Constrained decoding: choices among token sequences and copied runs, with forced tokens fed in one batch.

Nothing is evaluated before a decision needs it: forced tokens wait and go in one batch with whatever follows. A
copied run is verified like a speculative draft: all its tokens are evaluated at once and the run is cut at the first
word boundary where ending the line is likelier than going on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tinyagent.runtime.engine import Engine, Logits, Owned

_DRAFT = 24
"""Tokens of a run verified at once."""


class Decoder:
    """Writes one prompt's continuation. `probability` is the product over the decisions taken so far."""

    def __init__(self, engine: Engine, prompt: Sequence[Owned]) -> None:
        self._engine = engine
        self._prompt: list[Owned] | None = list(prompt)
        self._owner = prompt[-1][1]
        self._pending: list[int] = []
        self.probability = 1.0

    def force(self, tokens: Sequence[int]) -> None:
        """Append tokens that are not in question."""
        self._pending += tokens

    def _logits(self) -> Logits:
        if self._prompt is not None:
            prompt = [*self._prompt, *((token, self._owner) for token in self._pending)]
            self._prompt, self._pending = None, []
            self._last = self._engine.begin(prompt)
        elif self._pending:
            self._last = self._engine.extend(self._pending)[-1]
            self._pending = []
        return self._last

    def _decide(self, allowed: Sequence[int]) -> int:
        """Return the likeliest of the allowed tokens and account for its share among them."""
        if len(allowed) == 1:
            return allowed[0]
        logits = self._logits()[list(allowed)].astype(np.float64)
        best = int(logits.argmax())
        self.probability *= float(1 / np.exp(logits - logits[best]).sum())
        return allowed[best]

    def choose(self, options: Sequence[Sequence[int]]) -> int:
        """Write the likeliest option, token by token; return its index (of equal ones, the first).

        No option may be a prefix of another.
        """
        active = list({tuple(option): i for i, option in reversed(list(enumerate(options)))}.values())
        depth = 0
        while len(active) > 1:
            token = self._decide(list(dict.fromkeys(options[i][depth] for i in active)))
            active = [i for i in active if options[i][depth] == token]
            self.force([token])
            depth += 1
        self.force(options[active[0]][depth:])
        return active[0]

    def score(self, options: Sequence[Sequence[int]], cutoff: float = 0.01) -> list[float]:
        """Return the probability of every option under the restriction to them; nothing is written.

        Branches of the trie below `cutoff` are not evaluated: their options share the branch's mass evenly.
        """
        result = [0.0] * len(options)
        self._logits()
        base = len(self._engine.state)
        # What follows may need these logits again, and the context's buffer is about to be written over.
        self._last = self._last.copy()
        self._score(options, list(range(len(options))), 0, 1.0, self._last, result, cutoff)
        self._engine.truncate(base)
        return result

    def _score(
        self,
        options: Sequence[Sequence[int]],
        active: list[int],
        depth: int,
        mass: float,
        logits: Logits | None,
        result: list[float],
        cutoff: float,
    ) -> None:
        if len(active) == 1 or mass < cutoff:
            for i in active:
                result[i] = mass / len(active)
            return
        branches: dict[int, list[int]] = {}
        for i in active:
            branches.setdefault(options[i][depth], []).append(i)
        if len(branches) == 1:
            shared = _shared_length([options[i] for i in active], depth)
            row = self._engine.extend(options[active[0]][depth:shared])[-1].copy()
            self._score(options, active, shared, mass, row, result, cutoff)
            return
        assert logits is not None
        values = logits[list(branches)].astype(np.float64)
        shares = np.exp(values - values.max())
        shares /= shares.sum()
        start = len(self._engine.state)
        for share, members in zip(shares, branches.values(), strict=True):
            part = mass * float(share)
            if len(members) == 1 or part < cutoff:
                self._score(options, members, depth + 1, part, None, result, cutoff)
                continue
            shared = _shared_length([options[i] for i in members], depth)
            row = self._engine.extend(options[members[0]][depth:shared])[-1].copy()
            self._score(options, members, shared, part, row, result, cutoff)
            self._engine.truncate(start)

    def copy(
        self,
        pieces: Sequence[tuple[Sequence[int], Sequence[int]]],
        starts: Sequence[int],
        end: int,
        instead: Sequence[Sequence[int]] = (),
    ) -> tuple[int, int] | int:
        """Write a run of words, or one of the lines `instead`; return (first, last) word indexes, or which of these.

        `pieces` holds the tokens of each word's core and tail, `starts` the words a run may begin with, `end` the
        token that ends the line (it is written too). Without `instead` a run must be written.
        """
        # They come first, so that a line that reads like the mark of absence means absence.
        others = [_Run([(line, ())], 0) for line in instead]
        active = [*others, *(_Run(pieces, first) for first in starts)]

        def found(run: _Run, depth: int) -> tuple[int, int] | int:
            for which, other in enumerate(others):
                if run is other:
                    return which
            return run.first, run.ends[depth]

        depth = 0
        while len(active) > 1:
            allowed = [run.tokens[depth] for run in active if depth < len(run.tokens)]
            ending = next((run for run in active if depth in run.ends), None)
            if ending is not None:
                allowed.append(end)
            token = self._decide(list(dict.fromkeys(allowed)))
            self.force([token])
            if token == end and ending is not None:
                return found(ending, depth)
            active = [run for run in active if depth < len(run.tokens) and run.tokens[depth] == token]
            depth += 1
        last = active[0]
        if any(last is other for other in others):
            self.force([*last.tokens[depth:], end])
            return found(last, len(last.tokens))
        return self._verify(last, depth, end)

    def _verify(self, run: _Run, depth: int, end: int) -> tuple[int, int]:
        """Evaluate the rest of a run at once and cut it where ending is likelier than going on."""
        if depth == len(run.tokens):
            self.force([end])
            return run.first, run.ends[depth]
        if self._prompt is not None or not self._pending:
            rows, base = self._logits()[np.newaxis, :], depth
        else:
            # The tokens that wait and the draft go in one batch; of the rows, those before `depth` are not needed.
            before = len(self._pending) - 1
            draft = run.tokens[depth:][:_DRAFT]
            rows = self._engine.extend([*self._pending, *draft], every=True)[before:]
            self._pending, base = [], depth
        while True:
            for row in range(rows.shape[0]):
                at = base + row
                if at not in run.ends:
                    continue
                if at == len(run.tokens) or self._ends(rows[row], end, run.tokens[at]):
                    # Positions counted from the run's first token; what was drafted beyond the cut is dropped.
                    self._engine.truncate(len(self._engine.state) - (rows.shape[0] - 1 - row))
                    self.force([end])
                    return run.first, run.ends[at]
            draft = run.tokens[base + rows.shape[0] - 1 :][:_DRAFT]
            base += rows.shape[0]
            rows = self._engine.extend(draft, every=True)

    def _ends(self, row: Logits, end: int, onward: int) -> bool:
        margin = float(row[end]) - float(row[onward])
        self.probability *= 1 / (1 + math.exp(-min(abs(margin), 30.0)))
        return margin > 0


class _Run:
    """The tokens from one word to the last, and at which depths a word ends (depth → word index)."""

    def __init__(self, pieces: Sequence[tuple[Sequence[int], Sequence[int]]], first: int) -> None:
        self.first = first
        self.tokens: list[int] = []
        self.ends: dict[int, int] = {}
        for i in range(first, len(pieces)):
            core, tail = pieces[i]
            self.tokens += core
            self.ends[len(self.tokens)] = i
            if i + 1 < len(pieces):
                self.tokens += tail


def _shared_length(options: Sequence[Sequence[int]], depth: int) -> int:
    while len({option[depth] for option in options}) == 1:
        depth += 1
    return depth
