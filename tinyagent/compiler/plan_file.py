"""A plan from outside: what `tinyagent ask --dry-run --json` printed, perhaps edited, becomes a `Plan` again.

Nothing in it is believed: every tool, argument and reference is checked before anything runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tinyagent.calls import Call, Plan, Question, Tool
from tinyagent.compiler.results import REFERENCE
from tinyagent.compiler.values import arguments
from tinyagent.errors import PlanError, ToolError
from tinyagent.tools.registry import Catalogue

LARGEST = 1_000_000
"""Bytes of a plan."""
MOST_CALLS = 50
_CURE = "make it with `tinyagent ask --dry-run --json`"


def read_plan(data: bytes, catalogue: Catalogue) -> Plan:
    """Return the plan in the JSON text `data`; the answer of a dry run may be around it.

    Raises `PlanError` for anything that is no plan for the tools of `catalogue`, with the call at fault.
    """
    if len(data) > LARGEST:
        raise PlanError(f"The plan is larger than {LARGEST // 1_000_000} MB: {_CURE}.")
    try:
        given = json.loads(data)
        json.dumps(given, ensure_ascii=False).encode("utf-8")  # half of a character can be escaped in JSON
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "not UTF-8 or too deep"
        raise PlanError(f"The plan is no JSON ({where}): {_CURE}.") from None
    if isinstance(given, dict) and isinstance(given.get("plan"), dict):
        given = given["plan"]
    if not isinstance(given, dict) or not isinstance(given.get("calls"), list):
        raise PlanError(f"That is no plan: {_CURE}.")
    if len(given["calls"]) > MOST_CALLS:
        raise PlanError(f"The plan has more than {MOST_CALLS} calls: split it.")
    depends = _depends(given.get("depends", []), len(given["calls"]))
    calls = tuple(
        _call(position, call, catalogue, {earlier for later, earlier in depends if later == position})
        for position, call in enumerate(given["calls"])
    )
    end, question = given.get("end", "done"), given.get("question")
    if end not in ("done", "none", "ask"):
        raise PlanError(f"The plan ends in {end!r}, which is none of done, none and ask: {_CURE}.")
    asked = str(question["text"]) if isinstance(question, dict) and "text" in question else ""
    words, reason = given.get("text", ""), given.get("reason", "")
    if not isinstance(words, str) or not isinstance(reason, str):
        raise PlanError(f"The text or the reason of the plan is no text: {_CURE}.")
    if given.get("undoes"):
        raise PlanError("The plan takes something back: that is done in the conversation it was said in.")
    now, question = _now(given.get("now")), Question(asked) if asked else None
    return Plan(words, now, calls, depends, end, question, reason=reason)


def _now(given: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise PlanError(f"The plan says at no readable time when it was made: {_CURE}.") from None
    if moment.tzinfo is not None:
        raise PlanError("The time of the plan has a zone, but must be local: leave the zone out.")
    return moment


def _depends(given: Any, calls: int) -> tuple[tuple[int, int], ...]:
    if not isinstance(given, list):
        raise PlanError(f"`depends` of the plan must be pairs of call numbers: {_CURE}.")
    pairs = []
    for pair in given:
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(index) is int for index in pair)
        if not whole or not 0 <= pair[1] < pair[0] < calls:
            raise PlanError(f"`depends` of the plan must be pairs [later, earlier] of calls, not {pair!r}.")
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


def _call(position: int, given: Any, catalogue: Catalogue, earlier: set[int]) -> Call:
    where = f"Call {position + 1} of the plan"
    if not isinstance(given, dict) or not isinstance(given.get("tool"), str):
        raise PlanError(f"{where} names no tool: {_CURE}.")
    args, words, taken = given.get("args", {}), given.get("words", {}), given.get("taken", [])
    if not isinstance(args, dict) or not isinstance(words, dict):
        raise PlanError(f"{where} must give `args` and `words` as objects: {_CURE}.")
    if not isinstance(taken, list) or not set(map(str, taken)) <= set(args):
        raise PlanError(f"{where} says that it has taken over what is none of its arguments: {_CURE}.")
    try:
        tool = catalogue[given["tool"]]
        _check(tool, args, earlier)
    except ToolError as error:
        raise PlanError(f"{where}: {error}") from None
    said = {str(name): str(said) for name, said in words.items()}
    return Call(tool.name, args, said, taken=tuple(map(str, taken)))


def _check(tool: Tool, args: Mapping[str, Any], earlier: set[int]) -> None:
    """Raise `ToolError` unless the arguments fit the tool; what refers to a result is checked when that is there."""
    later = {name for name, value in args.items() if _refers(value, earlier)}
    arguments(tool, Call(tool.name, args), later)


def _refers(value: Any, earlier: set[int]) -> bool:
    if isinstance(value, list):
        return any(_refers(item, earlier) for item in value)
    match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return match is not None and int(match[1]) - 1 in earlier
