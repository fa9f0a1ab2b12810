"""What happens while a command is planned and run: the events that `Assistant.stream` yields, in order.

`Shortlisted` comes first; then for each step `Selected` and `Planned`; `Started` and `Finished` of a call may come
between later steps, since a call runs as soon as what it needs is there. `Asked` ends a plan that needs an answer.
`TakingBack` and a `TakenBack` for each entry come where something of an earlier turn is undone, before what is done
instead. `Answered` is always last.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinyagent.calls import Answer, Call, Candidate, Question, Result


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """Retrieval's candidates, the likeliest first."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """The tool of the next step; `early` where the head alone was sure."""

    tool: str
    probability: float
    early: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A call with all its arguments: its index in the plan, and the indexes of the calls whose results it takes."""

    index: int
    call: Call
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the person; the plan goes on with the answer."""

    question: Question


@dataclass(frozen=True, slots=True)
class Started:
    """A call has begun to run."""

    index: int
    call: Call


@dataclass(frozen=True, slots=True)
class Finished:
    """A call has ended, one way or another."""

    index: int
    result: Result


@dataclass(frozen=True, slots=True)
class TakingBack:
    """These entries of the journal are taken back now."""

    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What an entry of the journal did is taken back, or cannot be (`done`); `sentence` says so."""

    entry: int
    done: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Answered:
    """All is said: the whole plan, every call's result and the sentences for the person."""

    answer: Answer


Event = Shortlisted | Selected | Planned | Asked | TakingBack | TakenBack | Started | Finished | Answered
