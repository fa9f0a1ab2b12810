"""How soon the first call of a command can start and how long its whole plan takes, by the number of calls.

    python -m tinyagent.evaluation.plan_times CASES.jsonl [CASES.jsonl ...]

Prints JSON: for plans of one call, two, three and four (those that have as many calls as the case wants) the median
milliseconds from the words to the first call with all its arguments, and to the end of the plan. The first calls of
the process, which load the models, are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from tinyagent.assistant import Assistant
from tinyagent.compiler import planner
from tinyagent.draft import Draft
from tinyagent.evaluation.cases import Case, read_cases
from tinyagent.events import Planned

MOST = 4
_WARM_UP = ("set a timer for ten minutes", "remind me to call sid at three and add milk to the groceries")


def measure(assistant: Assistant, cases: Iterable[Case]) -> dict[int, list[tuple[float, float]]]:
    """Return by number of calls the milliseconds to the first call and to the end of the plan, for each command."""
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for case in cases:
        if not 1 <= len(case.calls) <= MOST:
            continue
        first, whole, calls = _timed(assistant, case.text, case.now)
        if calls == len(case.calls):
            found[calls].append((first, whole))
    return found


def _timed(assistant: Assistant, text: str, now: datetime) -> tuple[float, float, int]:
    started, first = time.perf_counter(), 0.0
    draft = Draft(text, assistant.world(now))
    for event in planner.steps(draft, assistant):
        if isinstance(event, Planned) and not first:
            first = time.perf_counter() - started
    return first * 1000, (time.perf_counter() - started) * 1000, len(draft.calls)


def summary(times: dict[int, list[tuple[float, float]]]) -> dict[str, Any]:
    """Return the medians by number of calls."""
    return {
        str(calls): {
            "commands": len(rows),
            "first_call_ms": round(median(first for first, _ in rows), 1),
            "whole_plan_ms": round(median(whole for _, whole in rows), 1),
        }
        for calls, rows in sorted(times.items())
    }


def main() -> None:
    """Measure the files named on the command line."""
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.evaluation.stocked import StockedAssistant
    from tinyagent.settings import load

    parser = argparse.ArgumentParser(description="Measure plans by their number of calls.")
    parser.add_argument("cases", type=Path, nargs="+")
    given = parser.parse_args()
    stock = Stock()
    with scratch_settings(load(), stock) as settings:
        assistant = StockedAssistant(settings, stock.world)
        for text in _WARM_UP:
            assistant.plan(text)
        times = measure(assistant, [case for path in given.cases for case in read_cases(path)])
    sys.stdout.write(json.dumps(summary(times), indent=1) + "\n")


if __name__ == "__main__":
    main()
