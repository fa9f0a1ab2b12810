"""Fill: the argument adapters write a tool's parameters, one line each, under what the resolvers propose.

Choice parameters first (each proposal or absent), then runs of the words that are left. `write` is the decoding;
`layout` says what stands on which line, and training builds its sequences from it too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tinyagent.calls import Parameter, Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.prompts import Before, Word
from tinyagent.dualtune.references import fitting, same_file
from tinyagent.grounding.base import Proposal, World
from tinyagent.grounding.resolvers import propose
from tinyagent.grounding.times import bare_clock_times
from tinyagent.runtime.decoding import Decoder
from tinyagent.runtime.engine import Engine, Owner

GENERIC = "arguments/generic"


@dataclass(slots=True)
class Layout:
    """What is still open while the lines of a call are written: proposals taken so far and the words they leave.

    After another turn (`follows`) a number may be a clock time without saying so ("no, nine").
    """

    text: str
    world: World
    follows: bool = False
    taken: list[Proposal] = field(default_factory=list)

    def proposals(self, parameter: Parameter) -> list[Proposal]:
        """Return the proposals for a choice parameter that do not overlap what is taken."""
        used = [span for proposal in self.taken for span in proposal.spans]
        found = propose(self.text, parameter, self.world)
        if self.follows and parameter.type == "when" and not found:
            found = bare_clock_times(self.text, self.world.now)
        return [p for p in found if not any(a < end and start < b for a, b in p.spans for start, end in used)]

    def take(self, proposal: Proposal) -> None:
        """Mark a proposal as the value of a parameter; text fields leave its words out."""
        self.taken.append(proposal)

    def words(self) -> list[Word]:
        """Return the words that text fields may use."""
        return prompts.split_words(self.text, [span for p in self.taken for span in p.spans])


@dataclass(frozen=True, slots=True)
class Around:
    """What a call stands among: `earlier` are the calls (tool, words) already in the plan.

    After a turn `before` its calls count as the first ones, and what is not said again may be missing.
    """

    earlier: Sequence[tuple[Tool, Mapping[str, str]]] = ()
    before: Before | None = None


ALONE = Around()


@dataclass(frozen=True, slots=True)
class Filled:
    """The words of each argument, the required parameters that have none, and the decoding's probability.

    `references` are the parameters whose words are a reference to an earlier call's result.
    """

    words: Mapping[str, str]
    missing: tuple[Parameter, ...]
    probability: float
    references: frozenset[str] = frozenset()


def run_text(words: Sequence[Word], first: int, last: int) -> str:
    """Return the text of a run of words: tails inside the run stay, the last word's is cut."""
    inside = "".join(word.piece + word.tail for word in words[first:last])
    return (inside + words[last].piece).strip()


class Filler:
    """Writes arguments with the generic adapter and, stacked on it, the tool's own (where there is one)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._end = prompts.line_end(engine)
        self._absent = engine.tokenize(prompts.ABSENT)

    def owner(self, tool: str) -> Owner:
        """Return the adapters that a tool's arguments are written under."""
        own = f"arguments/{tool}"
        return tuple(name for name in (GENERIC, own) if name in self._engine.pool)

    def fill(
        self,
        text: str,
        tool: Tool,
        world: World,
        around: Around = ALONE,
    ) -> Filled:
        """Return the words of the call's arguments.

        One may be the result of an earlier call: its words are then the reference (`$1`).
        """
        earlier, before = around.earlier, around.before
        if not tool.parameters:
            return Filled({}, (), 1.0)
        engine, owner = self._engine, self.owner(tool.name)
        prompt = prompts.so_far(engine, text, [(done.name, said) for done, said in earlier], before)
        calls = (*(before.calls if before else ()), *earlier)
        known = [done for done, _ in calls]
        prompt += prompts.name_tokens(engine, tool.name)
        decoder = Decoder(engine, [(token, owner) for token in prompt])
        layout = Layout(text, world, before is not None)
        found: dict[str, str] = {}
        referring: set[str] = set()
        missing: list[Parameter] = []
        same = [said for done, said in earlier if done.name == tool.name]
        for parameter in prompts.fill_order(tool):
            references = fitting(parameter, known, text)
            if parameter.is_choice:
                needed = parameter.required and before is None
                # Of two alarms each has a time of its own, where there are two times.
                used = {said.get(parameter.name) for said in same} if parameter.required else set()
                words = self._choice(decoder, layout, parameter, references, needed, used)
            else:
                words = self._run(decoder, layout, parameter, references)
            if words is not None:
                words = same_file(parameter, words, references, calls)
                found[parameter.name] = words
                referring |= {parameter.name} if words in references else set()
            elif parameter.required:
                missing.append(parameter)
        return Filled(found, tuple(missing), decoder.probability, frozenset(referring))

    def _choice(
        self,
        decoder: Decoder,
        layout: Layout,
        parameter: Parameter,
        references: Sequence[str],
        needed: bool,
        used: Collection[str | None],
    ) -> str | None:
        proposals = layout.proposals(parameter)
        proposals = [p for p in proposals if p.words not in used] or proposals
        values = [*(p.words for p in proposals), *references]
        if not values:
            return None
        options = [[*prompts.value_tokens(self._engine, words), self._end] for words in values]
        if not needed:
            options.append([*self._absent, self._end])
        decoder.force(prompts.key_tokens(self._engine, parameter.name))
        chosen = decoder.choose(options)
        if chosen == len(values):
            return None
        if chosen < len(proposals):
            layout.take(proposals[chosen])
        return values[chosen]

    def _run(
        self, decoder: Decoder, layout: Layout, parameter: Parameter, references: Sequence[str]
    ) -> str | None:
        words = layout.words()
        if not words and not references:
            return None
        pieces = [prompts.word_pieces(self._engine, word) for word in words]
        starts = [i for i, word in enumerate(words) if not word.glued]
        others = [self._absent, *(prompts.value_tokens(self._engine, reference) for reference in references)]
        decoder.force(prompts.key_tokens(self._engine, parameter.name))
        run = decoder.copy(pieces, starts, self._end, others)
        if isinstance(run, int):
            return references[run - 1] if run else None
        return run_text(words, *run)
