"""Whether what was heard after a question is a yes. When in doubt, it is not.

Only a whole utterance of yes-words and politeness is a yes: every word has to be known here, so a word that was
misheard, a name, or a second thought ("yes but not that one") is none. What a speech recogniser writes down for noise
("Thank you.", "you", "Okay.") is none either.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

MOST = 8
"""Words of a yes; more is somebody talking, or a recogniser repeating itself."""

NEGATIONS = frozenset(
    "aint ain't arent aren't cannot cant can't couldnt couldn't didnt didn't doesnt doesn't dont don't isn't isnt "
    "naw nah nay negative neither never nevermind no nobody none nope nor not nothing shouldnt shouldn't wasn't "
    "wont won't wouldn't wouldnt without abort decline declined deny reject refuse wrong forbid".split()
)
"""A word of these makes it a no, whatever else was said."""

STOPS = frozenset("cancel stop halt quit undo drop forget skip leave".split())
"""They are a no by themselves; next to a yes ("yes, cancel it") nobody knows."""

HESITATIONS = frozenset(
    "actually although almost but depends dunno er erm except guess hang hm hmm hmmm hold if instead later maybe "
    "mm mmm moment only perhaps possibly probably rather second seconds somewhat think though uh um unless unsure "
    "until wait well what when which who why".split()
)
"""A word of these makes it unclear: whoever says it has not decided."""

_YES = (
    "yes", "yep", "yup", "sure", "sure thing", "of course", "certainly", "absolutely",
    "definitely", "affirmative", "confirm", "confirmed", "i confirm", "do it", "do that", "go ahead",
    "go for it", "please do", "proceed",
)  # fmt: skip
"""Each is a yes by itself."""
_FILLING = (
    "yeah", "yea", "please", "thanks", "thank you", "thank you very much", "okay", "ok", "alright", "all right",
    "right", "fine", "good", "great", "perfect", "correct", "that's right", "that is right", "that's correct",
    "that is correct", "that's fine", "sounds good", "i'm sure", "i am sure", "i said", "i do", "you can",
    "you may", "and", "then", "now", "just", "oh", "indeed",
)  # fmt: skip
"""They may stand next to a yes. None is one: people say "okay" to nothing, and recognisers write it for noise; Whisper
writes "Yeah." for "nah" and for "yet"."""
_ACTIONS = (
    (
        "send",
        frozenset(
            "send compose forward reply email mail message text write post publish share submit".split()
        ),
    ),
    ("forward", frozenset({"forward"})),
    ("delete", frozenset({"delete", "remove", "clear"})),
    ("remove", frozenset({"delete", "remove", "clear"})),
    ("close", frozenset({"close", "quit"})),
    ("open", frozenset({"open", "show", "search"})),
)
"""What may be told to be done next to a yes, and the words in the names of tools that do it."""
_OBJECTS = ("it", "that", "this", "them")
_SAID = re.compile(r"[\w\s'\",.!;:…–—-]*")
"""What words are written with: no marks of noise ("[BLANK_AUDIO]", "(laughs)"), and of no question asked back."""


class Verdict(StrEnum):
    """`UNCLEAR` is asked again; it never counts as a yes."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


def verdict(text: str, tool: str = "") -> Verdict:
    """Return what `text`, heard after the question was read out, says to it.

    With the name of the `tool` that was asked about, "yes, delete it" is no yes to sending.
    """
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'").replace("‘", "'")
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)
    said = set(words)
    if said & NEGATIONS or any(word.endswith("n't") for word in said):
        return Verdict.NO
    if said & STOPS:
        return Verdict.UNCLEAR if said & _YES_WORDS else Verdict.NO
    if said & HESITATIONS or not _SAID.fullmatch(plain) or len(words) > MOST:
        return Verdict.UNCLEAR
    return Verdict.YES if _is_yes(words, _allowed(tool)) else Verdict.UNCLEAR


def _is_yes(words: list[str], actions: list[tuple[str, ...]]) -> bool:
    """Whether the words are phrases known here from the first to the last, at least one of them a yes."""
    agreed = False
    at = 0
    while at < len(words):
        phrase = next((p for p in (*_PHRASES, *actions) if tuple(words[at : at + len(p)]) == p), None)
        if phrase is None:
            return False
        agreed = agreed or phrase in _AGREEING
        at += len(phrase)
    return agreed


def _allowed(tool: str) -> list[tuple[str, ...]]:
    """Return "send it" and the like, of a known tool only what it does."""
    does = set(re.split(r"[\W_]+", tool.casefold()))
    verbs = [verb for verb, names in _ACTIONS if not tool or does & names]
    return [(verb, *rest) for verb in verbs for rest in (*((one,) for one in _OBJECTS), ())]


_YES_WORDS = {"yeah", "yea"} | {phrase for phrase in _YES if " " not in phrase}
_AGREEING = frozenset(tuple(phrase.split()) for phrase in _YES)
_PHRASES = sorted((tuple(phrase.split()) for phrase in (*_YES, *_FILLING)), key=len, reverse=True)
