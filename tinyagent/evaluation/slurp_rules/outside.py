"""SLURP's weather, transport and places: the toolsets weather and maps."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.idle import SEARCH
from tinyagent.evaluation.slurp_rules.verdict import Rule, Verdict, act, ask, none

WEATHER = re.compile(
    r"\b(weather|climate|forecast|rain\w*|umbrella|snow|fog|overcast|sunny|cloudy|windy|hott?est|hot|cold|warm|nice|"
    r"temperature|degrees|jacket|coat|gloves|shorts|layers|sunblock|salt|outside|wear)\b"
)
REMARK = re.compile(r"^(it is|it's|its|what a|i am|i need) |\bdefrosting\b|\bweather updated to\b")
"""A remark on the weather, which can be meant as a question."""
WAY = re.compile(
    r"\b(directions?|direct me|route|(best|quickest|fastest) way to|how do i get to|what street do i take)\b"
)
UNNAMED = re.compile(r"\bthe (place|shop|location|places)$")
WHERE = re.compile(r"\bwhere('s| is| can i find)|\b(near ?(by|est)|closest|location)\b")


def _weather(text: str) -> Verdict | None:
    if REMARK.search(text) and WEATHER.search(text) and not re.search(r"\bor not$", text):
        return none("get_weather")
    return act("get_weather") if WEATHER.search(text) else None


def _transport(text: str) -> Verdict | None:
    if WAY.search(text):
        return ask("maps_show_directions") if UNNAMED.search(text) else act("maps_show_directions")
    if re.search(r"\bwhere is\b", text):
        return act("maps_open_location")
    if re.search(r"\btickets?\b", text):
        return none()
    # when trains leave is asked, which no tool knows; the way there is the nearest
    goal = re.search(r"\b(to|for|leave|reach|heading) (?!be\b)\w+", text)
    return none("maps_show_directions") if goal else none()


def _place(text: str) -> Verdict | None:
    if UNNAMED.search(text):
        return ask("maps_open_location")
    searched = ("web_search",) if SEARCH.search(text) else ()
    right = act if WHERE.search(text) else none
    return right("maps_open_location", *searched)


WEATHER_INTENTS: dict[str, Rule] = {"weather_query": _weather}
MAPS_INTENTS: dict[str, Rule] = {"transport_query": _transport, "recommendation_locations": _place}
