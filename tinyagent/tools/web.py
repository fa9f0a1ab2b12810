"""The toolset web: a search or a web site in the person's browser. Nothing is fetched here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tinyagent.calls import Outcome
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.tools.browser import WebSettings, checked, fill, open_page, opener
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded
from tinyagent.tools.phrases import short
from tinyagent.tools.registry import Text, tool
from tinyagent.tools.tables import read_table

if TYPE_CHECKING:
    from tinyagent.settings import Settings

LONGEST_QUERY = 500
SITES = {
    "amazon": "www.amazon.com", "bbc": "www.bbc.co.uk", "duckduckgo": "duckduckgo.com", "ebay": "www.ebay.com",
    "facebook": "www.facebook.com", "github": "github.com", "gmail": "mail.google.com", "google": "www.google.com",
    "google maps": "maps.google.com", "hacker news": "news.ycombinator.com", "instagram": "www.instagram.com",
    "linkedin": "www.linkedin.com", "mastodon": "mastodon.social", "netflix": "www.netflix.com",
    "new york times": "www.nytimes.com", "openstreetmap": "www.openstreetmap.org", "reddit": "www.reddit.com",
    "spotify": "open.spotify.com", "stack overflow": "stackoverflow.com", "twitch": "www.twitch.tv",
    "the guardian": "www.theguardian.com", "twitter": "x.com", "whatsapp": "web.whatsapp.com",
    "wikipedia": "www.wikipedia.org", "youtube": "www.youtube.com",
}  # fmt: skip
_SPOKEN = ((r"\s+(?:dot|period|point)\s+", "."), (r"\s+(?:forward )?slash\s*", "/"), (r"\s+(?:dash|hyphen)\s+", "-"),
           (r"^(?:www|w w w|double u double u double u)[.\s]+", "www."),
           (r"^(https?)\s+colon\s*/\s*/\s*", r"\1://"))  # fmt: skip


def available(settings: Settings) -> str | None:
    """Return None where a browser can be opened, else the sentence that says what is missing."""
    try:
        opener(settings.tools)
    except TinyAgentError as error:
        return str(error)
    return None


@tool(toolset="web", effect="outgoing")
def web_search(ctx: Context, query: Text) -> Outcome:
    """Search the web for something, in the browser.

    Raises `ToolError` where no browser can be opened.
    """
    words = " ".join(bounded(query, "search").split())
    if len(words) > LONGEST_QUERY:
        raise ToolError(f"A search has at most {LONGEST_QUERY} characters: say it in fewer words.")
    url = fill(read_table(ctx.tools, "web", WebSettings).search, "search in the table [web]", query=words)
    open_page(ctx.tools, url)
    return Outcome(f"I opened a web search for “{short(words)}”.", {"url": url, "query": words})


@tool(toolset="web", effect="outgoing")
def open_website(ctx: Context, url: Text) -> Outcome:
    """Open a web site in the browser.

    Takes an address as written or spoken ("wikipedia dot org"), or the name of a well-known site. Raises
    `ToolError` for what is no https address.
    """
    address = address_of(bounded(url, "address"), read_table(ctx.tools, "web", WebSettings).sites)
    open_page(ctx.tools, address)
    return Outcome(f"I opened {short(_shown(address))}.", {"url": address})


def address_of(said: str, sites: dict[str, str]) -> str:
    """Return the https address that the words mean; `ToolError` where they mean none.

    `sites` are names of the person's own, which come before the well-known ones.
    """
    words = " ".join(said.split()).strip(" .,!?\"'“”‘’")
    name = re.sub(
        r"^(?:the )?(.*?)(?:'s)?(?: (?:web ?site|web ?page|home ?page|page|site))?$", r"\1", words.casefold()
    )
    for table in (sites, SITES):
        known = {key.casefold().removeprefix("the "): value for key, value in table.items()}
        if name in known:
            words = known[name]
            break
    else:
        for pattern, written in _SPOKEN:
            words = re.sub(pattern, written, words, flags=re.IGNORECASE)
        words = re.sub(r"^http://", "https://", words, flags=re.IGNORECASE)
    if not re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", words, re.IGNORECASE):
        words = f"https://{words.lstrip('/')}"
    scheme, rest = words.split(":", 1)
    return checked(f"{scheme.lower()}:{rest}")


def _shown(address: str) -> str:
    parts = urlsplit(address)
    return parts.netloc + (parts.path if parts.path != "/" else "")
