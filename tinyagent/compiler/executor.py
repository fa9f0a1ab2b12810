"""Run a plan: calls form a graph, and a call starts as soon as the calls it needs are done.

The idea is LLMCompiler's (arXiv 2312.04511). Tools run on threads of their own; policy, confirmation and
reporting stay on the caller's thread, so that two calls never ask at once and Ctrl-C is noticed at once. An
interrupted run starts nothing more and gives running calls a moment to end: a tool's write is whole or has
not happened.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from tinyagent.calls import Call, Plan, Result, Tool
from tinyagent.compiler.order import Order
from tinyagent.compiler.recorder import Recorder, Unrecorded, begin
from tinyagent.compiler.results import refer
from tinyagent.compiler.values import arguments
from tinyagent.compiler.work import recorded, work
from tinyagent.errors import TinyAgentError
from tinyagent.events import Event, Finished, Started
from tinyagent.policy import Decision, Policy, Verdict, by_effect
from tinyagent.policy.people import Contacts
from tinyagent.tools.context import Context
from tinyagent.tools.phrases import harmless
from tinyagent.tools.registry import Catalogue

WORKERS = 4
NO_LIMITS: Mapping[str, int] = {}
NO_RESULTS: Mapping[int, Result] = {}
GRACE = 2.0
Confirm = Callable[[Tool, Call], bool]
Report = Callable[[Result], None]

EFFECTS_ONLY = Policy()
"""The policy without rules of the person's own."""


def execute(
    plan: Plan,
    catalogue: Catalogue,
    context: Context,
    confirm: Confirm,
    *,
    policy: Policy = EFFECTS_ONLY,
    recorder: Recorder | None = None,
    dry_run: bool = False,
    on_result: Report | None = None,
    workers: int = WORKERS,
    limits: Mapping[str, int] = NO_LIMITS,
    grace: float = GRACE,
) -> list[Result]:
    """Run the calls of `plan` and return one result per call, in the plan's order.

    The arguments are those of `Execution`; `dry_run` only says what would run, `on_result` hears every result as it
    comes, also those that end after an interrupt. `grace` is how many seconds an interrupt waits for running calls.
    """
    if dry_run:
        return [Result(call, "planned") for call in plan.calls]

    run = Execution(
        catalogue, context, confirm, policy=policy, recorder=recorder, workers=workers, limits=limits
    )
    run.take(plan)

    def hear(event: Event) -> None:
        if on_result and isinstance(event, Finished):
            on_result(event.result)

    return run.to_the_end(hear, grace)


class Execution:
    """The task fetching unit: calls come in one by one and start as soon as they may.

    Only the tools themselves leave the caller's thread.

    `confirm(tool, call)` is asked on the caller's thread for every call whose `policy` is "ask", and not before
    `finish`: the person is asked once the whole plan is known. A no gives a result "declined", and so does a policy
    that says "deny". A rule that allows does not cover a call that takes over another's result: there the effect
    decides. `recorder` hears of every call before and after it runs; one that changes something does not run where
    that cannot be written. A failing tool gives "failed" with its sentence, and so does every call that needs it.

    A call starts when the calls it needs are done and no earlier call that changes something in the same toolset is
    left: "skip this song and turn it up" happens in that order. At most `workers` calls run at once, of a toolset in
    `limits` at most so many.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        context: Context,
        confirm: Confirm,
        *,
        policy: Policy = EFFECTS_ONLY,
        recorder: Recorder | None = None,
        workers: int = WORKERS,
        limits: Mapping[str, int] = NO_LIMITS,
    ) -> None:
        self.catalogue, self.context, self.confirm = catalogue, context, confirm
        self.policy, self.recorder = policy, recorder or Unrecorded()
        self.contacts = Contacts(context.folders.contacts)
        self.denied: set[int] = set()
        self.order = Order(catalogue, workers, limits)
        self.finished: SimpleQueue[tuple[int, Result]] = SimpleQueue()
        self.results: dict[int, Result] = {}
        self._events: deque[Event] = deque()

    def add(self, index: int, call: Call, needs: Iterable[int] = ()) -> None:
        """Take the call with this index in the plan; it starts with the next `pump` or `finish` if it may."""
        self.order.waiting[index] = call
        self.order.needs[index] = set(needs)

    def take(self, plan: Plan, known: Mapping[int, Result] = NO_RESULTS) -> None:
        """Take the calls of a plan; those with a `known` result have been run already and are not run again."""
        self.results |= known
        for index, call in enumerate(plan.calls):
            if index not in known:
                self.add(index, call, [earlier for later, earlier in plan.depends if later == index])

    def ordered(self) -> list[Result]:
        """Return the results in the plan's order."""
        return [self.results[index] for index in sorted(self.results)]

    def pump(self) -> Iterator[Event]:
        """Start what is ready and asks nothing, and yield what has begun and ended; never waits."""
        while not self.finished.empty():
            self._collect(*self.finished.get())
        self._start_ready()
        yield from self._heard()

    def finish(self) -> Iterator[Event]:
        """Run everything to its end and yield what begins and ends."""
        while self.order.waiting or self.order.running:
            # Nothing waits for the person's yes that does not need it.
            self._start_ready()
            yield from self._heard()
            asking = next(
                (index for index in self.order.ready(self.results.keys()) if self.order.room(index)), None
            )
            if asking is not None:
                self._start(asking)
            elif self.order.running:
                self._collect(*self.finished.get())
            else:
                self._give_up()
            yield from self._heard()

    def to_the_end(
        self, hear: Callable[[Event], None] = lambda event: None, grace: float = GRACE
    ) -> list[Result]:
        """Run everything, tell `hear` the events, and return the results; an interrupt leaves `grace` seconds."""
        try:
            for event in self.finish():
                hear(event)
        except BaseException:
            for event in self.drain(grace):
                hear(event)
            raise
        return self.ordered()

    def drain(self, grace: float = GRACE) -> Iterator[Event]:
        """Yield the calls that still end within `grace` seconds; start nothing."""
        until = monotonic() + grace
        while self.order.running:
            try:
                self._collect(*self.finished.get(timeout=max(0.0, until - monotonic())))
            except Empty:
                return
            yield from self._heard()

    def _start_ready(self) -> None:
        for index in self.order.ready(self.results.keys()):
            if self.order.room(index):
                self._start(index, may_ask=False)

    def _heard(self) -> Iterator[Event]:
        while self._events:
            yield self._events.popleft()

    def _start(self, index: int, may_ask: bool = True) -> None:
        call = self.order.waiting[index]
        broken = [i for i in sorted(self.order.needs[index]) if self.results[i].status != "done"]
        if broken:
            first = self.results[broken[0]]
            said = f"Not done: it needs {first.call.tool}, which {self._fate(broken[0])}."
            self._settle(index, Result(call, "failed", said))
            return
        said_args = call.args
        try:
            tool = self.catalogue[call.tool]
            call = replace(call, args=self._with_results(tool, call, self.order.needs[index]))
            keywords = arguments(tool, call)
            verdict = self.policy.verdict(tool, call.args, self.contacts.knows)
            if verdict.decision is Decision.ALLOW and call.args != said_args:
                # The person's rules speak of what the person says, not of what a mail or a file name does.
                verdict = by_effect(tool)
            if verdict.decision is Decision.ASK and not may_ask:
                return
            refusal = self._refusal(index, tool, call, verdict)
            record = begin(self.recorder, tool, call, verdict.decision)
        except TinyAgentError as error:
            self._settle(index, Result(call, "failed", str(error)))
            return
        if refusal:
            self._settle(index, recorded(record, Result(call, "declined", refusal)))
            return

        def run() -> None:
            self.finished.put((index, work(tool, call, self.context, keywords, record)))

        del self.order.waiting[index]
        self.order.running[index] = call
        self._events.append(Started(index, call))
        # A daemon: a tool that hangs must not keep the program from ending after Ctrl-C.
        threading.Thread(target=run, name=f"call-{index + 1}-{tool.name}", daemon=True).start()

    def _with_results(self, tool: Tool, call: Call, needs: Collection[int]) -> dict[str, Any]:
        results = {i: self.results[i] for i in needs}
        kinds = {parameter.name: parameter.type for parameter in tool.parameters}
        return {name: refer(value, results, kinds.get(name, "text")) for name, value in call.args.items()}

    def _refusal(self, index: int, tool: Tool, call: Call, verdict: Verdict) -> str:
        """Return why the call must not run, "" where it may; asks the person where the policy wants that."""
        if verdict.decision is Decision.DENY:
            self.denied.add(index)
            return f"Not done: the policy forbids this {tool.name}, because {verdict.because}."
        if verdict.decision is Decision.ASK and not self.confirm(tool, call):
            return f"Not done: {tool.name} was not confirmed."
        return ""

    def _fate(self, index: int) -> str:
        if index in self.denied:
            return "the policy forbids"
        return "was not confirmed" if self.results[index].status == "declined" else "failed"

    def _collect(self, index: int, result: Result) -> None:
        del self.order.running[index]
        self._settle(index, result)

    def _settle(self, index: int, result: Result) -> None:
        self.order.waiting.pop(index, None)
        result = replace(result, answer=harmless(result.answer))
        self.results[index] = result
        self._events.append(Finished(index, result))

    def _give_up(self) -> None:
        for index, call in list(self.order.waiting.items()):
            said = f"Not done: {call.tool} waits for a call that never ends."
            self._settle(index, Result(call, "failed", said))
