"""Evaluation cases: JSON lines in, checked dataclasses out.

The format is the contract of DESIGN.md, "Evaluation cases". Beyond it this reader takes two things that
hand-checked sets need: where a call's `tool` is a list, `args` and `words` may be given per tool
(`{"set_alarm": {...}, "create_reminder": {...}}`), because the tools name their parameters differently; and
`end` may be a list of equally right ends. A value `null` in `accept` says that the parameter may be left
out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tinyagent.errors import CaseError

ENDS = ("done", "none", "ask")
KEYS = {"id", "text", "now", "calls", "depends", "accept", "end", "partial", "accept_tools"}
CALL_KEYS = {"tool", "args", "words", "partial"}


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """One call that is due: any of `tools`, with arguments and ungrounded words by tool name.

    With `partial` only the arguments given are compared.
    """

    tools: tuple[str, ...]
    args: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One command and what is right for it.

    `now` is local time without a zone. `depends` holds pairs of call indexes (later, earlier). `accept`
    gives, by parameter, further values that are right. `ends` are the right ends: ("done",) where there are
    calls. `accept_tools`, on a case without calls, are tools whose use would also be right.
    """

    id: str
    text: str
    now: datetime
    calls: tuple[ExpectedCall, ...] = ()
    depends: tuple[tuple[int, int], ...] = ()
    accept: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    ends: tuple[str, ...] = ("done",)
    accept_tools: tuple[str, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether the command is to be acted on."""
        return bool(self.calls)


def read_cases(path: Path) -> list[Case]:
    """Read a JSONL file of cases, in order. Raises `CaseError`: one sentence with the file and the line."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise CaseError(f"The case file {path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise CaseError(f"The case file {path} is not UTF-8 text: save it as UTF-8.") from None
    return list(parse_cases(text.split("\n"), str(path)))


def parse_cases(lines: Iterable[str], source: str = "cases") -> Iterator[Case]:
    """Yield the case of each line that is not blank. `CaseError` names `source` and the line."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{source}, line {number}"
        try:
            given = json.loads(line)
        except ValueError as error:
            raise CaseError(f"{where}: this is not JSON ({error}); write one object a line.") from None
        case = parse_case(given, where)
        if case.id in seen:
            first = seen[case.id]
            raise CaseError(
                f"{where}: the id {case.id!r} stands on line {first} too; give each case its own."
            )
        seen[case.id] = number
        yield case


def parse_case(given: Any, where: str = "case") -> Case:
    """Return the checked case of a JSON object; `CaseError` starts with `where`."""
    if not isinstance(given, dict):
        raise CaseError(f"{where}: a case must be a JSON object.")
    _known(given, KEYS, where)
    text, now = _text(given, "text", where), _text(given, "now", where)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        raise CaseError(f"{where}: `now` must be like 2026-03-02T09:00:00, not {now!r}.") from None
    listed = _need(given, "calls", list, where)
    partial = bool(given.get("partial", False))
    calls = tuple(_call(call, partial, f"{where}, call {n}") for n, call in enumerate(listed, 1))
    return Case(
        id=str(given.get("id", "")) or text,
        text=text,
        now=moment.replace(tzinfo=None),
        calls=calls,
        depends=_depends(given.get("depends") or [], len(calls), where),
        accept=_accept(given.get("accept") or {}, where),
        ends=_ends(given, bool(calls), where),
        accept_tools=_names(given.get("accept_tools") or [], "accept_tools", where),
    )


def _call(given: Any, partial: bool, where: str) -> ExpectedCall:
    if not isinstance(given, dict):
        raise CaseError(f"{where}: a call must be an object with `tool` and `args`.")
    _known(given, CALL_KEYS, where)
    tools = _names(given.get("tool"), "tool", where)
    if not tools:
        raise CaseError(f"{where}: `tool` is missing.")
    args, words = _by_tool(given, "args", tools, where), _by_tool(given, "words", tools, where)
    for tool in tools:
        for name, value in words[tool].items():
            if not isinstance(value, str):
                raise CaseError(f"{where}: the words of {name!r} must be a string.")
            if name in args[tool]:
                raise CaseError(f"{where}: {name!r} is given both in `args` and in `words`; keep one.")
    return ExpectedCall(tools, args, words, bool(given.get("partial", partial)))


def _by_tool(
    given: Mapping[str, Any], key: str, tools: tuple[str, ...], where: str
) -> dict[str, dict[str, Any]]:
    values = given.get(key) or {}
    if not isinstance(values, dict):
        raise CaseError(f"{where}: `{key}` must be an object.")
    if len(tools) > 1 and values and set(values) <= set(tools):
        for tool in tools:
            if not isinstance(values.get(tool, {}), dict):
                raise CaseError(f"{where}: the `{key}` of {tool} must be an object.")
        return {tool: dict(values.get(tool, {})) for tool in tools}
    return {tool: dict(values) for tool in tools}


def _depends(given: Any, calls: int, where: str) -> tuple[tuple[int, int], ...]:
    pairs = []
    for pair in given if isinstance(given, list) else [given]:
        whole = isinstance(pair, list) and len(pair) == 2 and all(type(index) is int for index in pair)
        if not whole or pair[0] == pair[1] or not all(0 <= index < calls for index in pair):
            raise CaseError(f"{where}: `depends` must hold pairs of different indexes of calls, from 0 on.")
        pairs.append((max(pair), min(pair)))
    return tuple(sorted(set(pairs)))


def _accept(given: Any, where: str) -> dict[str, tuple[Any, ...]]:
    if not isinstance(given, dict) or not all(isinstance(values, list) for values in given.values()):
        raise CaseError(f"{where}: `accept` must give a list of values for each parameter.")
    return {name: tuple(values) for name, values in given.items()}


def _ends(given: Mapping[str, Any], acts: bool, where: str) -> tuple[str, ...]:
    ends = _names(given.get("end", "done" if acts else None), "end", where)
    unknown = [end for end in ends if end not in ENDS]
    if unknown:
        raise CaseError(f"{where}: `end` must be done, none or ask, not {unknown[0]!r}.")
    if (ends != ("done",)) if acts else (not ends or "done" in ends):
        wanted = (
            "done (or left out) where there are calls" if acts else "none or ask where there are no calls"
        )
        raise CaseError(f"{where}: `end` must be {wanted}.")
    return ends


def _names(given: Any, key: str, where: str) -> tuple[str, ...]:
    values = [] if given is None else given if isinstance(given, list) else [given]
    if not all(isinstance(value, str) and value for value in values):
        raise CaseError(f"{where}: `{key}` must be a name or a list of names.")
    return tuple(values)


def _known(given: Mapping[str, Any], keys: set[str], where: str) -> None:
    """Let keys of other people's tools pass, but not a misspelt one of ours."""
    for key in sorted(set(given) - keys):
        meant = get_close_matches(key, keys, 1, 0.75)
        if meant:
            raise CaseError(f"{where}: {key!r} is not a key here; {meant[0]!r} is.")


def _text(given: Mapping[str, Any], key: str, where: str) -> str:
    value = _need(given, key, str, where)
    if not value.strip():
        raise CaseError(f"{where}: `{key}` is empty.")
    return str(value)


def _need(given: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in given:
        raise CaseError(f"{where}: `{key}` is missing.")
    if not isinstance(given[key], kind):
        raise CaseError(f"{where}: `{key}` must be a {'list' if kind is list else 'string'}.")
    return given[key]
