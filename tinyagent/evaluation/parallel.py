"""How much sooner a compound command is done when its calls run while the plan goes on.

    python -m tinyagent.evaluation.parallel [--delay 0.2] [--repeat 3] [--json]

The tools only wait, as one does for a hub, a server or a player; planning takes as long as it was measured to take.
Two ways are compared on the same plan: one call after the other, each waited for before planning goes on (ReAct,
arXiv 2210.03629), and the task fetching unit of `compiler.execution` (LLMCompiler, arXiv 2312.04511). Of the second
it is also told when the first call starts, and how late the latest: what a call waits though nothing holds it up.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.calls import Call, Effect, Outcome, Parameter, Tool
from tinyagent.compiler.execution import Execution
from tinyagent.events import Planned
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Catalogue

DELAY = 0.2
"""Seconds that a tool takes."""
RETRIEVE, STEP, LAST = 0.003, 0.085, 0.025
"""Seconds of planning on two cores, from `tinyagent bench`: the shortlist, a step (select, fill), the last `done`."""
NOW = datetime(2026, 3, 2, 9)


@dataclass(frozen=True, slots=True)
class Shape:
    """A command: the calls each call needs, by index."""

    name: str
    needs: tuple[tuple[int, ...], ...]


SHAPES = (
    Shape("2 independent calls", ((),) * 2),
    Shape("3 independent calls", ((),) * 3),
    Shape("5 independent calls", ((),) * 5),
    Shape("chain of 3 calls", ((), (0,), (1,))),
    Shape("2 calls and one that needs both", ((), (), (0, 1))),
    Shape("chain of 2 and one beside it", ((), (0,), ())),
    Shape("diamond: 2 need the first, 1 both", ((), (0,), (0,), (1, 2))),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One command: seconds to its last result and to its first call, and the longest that a call waited for nothing.

    A call waits for nothing from the moment that it is planned and what it needs is there.
    """

    seconds: float
    first: float
    late: float


def planning(shape: Shape, step: float, planned: dict[int, float]) -> Iterator[Planned]:
    """Yield each call when it is planned, and keep the time."""
    time.sleep(RETRIEVE)
    for index, needs in enumerate(shape.needs):
        time.sleep(step)
        planned[index] = time.perf_counter()
        args = {"text": f"${needs[-1] + 1}"} if needs else {}
        yield Planned(index, Call(f"look_{index}", args), needs)
    time.sleep(LAST)


def run(shape: Shape, delay: float, step: float, folder: Path, *, wait: bool, workers: int = 8) -> Run:
    """Return how long a command took; with `wait` each call is waited for before planning goes on."""
    begun: dict[int, float] = {}
    ended: dict[int, float] = {}
    planned: dict[int, float] = {}
    tools = {f"look_{n}": _tool(n, delay, begun, ended) for n in range(len(shape.needs))}
    context = Context(NOW, ZoneInfo("UTC"), Folders.under(folder))
    execution = Execution(Catalogue(tools), context, lambda tool, call: False, workers=workers)
    started = time.perf_counter()
    if wait:
        for event in planning(shape, step, planned):
            execution.add(event.index, event.call, event.needs)
            deque(execution.finish(), maxlen=0)
    else:
        deque(execution.while_planning(planning(shape, step, planned)), maxlen=0)
        deque(execution.finish(), maxlen=0)
    seconds = time.perf_counter() - started
    if any(result.status != "done" for result in execution.ordered()):
        raise RuntimeError(f"a call of {shape.name} was not done")
    late = (
        begun[index] - max(planned[index], *(ended[i] for i in needs), 0.0)
        for index, needs in enumerate(shape.needs)
    )
    return Run(seconds, min(begun.values()) - started, max(late))


def _tool(number: int, delay: float, begun: dict[int, float], ended: dict[int, float]) -> Tool:
    def look(context: Context, text: str = "") -> Outcome:
        begun[number] = time.perf_counter()
        time.sleep(delay)
        ended[number] = time.perf_counter()
        return Outcome(f"Call {number + 1} is done.")

    text = Parameter("text", "text", required=False)
    return Tool(f"look_{number}", f"set_{number}", "Wait.", Effect.READ, (text,), look)


def measure(
    shapes: Sequence[Shape] = SHAPES, *, delay: float = DELAY, step: float = STEP, repeat: int = 3
) -> list[dict[str, Any]]:
    """Return for each shape the median seconds of both ways and their ratio, and of ours what `Run` has besides."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for shape in shapes:
            one, ours = (
                [run(shape, delay, step, Path(folder), wait=wait) for _ in range(repeat)]
                for wait in (True, False)
            )
            took = [statistics.median(each.seconds for each in runs) for runs in (one, ours)]
            rows.append(
                {
                    "shape": shape.name,
                    "one_after_another_s": round(took[0], 3),
                    "ours_s": round(took[1], 3),
                    "ratio": round(took[0] / took[1], 2),
                    "first_call_s": round(statistics.median(each.first for each in ours), 4),
                    "late_s": round(statistics.median(each.late for each in ours), 4),
                }
            )
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or with `--json` one JSON object."""
    parser = argparse.ArgumentParser(description="Compare calls one after another with calls while planning.")
    parser.add_argument("--delay", type=float, default=DELAY, help="seconds that a tool takes")
    parser.add_argument("--step", type=float, default=STEP, help="seconds that the planning of a call takes")
    parser.add_argument("--repeat", type=int, default=3, help="how often each is run; the median counts")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    rows = measure(delay=given.delay, step=given.step, repeat=given.repeat)
    if given.json:
        sys.stdout.write(json.dumps({"delay_s": given.delay, "step_s": given.step, "rows": rows}) + "\n")
        return
    sys.stdout.write(
        f"tools of {given.delay} s, planning of {given.step} s a call\n"
        f"{'':34} {'in turn':>9} {'ours':>9} {'ratio':>7} {'first call':>11} {'late':>9}\n"
    )
    for row in rows:
        sys.stdout.write(
            f"{row['shape']:34} {row['one_after_another_s']:7.3f} s {row['ours_s']:7.3f} s {row['ratio']:5.2f} x"
            f" {row['first_call_s']:9.3f} s {row['late_s']:7.4f} s\n"
        )


if __name__ == "__main__":
    main()
