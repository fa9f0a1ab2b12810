"""Plan a second turn that says only what is different from the one before; `follow` decides what it takes over."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from tinyagent.compiler import follow
from tinyagent.compiler.models import Models, Obstacle
from tinyagent.draft import Draft
from tinyagent.dualtune.arguments import Around
from tinyagent.events import Asked, Event, Planned, Selected, TakingBack
from tinyagent.grounding.base import Unresolved
from tinyagent.retrieval.retriever import Retrieved

NOTHING_CHANGED = "Nothing was changed in this conversation, so there is nothing to undo."


def following(
    draft: Draft, models: Models, retrieved: Retrieved, obstacle: Obstacle | None
) -> Generator[Event, None, bool]:
    """Plan a command that says only what is different from the turn before; return whether it is one."""
    way = follow.how(draft.past, retrieved)
    if way == follow.UNDO:
        draft.follows, draft.undoes = way, draft.past.undoes
        if draft.undoes:
            yield TakingBack(draft.undoes)
        else:
            draft.reasons[NOTHING_CHANGED] = None
        return True
    at = follow.followed(draft.past, retrieved) if way in (follow.ANOTHER, follow.INSTEAD) else None
    if at is None:
        return False
    tool, old = draft.past.tools[at], draft.past.results[at]
    with draft.timed("fill"):
        filled = models.filler.fill(draft.text, tool, draft.world, Around(before=draft.past.before))
    words = {name: said for name, said in filled.words.items() if name not in filled.references}
    if way == follow.INSTEAD and not words:
        return False
    draft.follows = way
    yield Selected(tool.name, retrieved.follows[way], True)
    reason = obstacle(tool) if obstacle else None
    if reason:
        draft.reasons[reason] = None
        return True
    try:
        with draft.timed("ground"):
            call = follow.carry(tool, old.call, words, draft.world, draft.text, way)
    except Unresolved as error:
        draft.question = replace(error.question, tool=tool.name, words={**old.call.words, **words})
        yield Asked(draft.question)
        return True
    if way == follow.INSTEAD and old.entry in draft.past.undoes:
        draft.undoes = (old.entry,)
        yield TakingBack(draft.undoes)
    call = replace(call, probability=filled.probability)
    yield Planned(draft.add(tool, call.words, call), call)
    return True
