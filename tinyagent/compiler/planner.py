"""Write the plan of a command step by step: select → fill → ground → the next, until `done`.

After LLMCompiler (arXiv 2312.04511): each step is given out as soon as it is known, so that its call can run while
later ones are still being written; an argument that is the result of an earlier call makes an edge of the graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from tinyagent.calls import Call, Candidate, Tool
from tinyagent.compiler import follow
from tinyagent.compiler.following import following
from tinyagent.compiler.models import Models, Obstacle
from tinyagent.compiler.results import refer
from tinyagent.draft import Draft
from tinyagent.dualtune.arguments import Around, Filled
from tinyagent.dualtune.references import call_of, fitting
from tinyagent.dualtune.selector import DONE, Selector
from tinyagent.dualtune.wishes import holds
from tinyagent.errors import ToolError
from tinyagent.events import Asked, Event, Planned, Selected, Shortlisted
from tinyagent.grounding.base import Unresolved
from tinyagent.grounding.ground import ground
from tinyagent.grounding.mentions import after
from tinyagent.grounding.resolvers import missing
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved

MAX_CALLS = 6
TOO_MANY = f"I do {MAX_CALLS} things at most in one go: say the rest again."
SOURCE = 0.1
"""How likely a tool must be for its result to be what another call lacks."""


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
    if answered is None and (yield from following(draft, models, retrieved, obstacle)):
        return
    retrieved = follow.steered(draft.past, retrieved, draft.text, models.catalogue)
    yield from _one_by_one(draft, models, retrieved, obstacle, answered)


def _one_by_one(
    draft: Draft, models: Models, retrieved: Retrieved, obstacle: Obstacle | None, answered: Filled | None
) -> Iterator[Event]:
    # Only what may mean something of the turn before is read below it.
    before = draft.past.before if follow.points_back(draft.text) else None
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
        tool = models.catalogue[chosen.tool]
        filled, answered, draft.question = answered, None, None
        if filled is None:
            with draft.timed("fill"):
                filled = models.filler.fill(draft.text, tool, draft.world, Around(draft.steps, before))
                source = _source(draft, models, retrieved, tool, filled)
                if source is not None:
                    chosen, tool = source, models.catalogue[source.tool]
                    filled = models.filler.fill(draft.text, tool, draft.world, Around(draft.steps, before))
        yield Selected(chosen.tool, chosen.probability, draft.early_exit)
        with draft.timed("available"):
            reason = obstacle(tool) if obstacle else None
        so_far = [*((done.name, words) for done, words in draft.steps), (tool.name, filled.words)]
        last = not models.selector.expects_more(draft.text, retrieved, so_far)
        if reason:
            # What cannot be done here is a step all the same, so that nothing else is chosen in its place.
            draft.reasons[reason] = None
            draft.add(tool, filled.words)
            if last:
                break
            continue
        known = len(draft.steps)
        with draft.timed("ground"):
            found = _call(draft, models, tool, filled, chosen.probability, before is not None)
        if isinstance(found, Asked):
            draft.question = found.question
        if found is not None:
            yield found
        if last or (found is None and len(draft.steps) == known) or draft.question:
            break


def _source(
    draft: Draft, models: Models, retrieved: Retrieved, target: Tool, filled: Filled
) -> Candidate | None:
    """Return a likely tool, not used yet, whose result can be what a call of several lacks: it has to come first.

    "Text Theo what's in my gate codes note": the text message lacks its words until the note is open, or they are
    those of the part that asks for the note.
    """
    used = {target.name, *(tool.name for tool, _ in draft.steps)}
    earlier = [(tool.name, words) for tool, words in draft.steps]
    for part in models.selector.left(draft.text, retrieved, earlier):
        made = [models.catalogue[part.tool]]
        if part.tool not in used and any(
            fitting(target.parameter(name), made) and holds(part, draft.text, words)
            for name, words in filled.words.items()
        ):
            return Candidate(part.tool, part.probability)
    for candidate in retrieved.candidates:
        if candidate.tool != NONE and candidate.tool not in used and candidate.probability >= SOURCE:
            made = [models.catalogue[candidate.tool]]
            if any(p.name not in filled.words and fitting(p, made) for p in filled.missing):
                return candidate
    return None


def _positions(draft: Draft, filled: Filled, earlier: int) -> dict[str, str] | None:
    """Return the references with the numbers of calls instead of steps; None where such a step cannot be done.

    What refers to one of the `earlier` calls, of the turn before, is left out.
    """
    found = {}
    for name in filled.references:
        step, dot, part = filled.words[name][1:].partition(".")
        if int(step) <= earlier:
            continue
        position = draft.positions[int(step) - 1 - earlier]
        if position is None:
            return None
        found[name] = f"${position + 1}{dot}{part}"
    return found


def _select(draft: Draft, selector: Selector, retrieved: Retrieved) -> Candidate:
    earlier = [(tool.name, words) for tool, words in draft.steps]
    sure = selector.without_adapter(draft.text, retrieved, earlier)
    draft.early_exit = sure is not None and (draft.early_exit or not draft.steps)
    return sure or selector.select(draft.text, retrieved, earlier)[0]


def _taken(draft: Draft, tool: Tool, filled: Filled, references: Collection[str]) -> dict[str, Any]:
    """Return the arguments that are results of the turn before. Raises `Unresolved` where there is no such result."""
    results = {i: result for i, result in enumerate(draft.past.results) if result.status == "done"}
    found = {}
    for name in sorted(filled.references - set(references)):
        parameter = tool.parameter(name)
        try:
            found[name] = refer(filled.words[name], results, parameter.type)
        except ToolError:
            raise Unresolved(missing(tool.name, parameter)) from None
        if found[name] == filled.words[name]:
            raise Unresolved(missing(tool.name, parameter))
    return found


def _call(
    draft: Draft, models: Models, tool: Tool, filled: Filled, probability: float, follows: bool
) -> Planned | Asked | None:
    """Ground the words and add the call; None where it takes what cannot be had, or is there already."""
    references = _positions(draft, filled, len(draft.past.tools) if follows else 0)
    if references is None:
        draft.add(tool, filled.words)
        return None
    said = {**filled.words, **references}
    words = models.instructions.apply(tool, said, draft.text, draft.world.people)
    lacking = [p for p in filled.missing if p.name not in words and p.type != "when"]
    try:
        if lacking:
            raise Unresolved(missing(tool.name, lacking[0]))
        taken = _taken(draft, tool, filled, references)
        args = ground(tool, words, draft.world, references=filled.references, text=draft.text) | taken
    except Unresolved as error:
        return Asked(replace(error.question, tool=tool.name, words=said))
    if any(call.tool == tool.name and call.args == args for call in draft.calls):
        return None
    needs = {call_of(reference) for reference in references.values()}
    call = Call(tool.name, args, dict(words), probability * filled.probability, tuple(taken))
    index = draft.add(tool, filled.words, call, needs)
    draft.world = replace(draft.world, mentioned=after(draft.world.mentioned, tool, args))
    return Planned(index, call, tuple(sorted(needs)))
