"""The person's standing wishes: `instructions.txt` in the config folder, one a line, applied to the words of a call.

    # comments and blank lines are free
    always cc Nick
    meetings last 25 minutes by default
    when I email Ana cc Sid
    my lawyer is Jane Doe

Wishes work on words, before they are grounded, so a value is worth what it would be worth if it had been said. A line
that is not understood is reported and stops nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinyagent.calls import Parameter, Tool
from tinyagent.instructions.aliases import Alias, closed, read_alias, rename
from tinyagent.instructions.meeting import People, meets
from tinyagent.instructions.roles import may_fill
from tinyagent.instructions.waiving import waives, waives_value
from tinyagent.instructions.wishes import Wish, read_wish
from tinyagent.tools.registry import Catalogue, catalogue

FILE = "instructions.txt"
LARGEST = 100_000
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line and how it was understood: a wish, an alias, or a `problem` in a sentence."""

    number: int
    text: str
    meaning: Wish | Alias | None = None
    problem: str = ""


class Words(dict[str, str]):
    """The words of a call's arguments; `added` tells by parameter which instruction changed them."""

    added: dict[str, str]

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(words)
        self.added = dict(words.added) if isinstance(words, Words) else {}

    def put(self, parameter: str, words: str, because: str) -> None:
        """Set the words of a parameter by an instruction."""
        self[parameter] = words
        before = self.added.get(parameter)
        self.added[parameter] = f"{before}; {because}" if before and because not in before else because


@dataclass(frozen=True)
class Instructions:
    """All wishes of a person."""

    lines: tuple[Line, ...] = ()

    @classmethod
    def read(cls, path: Path, tools: Catalogue | None = None) -> Instructions:
        """Return the wishes in a file, none where there is none; whatever is wrong becomes a line with a problem.

        `tools` are those that wishes can be about (default: the whole catalogue).
        """
        try:
            with open(path, "rb") as stream:
                data = stream.read(LARGEST + 1)
            text = data.decode("utf-8-sig")
        except FileNotFoundError:
            return cls()
        except UnicodeDecodeError:
            return cls((Line(0, "", problem=f"{path} is not UTF-8 text: save it as UTF-8."),))
        except OSError as error:
            why = error.strerror or type(error).__name__
            return cls((Line(0, "", problem=f"{path} cannot be read ({why}): correct or remove it."),))
        if len(data) > LARGEST:
            return cls((Line(0, "", problem=f"{path} is larger than {LARGEST // 1000} kB: shorten it."),))
        return cls.of(text, tools)

    @classmethod
    def of(cls, text: str, tools: Catalogue | None = None) -> Instructions:
        """Return the wishes in a text of lines."""
        return cls(tuple(_lines(text, tools)))

    def problems(self) -> list[str]:
        """Return a sentence for each line that is not understood."""
        found = [(line.number, line.problem) for line in self.lines if line.problem]
        named = {**self.people, **self.places}
        circles = [
            (line.number, f"“{line.text}” goes round in a circle: remove it.")
            for line in self.lines
            if isinstance(line.meaning, Alias) and line.meaning.name not in named
        ]
        return [f"Line {n}: {said}" if n else said for n, said in sorted([*found, *circles])]

    @cached_property
    def people(self) -> Mapping[str, str]:
        """The person's names for people: alias in lower case (without "my") → who that is."""
        return closed(alias for alias in self._aliases() if not alias.place)

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The person's names for places, as `people`."""
        return closed(alias for alias in self._aliases() if alias.place)

    def apply(self, tool: Tool, words: Mapping[str, str], text: str, people: Iterable[str] = ()) -> Words:
        """Return the words of a call with what the instructions say of it.

        `words` are those of the command `text` by parameter. What was said stays, but for aliases. `people` are the
        names of `World.people`; with them somebody is known under any of their names. Applying twice changes nothing.
        """
        made = Words(words)
        for parameter in tool.parameters:
            self._rename(parameter, made)
        known = People(self.people, tuple(people))
        while any([self._fill(tool, parameter, made, text, known) for parameter in tool.parameters]):
            pass
        return made

    def _aliases(self) -> Iterator[Alias]:
        return (line.meaning for line in self.lines if isinstance(line.meaning, Alias))

    @cached_property
    def _wishes(self) -> tuple[tuple[Wish, str], ...]:
        """The wishes with their lines, the particular before the general, the later before the earlier."""
        found = [(line.meaning, line.text) for line in reversed(self.lines) if isinstance(line.meaning, Wish)]
        return tuple(sorted(found, key=lambda one: -len(one[0].conditions)))

    def _named(self, parameter: Parameter, words: str) -> str:
        if parameter.type in ("person", "persons"):
            return rename(words, self.people)
        return rename(words, self.places) if parameter.type == "place" else words

    def _rename(self, parameter: Parameter, made: Words) -> None:
        said = made.get(parameter.name)
        renamed = self._named(parameter, said) if said is not None else None
        if renamed is not None and renamed != said:
            made.put(parameter.name, renamed, f"“{said}” is “{renamed}”")

    def _fill(self, tool: Tool, parameter: Parameter, made: Words, text: str, known: People) -> bool:
        """Apply the first wish that changes a parameter; whether there was one."""
        for wish, line in self._wishes:
            if wish.parameter(tool.name) != parameter.name:
                continue
            words = self._wanted(wish, tool, parameter, made, text, known)
            if words:
                made.put(parameter.name, words, line)
                return True
        return False

    def _wanted(
        self, wish: Wish, tool: Tool, parameter: Parameter, made: Words, text: str, known: People
    ) -> str | None:
        """Return the new words of a parameter under a wish; None where it has nothing to say."""
        said = made.get(parameter.name)
        if (said is not None and not wish.adds) or not may_fill(tool, parameter, wish.words, made):
            return None
        if waives(text, parameter.name) or not meets(wish.conditions, tool, parameter, made, known):
            return None
        if parameter.type != "persons":
            return (
                None if waives_value(text, parameter.name, wish.words) else self._named(parameter, wish.words)
            )
        others = [made[p.name] for p in tool.parameters if p.type in ("person", "persons") and p.name in made]
        wanted = known.without(wish.words, others)
        wanted = [one for one in wanted if not any(waives_value(text, parameter.name, name) for name in one)]
        names = " and ".join(rename(one[0], self.people) for one in wanted)
        return (f"{said} and {names}" if said else names) if names else None


def _lines(text: str, tools: Catalogue | None) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), 1):
        said = " ".join(re.sub(r"(?:^|\s)#.*$", "", raw).split()).rstrip(".!; ")
        if not said:
            continue
        if len(said) > _LONGEST_LINE:
            yield Line(
                number, said[:60] + "…", problem=f"It is longer than {_LONGEST_LINE} characters: shorten it."
            )
            continue
        tools = tools if tools is not None else catalogue()
        wish = read_wish(said, tools)
        meaning = wish if isinstance(wish, Wish) else read_alias(said)
        yield Line(number, said, meaning, "" if meaning or not isinstance(wish, str) else wish)
