"""Usage examples: their markup, the value lists that vary them, and the split that holds out whole templates.

A line of `tool_index/usage/<tool>.jsonl` is `{"text": "remind me to [call Sid](name:task) at [three](due:time)"}`:
words in brackets are the value of the parameter, after the colon stands the list of values that may replace them,
after an equals sign the value of an enum.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tinyagent.products import folder

_MARK = re.compile(r"\[([^\]]*)\]\((\w+)(?::(\w+)|=(\w+))?\)")
HELD_OUT_TENTHS = 1


class HasText(Protocol):
    """A labelled command."""

    @property
    def text(self) -> str:
        """What was said."""
        ...


Said = TypeVar("Said", bound=HasText)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked run: characters [start, end) of the text are (part of) the value of `parameter`."""

    parameter: str
    start: int
    end: int
    kind: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A command with its marks. `template` is the line it was made from, the unit of the held-out split."""

    tool: str
    text: str
    marks: tuple[Mark, ...]
    template: str

    def words(self) -> dict[str, str]:
        """Return each parameter's words; runs that stand apart are joined by a space."""
        found: dict[str, list[str]] = {}
        for mark in self.marks:
            found.setdefault(mark.parameter, []).append(self.text[mark.start : mark.end])
        return {name: " ".join(runs) for name, runs in found.items()}

    @property
    def held_out(self) -> bool:
        """Whether the template belongs to the tenth that is kept out of training."""
        digest = hashlib.sha256(f"{self.tool}\n{self.template}".encode()).digest()
        return digest[0] % 10 < HELD_OUT_TENTHS


def parse(tool: str, line: str) -> Example:
    """Read the markup of one line."""
    text, marks, last = "", [], 0
    for match in _MARK.finditer(line):
        text += line[last : match.start()]
        marks.append(Mark(match[2], len(text), len(text) + len(match[1]), match[3] or "", match[4] or ""))
        text += match[1]
        last = match.end()
    return Example(tool, text + line[last:], tuple(marks), line)


def read(tool: str, root: Path | None = None) -> list[Example]:
    """Return the usage examples of one tool, in file order."""
    return [parse(tool, row["text"]) for row in read_rows(tool, root)]


def read_rows(name: str, root: Path | None = None) -> list[dict[str, Any]]:
    """Return the JSON objects of `usage/<name>.jsonl`."""
    path = (root or folder("tool_index")) / "usage" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def read_values(root: Path | None = None) -> dict[str, list[str]]:
    """Return every value list by kind."""
    base = (root or folder("tool_index")) / "values"
    return {
        path.stem: [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        for path in sorted(base.glob("*.txt"))
    }


def vary(example: Example, values: Mapping[str, Sequence[str]], rng: random.Random) -> Example:
    """Return the example with other values of the same kinds; unmarked words and unkinded marks stay."""
    unmarked = "".join(
        c for i, c in enumerate(example.text) if not any(m.start <= i < m.end for m in example.marks)
    )
    lower = unmarked == unmarked.lower()
    text, marks, last = "", [], 0
    for mark in example.marks:
        text += example.text[last : mark.start]
        words = example.text[mark.start : mark.end]
        if values.get(mark.kind):
            words = another(values[mark.kind], lower, example.text[mark.end : mark.end + 1], rng)
        marks.append(Mark(mark.parameter, len(text), len(text) + len(words), mark.kind, mark.value))
        text += words
        last = mark.end
    return Example(example.tool, text + example.text[last:], tuple(marks), example.template)


def another(values: Sequence[str], lower: bool, following: str, rng: random.Random) -> str:
    """Return one of the values as it would stand in a line: mostly `lower`, no full stop before a `following` one."""
    words = rng.choice(values)
    if lower and rng.random() < 0.8:
        words = words.lower()
    return words.rstrip(".") if following == "." else words


def variants(examples: Sequence[Example], count: int, rng: random.Random) -> Iterator[Example]:
    """Yield every example as written and `count - 1` variants of each that has anything to vary."""
    values = read_values()
    for example in examples:
        yield from distinct(example, partial(vary, example, values, rng), count)


def distinct(first: Said, make: Callable[[], Said], count: int) -> Iterator[Said]:
    """Yield `first` and what `count - 1` calls of `make` give, each text once."""
    yield first
    seen = {first.text}
    for _ in range(count - 1):
        other = make()
        if other.text not in seen:
            seen.add(other.text)
            yield other
