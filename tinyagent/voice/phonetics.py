"""How near two words sound, from their spelling alone: "sit" and "Sid", "Anna" and "Ana", "Esther" and "Eszter".

A word becomes a key in the manner of Metaphone (Philips 1990), with one letter for sounds that a recogniser takes for
one another after the first letter (b/p, d/t, g/k, v/f), and three vowels. Metaphone itself keeps no vowel and takes
"send" and "Sandy", "Carl" and "Karla" for the same, which is too much where a message goes to somebody.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "ß": "ss", "đ": "d", "ı": "i", "ë": "ey", "æ": "ae", "œ": "oe", "þ": "th"}
)
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn|pn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"^x", "s"), (r"^wh", "w"), (r"mb$", "m"),
        (r"(?<=[^aeiouy])e$", ""), (r"augh|ough", "o"), (r"igh", "i"), (r"gh", "k"),
        (r"tch|ch|cz|cs", "C"), (r"sch|sh", "S"), (r"[stc]i(?=on|an|al)", "S"), (r"ph", "f"),
        (r"dg(?=[eiy])|j", "C"), (r"c(?=[eiy])", "s"), (r"ck|qu?|c|(?<!^)g", "k"), (r"x", "ks"),
        (r"th|(?<!^)d", "t"), (r"(?<!^)b", "p"), (r"(?<!^)v", "f"), (r"sz|z", "s"),
        (r"oe$", "oi"), (r"ee|ea|ie|ei|ey|ai|ay|ae", "i"), (r"oo|ou|ow|au|aw|oa|eu|ew", "u"),
        (r"w(?![aeiouy])", ""), (r"(?<!^)h", ""), (r"^h(?![aeiouy])", ""), (r"^y(?=[aou])", "i"),
        (r"[eiy]+", "i"), (r"[ou]+", "u"), (r"a+", "a"),
    )
)  # fmt: skip
_DOUBLE = re.compile(r"(.)\1+")
_VOWELS = str.maketrans("", "", "aiu")


@lru_cache(maxsize=4096)
def key(text: str) -> str:
    """Return the sounds of a word or of several run together; "" for what has no Latin letter."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    sounds = ""
    for word in re.findall(
        r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’")
    ):
        for pattern, sound in _RULES:
            word = pattern.sub(sound, word)
        sounds += word
    return _DOUBLE.sub(r"\1", sounds)


def alike(one: str, other: str) -> float:
    """Return how alike two words are, 0 to 1: their consonants and all their sounds count 0.4 each, the letters 0.2."""
    left, right = key(one), key(other)
    if not left or not right:
        return 0.0
    sounds = Levenshtein.normalized_similarity(left, right)
    bones = Levenshtein.normalized_similarity(_bones(left), _bones(right))
    return (
        0.4 * bones + 0.4 * sounds + 0.2 * JaroWinkler.normalized_similarity(one.casefold(), other.casefold())
    )


def _bones(sounds: str) -> str:
    """Return the consonants, and a vowel that comes first."""
    return sounds[:1] + sounds[1:].translate(_VOWELS)
