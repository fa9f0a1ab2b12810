"""What the prompt offers to complete: people, lists, files, folders, applications, tools and former commands.

Sources are slow at times (the first look at the files scans the disk), so each is asked in a thread of its own, and
of the questions that come meanwhile only the newest is answered.
"""

from __future__ import annotations

import heapq
import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

from tinyagent.tools.matching import fold
from tinyagent.tui.history import History, search
from tinyagent.tui.wording import cleaned, tool_words

if TYPE_CHECKING:
    from tinyagent.grounding.base import World

MOST = 8
"""Completions that one source offers."""
SURE = 90.0
"""Least score of a completion of which the words before the cursor are the very beginning."""
FRESH = 30.0
"""Seconds after which a source reads its names again."""
_MOST_FILES = 20_000
_MOST_WORDS = 4
_NEAR = 0.7
_ALIAS = "\t"
_WORD = re.compile(r"[^\s\"“”‘(),;]+")
_REST = re.compile(r"[\w.\-]*")


@dataclass(frozen=True, slots=True)
class Completion:
    """Put `text` in the place of the characters [start, end) of the command; `note` tells equal ones apart."""

    start: int
    end: int
    text: str
    kind: str
    note: str = ""
    score: float = 0.0


class Completer(Protocol):
    """A source of completions; a `lazy` one is asked only when the person wants it (Tab)."""

    lazy: bool

    def complete(self, text: str, cursor: int) -> list[Completion]:
        """Return what may stand at the cursor (an offset into `text`), the best first. Runs in a thread."""
        ...


@dataclass(frozen=True, slots=True)
class Name:
    """Something that has a name."""

    text: str
    kind: str
    note: str = ""


class Names:
    """Completes the name that the last words before the cursor begin, small slips forgiven.

    `read` gives the names, the likeliest first. With `alone` they stand only at the beginning of a command.
    """

    def __init__(
        self,
        read: Callable[[], Iterable[Name]],
        *,
        lazy: bool = False,
        alone: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lazy = lazy
        self._read, self._alone, self._clock = read, alone, clock
        self._index, self._until = _Index([]), float("-inf")

    def complete(self, text: str, cursor: int) -> list[Completion]:
        """Return the names that fit the longest run of words best; raises what `read` raises."""
        if self._clock() >= self._until:
            names = list(self._read())
            if names != self._index.names:
                self._index = _Index(names)
            self._until = self._clock() + FRESH
        end = cursor + len(_REST.match(text, cursor)[0])  # type: ignore[index]  # it matches nothing, too
        best: dict[Name, Completion] = {}
        complete = set()
        for words, start in enumerate(_starts(text[:cursor])):
            if self._alone and text[:start].strip():
                continue
            begun = text[start:cursor]
            for name, points in self._index.find(fold(begun.replace("_", " "))):
                score = points + 10 * words
                if name.text.casefold() == begun.casefold():
                    complete.add(name)
                elif name not in best or best[name].score < score:
                    best[name] = Completion(start, end, name.text, name.kind, name.note, score)
        found = [one for name, one in best.items() if name not in complete]
        return sorted(found, key=lambda one: -one.score)[:MOST]


class Commands:
    """Completes the whole line from what was entered before."""

    lazy = True

    def __init__(self, history: History) -> None:
        self._history = history

    def complete(self, text: str, cursor: int) -> list[Completion]:
        """Return former commands that contain the words of `text`, the newest first."""
        if cursor < len(text) or not text.strip():
            return []
        found = [entry for entry in search(self._history.entries, text) if entry != text.strip()]
        return [Completion(0, len(text), entry, "command", score=10.0) for entry in found[:MOST]]


class Asker:
    """Asks one source in a thread; `heard(text, cursor, completions)` is called in that thread.

    A source that fails offers nothing. One that hangs is left behind with the program.
    """

    def __init__(self, source: Completer, heard: Callable[[str, int, list[Completion]], None]) -> None:
        self._source, self._heard = source, heard
        self._next: tuple[str, int] | None = None
        self._busy = False
        self._guard = Lock()

    def ask(self, text: str, cursor: int) -> None:
        """Ask for completions; a question that still waits is forgotten."""
        with self._guard:
            self._next = (text, cursor)
            if self._busy:
                return
            self._busy = True
        Thread(target=self._work, daemon=True, name="completion").start()

    def _work(self) -> None:
        while True:
            with self._guard:
                question, self._next = self._next, None
                if question is None:
                    self._busy = False
                    return
            try:
                found = self._source.complete(*question)
            except Exception:  # whatever a store does, the person can go on typing
                found = []
            self._heard(*question, found)


def sources(read_world: Callable[[], World], history: History) -> tuple[Completer, ...]:
    """Return all sources for the things of a world (see `tinyagent.world.world_of`), which is read in their threads."""
    return (
        Names(lambda: _people_and_lists(read_world())),
        Names(lambda: _files(read_world()), lazy=True),
        Names(lambda: _apps(read_world()), lazy=True),
        Names(_tools, lazy=True, alone=True),
        Commands(history),
    )


class _Index:
    """The beginnings of names at each of their words, sorted, so that those with a given start lie together."""

    def __init__(self, names: Sequence[Name]) -> None:
        self.names = names
        keys = sorted(
            (key, word, n) for n, name in enumerate(names) for word, key in enumerate(_tails(name.text))
        )
        self._keys = [key for key, _, _ in keys]
        self._owners = [(word > 0, n) for _, word, n in keys]

    def find(self, query: str) -> Iterator[tuple[Name, float]]:
        """Yield names with scores: 100 for the first word begun, 95 for another, less than 90 for nearly so."""
        if not query:
            return
        at = bisect_left(self._keys, query)
        end = bisect_left(self._keys, query + "\U0010ffff", at)
        for later, n in heapq.nsmallest(MOST, self._owners[at:end]):
            yield self.names[n], 95.0 if later else 100.0
        if at == end and len(query) >= 4:
            from rapidfuzz import process
            from rapidfuzz.distance import OSA

            cut = [key[: len(query)] for key in self._keys]
            similar = OSA.normalized_similarity
            for _, score, key in process.extract(query, cut, scorer=similar, score_cutoff=_NEAR, limit=MOST):
                yield self.names[self._owners[key][1]], 89 * score


def _tails(name: str) -> Iterator[str]:
    words = fold(name.replace("_", " ")).split()
    return (" ".join(words[n:]) for n in range(min(len(words), _MOST_WORDS)))


def _starts(before: str) -> list[int]:
    """Return where the last words before the cursor begin, the last first; none where a space ends them."""
    found = [match.start() for match in _WORD.finditer(before)][-_MOST_WORDS:]
    return found[::-1] if before and not before[-1].isspace() else []


def _people_and_lists(world: World) -> Iterator[Name]:
    for entry in world.people:
        name, _, full = entry.partition(_ALIAS)
        yield Name(cleaned(name), "person", cleaned(full))
    yield from (Name(cleaned(name), "list") for name in world.lists)


def _files(world: World) -> Iterator[Name]:
    seen: set[str] = set()
    for entry in world.files[:_MOST_FILES]:
        path = PurePath(entry)
        # Of several files of one name the newest has it; the others are told by their folder.
        name = f"{path.name} in {path.parent.name}" if path.name in seen else path.name
        if name not in seen:
            seen.update((path.name, name))
            yield Name(cleaned(name), "file", cleaned(path.parent.name))
    for entry in world.folders[:_MOST_FILES]:
        alias, _, path_text = entry.rpartition(_ALIAS)
        name = alias or PurePath(path_text).name
        if name not in seen:
            seen.add(name)
            yield Name(cleaned(name), "folder", cleaned(PurePath(path_text).parent.name))


def _apps(world: World) -> Iterator[Name]:
    return (Name(cleaned(name), "app") for name in world.apps if _ALIAS not in name)


def _tools() -> Iterator[Name]:
    from tinyagent.tools.registry import catalogue

    return (Name(tool_words(tool.name), "tool", tool.toolset) for tool in catalogue())
