"""Write the plan of a command step by step: select → fill → ground → the next, until `done`.

After LLMCompiler (arXiv 2312.04511): each step is given out as soon as it is known, so that its call can run while
later ones are still being written; an argument that is the result of an earlier call makes an edge of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from tinyagent.calls import Call, Candidate, Tool
from tinyagent.draft import Draft
from tinyagent.dualtune.arguments import Filled, Filler
from tinyagent.dualtune.selector import DONE, Selector
from tinyagent.events import Asked, Event, Planned, Selected, Shortlisted
from tinyagent.grounding.base import Unresolved
from tinyagent.grounding.ground import ground
from tinyagent.grounding.mentions import after
from tinyagent.grounding.resolvers import missing
from tinyagent.instructions import Instructions
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved, Retriever
from tinyagent.tools.registry import Catalogue

MAX_CALLS = 6
TOO_MANY = f"I do {MAX_CALLS} things at most in one go: say the rest again."
Obstacle = Callable[[Tool], str | None]
"""Says why a tool is no choice on this machine, None where it is one."""


class Models(Protocol):
    """What plans: the catalogue, and the three stages that hold models (loaded when first used)."""

    catalogue: Catalogue

    @property
    def retriever(self) -> Retriever:
        """Words → shortlist."""
        ...

    @property
    def selector(self) -> Selector:
        """Shortlist → the next tool."""
        ...

    @property
    def filler(self) -> Filler:
        """Tool → the words of its arguments."""
        ...

    @property
    def instructions(self) -> Instructions:
        """The person's standing wishes: defaults for arguments."""
        ...


def steps(
    draft: Draft, models: Models, obstacle: Obstacle | None = None, answered: Filled | None = None
) -> Iterator[Event]:
    """Yield what is found, step by step; `draft` holds the plan so far and how it ended.

    With `answered` the plan goes on from a question: these are the words of the call that it was about.
    """
    with draft.timed("retrieve"):
        retrieved = models.retriever.retrieve(draft.text)
    draft.shortlist = retrieved.candidates
    yield Shortlisted(retrieved.candidates)
    while True:
        if answered is not None and draft.question is not None:
            chosen = Candidate(draft.question.tool, 1.0)
        else:
            with draft.timed("select"):
                chosen = _select(draft, models.selector, retrieved)
        if chosen.tool in (NONE, DONE):
            break
        if len(draft.steps) == MAX_CALLS:
            draft.reasons[TOO_MANY] = None
            break
        yield Selected(chosen.tool, chosen.probability, draft.early_exit)
        tool = models.catalogue[chosen.tool]
        with draft.timed("available"):
            reason = obstacle(tool) if obstacle else None
        if reason:
            draft.reasons[reason] = None
        last = draft.early_exit or not models.selector.expects_more(retrieved, len(draft.steps) + 1)
        filled, answered, draft.question = answered, None, None
        if reason and last:
            break
        if filled is None:
            with draft.timed("fill"):
                filled = models.filler.fill(draft.text, tool, draft.world, draft.steps)
        if reason:
            # What cannot be done here is a step all the same, so that nothing else is chosen in its place.
            draft.add(tool, filled.words)
            continue
        known = len(draft.steps)
        with draft.timed("ground"):
            found = _call(draft, models, tool, filled, chosen.probability)
        if isinstance(found, Asked):
            draft.question = found.question
        if found is not None:
            yield found
        if last or (found is None and len(draft.steps) == known) or draft.question:
            break


def _positions(draft: Draft, filled: Filled) -> dict[str, str] | None:
    """Return the references with the numbers of calls instead of steps; None where such a step cannot be done."""
    found = {}
    for name in filled.references:
        step, dot, part = filled.words[name][1:].partition(".")
        position = draft.positions[int(step) - 1]
        if position is None:
            return None
        found[name] = f"${position + 1}{dot}{part}"
    return found


def _select(draft: Draft, selector: Selector, retrieved: Retrieved) -> Candidate:
    if not draft.steps and selector.sure(retrieved):
        draft.early_exit = True
        return retrieved.candidates[0]
    earlier = [(tool.name, words) for tool, words in draft.steps]
    return selector.select(draft.text, retrieved, earlier)[0]


def _call(
    draft: Draft, models: Models, tool: Tool, filled: Filled, probability: float
) -> Planned | Asked | None:
    """Ground the words and add the call; None where it takes what cannot be had, or is there already."""
    references = _positions(draft, filled)
    if references is None:
        draft.add(tool, filled.words)
        return None
    said = {**filled.words, **references}
    words = models.instructions.apply(tool, said, draft.text, draft.world.people)
    lacking = [p for p in filled.missing if p.name not in words and p.type != "when"]
    try:
        if lacking:
            raise Unresolved(missing(tool.name, lacking[0]))
        args: dict[str, Any] = ground(tool, words, draft.world, references=references, text=draft.text)
    except Unresolved as error:
        return Asked(replace(error.question, tool=tool.name, words=said))
    if any(call.tool == tool.name and call.args == args for call in draft.calls):
        return None
    needs = {int(reference[1:].partition(".")[0]) - 1 for reference in references.values()}
    call = Call(tool.name, args, dict(words), probability * filled.probability)
    index = draft.add(tool, filled.words, call, needs)
    draft.world = replace(draft.world, mentioned=after(draft.world.mentioned, tool, args))
    return Planned(index, call, tuple(sorted(needs)))
