"""The end-to-end path: retrieve → select → fill → ground → check → run → answer, readable on one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import EllipsisType
from typing import Any

from tinyagent.calls import Call, Candidate, Plan, Question, Result, Tool
from tinyagent.dualtune import adapters
from tinyagent.dualtune.arguments import Filler
from tinyagent.dualtune.prompts import MAX_CHARACTERS
from tinyagent.dualtune.selector import DONE, Calibration, Selector
from tinyagent.errors import TinyAgentError
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.ground import ground
from tinyagent.grounding.resolvers import missing
from tinyagent.journal import Journal, open_journal, recover_stores
from tinyagent.policy import FILE as POLICY
from tinyagent.policy import Policy, read_policy
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved, Retriever
from tinyagent.runtime import base as bases
from tinyagent.runtime.adapters import AdapterPool
from tinyagent.runtime.engine import Engine
from tinyagent.runtime.probe import ensure_build_runs
from tinyagent.settings import Settings, load
from tinyagent.tools.registry import Catalogue, catalogue

MAX_CALLS = 6
Confirm = Callable[[Tool, Call], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: the plan, the result of each call, and the sentences for the person."""

    plan: Plan
    results: tuple[Result, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON data."""
        return {
            "plan": self.plan.as_json(),
            "results": [result.as_json() for result in self.results],
            "text": self.text,
        }


@dataclass(slots=True)
class _Draft:
    """A plan while it is being made."""

    text: str
    world: World
    calls: list[Call] = field(default_factory=list)
    shortlist: tuple[Candidate, ...] = ()
    early_exit: bool = False
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + (time.perf_counter() - started) * 1000

    def end(self, how: str, question: Question | None = None) -> Plan:
        return Plan(
            self.text,
            self.world.now,
            tuple(self.calls),
            end=how,
            question=question,
            shortlist=self.shortlist,
            early_exit=self.early_exit,
            timings_ms=self.timings,
        )


class Assistant:
    """Turns commands into checked calls on the person's own things.

    Nothing is loaded before it is needed. Not thread-safe: one command at a time.

    >>> Assistant().plan("set a timer for ten minutes").calls[0].args  # doctest: +SKIP
    {'duration': 'PT10M'}
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        tools: Catalogue | None = None,
        journal: Journal | EllipsisType | None = ...,
    ) -> None:
        """Take the person's own settings, tools and journal where none are given; `journal=None` writes none."""
        self.settings = settings or load()
        self.catalogue = tools if tools is not None else catalogue()
        self.journal = open_journal(self.settings) if journal is ... else journal

    @cached_property
    def retriever(self) -> Retriever:
        """The retriever over this catalogue."""
        embedder, index = self._embedder, self._index
        for tool in self.catalogue:
            if tool.name not in index.owners:
                index = index.with_tool(tool.name, embedder.embed_all(tool.examples or [tool.description]))
        return Retriever(embedder, index, [tool.name for tool in self.catalogue])

    @cached_property
    def _embedder(self) -> Embedder:
        return Embedder()

    @cached_property
    def _index(self) -> tool_index.ToolIndex:
        return tool_index.load(embedder_digest=self._embedder.digest)

    @cached_property
    def engine(self) -> Engine:
        """The base model with its adapters."""
        base = bases.describe()
        model = bases.served(self.settings.cache)
        ensure_build_runs(model, self.settings.cache)
        pool = AdapterPool(adapters.files(base), self.settings.adapters_mb << 20)
        return Engine(model, context=base.context, threads=self.settings.threads, pool=pool)

    @cached_property
    def selector(self) -> Selector:
        """The selection step."""
        return Selector(self.engine, Calibration.of(self._index.manifest.get("calibration", {})))

    @cached_property
    def filler(self) -> Filler:
        """The argument step."""
        return Filler(self.engine)

    @cached_property
    def policy(self) -> Policy:
        """The person's rules. Raises `SettingsError` for a rule file with a mistake in it."""
        policy = read_policy(self.settings.config / POLICY)
        policy.check(self.catalogue)
        return policy

    def plan(self, text: str, *, now: datetime | None = None, world: World | None = None) -> Plan:
        """Return what would be done for `text`; nothing is run.

        `now` is local time without a zone (default: the clock), `world` what names can refer to (default: the
        person's contacts and lists). Raises `TinyAgentError` for an empty or an endless command.
        """
        draft = _Draft(_checked(text), world or self.world(now))
        with draft.timed("retrieve"):
            retrieved = self.retriever.retrieve(draft.text)
        draft.shortlist = retrieved.candidates
        while len(draft.calls) < MAX_CALLS:
            with draft.timed("select"):
                chosen = self._select(draft, retrieved)
            if chosen.tool in (NONE, DONE):
                return draft.end("done" if draft.calls else "none")
            tool = self.catalogue[chosen.tool]
            with draft.timed("fill"):
                filled = self.filler.fill(
                    draft.text, tool, draft.world, [(call.tool, call.words) for call in draft.calls]
                )
            with draft.timed("ground"):
                try:
                    if filled.missing and filled.missing[0].type not in ("when",):
                        raise Unresolved(missing(tool.name, filled.missing[0]))
                    args = ground(tool, filled.words, draft.world)
                except Unresolved as error:
                    return draft.end("ask", error.question)
            draft.calls.append(
                Call(tool.name, args, dict(filled.words), chosen.probability * filled.probability)
            )
            if draft.early_exit or not self.selector.expects_more(retrieved, len(draft.calls)):
                return draft.end("done")
        return draft.end("done")

    def _select(self, draft: _Draft, retrieved: Retrieved) -> Candidate:
        if not draft.calls and self.selector.sure(retrieved):
            draft.early_exit = True
            return retrieved.candidates[0]
        earlier = [(call.tool, call.words) for call in draft.calls]
        return self.selector.select(draft.text, retrieved, earlier)[0]

    def run(
        self,
        text: str | Plan,
        *,
        confirm: Confirm = lambda tool, call: False,
        dry_run: bool = False,
        now: datetime | None = None,
    ) -> Answer:
        """Plan `text` (or take a plan) and run its calls; `confirm` is asked where the policy says so (default: no)."""
        from tinyagent.compiler.executor import execute

        plan = text if isinstance(text, Plan) else self.plan(text, now=now)
        if dry_run or plan.end == "ask":
            # With a question open the plan is not whole yet, so nothing of it is done.
            results = [Result(call, "planned") for call in plan.calls]
        else:
            recover_stores(self.settings.folders)
            context = self.settings.context(now or plan.now)
            recorder = self.journal.recorder(plan.text) if self.journal else None
            results = execute(plan, self.catalogue, context, confirm, policy=self.policy, recorder=recorder)
        notes = self.journal.take_notes() if self.journal else ()
        return Answer(plan, tuple(results), "\n".join((*_say(plan, results), *notes)))

    def world(self, now: datetime | None = None) -> World:
        """Return what the resolvers may refer to: the time, the person's contacts and lists."""
        from tinyagent.tools.contacts import people
        from tinyagent.tools.file_paths import Paths
        from tinyagent.tools.lists import list_names
        from tinyagent.tools.note_store import NoteFolders

        folders = recover_stores(self.settings.folders)
        return World(
            self.settings.context(now).now,
            people(folders.contacts),
            list_names(folders.notes),
            Paths(folders.home, folders.state, self.settings.tools, "files"),
            Paths(folders.home, folders.state, self.settings.tools, "folders"),
            NoteFolders(folders.notes),
        )


def _checked(text: str) -> str:
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


def _say(plan: Plan, results: list[Result]) -> list[str]:
    sentences = [result.answer for result in results if result.answer]
    if plan.end == "ask" and plan.question:
        sentences.append(plan.question.text)
    if plan.end == "none":
        sentences.append("I have no tool for that, so I did nothing.")
    return sentences
