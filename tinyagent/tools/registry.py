"""The `tool` decorator and the registry: a typed Python function is the only definition of a tool.

The annotation of each parameter is one of the semantic types below (`Text`, `When`, `Choice(...)`, ...), optional
with `| None = None`. Toolsets are modules named by the entry-point group `tinyagent.tools`; the built-in ones are
ordinary entries of it. A module can say whether its tools work on a machine (see `tools.availability`).
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from typing import Annotated, Any, TypeVar

from tinyagent.calls import Effect, Parameter, Tool
from tinyagent.errors import ToolError

F = TypeVar("F", bound=Callable[..., Any])
GROUP = "tinyagent.tools"


@dataclass(frozen=True, slots=True)
class Semantic:
    """The semantic type of a parameter, put in its annotation."""

    type: str
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    prefer: str = "day"


@dataclass(frozen=True, slots=True)
class Span:
    """A day or a range of time: `start` inclusive, `end` exclusive, both local and without a zone."""

    start: datetime
    end: datetime


Text = Annotated[str, Semantic("text")]
Place = Annotated[str, Semantic("place")]
Person = Annotated[str, Semantic("person")]
Persons = Annotated[list[str], Semantic("persons")]
ListName = Annotated[str, Semantic("list")]
FilePath = Annotated[str, Semantic("file")]
FilePaths = Annotated[list[str], Semantic("files")]
FolderPath = Annotated[str, Semantic("folder")]
NoteFolder = Annotated[str, Semantic("folder", prefer="notes")]
AppName = Annotated[str, Semantic("app")]
When = Annotated[datetime | date, Semantic("when")]
NextWhen = Annotated[datetime | date, Semantic("when", prefer="next")]
Period = Annotated[Span, Semantic("span")]
PastPeriod = Annotated[Span, Semantic("span", prefer="past")]
Duration = Annotated[timedelta, Semantic("duration")]
Recurrence = Annotated[str, Semantic("recurrence")]
Number = Annotated[float, Semantic("number")]
Percent = Annotated[int, Semantic("percent")]
Unit = Annotated[str, Semantic("unit")]
Expression = Annotated[str, Semantic("expr")]


def Choice(**choices: tuple[str, ...]) -> Any:
    """Return the annotation of an enum: each value with the words that say it."""
    return Annotated[str, Semantic("enum", choices=tuple(choices.items()))]


_tools: dict[str, Tool] = {}


def tool(
    *,
    toolset: str,
    effect: str,
    undo: Callable[..., Any] | None = None,
    examples: Iterable[str] = (),
    results: Mapping[str, str] | None = None,
) -> Callable[[F], F]:
    """Register a typed function `f(ctx, ...) -> Outcome` as a tool.

    The first line of the docstring is the tool's description. `effect` is "read", "write", "destructive" or
    "outgoing"; `undo(ctx, data)` takes back what the `Outcome.undo` data describes. `examples` are commands that
    mean this tool: a tool that is not in the trained index is retrieved by them (a dozen varied ones do).
    `results` are the semantic types of what later calls may refer to, the whole under "" (default: the answer of a
    tool that reads is a text).
    Raises `TypeError` for a parameter without a semantic type and `ValueError` for a name taken by another function.
    """

    def register(function: F) -> F:
        made = Tool(
            name=function.__name__,
            toolset=toolset,
            description=(inspect.getdoc(function) or "").split("\n", 1)[0],
            effect=Effect(effect),
            parameters=tuple(_parameters(function)),
            function=function,
            undo=undo,
            examples=tuple(examples),
            results=dict(results) if results is not None else {"": "text"} if effect == "read" else {},
        )
        known = _tools.get(made.name)
        if known is not None and known.function.__module__ != function.__module__:
            raise ValueError(f"two tools are called {made.name}")
        _tools[made.name] = made
        return function

    return register


def _parameters(function: Callable[..., Any]) -> Iterable[Parameter]:
    hints = typing.get_type_hints(function, include_extras=True)
    for position, (name, given) in enumerate(inspect.signature(function).parameters.items()):
        if position == 0:
            continue  # the context
        required = given.default is inspect.Parameter.empty
        semantic = _semantic(hints[name])
        if semantic is None:
            raise TypeError(f"parameter {name} of {function.__name__} has no semantic type")
        yield Parameter(name, semantic.type, required, dict(semantic.choices), semantic.prefer)


def _semantic(hint: Any) -> Semantic | None:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        found = [_semantic(part) for part in typing.get_args(hint)]
        return next((semantic for semantic in found if semantic), None)
    return next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Semantic)), None)


@dataclass(frozen=True)
class Catalogue:
    """The tools at hand, by name, in a stable order."""

    tools: dict[str, Tool] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Tool:
        try:
            return self.tools[name]
        except KeyError:
            raise ToolError(f"There is no tool called {name}; `tinyagent tools` lists them.") from None

    def __iter__(self) -> typing.Iterator[Tool]:
        return iter(self.tools.values())

    def __contains__(self, name: object) -> bool:
        return name in self.tools

    def __len__(self) -> int:
        return len(self.tools)


@cache
def _load_entry_points() -> None:
    """Import every toolset that an entry point names, once."""
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        entry.load()


def catalogue() -> Catalogue:
    """Return the tools of every entry point and those that a program has registered, toolset by toolset."""
    _load_entry_points()
    ordered = sorted(_tools.values(), key=lambda t: (t.toolset, t.name))
    return Catalogue({t.name: t for t in ordered})
