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

from tinyagent.calls import Call, Outcome, Plan, Result, Tool
from tinyagent.compiler.values import arguments, refer
from tinyagent.errors import TinyAgentError
from tinyagent.policy import Decision, decide
from tinyagent.tools.context import Context
from tinyagent.tools.registry import Catalogue

Confirm = Callable[[Tool, Call], bool]
Report = Callable[[Result], None]

_log = logging.getLogger(__name__)


def execute(
    plan: Plan,
    catalogue: Catalogue,
    context: Context,
    confirm: Confirm,
    *,
    dry_run: bool = False,
    on_result: Report | None = None,
    workers: int = 4,
    grace: float = 2.0,
) -> list[Result]:
    """Run the calls of `plan` and return one result per call, in the plan's order.

    `confirm(tool, call)` is asked on the caller's thread for every call whose policy is "ask"; a no gives a
    result "declined". A failing tool gives "failed" with its sentence, and so does every call that needs
    it. `dry_run` only says what would run. `on_result` hears every result as it comes, also those that end
    after an interrupt. At most `workers` calls run at once; `grace` is how many seconds an interrupt waits
    for running calls.
    """
    if dry_run:
        return [Result(call, "planned") for call in plan.calls]
    run = _Run(plan, catalogue, context, confirm, on_result or (lambda result: None))
    try:
        run.drive(workers)
    except KeyboardInterrupt:
        run.drain(grace)
        raise
    return [run.results[index] for index in range(len(plan.calls))]


class _Run:
    """The state of one execution. Only the tools themselves leave the caller's thread."""

    def __init__(
        self, plan: Plan, catalogue: Catalogue, context: Context, confirm: Confirm, report: Report
    ) -> None:
        self.catalogue, self.context, self.confirm, self.report = catalogue, context, confirm, report
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
                index, Result(call, "failed", f"Not done: it needs {first.call.tool}, which {_fate(first)}.")
            )
            return
        values = {i: self.results[i].value for i in self.needs[index]}
        call = replace(call, args={name: refer(value, values) for name, value in call.args.items()})
        try:
            tool = self.catalogue[call.tool]
            keywords = arguments(tool, call)
        except TinyAgentError as error:
            self._settle(index, Result(call, "failed", str(error)))
            return
        if decide(tool) is Decision.ASK and not self.confirm(tool, call):
            self._settle(index, Result(call, "declined", f"Not done: {tool.name} was not confirmed."))
            return

        def work() -> None:
            self.finished.put((index, _call(tool, call, replace(self.context, words=call.words), keywords)))

        self.running.add(index)
        # A daemon: a tool that hangs must not keep the program from ending after Ctrl-C.
        threading.Thread(target=work, name=f"call-{index + 1}-{tool.name}", daemon=True).start()

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


def _call(tool: Tool, call: Call, context: Context, keywords: dict[str, object]) -> Result:
    try:
        outcome: Outcome = tool.function(context, **keywords)
        return Result(call, "done", outcome.answer, outcome.value, outcome.undo)
    except TinyAgentError as error:
        return Result(call, "failed", str(error))
    except Exception as error:
        _log.debug("%s failed", tool.name, exc_info=True)
        return Result(
            call,
            "failed",
            f"{tool.name} failed unexpectedly ({type(error).__name__}): set TINYAGENT_DEBUG=1 to see why.",
        )


def _fate(result: Result) -> str:
    return {"declined": "was not confirmed"}.get(result.status, "failed")
