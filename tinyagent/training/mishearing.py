"""Earlier calls as they come out when an argument adapter errs: the selection adapter reads them, so learns from them.

A decoder that has only seen right prefixes trusts them too much (exposure bias; Bengio et al. 2015, arXiv 1506.03099):
after a call that took the words of the next wish it said that all was done. So some of the calls it learns from hold
too many words, too few, other ones, or lack an argument, and what comes next stays as it is.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from tinyagent.calls import Parameter, Tool
from tinyagent.dualtune.coverage import words_of

_MOST = 6
"""Words that a value takes too many of."""

Said = Sequence[tuple[Tool, Mapping[str, str]]]


def misheard(text: str, said: Said, share: float, rng: random.Random) -> list[tuple[Tool, dict[str, str]]]:
    """Return the calls of a command with an error in about `share` of those that have arguments."""
    return [
        (tool, _err(text, tool, words, said, rng) if words and rng.random() < share else dict(words))
        for tool, words in said
    ]


def _err(text: str, tool: Tool, words: Mapping[str, str], said: Said, rng: random.Random) -> dict[str, str]:
    name = rng.choice(sorted(words))
    parameter = tool.parameter(name)
    value = _other(parameter, words[name], said, rng) if parameter.is_choice else _run(text, words[name], rng)
    if value is None:
        return {key: word for key, word in words.items() if key != name}
    return {**words, name: value}


def _other(parameter: Parameter, value: str, said: Said, rng: random.Random) -> str | None:
    """Return a value of the same type that another call has, or None."""
    others = sorted(
        {
            words[other.name]
            for tool, words in said
            for other in tool.parameters
            if other.type == parameter.type and words.get(other.name, value) != value
        }
    )
    return rng.choice(others) if others else None


def _run(text: str, value: str, rng: random.Random) -> str | None:
    """Return a run of words that is longer, shorter or later than `value`; None where there is none, or by chance."""
    start = text.find(value)
    words = [match.span() for match in words_of(text)]
    inside = [i for i, (first, last) in enumerate(words) if start <= first and last <= start + len(value)]
    if start < 0 or not inside:
        return None
    after = len(words) - 1 - inside[-1]
    kind = rng.choice(("longer", "longer", "longer", "shorter", "later", "lost"))
    first, last = inside[0], inside[-1]
    if kind == "longer" and after:
        last += rng.randint(1, min(_MOST, after))
    elif kind == "shorter" and len(inside) > 1:
        last -= rng.randint(1, len(inside) - 1)
    elif kind == "later" and after:
        first = inside[-1] + rng.randint(1, after)
        last = min(len(words) - 1, first + rng.randint(0, 3))
    else:
        return None
    return text[words[first][0] : words[last][1]]
