"""Map SLURP's development set to evaluation cases, by intent and words alone.

    python -m tinyagent.evaluation.slurp_map SLURP_DEVEL.jsonl OUT.jsonl           selection only
    python -m tinyagent.evaluation.slurp_map --exact SLURP_DEVEL.jsonl OUT.jsonl   with hand-checked arguments

`--toolsets reminders,calendar,clock,contacts,lists,math` narrows either to some toolsets (default: all), for
figures to compare with those from before the others were there.

SLURP (Bastianelli et al. 2020, CC BY 4.0) stays outside the repository: what is here is the rule, and
beside it `data/slurp_exact.jsonl`, which holds calls by line number and no sentence. The input has one
object a line with `id`, `text` and `intent`; the output is the case format that `cases.py` reads.

What the rule knows: the intents that a toolset of the catalogue serves (`slurp_rules`). A line of theirs is
decided by its words; where two tools are equally right both are given; a line that lacks what its tool
requires ends in "ask", and acting with a tool of `accept_tools` is as right; a line that shares no word with
its label's subject ("phones" as an alarm) is left out. Every other intent ends in "none", and a sample of
them, drawn evenly over the intents, makes the set a third of such; lines among them that these tools could
serve (units in a recipe) are not drawn. What the rule does not know: meaning. It is read for trends; the
hand-checked set is exact. There a line with a `toolset` is read where that toolset is evaluated, and then
replaces an earlier line of the same id, from when no tool did what it asks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from tinyagent.evaluation import slurp_rules
from tinyagent.evaluation.slurp_rules.verdict import Verdict

NOW = "2026-03-02T09:00:00"
"""The reference time of every case, a Monday morning."""
SEED = "tinyagent"
NONE_SHARE = 1 / 3
EXACT = Path(__file__).parent / "data" / "slurp_exact.jsonl"


def case_of(row: Mapping[str, Any], toolsets: Collection[str] = slurp_rules.ALL) -> dict[str, Any] | None:
    """Return the case of one SLURP row, or None where the words do not fit the label."""
    verdict = slurp_rules.decide(str(row["intent"]), str(row["text"]), toolsets)
    return None if verdict is None else _case(row, verdict)


def _case(row: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    case: dict[str, Any] = {
        "id": f"slurp-{row['id']}",
        "text": row["text"],
        "now": NOW,
        "calls": [],
        "depends": [],
    }
    names = list(verdict.tools)
    if verdict.end == "done":
        case["calls"] = [{"tool": names[0] if len(names) == 1 else names, "args": {}}]
        case["partial"] = True
    else:
        case["end"] = verdict.end
        if names:
            case["accept_tools"] = names
    return case


def cases(
    rows: Iterable[Mapping[str, Any]], toolsets: Collection[str] = slurp_rules.ALL
) -> list[dict[str, Any]]:
    """Return the selection cases in the order of the rows, none-cases up to a third of them."""
    chosen: dict[int, dict[str, Any]] = {}
    others: dict[str, list[int]] = defaultdict(list)
    kept = list(rows)
    served = slurp_rules.served(toolsets)
    for position, row in enumerate(kept):
        if row["intent"] not in served:
            if not slurp_rules.could_be_ours(row["text"], toolsets):
                others[row["intent"]].append(position)
        elif (case := case_of(row, toolsets)) is not None:
            chosen[position] = case
    none = sum(case.get("end") == "none" for case in chosen.values())
    acting = len(chosen) - none
    wanted = round(acting * NONE_SHARE / (1 - NONE_SHARE)) - none
    for position in _even_sample(kept, others, wanted):
        case = case_of(kept[position], toolsets)
        if case is not None:
            chosen[position] = case
    return [chosen[position] for position in sorted(chosen)]


def _even_sample(rows: list[Mapping[str, Any]], groups: Mapping[str, list[int]], count: int) -> list[int]:
    """Draw `count` positions, one of each group in turn, in an order fixed by a hash of the id."""
    queues = {
        name: sorted(group, key=lambda p: hashlib.sha256(f"{SEED}:{rows[p]['id']}".encode()).hexdigest())
        for name, group in sorted(groups.items())
    }
    drawn: list[int] = []
    while len(drawn) < count and any(queues.values()):
        for queue in queues.values():
            if queue and len(drawn) < count:
                drawn.append(queue.pop(0))
    return drawn


def exact(
    rows: Iterable[Mapping[str, Any]],
    checked: Iterable[Mapping[str, Any]],
    toolsets: Collection[str] = slurp_rules.ALL,
) -> list[dict[str, Any]]:
    """Return the hand-checked cases with their sentences; `KeyError` names an id without a row."""
    texts = {f"slurp-{row['id']}": row["text"] for row in rows}
    chosen = {case["id"]: case for case in checked if _belongs(case, toolsets)}
    return [
        {"id": name, "text": texts[name], "now": NOW}
        | {key: value for key, value in case.items() if key != "toolset"}
        for name, case in chosen.items()
    ]


def _belongs(case: Mapping[str, Any], toolsets: Collection[str]) -> bool:
    known = slurp_rules.tools_of(toolsets)
    wanted = [tool if isinstance(tool, list) else [tool] for tool in (call["tool"] for call in case["calls"])]
    return case.get("toolset", next(iter(toolsets))) in toolsets and all(
        known & set(tools) for tools in wanted
    )


def _toolsets(given: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in given.split(",")) - {""}
    if unknown := sorted(names - slurp_rules.ALL):
        known = ", ".join(sorted(slurp_rules.ALL))
        raise argparse.ArgumentTypeError(f"there is no toolset {unknown[0]!r}: choose among {known}")
    if not names:
        raise argparse.ArgumentTypeError("name at least one toolset, such as clock")
    return names


def _end(case: Mapping[str, Any]) -> str | list[str]:
    end: str | list[str] = case.get("end", "done")
    return end if isinstance(end, str) else sorted(end)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def main(arguments: list[str] | None = None) -> int:
    """Write the cases of a SLURP file; 0, or 2 after one sentence on what is wrong with the input."""
    parser = argparse.ArgumentParser(
        prog="python -m tinyagent.evaluation.slurp_map", description="SLURP to cases"
    )
    parser.add_argument(
        "--exact", action="store_true", help="the hand-checked cases instead of the mapped ones"
    )
    parser.add_argument(
        "--toolsets",
        type=_toolsets,
        default=slurp_rules.ALL,
        metavar="NAME,...",
        help="only these of the catalogue's toolsets (default: all)",
    )
    parser.add_argument("slurp", type=Path, help="JSONL with id, text and intent")
    parser.add_argument("out", type=Path, help="JSONL of cases")
    given = parser.parse_args(arguments)
    try:
        rows = _read(given.slurp)
        made = exact(rows, _read(EXACT), given.toolsets) if given.exact else cases(rows, given.toolsets)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{given.slurp} cannot be read ({error}): give SLURP's lines as JSONL.\n")
        return 2
    except KeyError as error:
        sys.stderr.write(f"{given.slurp} lacks {error}: give SLURP's whole development set.\n")
        return 2
    given.out.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in made), "utf-8")
    ends = Counter(" or ".join([end] if isinstance(end, str) else end) for end in map(_end, made))
    counts = ", ".join(f"{number} {end}" for end, number in sorted(ends.items()))
    sys.stdout.write(f"{len(made)} cases ({counts}) in {given.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
