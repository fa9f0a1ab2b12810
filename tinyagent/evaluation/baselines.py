"""Planners to compare with: the assistant with one of its parts taken out, and the usual way in its place.

Each is the assistant's own `plan` with other parts put in, so that whatever else the assistant does (world,
grounding, questions) is the same on every line of the table. All but the assistant itself make one call at most.
With `select_only` a plan holds one call without arguments, which is all that a table of selections needs.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from tinyagent.assistant import Assistant
from tinyagent.calls import Candidate, Plan, Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import ALONE, Around, Filled, Filler
from tinyagent.dualtune.selector import ADAPTER, Calibration, Earlier, Selector
from tinyagent.evaluation.all_tools import AllToolsPrompt, parse
from tinyagent.grounding.base import World
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine, Owner
from tinyagent.tools.registry import Catalogue

_NEVER = 2.0
"""A probability that is never reached."""


def with_parts(assistant: Assistant, *, select_only: bool = False, **parts: Any) -> Assistant:
    """Return a copy of the assistant with some parts (`retriever`, `selector`, `filler`) put in place.

    What is loaded is shared with the original. With `select_only` no tool has parameters.
    """
    assistant.engine, assistant.retriever  # noqa: B018 - loaded once, by the original
    clone = copy.copy(assistant)
    if select_only:
        bare = {tool.name: replace(tool, parameters=()) for tool in assistant.catalogue}
        clone.catalogue = Catalogue(bare)
    vars(clone).update(parts)
    return clone


def never_early(assistant: Assistant) -> Assistant:
    """Return a copy of the assistant that always asks the selection adapter."""
    selector = copy.copy(assistant.selector)
    selector.calibration = replace(selector.calibration, sure=_NEVER, sure_step=_NEVER)
    return with_parts(assistant, selector=selector)


class _Parts:
    """A planner that is an assistant with other parts."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False, **parts: Any) -> None:
        self._assistant = with_parts(assistant, select_only=select_only, **parts)

    def plan(self, text: str, *, now: datetime) -> Plan:
        """Return what would be done for `text`."""
        return self._assistant.plan(text, now=now)


class FullPlanner(_Parts):
    """The assistant as it is."""


class BothPlanner(_Parts):
    """Head and selection adapter combined on every command: the assistant without early exit."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False) -> None:
        super().__init__(never_early(assistant), select_only=select_only)


class HeadPlanner(_Parts):
    """The MLC head alone selects; the selection adapter is never asked."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False) -> None:
        super().__init__(assistant, select_only=select_only, selector=_HeadAlone(assistant.engine))


class AdapterPlanner(_Parts):
    """The selection adapter alone chooses among all names and `none`; nothing is retrieved."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False) -> None:
        super().__init__(
            assistant,
            select_only=select_only,
            retriever=_Everything(assistant.catalogue),
            selector=_NameScorer(assistant.engine, (ADAPTER,)),
        )


class BasePlanner(_Parts):
    """The base model without any adapter scores the names, and writes the arguments."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False) -> None:
        super().__init__(
            assistant,
            select_only=select_only,
            retriever=_Everything(assistant.catalogue),
            selector=_NameScorer(assistant.engine, ()),
            filler=_BareFiller(assistant.engine),
        )


class AllToolsPlanner(_Parts):
    """The base model sees all tools in one prompt and writes a call as it likes; what cannot be read is `none`."""

    def __init__(self, assistant: Assistant, *, select_only: bool = False) -> None:
        writer = _Writer(assistant.engine, assistant.catalogue)
        super().__init__(
            assistant,
            select_only=select_only,
            retriever=_Everything(assistant.catalogue),
            selector=writer,
            filler=writer,
        )


class _Everything:
    """Retrieves nothing: all tools and `none`, equally likely."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        names = [*(tool.name for tool in tools), NONE]
        self._all = Retrieved(tuple(Candidate(name, 1 / len(names)) for name in names), (0.0, 1.0, 0.0))

    def retrieve(self, text: str) -> Retrieved:
        """Return every tool, whatever the command."""
        return self._all


class _OneCall(Selector):
    def expects_more(self, text: str, retrieved: Retrieved, earlier: Earlier) -> bool:
        return False


class _HeadAlone(_OneCall):
    def sure(self, retrieved: Retrieved) -> bool:
        return True


class _NameScorer(_OneCall):
    """Scores the names that were retrieved under `owner`, without anybody else's opinion."""

    def __init__(self, engine: Engine, owner: Owner) -> None:
        super().__init__(engine, Calibration(sure=_NEVER))
        self._owner = owner

    def select(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> list[Candidate]:
        engine = self._engine
        names = [*retrieved.tools, NONE]
        decoder = Decoder(engine, [(token, self._owner) for token in prompts.header(engine, text)])
        scores = decoder.score([prompts.name_tokens(engine, name) for name in names])
        ranked = sorted(zip(scores, names, strict=True), key=lambda pair: -pair[0])
        return [Candidate(name, score) for score, name in ranked]


class _BareFiller(Filler):
    def owner(self, tool: str) -> Owner:
        return ()


class _Writer(_OneCall):
    """Selector and filler in one: a single text holds the name and the arguments."""

    def __init__(self, engine: Engine, tools: Catalogue) -> None:
        super().__init__(engine, Calibration(sure=_NEVER))
        self._prompt = AllToolsPrompt(engine, tools)
        self._tools = tools
        self._words: dict[str, str] = {}

    def select(self, text: str, retrieved: Retrieved, earlier: Earlier = ()) -> list[Candidate]:
        name, self._words = parse(self._prompt.write(text), self._tools)
        return [Candidate(name or NONE, 1.0)]

    def fill(self, text: str, tool: Tool, world: World, around: Around = ALONE) -> Filled:
        words = {p.name: self._words[p.name] for p in tool.parameters if p.name in self._words}
        lacking = tuple(p for p in tool.parameters if p.required and p.name not in words)
        return Filled(words, lacking, 1.0)
