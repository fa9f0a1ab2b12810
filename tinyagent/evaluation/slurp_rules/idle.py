"""Intents that no tool serves: which of their lines some tool could answer to all the same, and what is right."""

from __future__ import annotations

import re
from collections.abc import Collection

from tinyagent.evaluation.slurp_rules.verdict import Verdict, none

DAILY = (
    r"remind|calendar|schedul|agenda|appointment|meeting|alarm|timer|\blists?\b|contact|phone number|"
    r"email address|what time is it|\bdates?\b|what day|am i doing|time zone|"
    r"how (many|much) \w+ (is|are|make|in)\b.* (a|an|one|\w+teen|\w+ty) \w+$|"
    r"\b(plus|minus|times|divided|square root|percent|calculate|alert)\b"
)
"""Words that one of reminders, calendar, clock, contacts, lists and math could answer to."""
OTHERS = {
    "mail": r"\be?mails?\b|\binbox\b",
    "messages": r"\bsms\b|^(please )?tell (?!me\b|us\b|a\b)|\blet (?!me\b|us\b)\w+.* know\b|\bpost to \w+$",
    "notes": r"\bnotes?\b|\bwrite down\b",
    "files": r"\bfiles?\b|\bpdf\b|\b(my )?(pictures?|photos?|pic)\b|\bgallery\b",
    "apps": r"\bopen\b",
    "maps": r"\bwhere\b|near|closest|\blocations?\b|directions?|distance|how (far|many miles)|\broutes?\b|"
    r"traffic.* (from|to) ",
    "web": r"website|dot com|\bopen\b|wikipedia|\b(pull|bring) up\b",
    "media": r"\b(songs?|music|podcasts?|radio|lyrics|listen|audio)\b|\bread me\b",
    "system": r"volume|brightness|screenshot|\block\b|battery|memory|\bdisk\b",
    "home": r"\blights?\b|\blamps?\b|heating|vacuum|\bcoffee\b",
    "weather": r"weather|\brain\b|sunny|temperature|forecast|hurricane|\bsun(set|rise)\b",
}
"""Such words by toolset, for the others."""
SEARCH = re.compile(r"\b(search\w*|internet|online|look (up|for)|find|dictionary)\b|^(use )?google\b")
GAME = re.compile(r"^(start )?play \w+$")


def could_be_ours(text: str, toolsets: Collection[str]) -> bool:
    """Whether the words could be meant for one of the toolsets, so that "none" is not sure."""
    patterns = [DAILY, *(words for toolset, words in OTHERS.items() if toolset in toolsets)]
    return any(re.search(pattern, text) for pattern in patterns)


def idle(text: str) -> Verdict:
    """Return what is right for a line that no tool serves: nothing, though one that says "search" may be."""
    if GAME.search(text):
        return none("open_app")
    return none("web_search") if SEARCH.search(text) else none()
