"""References to results: `$1` is what call 1 gave, `$1.phone` a field of it; which of them a parameter may be.

A reference is never invented: the lines offered are those of earlier calls in the plan whose result has the
parameter's type. People a message goes to are never results, so no text that was read can address one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tinyagent.calls import Parameter, Tool

_FITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "number"}),
    "number": frozenset({"number"}),
    "percent": frozenset({"number"}),
    "file": frozenset({"file"}),
    "files": frozenset({"file"}),
}
_FILES = frozenset({"file", "files"})
_SAID = re.compile(r"\$(\d{1,3})(?![\d,])")


def call_of(reference: str) -> int:
    """Return which call a reference (`$1`, `$1.phone`) is to, counted from zero."""
    return int(reference[1:].partition(".")[0]) - 1


def feeds(source: Tool, target: Tool) -> bool:
    """Return whether a result of `source` can be an argument of `target`."""
    return any(fitting(parameter, [source]) for parameter in target.parameters)


def fitting(parameter: Parameter, earlier: Sequence[Tool], text: str = "") -> list[str]:
    """Return the references to results of the `earlier` calls that `parameter` may be, the latest call's first.

    Where the command `text` itself speaks of "$2", that and what is counted from there on are the person's words.
    """
    types = _FITS.get(parameter.type, frozenset())
    said = min((int(number) for number in _SAID.findall(text)), default=len(earlier) + 1)
    return [
        f"${n + 1}.{name}" if name else f"${n + 1}"
        for n, tool in reversed(list(enumerate(earlier[: max(0, said - 1)])))
        for name, kind in tool.results.items()
        if kind in types
    ]


def same_file(
    parameter: Parameter,
    words: str,
    references: Sequence[str],
    earlier: Sequence[tuple[Tool, Mapping[str, str]]],
) -> str:
    """Return the reference to the call that found the file which `words` name again, else the words.

    `references` are those that fit: "open lease.pdf and mail lease.pdf to Sid" mails what was opened.
    """
    if parameter.type in _FILES:
        for reference in references:
            _, said = earlier[call_of(reference)]
            if words in said.values():
                return reference
    return words
