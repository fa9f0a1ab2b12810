"""Reports: the figures of an evaluation as JSON for programs and as a plain-text table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyagent.calls import Plan
from tinyagent.evaluation.cases import Case
from tinyagent.evaluation.metrics import Score, abstention, percentile, share
from tinyagent.tools.registry import catalogue


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of all cases, in order, and the peak memory of the process in MiB."""

    scores: tuple[Score, ...]
    peak_memory_mb: float

    def as_json(self) -> dict[str, Any]:
        """Return every figure as JSON data; shares are 0-1, or None where no case is of that sort."""
        scores = self.scores
        acting = [s for s in scores if s.case.acts]
        latencies = [s.latency_ms for s in scores]
        figures: dict[str, Any] = {
            "n": len(scores),
            "retrieval_recall": share([found for s in scores for found in s.found]),
            "shortlist_mean": sum(len(s.plan.shortlist) for s in scores) / len(scores) if scores else None,
            "selection_accuracy": share([s.selected for s in scores]),
            "plan_success": share([s.planned for s in scores]),
            "exact_call": share([exact for s in scores for exact in s.exact]),
            "abstention": abstention(scores),
            "latency_ms": {"p50": percentile(latencies, 50), "p95": percentile(latencies, 95)},
            "peak_memory_mb": self.peak_memory_mb,
            "early_exit": share([s.plan.early_exit for s in scores]),
            "asked_right_tool": share([s.asked_right_tool for s in acting]),
            "stages_ms": _stages(scores),
            "toolsets": toolset_rows(tool_rows(scores)),
            "tools": tool_rows(scores),
            "failures": [failure(s) for s in scores if not s.right],
        }
        return {key: part if key == "failures" else _rounded(part) for key, part in figures.items()}

    def table(self, failures: int = 0) -> str:
        """Return the figures as text for people, with the first `failures` failed cases."""
        data = self.as_json()
        abstain, latency = data["abstention"], data["latency_ms"]
        rows = [
            ("cases", str(data["n"])),
            ("retrieval recall", _percent(data["retrieval_recall"])),
            ("shortlist, mean size", _number(data["shortlist_mean"], 1)),
            ("selection accuracy", _percent(data["selection_accuracy"])),
            ("plan success", _percent(data["plan_success"])),
            ("exact call", _percent(data["exact_call"])),
            ("asked about the right tool", _percent(data["asked_right_tool"])),
            ("abstention precision", _percent(abstain["precision"])),
            ("abstention recall", _percent(abstain["recall"])),
            ("abstention F1", _percent(abstain["f1"])),
            ("early exit", _percent(data["early_exit"])),
            ("latency p50 / p95", f"{_number(latency['p50'], 0)} / {_number(latency['p95'], 0)} ms"),
            ("peak memory", f"{_number(data['peak_memory_mb'], 0)} MB"),
        ]
        lines = [f"{name:<28}{value:>16}" for name, value in rows]
        for unit in ("toolset", "tool"):
            rows_of = data[f"{unit}s"]
            if rows_of:
                lines += ["", f"{unit:<26}{'n':>5}{'recall':>9}{'selected':>10}{'exact':>9}{'wrongly':>9}"]
            for row in rows_of:
                lines.append(
                    f"{row[unit]:<26}{row['n']:>5}{_percent(row['recall']):>9}{_percent(row['selected']):>10}"
                    f"{_percent(row['exact']):>9}{row['wrongly']:>9}"
                )
        texts = {s.case.id: s.case.text for s in self.scores}
        for failed in data["failures"][:failures]:
            lines += ["", f"{failed['id']}: {texts[failed['id']]}"]
            lines += [f"  expected  {_spell(failed['expected'])}", f"  got       {_spell(failed['got'])}"]
        return "\n".join(lines) + "\n"


def tool_rows(scores: Sequence[Score]) -> list[dict[str, Any]]:
    """Return one row for each tool that is expected or used.

    `n` counts expected calls (under the first of equally right names, or the one that was used), `recall`,
    `selected` and `exact` are shares of them, `wrongly` counts calls of the tool that no case expects.
    """
    rows: dict[str, dict[str, list[bool]]] = {}
    wrongly: dict[str, int] = {}
    for s in scores:
        left = [call.tool for call in s.plan.calls]
        for call, found, exact in zip(s.case.calls, s.found, s.exact, strict=True):
            used = next((tool for tool in left if tool in call.tools), None)
            if used is not None:
                left.remove(used)
            row = rows.setdefault(used or call.tools[0], {"recall": [], "selected": [], "exact": []})
            row["recall"].append(found)
            row["selected"].append(used is not None)
            row["exact"].append(exact)
        for tool in left:
            if tool not in s.case.accept_tools:
                wrongly[tool] = wrongly.get(tool, 0) + 1
    none: dict[str, list[bool]] = {"recall": [], "selected": [], "exact": []}
    return [
        {
            "tool": tool,
            "n": len(rows.get(tool, none)["recall"]),
            **{name: share(truths) for name, truths in rows.get(tool, none).items()},
            "wrongly": wrongly.get(tool, 0),
        }
        for tool in sorted({*rows, *wrongly})
    ]


def toolset_rows(tools: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sum up `tool_rows` by toolset; a tool that the catalogue does not have counts under "?"."""
    known = catalogue()
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in tools:
        name = row["tool"]
        grouped.setdefault(known[name].toolset if name in known else "?", []).append(row)
    return [
        {
            "toolset": toolset,
            "n": (n := sum(row["n"] for row in rows)),
            **{
                figure: sum(row[figure] * row["n"] for row in rows if row["n"]) / n if n else None
                for figure in ("recall", "selected", "exact")
            },
            "wrongly": sum(row["wrongly"] for row in rows),
        }
        for toolset, rows in sorted(grouped.items())
    ]


def failure(scored: Score) -> dict[str, Any]:
    """Return the id, what was expected and what came, as JSON data."""
    return {"id": scored.case.id, "expected": _expected(scored.case), "got": _got(scored.plan)}


def _expected(case: Case) -> dict[str, Any]:
    calls = []
    for call in case.calls:
        alike = all(call.args.get(tool) == call.args.get(call.tools[0]) for tool in call.tools)
        args = {tool: dict(values) for tool, values in call.args.items()}
        shown: dict[str, Any] = {
            "tool": call.tools[0] if len(call.tools) == 1 else list(call.tools),
            "args": args.get(call.tools[0], {}) if alike else args,
        }
        words = call.words.get(call.tools[0])
        calls.append(shown | ({"words": dict(words)} if words else {}))
    return {"calls": calls, "end": case.ends[0] if len(case.ends) == 1 else list(case.ends)}


def _got(plan: Plan) -> dict[str, Any]:
    calls = [{"tool": call.tool, "args": dict(call.args)} for call in plan.calls]
    return {"calls": calls, "end": plan.end} | ({"question": plan.question.text} if plan.question else {})


def _spell(side: dict[str, Any]) -> str:
    calls = "; ".join(f"{_name(call['tool'])} {call['args']}" for call in side["calls"])
    return calls if side["end"] == "done" else f"{calls} ({_name(side['end'])})".strip()


def _name(names: str | list[str]) -> str:
    return names if isinstance(names, str) else " or ".join(names)


def _stages(scores: Sequence[Score]) -> dict[str, float | None]:
    names = dict.fromkeys(stage for s in scores for stage in s.plan.timings_ms)
    return {
        name: percentile([s.plan.timings_ms[name] for s in scores if name in s.plan.timings_ms], 50)
        for name in names
    }


def _rounded(value: Any) -> Any:
    """Round figures to four places."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list) else value


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"
