"""Which words are ordinary English ones, and so mostly mean themselves, also where they sound like a name."""

from __future__ import annotations

from functools import lru_cache

from tinyagent.errors import MissingExtraError

NEVER = frozenset(
    "a an the this that these those my your his her our their its me you him us them it i he she we they one all any "
    "some every everyone everybody everything someone somebody nobody who what when where which if to for from with "
    "at in on of off by about and or but not no yes so as up down out over back home again now later today tonight "
    "tomorrow soon then there here is are was be been do did have has had will would can could should i'm i've i'll "
    "mom mum dad work please".split()
)
"""Words that follow "call" or "text" and are not a name, whatever they sound like."""
_ENDINGS = ("s", "ed", "ing", "er", "ly", "'s", "n't", "'ll", "'re", "'ve", "'d")


def ordinary(word: str) -> bool:
    """Whether English texts often have the word in small letters; true for every word where nothing tells."""
    words = _vocabulary()
    small = word.casefold().strip(".")
    known = (small, *(small[: -len(end)] for end in _ENDINGS if small.endswith(end)))
    return not words or any(part in words for part in known)


def written(word: str) -> bool:
    """Whether English texts often have the word with a capital: "Easter", "Anna", "Easter's"."""
    return word.strip(".").removesuffix("'s").capitalize() in _vocabulary()


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Return the words that Whisper's tokenizer has whole, small or with a capital: frequency made that table."""
    from tinyagent.voice.transcribe import model_folder

    try:
        lines = (model_folder() / "vocabulary.txt").read_text("utf-8").splitlines()
    except (MissingExtraError, OSError):
        return frozenset()
    whole = (line[1:] for line in lines if line[:1] == "Ġ")
    return frozenset(word for word in whole if word.isalpha() and word[1:] == word[1:].lower())
