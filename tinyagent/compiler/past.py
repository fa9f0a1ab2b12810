"""What a conversation still knows of the turns before: their calls and results, and whom and what they spoke of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tinyagent.calls import Answer, Effect, Result, Tool
from tinyagent.dualtune.prompts import Before, in_fill_order
from tinyagent.grounding.mentions import after
from tinyagent.tools.registry import Catalogue


@dataclass(frozen=True, slots=True)
class Past:
    """The turns before, as far as they matter to the next.

    `text`, `tools` and `results` are those of the latest turn that did or wanted something (no tools: there was none),
    `undoes` the journal's numbers of what was changed last, the latest first, `mentioned` what pronouns may mean.
    """

    text: str = ""
    tools: tuple[Tool, ...] = ()
    results: tuple[Result, ...] = ()
    undoes: tuple[int, ...] = ()
    mentioned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, turns: Iterable[Answer], catalogue: Catalogue) -> Past:
        """Return what is known after these turns."""
        undone = {number for answer in turns for number in answer.plan.undoes}
        mentioned: dict[str, tuple[str, ...]] = {}
        undoes: tuple[int, ...] = ()
        latest: tuple[str, tuple[Result, ...]] = ("", ())
        for answer in turns:
            results = tuple(r for r in answer.results if r.call.tool in catalogue)
            for result in results:
                mentioned = after(mentioned, catalogue[result.call.tool], result.call.args)
            latest = (answer.plan.text, results) if results else latest
            undoes = tuple(n for n in _changed(results, catalogue) if n not in undone) or undoes
        text, results = latest
        return cls(text, tuple(catalogue[r.call.tool] for r in results), results, undoes, mentioned)

    @property
    def before(self) -> Before | None:
        """The latest turn as the argument adapter sees it."""
        said = [
            (tool, in_fill_order(tool, result.call.words))
            for tool, result in zip(self.tools, self.results, strict=True)
        ]
        return Before(self.text, said) if said else None


NO_PAST = Past()


def _changed(results: Sequence[Result], catalogue: Catalogue) -> list[int]:
    return [
        result.entry
        for result in reversed(results)
        if result.entry and result.status == "done" and catalogue[result.call.tool].effect is not Effect.READ
    ]
