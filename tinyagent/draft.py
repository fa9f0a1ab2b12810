"""A plan in the making: what the path of a command has found so far, and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tinyagent.calls import Call, Candidate, Plan, Question, Tool
from tinyagent.compiler.past import NO_PAST, Past
from tinyagent.dualtune.prompts import MAX_CHARACTERS
from tinyagent.errors import TinyAgentError
from tinyagent.grounding.base import World
from tinyagent.grounding.mentions import after
from tinyagent.retrieval.index import FRESH
from tinyagent.tools.registry import Catalogue


@dataclass(slots=True)
class Draft:
    """A plan while it is being made.

    `steps` are the tools chosen so far with the words of their arguments, `calls` those of them that can be done
    (`positions`: for each step its call), `reasons` say why others cannot, each once. `past` are the turns before,
    `follows` says how this one follows them, `undoes` what is taken back first (numbers of journal entries).
    """

    text: str
    world: World
    steps: list[tuple[Tool, Mapping[str, str]]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    positions: list[int | None] = field(default_factory=list)
    depends: list[tuple[int, int]] = field(default_factory=list)
    question: Question | None = None
    shortlist: tuple[Candidate, ...] = ()
    early_exit: bool = False
    reasons: dict[str, None] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    past: Past = NO_PAST
    follows: str = FRESH
    undoes: tuple[int, ...] = ()

    @classmethod
    def of(cls, plan: Plan, tools: Catalogue, world: World) -> Draft:
        """Return the draft of a plan that goes on: its calls are steps already."""
        draft = cls(plan.text, world, question=plan.question, early_exit=plan.early_exit)
        for index, call in enumerate(plan.calls):
            tool = tools[call.tool]
            draft.add(tool, call.words, call, [earlier for later, earlier in plan.depends if later == index])
            draft.world = replace(draft.world, mentioned=after(draft.world.mentioned, tool, call.args))
        return draft

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to the time of a stage."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + (time.perf_counter() - started) * 1000

    def add(
        self, tool: Tool, words: Mapping[str, str], call: Call | None = None, needs: Collection[int] = ()
    ) -> int:
        """Add a step and its call, if it has one; return the index of the call."""
        self.steps.append((tool, words))
        self.positions.append(len(self.calls) if call else None)
        if call:
            self.calls.append(call)
            self.depends += [(len(self.calls) - 1, earlier) for earlier in sorted(needs)]
        return len(self.calls) - 1

    def plan(self) -> Plan:
        """Return the plan as it stands."""
        return Plan(
            self.text,
            self.world.now,
            tuple(self.calls),
            tuple(self.depends),
            end="ask" if self.question else "done" if self.calls or self.undoes else "none",
            question=self.question,
            shortlist=self.shortlist,
            early_exit=self.early_exit,
            timings_ms=self.timings,
            reason=" ".join(self.reasons),
            follows=self.follows,
            undoes=self.undoes,
        )


def checked(text: str) -> str:
    """Return a command as it is planned; raises `TinyAgentError` for an empty and for an endless one."""
    # Bytes that were no UTF-8 come in as lone surrogates, which no tokenizer takes.
    words = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    if not words:
        raise TinyAgentError(
            "There is nothing to do: say what you want, for example “set a timer for ten minutes”."
        )
    if len(words) > MAX_CHARACTERS:
        raise TinyAgentError(f"That is too long for one command: keep it under {MAX_CHARACTERS} characters.")
    # Capitals say nothing where all are, and the adapters know few commands that shout.
    return words.lower() if words.isupper() and " " in words else words
