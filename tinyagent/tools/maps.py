"""The toolset maps: a place or a way on OpenStreetMap, in the person's browser. Nothing is fetched here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from tinyagent.calls import Outcome
from tinyagent.errors import ToolError
from tinyagent.tools.browser import fill, open_page
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded
from tinyagent.tools.phrases import short
from tinyagent.tools.registry import Place, Semantic, tool
from tinyagent.tools.tables import read_table

if TYPE_CHECKING:
    from tinyagent.settings import Settings

LONGEST_PLACE = 300
_TRANSPORT_WORDS = (
    ("driving", ("drive", "driving", "drivin", "car", "road", "taxi", "auto")),
    ("walking", ("on foot", "by foot", "foot", "walk", "walking", "walkin", "pedestrian", "stroll", "hike", "hiking")),
    ("transit", ("by public transport", "public transport", "public transit", "transit", "bus", "train", "subway",
                 "metro", "tube", "tram", "underground", "rail")),
    ("cycling", ("bike", "bicycle", "cycle", "cycling", "biking", "pushbike")),
)  # fmt: skip
Transport = Annotated[str, Semantic("enum", choices=_TRANSPORT_WORDS)]
_ENGINES = {"driving": "car", "walking": "foot", "cycling": "bike"}
_SAID = {
    "driving": " by car",
    "walking": " on foot",
    "transit": " by public transport",
    "cycling": " by bicycle",
}
_HERE = frozenset(
    {"here", "my location", "my current location", "current location", "where i am", "my position"}
)


@dataclass(frozen=True, slots=True)
class MapSettings:
    """The table `[maps]`: addresses with {query}, or {origin} and {destination}, where the words go.

    `home` and `work` are what those words mean, `origin` is where a way starts that is said without one.
    `transit` is a planner for buses and trains, which OpenStreetMap does not have.
    """

    search: str = "https://www.openstreetmap.org/search?query={query}"
    directions: str = "https://www.openstreetmap.org/directions?from={origin}&to={destination}"
    transit: str = ""
    origin: str = ""
    home: str = ""
    work: str = ""


def available(settings: Settings) -> str | None:
    """Return None where a browser can be opened, else the sentence that says what is missing."""
    from tinyagent.tools import web

    return web.available(settings)


@tool(toolset="maps", effect="outgoing")
def maps_open_location(ctx: Context, location: Place) -> Outcome:
    """Show a place on the map.

    Raises `ToolError` where no browser can be opened.
    """
    table = read_table(ctx.tools, "maps", MapSettings)
    said = _said(location)
    place = _place(said, table)
    url = fill(table.search, "search in the table [maps]", query=place)
    open_page(ctx.tools, url)
    return Outcome(f"I opened the map of {short(said)}.", {"url": url, "location": place})


@tool(toolset="maps", effect="outgoing")
def maps_show_directions(
    ctx: Context, destination: Place, origin: Place | None = None, transport: Transport | None = None
) -> Outcome:
    """Show the way from one place to another on the map.

    Without an origin the map starts from the one in the settings, or asks for it. Raises `ToolError` for public
    transport where no planner for it is in the settings.
    """
    table = read_table(ctx.tools, "maps", MapSettings)
    goal = _said(destination)
    start = _said(origin) if origin and _plain(origin) not in _HERE else ""
    place, begin = _place(goal, table), _place(start or table.origin, table)
    if transport == "transit":
        if not table.transit:
            raise ToolError(
                "OpenStreetMap has no public transport directions: set transit in the table [maps] to the "
                "address of a planner with {origin} and {destination} in it, or ask for another way to travel."
            )
        url = fill(table.transit, "transit in the table [maps]", origin=begin, destination=place)
    else:
        url = fill(table.directions, "directions in the table [maps]", origin=begin, destination=place)
        if transport and url.startswith("https://www.openstreetmap.org/"):
            url += f"&engine=fossgis_osrm_{_ENGINES[transport]}"
    open_page(ctx.tools, url)
    way = f"from {short(start)} to {short(goal)}" if start else f"to {short(goal)}"
    return Outcome(
        f"I opened the way {way}{_SAID[transport] if transport else ''}.",
        {"url": url, "destination": place, "origin": begin or None, "transport": transport},
    )


def _said(place: str) -> str:
    text = " ".join(bounded(place, "place").split())
    if len(text) > LONGEST_PLACE:
        raise ToolError(f"A place has at most {LONGEST_PLACE} characters: say it in fewer words.")
    return text


def _plain(place: str) -> str:
    return " ".join(place.casefold().split()).removeprefix("from ").strip(" .,!?")


def _place(said: str, table: MapSettings) -> str:
    """Return the address of home and work where the settings have it, else the words."""
    known = {"home": table.home, "my home": table.home, "my house": table.home, "my place": table.home,
             "work": table.work, "my work": table.work, "the office": table.work, "my office": table.work}  # fmt: skip
    return known.get(_plain(said)) or said
