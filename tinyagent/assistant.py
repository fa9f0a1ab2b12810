"""The end-to-end path: retrieve → select → fill → ground → check → run → answer, readable on one page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from types import EllipsisType
from typing import TYPE_CHECKING

from tinyagent.calls import NO_RESULTS, Answer, Call, Plan, Result, Tool
from tinyagent.compiler import planner
from tinyagent.compiler import resume as resuming
from tinyagent.compiler.joiner import answered as told_by
from tinyagent.compiler.models import Obstacle
from tinyagent.compiler.past import NO_PAST, Past
from tinyagent.compiler.replan import second_try
from tinyagent.draft import Draft, checked
from tinyagent.dualtune import adapters
from tinyagent.dualtune.arguments import Filled, Filler
from tinyagent.dualtune.references import feeds
from tinyagent.dualtune.selector import Calibration, Selector
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.events import Answered, Event, TakenBack, TakingBack
from tinyagent.grounding.base import World
from tinyagent.instructions import FILE as INSTRUCTIONS
from tinyagent.instructions import Instructions
from tinyagent.journal import Journal, open_journal, recover_stores
from tinyagent.policy import FILE as POLICY
from tinyagent.policy import Policy, read_policy
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.retrieval.retriever import Retriever
from tinyagent.runtime import base as bases
from tinyagent.runtime.adapters import AdapterPool
from tinyagent.runtime.engine import Engine
from tinyagent.runtime.probe import ensure_build_runs
from tinyagent.settings import Settings, load
from tinyagent.tools.availability import Availability
from tinyagent.tools.phrases import harmless
from tinyagent.tools.registry import Catalogue, catalogue

if TYPE_CHECKING:
    from tinyagent.compiler.execution import Execution

Confirm = Callable[[Tool, Call], bool]


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
        availability: Obstacle | EllipsisType | None = ...,
    ) -> None:
        """Take the person's own settings, tools and journal where none are given; `journal=None` writes none.

        `availability` says which tools cannot work (default: what this machine tells); with None all of them can,
        so that plans are the same on every machine.
        """
        self.settings = settings or load()
        self.catalogue = tools if tools is not None else catalogue()
        self.journal = open_journal(self.settings) if journal is ... else journal
        self._obstacle = Availability(self.settings).obstacle if availability is ... else availability

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
        calibration = Calibration.of(self._index.manifest.get("calibration", {}))
        return Selector(self.engine, calibration, self._feeds)

    def _feeds(self, source: str, target: str) -> bool:
        return feeds(self.catalogue[source], self.catalogue[target])

    @cached_property
    def filler(self) -> Filler:
        """The argument step."""
        return Filler(self.engine)

    @cached_property
    def instructions(self) -> Instructions:
        """The person's standing wishes."""
        return Instructions.read(self.settings.config / INSTRUCTIONS, self.catalogue)

    @cached_property
    def policy(self) -> Policy:
        """The person's rules. Raises `SettingsError` for a rule file with a mistake in it."""
        policy = read_policy(self.settings.config / POLICY)
        policy.check(self.catalogue)
        return policy

    def plan(
        self,
        text: str,
        *,
        now: datetime | None = None,
        world: World | None = None,
        asked: Plan | None = None,
        past: Past = NO_PAST,
    ) -> Plan:
        """Return what would be done for `text`; nothing is run.

        `now` is local time without a zone (default: the clock), `world` what names can refer to (default: the
        person's contacts and lists). With `asked`, a plan that ended in a question, `text` is the answer and the plan
        goes on; `past` is what was said and done before. Raises `TinyAgentError` for an empty or an endless command.
        """
        opened = self._opened(text, now, asked, past, world)
        if isinstance(opened, Plan):
            return opened
        draft, answered = opened
        for _ in planner.steps(draft, self, self._obstacle, answered):
            pass
        return draft.plan()

    def stream(
        self,
        text: str | Plan,
        *,
        confirm: Confirm = lambda tool, call: False,
        now: datetime | None = None,
        asked: Plan | Answer | None = None,
        past: Past = NO_PAST,
        known: Mapping[int, Result] = NO_RESULTS,
    ) -> Iterator[Event]:
        """Plan and run `text`, or run a plan, and yield what happens as it does (see `events`); `Answered` comes last.

        A call starts as soon as what it needs is there, while later steps are still being planned (until the last
        event the models are at work: use the assistant for nothing else); what needs a yes is put to `confirm` once
        the plan is known. With `asked`, an answer that ended in a question, `text` is what the person says to it and
        the plan goes on: what was run is not run again, `Answered` has the results of all calls and the sentences of
        what is new. Of a plan (`asked`) nothing was run yet; of a plan to run (`text`) only the calls whose results are
        `known`, by index. `past` is what was said and done before (see `conversation`).
        """
        before: Mapping[int, Result] = known
        source: Draft | Plan
        planned: Iterator[Event]
        if isinstance(text, Plan):
            source, moment = text, now or text.now
            planned = iter([TakingBack(text.undoes)] if text.undoes else [])
            run = self._execution(text.text, confirm, moment)
        else:
            before = resuming.results_of(asked)
            opened = self._opened(text, now, asked.plan if isinstance(asked, Answer) else asked, past)
            if isinstance(opened, Plan):
                yield Answered(self._answer(opened, list(before.values()), before))
                return
            source, answered = opened
            moment = now or source.world.now
            planned = planner.steps(source, self, self._obstacle, answered)
            run = self._execution(source.text, confirm, moment)
            run.take(source.plan(), before)
        taken_back: list[TakenBack] = []
        try:
            with closing(run.while_planning(planned)) as events:
                for event in events:
                    yield event
                    if isinstance(event, TakingBack):
                        taken_back = self._take_back(event.entries, moment)
                        yield from taken_back
            if isinstance(source, Plan):
                yield from run.take(source, known)
            yield from run.finish()
            plan = source.plan() if isinstance(source, Draft) else source
            again = second_try(run.results, self.catalogue)
            if again is not None:
                plan = replace(plan, calls=(*plan.calls, again))
                yield from run.take(plan, run.results)
                yield from run.finish()
        except BaseException:
            for _ in run.drain():
                pass
            raise
        yield Answered(self._answer(plan, run.ordered(), before, taken_back))

    def run(
        self,
        text: str | Plan,
        *,
        confirm: Confirm = lambda tool, call: False,
        dry_run: bool = False,
        now: datetime | None = None,
        asked: Plan | Answer | None = None,
    ) -> Answer:
        """Plan `text` (or take a plan) and run its calls; `confirm` is asked where the policy says so (default: no).

        `asked` is as in `stream`.
        """
        if dry_run:
            before = asked.plan if isinstance(asked, Answer) else asked
            plan = text if isinstance(text, Plan) else self.plan(text, now=now, asked=before)
            return self._answer(plan, [Result(call, "planned") for call in plan.calls])
        *_, last = self.stream(text, confirm=confirm, now=now, asked=asked)
        assert isinstance(last, Answered)
        return last.answer

    def _opened(
        self,
        text: str,
        now: datetime | None,
        asked: Plan | None,
        past: Past,
        world: World | None = None,
    ) -> Plan | tuple[Draft, Filled | None]:
        """Return the draft of a command, or of the plan that the answer `text` goes on with; or that plan, given up."""
        text = checked(text)
        if asked is None or not resuming.is_open(asked):
            world = replace(world or self.world(now), before=past.mentioned)
            return Draft(text, world, past=past), None
        over = resuming.given_up(asked, text, self.catalogue)
        return over or resuming.resume(asked, text, self.catalogue, world or self.world(now or asked.now))

    def _execution(self, text: str, confirm: Confirm, now: datetime) -> Execution:
        from tinyagent.compiler.execution import Execution

        recover_stores(self.settings)
        recorder = self.journal.recorder(text) if self.journal else None
        context = self.settings.context(now)
        return Execution(self.catalogue, context, confirm, policy=self.policy, recorder=recorder)

    def _take_back(self, entries: Collection[int], now: datetime) -> list[TakenBack]:
        """Undo entries of the journal, in this order."""
        from tinyagent.journal import undo

        found = []
        for number in entries:
            try:
                if self.journal is None:
                    raise ToolError("Nothing can be undone without a journal.")
                entry = undo(self.journal, self.catalogue, self.settings.context(now), number)
                found.append(TakenBack(number, True, f"Undone: {entry.answer}"))
            except TinyAgentError as error:
                found.append(TakenBack(number, False, str(error)))
        return found

    def _answer(
        self,
        plan: Plan,
        results: list[Result],
        said: Collection[int] = (),
        taken_back: Collection[TakenBack] = (),
    ) -> Answer:
        notes = self.journal.take_notes() if self.journal else ()
        new = len(results) > len(said)
        # What comes in the place of something says enough by itself, unless that something stays.
        told = [harmless(back.sentence) for back in taken_back if not (back.done and new)]
        sentences = told_by(plan, results, self.catalogue, said)
        return Answer(plan, tuple(results), "\n".join((*sentences, *told, *notes)))

    def world(self, now: datetime | None = None) -> World:
        """Return what the resolvers may refer to: the time, contacts, lists; files and applications once looked at."""
        from tinyagent.world import world_of

        return world_of(self.settings, recover_stores(self.settings), now)
