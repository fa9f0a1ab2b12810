"""Training sequences: the very tokens that serving writes, with the positions whose prediction is learnt.

Only decisions are targets: the value of a line that had more than one possibility, the name of a tool. Forced
tokens, the command and keys carry no loss.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinyagent.calls import Parameter, Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import Layout, run_text
from tinyagent.dualtune.prompts import Before, Tokenizer
from tinyagent.dualtune.references import fitting
from tinyagent.grounding.base import Proposal, World
from tinyagent.training.usage import Example, Mark


@dataclass(frozen=True, slots=True)
class Sequence_:
    """Token ids and the indexes of those that are targets (each predicted from the tokens before it)."""

    tokens: tuple[int, ...]
    targets: tuple[int, ...]


JOINTS = frozenset({"and", "also", "plus", "or", "then", "oh", "some", "a", "an", "the", "both", "+", "&"})
"""Words that may stand between the pieces of one value, which is then the whole run ("milk and some butter")."""


class Unreachable(Exception):
    """The constrained decoding could not write this example's arguments; the message says which parameter."""


class _Writer:
    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = list(tokens)
        self.targets: list[int] = []

    def force(self, tokens: Sequence[int]) -> None:
        self.tokens += tokens

    def learn(self, tokens: Sequence[int]) -> None:
        self.targets += range(len(self.tokens), len(self.tokens) + len(tokens))
        self.tokens += tokens

    def done(self) -> Sequence_:
        return Sequence_(tuple(self.tokens), tuple(self.targets))


def arguments(
    tokenizer: Tokenizer,
    example: Example,
    tool: Tool,
    world: World,
    earlier: Sequence[tuple[Tool, Mapping[str, str]]] = (),
    *,
    refs: Mapping[str, str] | None = None,
    before: Before | None = None,
    learn_name: bool = False,
) -> tuple[Sequence_, dict[str, str]]:
    """Return the sequence of one example and the words its lines hold (what serving would return).

    `refs` are the parameters that are results of `earlier` calls, with the reference; after a turn `before` its calls
    are the first ones.

    Raises `Unreachable` when a value is not among the proposals or not a run of the words that are left.
    With `learn_name` the tool's name is a target too (the joint adapter).
    """
    said = [(done.name, words) for done, words in earlier]
    known = [done for done, _ in (*(before.calls if before else ()), *earlier)]
    writer = _Writer(prompts.so_far(tokenizer, example.text, said, before))
    (writer.learn if learn_name else writer.force)(prompts.name_tokens(tokenizer, tool.name))
    end = prompts.line_end(tokenizer)
    absent = [*tokenizer.tokenize(prompts.ABSENT), end]
    layout = Layout(example.text, world, before is not None)
    written: dict[str, str] = {}
    for parameter in prompts.fill_order(tool):
        marks = [mark for mark in example.marks if mark.parameter == parameter.name]
        references = fitting(parameter, known, example.text)
        reference = (refs or {}).get(parameter.name)
        needed = parameter.required and before is None
        if reference is not None:
            proposed = layout.proposals(parameter) if parameter.is_choice else layout.words()
            decided = bool(proposed) or len(references) > 1 or not (parameter.is_choice and needed)
            value: str | None = _refer(reference, references, parameter, writer, tokenizer, decided)
        elif parameter.is_choice:
            value = _choose(layout, parameter, marks, writer, tokenizer, absent, bool(references), needed)
        else:
            value = _run(layout, parameter, marks, writer, tokenizer, absent, bool(references))
        if value is not None:
            written[parameter.name] = value
    return writer.done(), written


def _refer(
    reference: str,
    references: Sequence[str],
    parameter: Parameter,
    writer: _Writer,
    tokenizer: Tokenizer,
    decided: bool,
) -> str:
    if reference not in references:
        raise Unreachable(f"{parameter.name} ({reference})")
    writer.force(prompts.key_tokens(tokenizer, parameter.name))
    tokens = [*prompts.value_tokens(tokenizer, reference), prompts.line_end(tokenizer)]
    (writer.learn if decided else writer.force)(tokens)
    return reference


def _choose(
    layout: Layout,
    parameter: Parameter,
    marks: Sequence[Mark],
    writer: _Writer,
    tokenizer: Tokenizer,
    absent: Sequence[int],
    others: bool,
    needed: bool,
) -> str | None:
    proposals = layout.proposals(parameter)
    if not proposals and (marks or not others):
        if marks:
            raise Unreachable(parameter.name)
        return None
    if not marks and needed:
        raise Unreachable(f"{parameter.name} (nothing marked)")
    writer.force(prompts.key_tokens(tokenizer, parameter.name))
    if not marks:
        writer.learn(absent)
        return None
    proposal = _matching(layout.text, proposals, marks)
    if proposal is None:
        raise Unreachable(parameter.name)
    layout.take(proposal)
    tokens = [*prompts.value_tokens(tokenizer, proposal.words), prompts.line_end(tokenizer)]
    decided = len(proposals) > 1 or not needed or others
    (writer.learn if decided else writer.force)(tokens)
    return proposal.words


def _matching(text: str, proposals: Sequence[Proposal], marks: Sequence[Mark]) -> Proposal | None:
    """Return the proposal that says what is marked: the same words, else the largest overlap of characters."""
    gold = " ".join(text[mark.start : mark.end] for mark in marks).lower()
    for proposal in proposals:
        if proposal.words.lower() == gold:
            return proposal
    marked = {i for mark in marks for i in range(mark.start, mark.end)}

    def overlap(proposal: Proposal) -> float:
        covered = {i for start, end in proposal.spans for i in range(start, end)}
        return len(marked & covered) / max(1, len(marked | covered))

    best = max(proposals, key=overlap)
    return best if overlap(best) >= 0.5 else None


def _run(
    layout: Layout,
    parameter: Parameter,
    marks: Sequence[Mark],
    writer: _Writer,
    tokenizer: Tokenizer,
    absent: Sequence[int],
    others: bool,
) -> str | None:
    words = layout.words()
    if not words and (marks or not others):
        if marks:
            raise Unreachable(parameter.name)
        return None
    writer.force(prompts.key_tokens(tokenizer, parameter.name))
    inside = [i for i, w in enumerate(words) if any(m.start < w.end and w.start < m.end for m in marks)]
    if not inside:
        if marks:
            raise Unreachable(parameter.name)
        writer.learn(absent)
        return None
    first = inside[0]
    last = first
    while last + 1 < len(words) and last + 1 in inside:
        last += 1
    if inside[-1] > last:
        between = {words[i].core.lower() for i in range(first, inside[-1]) if i not in inside}
        if not between <= JOINTS:
            raise Unreachable(f"{parameter.name} (in pieces)")
        last = inside[-1]
    tokens: list[int] = []
    for i in range(first, last + 1):
        core, tail = prompts.word_pieces(tokenizer, words[i])
        tokens += core + (tail if i < last else [])
    writer.learn([*tokens, prompts.line_end(tokenizer)])
    return run_text(words, first, last)


def selection(
    tokenizer: Tokenizer,
    text: str,
    name: str,
    earlier: Sequence[tuple[str, Mapping[str, str]]] = (),
    shortlist: Sequence[str] = (),
) -> Sequence_:
    """Return the sequence that selects `name` (a tool, `none` or `done`) after the earlier calls."""
    writer = _Writer(prompts.so_far(tokenizer, text, earlier, shortlist=shortlist))
    writer.learn(prompts.name_tokens(tokenizer, name))
    return writer.done()


def selections(
    tokenizer: Tokenizer, text: str, calls: Sequence[tuple[str, Mapping[str, str]]], end: str, known: int = 0
) -> Sequence_:
    """Return the sequence that selects each call's name in turn, after the calls before it, and then `end`.

    The first `known` calls are there already and are not learnt.
    """
    writer = _Writer(prompts.so_far(tokenizer, text, calls[:known]))
    for name, words in calls[known:]:
        writer.learn(prompts.name_tokens(tokenizer, name))
        writer.force(prompts.call_lines(tokenizer, name, words)[len(prompts.name_tokens(tokenizer, name)) :])
    writer.learn(prompts.name_tokens(tokenizer, end))
    return writer.done()


def split(
    sequences: Sequence[Sequence_], share: float, rng: random.Random
) -> tuple[list[Sequence_], list[Sequence_]]:
    """Return two random parts, the second with about `share` of the sequences."""
    parts: tuple[list[Sequence_], list[Sequence_]] = ([], [])
    for sequence in sequences:
        parts[rng.random() < share].append(sequence)
    return parts
