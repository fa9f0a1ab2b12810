"""What a person asks about the weather, and in which units they want it said."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ASPECTS = (
    ("umbrella", r"umbrella|raincoat|rain jacket|wellies|gumboots"),
    ("snow", r"snow\w*|blizzards?|sleet|sledging|sledding|ski|skiing"),
    ("hail", r"hail\w*"),
    ("storm", r"thunder\w*|lightning|storm\w*|hurricane|tornado"),
    ("frost", r"frost\w*|freez\w*|ice|icy|black ice|below zero"),
    ("fog", r"fog\w*|mist\w*|haz[ey]|smog|visibility"),
    ("rain", r"rain\w*|drizzl\w*|shower\w*|wet|precipitation|downpours?|pour\w*|flood\w*"),
    ("dry", r"dry"),
    ("wind", r"wind\w*|gust\w*|breez\w*|gale\w*"),
    ("uv", r"uv|uv index|sun ?screen|sun ?cream|sun ?burn\w*|sunblock"),
    ("sunrise", r"sun ?rise|dawn|sun (?:come|comes|coming|goes|go) up"),
    ("sunset", r"sun ?set|dusk|sun (?:go|goes|going) down|get dark|dark"),
    ("humidity", r"humid\w*|muggy|moisture"),
    ("jacket", r"jacket|coat|sweater|jumper|hoodie|scarf|gloves|hat|warm clothes|shorts|t-?shirt"),
    ("heat", r"hot|heat\w*|warm\w*|boiling"),
    ("cold", r"cold\w*|chilly|cool\w*"),
    ("sun", r"sun|sunny|sunshine|sunny spells|sunglasses|clear|clear skies|bright"),
    ("cloud", r"cloud\w*|overcast|gr[ea]y"),
    ("temperature", r"temperatures?|temps?|degrees|celsius|fahrenheit|high|low|how (?:hot|cold|warm)"),
)


@dataclass(frozen=True, slots=True)
class Units:
    """How numbers are said; the service is always asked in metric units."""

    imperial: bool = False

    def degrees(self, celsius: float) -> str:
        """Return a temperature."""
        return f"{round(self.scale(celsius)) + 0} °{'F' if self.imperial else 'C'}"

    def scale(self, celsius: float) -> float:
        """Return a temperature as a number in the person's units."""
        return celsius * 9 / 5 + 32 if self.imperial else celsius

    def speed(self, kmh: float) -> str:
        """Return a speed."""
        return f"{round(kmh / 1.609344)} mph" if self.imperial else f"{round(kmh)} km/h"

    def water(self, mm: float) -> str:
        """Return how much rain falls."""
        return f"{mm / 25.4:.2f} in" if self.imperial else f"{mm:.0f} mm" if mm >= 1 else f"{mm:.1f} mm"

    def snow(self, cm: float) -> str:
        """Return how much snow falls."""
        return f"{cm / 2.54:.1f} in" if self.imperial else f"{cm:.0f} cm" if cm >= 1 else f"{cm:.1f} cm"


def aspect_of(what: str | None) -> str:
    """Return what the words ask about: "rain", "wind", "temperature", ...; "" for the weather as such."""
    words = " ".join((what or "").casefold().split())
    for name, pattern in _ASPECTS:
        if re.search(rf"\b(?:{pattern})\b", words):
            return name
    return ""
