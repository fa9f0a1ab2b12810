"""What a later call gets where an argument is an earlier result: `$1` is the result of call 1, `$1.phone` a field.

Which form a result takes depends on the parameter: a text gets what was said (the text of a note, a summary, an
answer), a file the one path that was found, a number the number. What was read stays data: it is never looked at for
references or instructions of its own, and it is cut at `LONGEST` characters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tinyagent.calls import Call, Result, Tool
from tinyagent.compiler.naming import doing
from tinyagent.errors import ToolError

LONGEST = 4000
"""Characters of a result that go into another call."""
REFERENCE = re.compile(r"\$(\d{1,3})(?:\.([a-z_]\w*))?")


def is_reference(words: str) -> bool:
    """Whether words are a reference to a result and nothing else."""
    return bool(REFERENCE.fullmatch(words))


def with_results(tool: Tool, call: Call, results: Mapping[int, Result]) -> Call:
    """Return the call with the `results` it refers to, by index. Raises `ToolError` as `refer` does."""
    kinds = {parameter.name: parameter.type for parameter in tool.parameters}
    args = {name: refer(value, results, kinds.get(name, "text")) for name, value in call.args.items()}
    return replace(call, args=args)


def refer(value: Any, results: Mapping[int, Result], kind: str) -> Any:
    """Replace references in the value of an argument of type `kind` by the results they name; `results` counts from 0.

    Only the calls in `results` can be meant, so "$5" in somebody's words stays as it is. Raises `ToolError` where the
    result is not there or not of that kind.
    """
    if isinstance(value, list):
        parts = [refer(item, results, kind) for item in value]
        return [one for part in parts for one in (part if isinstance(part, list) else [part])]
    match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) - 1 not in results:
        return value
    result = results[int(match[1]) - 1]
    if match[2]:
        return _field(result, match[2])
    if kind in ("file", "files"):
        return _path(result) if kind == "file" else [_path(result)]
    if kind in ("number", "percent"):
        return _number(result)
    return _text(result)


def _field(result: Result, name: str) -> Any:
    value = result.value.get(name) if isinstance(result.value, Mapping) else result.value
    if isinstance(value, str) and value.strip():
        return _cut(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ToolError(f"{_what(result)} gave no {name.replace('_', ' ')}.")


def _path(result: Result) -> str:
    value = result.value
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    paths = [one.get("path") if isinstance(one, Mapping) else one for one in found]
    named = [path for path in paths if isinstance(path, str) and path]
    if len(named) == 1:
        return named[0]
    if not named:
        raise ToolError(f"{_what(result)} found no file.")
    raise ToolError(f"{_what(result)} found {len(named)} files: say which one you mean.")


def _number(result: Result) -> Any:
    if isinstance(result.value, int | float) and not isinstance(result.value, bool):
        return result.value
    raise ToolError(f"{_what(result)} gave no number.")


def _text(result: Result) -> str:
    value = result.value
    text = value.get("text") if isinstance(value, Mapping) else None
    said = text if isinstance(text, str) and text.strip() else result.answer
    if not said.strip():
        raise ToolError(f"{_what(result)} said nothing that could go on.")
    return _cut(said)


def _what(result: Result) -> str:
    said = doing(result.call.tool)
    return said[0].upper() + said[1:]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
