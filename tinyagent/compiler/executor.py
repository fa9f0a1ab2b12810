"""Run a plan: calls form a graph, and a call starts as soon as the calls it needs are done.

The idea is LLMCompiler's (arXiv 2312.04511). Tools run on threads of their own; policy, confirmation and
reporting stay on the caller's thread, so that two calls never ask at once and Ctrl-C is noticed at once. An
interrupted run starts nothing more and gives running calls a moment to end: a tool's write is whole or has
not happened.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from time import monotonic

from tinyagent.calls import Call, Effect, Outcome, Plan, Result, Tool
from tinyagent.compiler.recorder import Record, Recorder, Unrecorded
from tinyagent.compiler.values import arguments, refer
from tinyagent.errors import TinyAgentError
from tinyagent.policy import Decision, Policy, Verdict
from tinyagent.policy.people import Contacts
from tinyagent.tools.changes import keeping
from tinyagent.tools.context import Context
from tinyagent.tools.registry import Catalogue

Confirm = Callable[[Tool, Call], bool]
Report = Callable[[Result], None]

EFFECTS_ONLY = Policy()
"""The policy without rules of the person's own."""

_log = logging.getLogger(__name__)


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
    workers: int = 4,
    grace: float = 2.0,
) -> list[Result]:
    """Run the calls of `plan` and return one result per call, in the plan's order.

    `confirm(tool, call)` is asked on the caller's thread for every call whose `policy` is "ask"; a no gives a
    result "declined", and so does a policy that says "deny". `recorder` hears of every call before and after
    it runs; one that changes something does not run where that cannot be written. A failing tool gives
    "failed" with its sentence, and so does every call that needs it. `dry_run` only says what would run.
    `on_result` hears every result as it comes, also those that end after an interrupt. At most `workers`
    calls run at once; `grace` is how many seconds an interrupt waits for running calls.
    """
    if dry_run:
        return [Result(call, "planned") for call in plan.calls]
    run = _Run(plan, catalogue, context, confirm, policy, recorder or Unrecorded(), on_result)
    try:
        run.drive(workers)
    except KeyboardInterrupt:
        run.drain(grace)
        raise
    return [run.results[index] for index in range(len(plan.calls))]


class _Run:
    """The state of one execution. Only the tools themselves leave the caller's thread."""

    def __init__(
        self,
        plan: Plan,
        catalogue: Catalogue,
        context: Context,
        confirm: Confirm,
        policy: Policy,
        recorder: Recorder,
        report: Report | None,
    ) -> None:
        self.catalogue, self.context, self.confirm = catalogue, context, confirm
        self.policy, self.recorder, self.report = policy, recorder, report or (lambda result: None)
        self.contacts = Contacts(context.folders.contacts)
        self.denied: set[int] = set()
        self.needs: dict[int, set[int]] = {index: set() for index in range(len(plan.calls))}
        for later, earlier in plan.depends:
            self.needs.setdefault(later, set()).add(earlier)
        self.waiting = dict(enumerate(plan.calls))
        self.running: set[int] = set()
        self.finished: SimpleQueue[tuple[int, Result]] = SimpleQueue()
        self.results: dict[int, Result] = {}

    def drive(self, workers: int) -> None:
        """Start what is ready and collect what ends, until every call has its result."""
        while self.waiting or self.running:
            ready = [index for index in self.waiting if self.needs[index] <= self.results.keys()]
            for index in ready[: workers - len(self.running)]:
                self._start(index, self.waiting.pop(index))
            if self.running:
                self._collect(*self.finished.get())
            elif not ready:
                self._give_up()

    def drain(self, grace: float) -> None:
        """Report the calls that still end within `grace` seconds; start nothing."""
        until = monotonic() + grace
        while self.running:
            try:
                self._collect(*self.finished.get(timeout=max(0.0, until - monotonic())))
            except Empty:
                return

    def _start(self, index: int, call: Call) -> None:
        broken = [i for i in sorted(self.needs[index]) if self.results[i].status != "done"]
        if broken:
            first = self.results[broken[0]]
            self._settle(
                index,
                Result(
                    call, "failed", f"Not done: it needs {first.call.tool}, which {self._fate(broken[0])}."
                ),
            )
            return
        values = {i: self.results[i].value for i in self.needs[index]}
        call = replace(call, args={name: refer(value, values) for name, value in call.args.items()})
        try:
            tool = self.catalogue[call.tool]
            keywords = arguments(tool, call)
            verdict = self.policy.verdict(tool, call.args, self.contacts.knows)
            refusal = self._refusal(index, tool, call, verdict)
            record = self._begin(tool, call, verdict.decision)
        except TinyAgentError as error:
            self._settle(index, Result(call, "failed", str(error)))
            return
        if refusal:
            self._settle(index, _recorded(record, Result(call, "declined", refusal)))
            return

        def work() -> None:
            self.finished.put((index, _call(tool, call, self.context, keywords, record)))

        self.running.add(index)
        # A daemon: a tool that hangs must not keep the program from ending after Ctrl-C.
        threading.Thread(target=work, name=f"call-{index + 1}-{tool.name}", daemon=True).start()

    def _refusal(self, index: int, tool: Tool, call: Call, verdict: Verdict) -> str:
        """Return why the call must not run, "" where it may; asks the person where the policy wants that."""
        if verdict.decision is Decision.DENY:
            self.denied.add(index)
            return f"Not done: the policy forbids this {tool.name}, because {verdict.because}."
        if verdict.decision is Decision.ASK and not self.confirm(tool, call):
            return f"Not done: {tool.name} was not confirmed."
        return ""

    def _begin(self, tool: Tool, call: Call, decision: Decision) -> Record:
        try:
            return self.recorder.begin(tool, call, decision)
        except TinyAgentError:
            if tool.effect is not Effect.READ:
                raise
            _log.debug("a look is not recorded", exc_info=True)
            return Unrecorded()

    def _fate(self, index: int) -> str:
        if index in self.denied:
            return "the policy forbids"
        return "was not confirmed" if self.results[index].status == "declined" else "failed"

    def _collect(self, index: int, result: Result) -> None:
        self.running.discard(index)
        self._settle(index, result)

    def _settle(self, index: int, result: Result) -> None:
        self.results[index] = result
        self.report(result)

    def _give_up(self) -> None:
        for index, call in list(self.waiting.items()):
            del self.waiting[index]
            self._settle(
                index, Result(call, "failed", f"Not done: {call.tool} waits for a call that never ends.")
            )


def _call(tool: Tool, call: Call, context: Context, keywords: dict[str, object], record: Record) -> Result:
    try:
        with keeping(record.keep):
            outcome: Outcome = tool.function(context, **keywords)
        return _recorded(record, Result(call, "done", outcome.answer, outcome.value, outcome.undo))
    except TinyAgentError as error:
        return _recorded(record, Result(call, "failed", str(error)))
    except Exception as error:
        _log.debug("%s failed", tool.name, exc_info=True)
        answer = (
            f"{tool.name} failed unexpectedly ({type(error).__name__}): set TINYAGENT_DEBUG=1 to see why."
        )
        return _recorded(record, Result(call, "failed", answer))


def _recorded(record: Record, result: Result) -> Result:
    """Write the end of a call; that it could not be written is said with the answer."""
    doubt = record.end(result)
    return replace(result, answer=f"{result.answer} {doubt}".strip()) if doubt else result
