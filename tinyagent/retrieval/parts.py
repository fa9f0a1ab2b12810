"""Which words of a command are which wish: the likeliest way to cut it, from what the part head says of each token.

The head gives for every token the probability of each tool (and `none`) and that a wish begins there. The likeliest
cut is found exactly, token by token (Viterbi 1967): going on with a tool costs log(1 - begins), a new wish log(begins).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST = 1e-6
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """Characters [start, end) of a command that are one wish of `tool` (or `none`).

    `probability` is the mean of its tokens', `chances` holds that of each tool that is likely at all.
    """

    tool: str
    start: int
    end: int
    probability: float
    chances: tuple[tuple[str, float], ...] = ()


def cut(
    tools: Scores, begins: Scores, spans: Sequence[tuple[int, int]], names: Sequence[str]
) -> tuple[Part, ...]:
    """Return the parts of a command in the order of its words.

    `tools` [tokens, tools] and `begins` [tokens] are probabilities, `spans` the characters of each token, `names` the
    tools.
    """
    if not len(spans):
        return ()
    emit = np.log(np.maximum(tools, _LEAST))
    begin = np.clip(begins, _LEAST, 1 - _LEAST)
    for i in range(1, len(spans)):
        if spans[i][0] == spans[i - 1][1]:
            begin[i] = _LEAST  # inside a word, or at its punctuation
    best, came = emit[0].copy(), np.zeros((len(spans), len(names)), dtype=int)
    for i in range(1, len(spans)):
        top = int(best.argmax())
        anew, on = best[top] + np.log(begin[i]), best + np.log1p(-begin[i])
        came[i] = np.where(anew > on, top, -1)
        best = emit[i] + np.maximum(anew, on)
    state, ends, parts = int(best.argmax()), len(spans), []
    for i in range(len(spans) - 1, -1, -1):
        if i == 0 or came[i, state] >= 0:
            parts.append(_part(tools[i:ends].mean(0), names, state, spans[i][0], spans[ends - 1][1]))
            state, ends = int(came[i, state]), i
    return tuple(reversed(parts))


def _part(mean: Scores, names: Sequence[str], state: int, start: int, end: int) -> Part:
    likely = sorted(
        ((name, float(p)) for name, p in zip(names, mean, strict=True) if p >= 0.02),
        key=lambda pair: -pair[1],
    )
    return Part(names[state], start, end, float(mean[state]), tuple(likely))
