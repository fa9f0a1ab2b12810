"""Cuts a command into the tokens that the readers of times work on, each with its place in the text.

A token is a run of letters, a run of digits or one mark. Its `word` is lower case with the spelling people
type ("tmrw", "wed", "mins") made regular, so that the tables need one form of each word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from tinyagent.grounding.times.calendar_words import SPELLINGS

_TOKEN = re.compile(
    r"\b(?:2(?:day|nite|moro|morow|morrow|mrw)|l8r|b4)\b|[0-9]+|[^\W\d_]+(?:['’][^\W\d_]+)*|[^\w\s]|_",
    re.IGNORECASE,
)
_LONGEST_NUMBER = 8  # digits: 20161016 is the longest number that is a date
_BEYOND = 12  # empty tokens after the last, so that readers may look ahead without asking for the length

SMALL_WORDS = frozenset(
    """a about again also all and name label note ring sound nudge ding i'd i'll i'm thx ta cheers uh um er
    only when what who how no nope oh buzz beep wait sorry either both tops max are as at because before
    but by can could cuz do does every for from have if in instead into is it it's its me my not now of
    off on or our over please pls plz regarding re remind saying so sharp should tell than thanks thank
    that the then there this till to today tomorrow tonight until unless via was we where which while
    will with would yeah you your per make actually ask assistant call called titled named hey ok okay
    set wake get add put around after between through during alarm reminder timer event meeting invite
    inviting labeled labelled doors i rather correction oops whoops hmm take delete cancel remove send""".split()
)
"""Words that do not count things: a number before one of them is not a quantity of it."""

_CORRECTING = frozenset({("hang", "on"), ("hold", "on"), ("scratch", "that"), ("strike", "that")})


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Its regular form, its place [start, end) in the text, and whether it touches the one before.
    """

    word: str
    start: int
    end: int
    tight: bool
    number: int = -1


_NOTHING = Token("", -1, -1, False)


class Scan:
    """The tokens of one text, and what every reader needs to know beside them.

    Readers are functions `read_x(scan, i)` that return (value, index after the last token) or None. `strict`
    asks for evidence that a bare number is a time, as a whole command needs it; words known to be a time do
    not. What is counted from today ("last week") starts at `now`; what leaves open which one it is ("friday",
    "june", "the 3rd", "nine") is the first from `anchor` on, which `past_spans` moves back. `past` tells that the
    words speak of what has been.
    """

    __slots__ = ("anchor", "length", "now", "past", "stops", "strict", "text", "tokens", "words")

    def __init__(self, text: str, now: datetime, strict: bool = False) -> None:
        self.text = text
        self.now = now
        self.anchor = now
        self.past = False
        self.strict = strict
        self.stops: frozenset[int] = frozenset()
        self.tokens = tokenise(text)
        self.length = len(self.tokens)
        self.tokens += [_NOTHING] * _BEYOND
        self.words = [token.word for token in self.tokens]

    def like(self, text: str) -> Scan:
        """Return a scan of other words, which are sure to be a time, with the same reference times."""
        scan = Scan(text, self.now)
        scan.anchor, scan.past = self.anchor, self.past
        return scan

    def cut(self, i: int, j: int) -> str:
        """Return the text of tokens i to j (exclusive), as it was written but for a last "'s" ("tomorrow's")."""
        last = self.tokens[j - 1]
        written = self.text[last.start : last.end].lower()
        owned = written.endswith(("'s", "’s")) and not last.word.endswith("'s")
        return self.text[self.tokens[i].start : last.end - 2 * owned]

    def before(self, i: int) -> str:
        """Return the word before token i, or an empty string."""
        return self.words[i - 1] if i > 0 else ""

    def closes(self, i: int) -> bool:
        """Whether nothing that could be counted starts at token i: the end, a mark or a small word."""
        word = self.words[i]
        return (
            not word
            or word in SMALL_WORDS
            or word.endswith("n't")
            or (word, self.words[i + 1]) in _CORRECTING
            or not (word[0].isalpha() or word[0].isdigit() or word in "$€£#%")
        )


def tokenise(text: str) -> list[Token]:
    """Return the tokens of `text` in order."""
    tokens = []
    last = -1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match.group()
        number = -1
        if "0" <= word[0] <= "9" and word.isdigit():
            if len(word) <= _LONGEST_NUMBER:
                number = int(word)
        else:
            word = word.lower().replace("’", "'")
            word = SPELLINGS.get(word, word)
        tokens.append(Token(word, start, end, start == last, number))
        last = end
    return tokens
