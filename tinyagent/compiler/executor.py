"""Run a whole plan and return its results: the task fetching unit of `execution` without its events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tinyagent.calls import Plan, Result
from tinyagent.compiler.execution import EFFECTS_ONLY, GRACE, NO_LIMITS, WORKERS, Confirm, Execution
from tinyagent.compiler.recorder import Recorder
from tinyagent.events import Event, Finished
from tinyagent.policy import Policy
from tinyagent.tools.context import Context
from tinyagent.tools.registry import Catalogue

Report = Callable[[Result], None]


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

    def hear(events: Iterator[Event]) -> None:
        for event in events:
            if on_result and isinstance(event, Finished):
                on_result(event.result)

    try:
        hear(run.finish())
    except BaseException:
        hear(run.drain(grace))
        raise
    return run.ordered()
