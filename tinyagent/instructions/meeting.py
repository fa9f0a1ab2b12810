"""Whether a call meets the condition of a wish, and who is the same person as whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tinyagent.calls import Parameter, Tool
from tinyagent.grounding.people import match_people
from tinyagent.instructions.aliases import rename
from tinyagent.instructions.nouns import Condition
from tinyagent.instructions.plain_words import content, stems

_BETWEEN = re.compile(r"\s*(?:,|;|&|\+|\band\b|\bas well as\b|\bplus\b)\s*", re.IGNORECASE)
_EITHER = re.compile(r",?\s+or\s+", re.IGNORECASE)
_PERSONS = ("person", "persons")


@dataclass(frozen=True, slots=True)
class People:
    """Who is who: the person's aliases, and the contacts as in `World.people`."""

    aliases: Mapping[str, str]
    contacts: tuple[str, ...] = ()

    def same(self, one: str, other: str) -> bool:
        """Whether two names mean one person: one is part of the other, or the contacts say so."""
        first, second = (set(content(rename(name, self.aliases))) for name in (one, other))
        if first and second and (first <= second or second <= first):
            return True
        if not self.contacts:
            return False
        found = [match_people(rename(name, self.aliases), self.contacts) for name in (one, other)]
        return len(found[0]) == 1 and found[0] == found[1]

    def each(self, words: str) -> list[str]:
        """Return the names in a list of people, aliases followed."""
        return [part for part in _BETWEEN.split(rename(words, self.aliases)) if part.strip()]

    def among(self, name: str, lists: Iterable[str]) -> bool:
        """Whether a person is in one of several lists of people."""
        return any(self.same(name, other) for words in lists for other in self.each(words))

    def without(self, words: str, lists: Sequence[str]) -> list[tuple[str, str]]:
        """Return those of a list who are in none of `lists`, each as (name, as it was written)."""
        kept: list[tuple[str, str]] = []
        for written in [part for part in _BETWEEN.split(words) if part.strip()]:
            for name in self.each(written):
                if not self.among(name, lists) and not self.among(name, [other for other, _ in kept]):
                    kept.append((name, written))
        return kept


def meets(
    conditions: Sequence[Condition], tool: Tool, target: Parameter, words: Mapping[str, str], known: People
) -> bool:
    """Whether arguments other than `target` have the words of every condition."""
    others = [(p, words[p.name]) for p in tool.parameters if p.name != target.name and p.name in words]
    return all(any(_meets(condition, p, said, known) for p, said in others) for condition in conditions)


def _meets(condition: Condition, parameter: Parameter, said: str, known: People) -> bool:
    """Whether one argument has the words of a condition ("Ana or Bob": one of them)."""
    for words in _EITHER.split(condition.words):
        if parameter.type in _PERSONS:
            wanted = known.each(words)
            if wanted and all(known.among(name, [said]) for name in wanted):
                return True
        readings = () if condition.people else (words, rename(words, known.aliases))
        if any(set(content(reading)) <= set(stems(said)) for reading in readings):
            return True
    return False
