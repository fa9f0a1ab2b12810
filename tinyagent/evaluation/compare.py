"""What each part of the method adds: the same cases planned by the assistant and by what it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.assistant import Assistant
from tinyagent.dualtune.arguments import GENERIC
from tinyagent.dualtune.selector import ADAPTER
from tinyagent.errors import ProductError
from tinyagent.evaluation import baselines
from tinyagent.evaluation.baselines import with_parts
from tinyagent.evaluation.cases import Case
from tinyagent.evaluation.decodings import CopyFiller, FreeFiller
from tinyagent.evaluation.report import Report
from tinyagent.evaluation.runner import GroundWords, Planner, WorldOf, evaluate
from tinyagent.grounding.base import World
from tinyagent.grounding.resolvers import resolve

PLANNERS = {
    "full": ("the assistant", baselines.FullPlanner),
    "head": ("head alone", baselines.HeadPlanner),
    "adapter": ("selection adapter alone", baselines.AdapterPlanner),
    "both": ("both, never early exit", baselines.BothPlanner),
    "base": ("base model without adapter", baselines.BasePlanner),
    "all-tools": ("all tools in one prompt", baselines.AllToolsPlanner),
}
"""Ways to select, by short name."""
DECODINGS = {"free": FreeFiller, "copy-constrained": CopyFiller}
"""Ways to decode arguments beside the shipped one."""

_COLUMNS = (
    ("selection_accuracy", "selection", 11),
    ("abstention_f1", "abstain F1", 12),
    ("exact_call", "exact", 9),
    ("early_exit", "early", 9),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One report a row, by the row's name. Without `exact` the arguments were not written."""

    reports: Mapping[str, Report]
    exact: bool = True

    def rows(self) -> list[dict[str, Any]]:
        """Return one JSON object a row: shares 0-1, latency in milliseconds, None where nothing applies."""
        return [{"name": name, **self._figures(report.as_json())} for name, report in self.reports.items()]

    def _figures(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "selection_accuracy": data["selection_accuracy"],
            "abstention_f1": data["abstention"]["f1"],
            "exact_call": data["exact_call"] if self.exact else None,
            "plan_success": data["plan_success"] if self.exact else None,
            "early_exit": data["early_exit"],
            "p50_ms": data["latency_ms"]["p50"],
            "p95_ms": data["latency_ms"]["p95"],
        }

    def as_json(self) -> dict[str, Any]:
        """Return the number of cases and the rows as JSON data."""
        return {"n": max((len(r.scores) for r in self.reports.values()), default=0), "rows": self.rows()}

    def table(self) -> str:
        """Return the rows as text for people."""
        heads = "".join(f"{head:>{width}}" for _, head, width in _COLUMNS)
        lines = [f"{self.as_json()['n']} cases", "", f"{'':<30}{heads}{'p50 ms':>10}"]
        for row in self.rows():
            cells = "".join(f"{_percent(row[key]):>{width}}" for key, _, width in _COLUMNS)
            ms = "–" if row["p50_ms"] is None else f"{row['p50_ms']:.0f}"
            lines.append(f"{row['name']:<30}{cells}{ms:>10}")
        return "\n".join(lines) + "\n"


def selections(
    assistant: Assistant, names: Sequence[str] = (), *, select_only: bool = False
) -> dict[str, Planner]:
    """Return the planners of the selection table, by the name of their row; `names` (of `PLANNERS`) limits them."""
    chosen = [PLANNERS[name] for name in names or PLANNERS]
    return {row: planner(assistant, select_only=select_only) for row, planner in chosen}


def decodings(assistant: Assistant) -> dict[str, Planner]:
    """Return one planner for each way to decode arguments; they select alike."""
    engine = assistant.engine
    planners: dict[str, Planner] = {
        name: with_parts(assistant, filler=filler(engine)) for name, filler in DECODINGS.items()
    }
    return {**planners, "type-constrained": assistant}


def compare(
    cases: Sequence[Case],
    planners: Mapping[str, Planner],
    world_of: WorldOf,
    *,
    ground: GroundWords | None = None,
    exact: bool = True,
    progress: Callable[[str, int], None] | None = None,
) -> Comparison:
    """Run every planner over all cases, one planner after the other; `progress` is told the row and the case."""
    reports = {}
    for name, planner in planners.items():
        planner.plan(cases[0].text, now=cases[0].now)  # what is loaded on first use is not in the times
        done = 0

        def count(_score: object, name: str = name) -> None:
            nonlocal done
            done += 1
            if progress:
                progress(name, done)

        reports[name] = evaluate(cases, planner, world_of, ground=ground, progress=count)
    return Comparison(reports, exact)


def put_adapters(assistant: Assistant, *, arguments: Path | None = None, select: Path | None = None) -> None:
    """Put other adapter files in place: `arguments` for the generic and all tools' own, `select` for selection.

    Raises `ProductError` when a file is missing or an adapter is already loaded.
    """
    pool = assistant.engine.pool
    if pool.loaded:
        raise ProductError("Adapters can only be replaced before the first plan.")
    for path in (arguments, select):
        if path is not None and not path.is_file():
            raise ProductError(f"There is no adapter file {path}.")
    if arguments is not None:
        pool.files = {n: p for n, p in pool.files.items() if not n.startswith("arguments/")}
        pool.files[GENERIC] = arguments
    if select is not None:
        pool.files[ADAPTER] = select


def grounder(assistant: Assistant) -> GroundWords:
    """Return the function that grounds a case's words as the assistant grounds a plan's."""

    def ground(tool: str, parameter: str, words: str, world: World) -> Any:
        try:
            described = assistant.catalogue.tools[tool].parameter(parameter)
        except KeyError:
            return words
        return resolve(words, described, world)

    return ground


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"
