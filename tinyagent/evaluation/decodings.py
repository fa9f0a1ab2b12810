"""Two other ways to decode arguments, to compare with the shipped one (`dualtune.arguments.Filler`).

`FreeFiller` lets the adapters write what they like, `CopyFiller` any run of the command's words; neither asks the
resolvers for proposals. Both write the lines of `dualtune/prompts.py` under the same adapters, and both are given
the keys of all parameters, because training has no loss on keys: no adapter has learnt to write them.

What the comparison cannot show: adapters are trained for the shipped decoding, which leaves a line out where the
resolvers propose nothing. They have seldom seen such a line absent, and the others have to write it all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tinyagent.calls import Parameter, Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import ALONE, Around, Filled, Filler, run_text
from tinyagent.dualtune.prompts import Word
from tinyagent.grounding.base import World
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine, Owned

LONGEST = 32
"""Tokens of a freely written value."""


def _prompt(filler: Filler, engine: Engine, text: str, tool: Tool, around: Around) -> list[Owned]:
    owner = filler.owner(tool.name)
    earlier = [(done.name, words) for done, words in around.earlier]
    tokens = prompts.so_far(engine, text, earlier, around.before)
    return [(token, owner) for token in tokens + prompts.name_tokens(engine, tool.name)]


def _filled(tool: Tool, words: Mapping[str, str], probability: float) -> Filled:
    order = prompts.fill_order(tool)
    return Filled(words, tuple(p for p in order if p.required and p.name not in words), probability)


class FreeFiller(Filler):
    """Greedy text: the likeliest token of the whole vocabulary each time, to the end of the line."""

    def fill(
        self,
        text: str,
        tool: Tool,
        world: World,
        around: Around = ALONE,
    ) -> Filled:
        """Return what was written on each parameter's line; a dash is absent."""
        if not tool.parameters:
            return Filled({}, (), 1.0)
        engine = self._engine
        prompt = _prompt(self, engine, text, tool, around)
        owner = prompt[-1][1]
        lines: list[int] = []
        words: dict[str, str] = {}
        probability = 1.0
        for parameter in prompts.fill_order(tool):
            lines += prompts.key_tokens(engine, parameter.name)
            value, share = self._line([*prompt, *((token, owner) for token in lines)])
            lines += [*value, self._end]
            probability *= share
            written = engine.detokenize(value).strip()
            if written and written != prompts.ABSENT.strip():
                words[parameter.name] = written
        return _filled(tool, words, probability)

    def _line(self, prompt: Sequence[Owned]) -> tuple[list[int], float]:
        """Return the tokens of one value without the line end, and their probability."""
        logits = self._engine.begin(prompt)
        value: list[int] = []
        probability = 1.0
        while True:
            token = int(logits.argmax())
            probability *= float(1 / np.exp(logits.astype(np.float64) - float(logits[token])).sum())
            if token == self._end or len(value) == LONGEST:
                return value, probability
            value.append(token)
            logits = self._engine.extend([token])[-1]


class CopyFiller(Filler):
    """Every parameter, whatever its type, is a run of the command's words or absent."""

    def fill(
        self,
        text: str,
        tool: Tool,
        world: World,
        around: Around = ALONE,
    ) -> Filled:
        """Return the run copied to each parameter's line."""
        words = prompts.split_words(text)
        if not tool.parameters or not words:
            return _filled(tool, {}, 1.0)
        decoder = Decoder(self._engine, _prompt(self, self._engine, text, tool, around))
        found: dict[str, str] = {}
        for parameter in prompts.fill_order(tool):
            run = self._copied(decoder, words, parameter)
            if run is not None:
                found[parameter.name] = run
        return _filled(tool, found, decoder.probability)

    def _copied(self, decoder: Decoder, words: Sequence[Word], parameter: Parameter) -> str | None:
        pieces = [prompts.word_pieces(self._engine, word) for word in words]
        starts = [i for i, word in enumerate(words) if not word.glued]
        decoder.force(prompts.key_tokens(self._engine, parameter.name))
        run = decoder.copy(pieces, starts, self._end, [self._absent])
        return None if isinstance(run, int) else run_text(words, *run)
