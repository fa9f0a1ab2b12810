"""The task fetching unit: calls form a graph, and a call starts as soon as the calls it needs are done.

The idea is LLMCompiler's (arXiv 2312.04511). Tools run on threads of their own, and so does planning once a call
runs; policy, confirmation, starting calls and reporting stay on the caller's thread, so that two calls never ask at
once and Ctrl-C is noticed at once. An interrupted run starts nothing more and gives running calls a moment to end: a
tool's write is whole or has not happened.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from queue import Empty, SimpleQueue
from time import monotonic

from tinyagent.calls import NO_RESULTS, Call, Plan, Result, Tool
from tinyagent.compiler.joiner import cause, forbidden, left_out, not_done
from tinyagent.compiler.order import Order
from tinyagent.compiler.planning import Over, planning
from tinyagent.compiler.recorder import Recorder, Unrecorded, begin
from tinyagent.compiler.results import with_results
from tinyagent.compiler.values import arguments
from tinyagent.compiler.work import recorded, work
from tinyagent.errors import TinyAgentError
from tinyagent.events import Event, Finished, Planned, Started
from tinyagent.policy import Decision, Policy, Verdict, by_effect
from tinyagent.policy.people import Contacts
from tinyagent.tools.context import Context
from tinyagent.tools.phrases import harmless
from tinyagent.tools.registry import Catalogue

WORKERS = 4
NO_LIMITS: Mapping[str, int] = {}
GRACE = 2.0
Confirm = Callable[[Tool, Call], bool]

EFFECTS_ONLY = Policy()
"""The policy without rules of the person's own."""


class Execution:
    """Runs calls that come in one by one, each as soon as it may.

    Only the tools and a planner leave the caller's thread.

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
        self.order = Order(catalogue, workers, limits)
        self.calls: dict[int, Call] = {}
        self.results: dict[int, Result] = {}
        self._inbox: SimpleQueue[Event | Over] = SimpleQueue()
        self._events: deque[Event] = deque()

    def add(self, index: int, call: Call, needs: Iterable[int] = ()) -> None:
        """Take the call with this index in the plan; it starts with `while_planning` or `finish` once it may."""
        self.calls[index] = self.order.waiting[index] = call
        self.order.needs[index] = set(needs)

    def take(self, plan: Plan, known: Mapping[int, Result] = NO_RESULTS) -> list[Planned]:
        """Take the calls of a plan and return them as events.

        Those with a `known` result have been run already: they are not run again, and not among the events.
        """
        self.results |= known
        taken = []
        for index, call in enumerate(plan.calls):
            self.calls[index] = call
            if index not in known:
                needs = tuple(earlier for later, earlier in plan.depends if later == index)
                self.add(index, call, needs)
                taken.append(Planned(index, call, needs))
        return taken

    def ordered(self) -> list[Result]:
        """Return the results in the plan's order."""
        return [self.results[index] for index in sorted(self.results)]

    def while_planning(self, events: Iterator[Event]) -> Generator[Event, None, None]:
        """Yield a planner's events, and start the calls among them, without a question, the moment they may.

        Nobody may use the planner's models while this goes on: once a call runs, they are at work on a thread of their
        own, also between two events. What the planner raises is raised here; closing this, or Ctrl-C, stops it at its
        next event and waits for that.
        """
        for event in events:
            self._note(event)
            yield from self._go_on()
            if self.order.running:
                break
        else:
            return
        with planning(events, self._inbox.put):
            while not isinstance(heard := self._inbox.get(), Over):
                self._note(heard)
                yield from self._go_on()
        if heard.error is not None:
            raise heard.error

    def finish(self) -> Iterator[Event]:
        """Run everything to its end and yield what begins and ends."""
        while self.order.waiting or self.order.running:
            # Nothing waits for the person's yes that does not need it.
            yield from self._go_on()
            asking = next(
                (index for index in self.order.ready(self.results.keys()) if self.order.room(index)), None
            )
            if asking is not None:
                self._start(asking)
            elif self.order.running:
                self._note(self._inbox.get())
            else:
                self._give_up()
            yield from self._heard()

    def drain(self, grace: float = GRACE) -> Iterator[Event]:
        """Yield the calls that still end within `grace` seconds; start nothing."""
        until = monotonic() + grace
        while self.order.running:
            try:
                heard = self._inbox.get(timeout=max(0.0, until - monotonic()))
            except Empty:
                return
            if isinstance(heard, Finished):
                self._note(heard)
                yield from self._heard()

    def _note(self, heard: Event | Over) -> None:
        """Take in what a planner or the thread of a call says."""
        if isinstance(heard, Finished):
            del self.order.running[heard.index]
            self._settle(heard.index, heard.result)
        elif not isinstance(heard, Over):
            self._events.append(heard)
            if isinstance(heard, Planned):
                self.add(heard.index, heard.call, heard.needs)

    def _go_on(self) -> Iterator[Event]:
        """Start what is ready and asks nothing, and yield what has happened."""
        left = None
        while left != len(self.order.waiting):  # what cannot be started is a result, for which others wait
            left = len(self.order.waiting)
            for index in self.order.ready(self.results.keys()):
                if self.order.room(index):
                    self._start(index, may_ask=False)
        yield from self._heard()

    def _heard(self) -> Iterator[Event]:
        while self._events:
            yield self._events.popleft()

    def _start(self, index: int, may_ask: bool = True) -> None:
        call = self.order.waiting[index]
        first = cause(index, self.order.needs, self.results)
        if first != index:
            why = left_out(self.calls[first], self.results[first], self.catalogue)
            self._settle(index, Result(call, "failed", not_done(call, self.catalogue, why)))
            return
        said = call
        try:
            tool = self.catalogue[call.tool]
            call = with_results(tool, call, {i: self.results[i] for i in self.order.needs[index]})
            keywords = arguments(tool, call)
            verdict = self.policy.verdict(tool, call.args, self.contacts.knows)
            if verdict.decision is Decision.ALLOW and (call.args != said.args or said.taken):
                # The person's rules speak of what the person says, not of what a mail or a file name does.
                verdict = by_effect(tool)
            if verdict.decision is Decision.ASK and not may_ask:
                return
            refusal = self._refusal(tool, said, call, verdict)
            record = begin(self.recorder, tool, call, verdict.decision)
        except TinyAgentError as error:
            self._settle(index, Result(call, "failed", str(error)))
            return
        if refusal:
            self._settle(index, recorded(record, Result(call, "declined", refusal)))
            return

        def run() -> None:
            self._inbox.put(Finished(index, work(tool, call, self.context, keywords, record)))

        del self.order.waiting[index]
        self.order.running[index] = call
        self._events.append(Started(index, call))
        # A daemon: a tool that hangs must not keep the program from ending after Ctrl-C.
        threading.Thread(target=run, name=f"call-{index + 1}-{tool.name}", daemon=True).start()

    def _refusal(self, tool: Tool, said: Call, call: Call, verdict: Verdict) -> str:
        """Return why the call must not run, "" where it may; asks the person where the policy wants that.

        `said` is the call as it was planned, `call` has the results it takes.
        """
        if verdict.decision is Decision.DENY:
            return forbidden(said, self.catalogue, verdict.because)
        if verdict.decision is Decision.ASK and not self.confirm(tool, call):
            return not_done(said, self.catalogue, " was not confirmed.")
        return ""

    def _settle(self, index: int, result: Result) -> None:
        self.order.waiting.pop(index, None)
        result = replace(result, answer=harmless(result.answer))
        self.results[index] = result
        self._events.append(Finished(index, result))

    def _give_up(self) -> None:
        for index, call in list(self.order.waiting.items()):
            said = not_done(call, self.catalogue, " waits for a call that never ends.")
            self._settle(index, Result(call, "failed", said))
