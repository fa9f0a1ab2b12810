"""Plain data that flows along the path: tools and their parameters, calls, plans, results, questions.

Nothing here knows models, files or the screen. Argument values are always JSON values (ISO 8601 strings for
times), so that a plan can be printed, stored, edited and applied later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

CHOICE_TYPES = frozenset(
    {"when", "span", "duration", "recurrence", "number", "percent", "unit", "expr", "enum", "bool"}
)
"""Semantic types whose words the resolvers find; every other type is a run of the command's own words."""

EARLIEST = datetime(1900, 1, 1)
"""Where a span without a beginning ("before 2020") begins: no earlier date can be said."""


class Effect(StrEnum):
    """What running a tool does to the world; the policy decides by it."""

    READ = "read"
    WRITE = "write"
    DESTRUCTIVE = "destructive"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a tool.

    `type` is the semantic type of the catalogue (`text`, `when`, `person`, ...). `choices` maps each value of an
    `enum` (or "true" of a `bool`) to the words that say it. `prefer` tells the `when` resolver how to read a bare
    clock time: "day" (three is 15:00) or "next" (three is the next three o'clock); for a `span`, "past" means the
    latest one that has begun ("friday" is the last Friday, "june" the last June), anything else the next one; for a
    `folder`, "notes" means one inside the notes.
    """

    name: str
    type: str
    required: bool = True
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prefer: str = "day"

    @property
    def is_choice(self) -> bool:
        """Whether resolvers propose the words of this parameter (otherwise it is a run of words)."""
        return self.type in CHOICE_TYPES


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the catalogue has it; made by the `tool` decorator from a typed function.

    `examples` are commands that mean this tool; retrieval finds a tool it was not trained on by them. `results` are
    what a later call may refer to: the semantic type of the whole result under "", of its fields under their names.
    """

    name: str
    toolset: str
    description: str
    effect: Effect
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any] = field(compare=False)
    undo: Callable[..., Any] | None = field(default=None, compare=False)
    examples: tuple[str, ...] = ()
    results: Mapping[str, str] = field(default_factory=dict)

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called `name`; `KeyError` when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: tool name, grounded arguments (JSON values), and the words each argument came from.

    `taken` are the parameters whose value is a result of an earlier turn: nobody has said it.
    """

    tool: str
    args: Mapping[str, Any]
    words: Mapping[str, str] = field(default_factory=dict)
    probability: float = 1.0
    taken: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the call as JSON data."""
        return {
            "tool": self.tool,
            "args": dict(self.args),
            "words": dict(self.words),
            "probability": round(self.probability, 4),
            **({"taken": list(self.taken)} if self.taken else {}),
        }


@dataclass(frozen=True, slots=True)
class Question:
    """A short question to the person, instead of a guess.

    It is about `parameter` of a call of `tool`; `options` are the readings that tie, `words` what the command says of
    the call's arguments so far, so that the plan can go on with the answer.
    """

    text: str
    tool: str = ""
    parameter: str = ""
    options: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the question as JSON data."""
        return {
            "text": self.text,
            "tool": self.tool,
            "parameter": self.parameter,
            "options": list(self.options),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tool on the shortlist with its probability after retrieval (and selection, where that ran)."""

    tool: str
    probability: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What the assistant would do for `text`.

    `end` is "done" (the calls are the whole wish), "none" (no tool fits, do nothing) or "ask" (see `question`).
    `reason` says why what was meant, or a part of it, cannot be done here ("": nothing in the way). `depends` lists
    pairs of call indexes (later, earlier). `follows` says how the command follows the turn before ("fresh": not at
    all), `undoes` are the journal's numbers of what is taken back first.
    `timings_ms` gives milliseconds by stage.
    """

    text: str
    now: datetime
    calls: tuple[Call, ...] = ()
    depends: tuple[tuple[int, int], ...] = ()
    end: str = "done"
    question: Question | None = None
    shortlist: tuple[Candidate, ...] = ()
    early_exit: bool = False
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    follows: str = "fresh"
    undoes: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plan as JSON data."""
        return {
            "text": self.text,
            "now": self.now.isoformat(timespec="seconds"),
            "calls": [call.as_json() for call in self.calls],
            "depends": [list(pair) for pair in self.depends],
            "end": self.end,
            "question": self.question.as_json() if self.question else None,
            "reason": self.reason,
            "follows": self.follows,
            "undoes": list(self.undoes),
            "shortlist": [[c.tool, round(c.probability, 4)] for c in self.shortlist],
            "early_exit": self.early_exit,
            "timings_ms": {stage: round(ms, 2) for stage, ms in self.timings_ms.items()},
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool function returns.

    `answer` is the sentence for the person, `value` JSON data for programs and later calls, `undo` JSON data that
    the tool's undo function takes (None: nothing to undo).
    """

    answer: str
    value: Any = None
    undo: Any = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one call: `status` is "done", "failed", "declined" or "planned" (dry run).

    `error` is the class of a failed call's error, for programs; people are told `answer`. `entry` is its number in
    the journal.
    """

    call: Call
    status: str
    answer: str = ""
    value: Any = None
    undo: Any = None
    error: str = ""
    entry: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            "call": self.call.as_json(),
            "status": self.status,
            "answer": self.answer,
            "value": self.value,
        }


NO_RESULTS: Mapping[int, Result] = {}
"""Of a plan that nothing was run of yet."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to: the plan, the result of each call, and the sentences for the person."""

    plan: Plan
    results: tuple[Result, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON data."""
        return {
            "plan": self.plan.as_json(),
            "results": [result.as_json() for result in self.results],
            "text": self.text,
        }
