r"""The exact token sequences that adapters are trained on and served with; both sides call these functions.

A prompt is short because every token costs time on two cores:

    <|im_start|> remind me to call Sid at three\\n      the header: the command, each word with its space
    create_reminder\\n                                  the call being written
    due: three\\n                                       one line a parameter, in `fill_order`
    name: call Sid\\n

Values start with a space like the words of the header, so copying a run means copying its tokens. What follows a
turn before it stands below that turn's header and calls, so that its tokens are still in the model's cache. Change
a sequence here and `PROMPT_VERSION` must change with it: adapters made for another version are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tinyagent.calls import Parameter, Tool

PROMPT_VERSION = 1
ABSENT = " -"
MAX_CHARACTERS = 2000
_START = "<|im_start|>"
_TYPE_ORDER = {"recurrence": 0, "duration": 1, "enum": 2, "bool": 2}
_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^([\"'“”‘]*)(.*?)(['’]s)?([\"'“”’.,;:!?]*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Before:
    """The turn before this one: its command, and its calls with the words of their arguments."""

    text: str
    calls: Sequence[tuple[Tool, Mapping[str, str]]]


class Tokenizer(Protocol):
    """What prompts need of a model."""

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return token ids."""
        ...


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the command: `core` at characters [start, end) is what a value may begin and end in.

    `tail` (punctuation) belongs to a value only inside its run. A possessive is a word of its own, `glued` to the
    one before it, so that "luigi's" can be copied as "luigi" and as "luigi's".
    """

    core: str
    tail: str
    start: int
    end: int
    glued: bool = False

    @property
    def piece(self) -> str:
        """The core as it is tokenised: with its leading space, unless glued."""
        return self.core if self.glued else " " + self.core


def split_words(text: str, leave_out: Iterable[tuple[int, int]] = ()) -> list[Word]:
    """Return the words of the command outside the character ranges `leave_out`."""
    spans = list(leave_out)
    words: list[Word] = []
    for match in _WORD.finditer(text):
        edges = _EDGES.match(match[0])
        assert edges is not None
        core, possessive, tail = edges[2], edges[3] or "", edges[4]
        if not core:
            core, possessive = possessive, ""
        start = match.start() + len(edges[1])
        end = start + len(core)
        if not core or any(a < end and start < b for a, b in spans):
            continue
        words.append(Word(core, "" if possessive else tail, start, end))
        if possessive:
            words.append(Word(possessive, tail, end, end + len(possessive), glued=True))
    return words


def word_pieces(tokenizer: Tokenizer, word: Word) -> tuple[list[int], list[int]]:
    """Return the tokens of a word's core (with its leading space) and of its tail."""
    return tokenizer.tokenize(word.piece), tokenizer.tokenize(word.tail) if word.tail else []


def value_tokens(tokenizer: Tokenizer, words: str) -> list[int]:
    """Return the tokens of a value as the adapter writes it, without the line end."""
    tokens: list[int] = []
    for word in split_words(words):
        core, tail = word_pieces(tokenizer, word)
        tokens += core + tail
    return tokens


def line_end(tokenizer: Tokenizer) -> int:
    """Return the token that ends a line."""
    return tokenizer.tokenize("\n")[0]


def header(tokenizer: Tokenizer, text: str) -> list[int]:
    """Return the tokens of the command."""
    return [*tokenizer.tokenize(_START, special=True), *value_tokens(tokenizer, text), line_end(tokenizer)]


def so_far(
    tokenizer: Tokenizer,
    text: str,
    earlier: Iterable[tuple[str, Mapping[str, str]]] = (),
    before: Before | None = None,
    shortlist: Sequence[str] = (),
) -> list[int]:
    """Return the tokens up to the next call: the turn before, the command, its calls so far (names and words)."""
    tokens: list[int] = []
    if before is not None:
        tokens += so_far(tokenizer, before.text, [(tool.name, words) for tool, words in before.calls])
    tokens += header(tokenizer, text)
    if shortlist:
        tokens += shortlist_line(tokenizer, shortlist)
    for tool, words in earlier:
        tokens += call_lines(tokenizer, tool, words)
    return tokens


def shortlist_line(tokenizer: Tokenizer, names: Sequence[str]) -> list[int]:
    """Return the tokens of the line that shows the selection adapter its shortlist, the likeliest first."""
    return [*tokenizer.tokenize("? " + ", ".join(names)), line_end(tokenizer)]


def call_lines(tokenizer: Tokenizer, tool: str, words: Mapping[str, str]) -> list[int]:
    """Return the tokens of a finished call: what the model sees of earlier calls."""
    tokens = name_tokens(tokenizer, tool)
    for name, value in words.items():
        tokens += [*key_tokens(tokenizer, name), *value_tokens(tokenizer, value), line_end(tokenizer)]
    return tokens


def name_tokens(tokenizer: Tokenizer, name: str) -> list[int]:
    """Return the tokens of a tool's name (or `done`, `none`) with the line end, as selection writes it."""
    return [*tokenizer.tokenize(name), line_end(tokenizer)]


def key_tokens(tokenizer: Tokenizer, parameter: str) -> list[int]:
    """Return the tokens that open the line of a parameter."""
    return tokenizer.tokenize(parameter + ":")


def fill_order(tool: Tool) -> list[Parameter]:
    """Return the parameters in the order they are written: what resolvers propose first, runs of words last."""
    return sorted(tool.parameters, key=lambda p: (not p.is_choice, _TYPE_ORDER.get(p.type, 3)))


def in_fill_order(tool: Tool, words: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a call in the order they are written, whatever order they were said in."""
    return {p.name: words[p.name] for p in fill_order(tool) if p.name in words}
