"""The colours a person names for a light: a hue as red, green and blue, or a white by its temperature in kelvin."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HUES = {
    "red": "ff0000", "crimson": "dc143c", "scarlet": "ff2400", "maroon": "800000", "ruby": "e0115f",
    "pink": "ff69b4", "hot pink": "ff1493", "soft pink": "ffb6c1", "rose": "ff007f", "salmon": "fa8072",
    "coral": "ff7f50", "orange": "ff8000", "dark orange": "ff5500", "amber": "ffbf00", "peach": "ffcba4",
    "gold": "ffd700", "golden": "ffd700", "yellow": "ffff00", "lime": "bfff00", "lime green": "32cd32",
    "green": "00ff00", "dark green": "006400", "forest green": "228b22", "olive": "808000", "mint": "98ff98",
    "emerald": "50c878", "teal": "008080", "turquoise": "40e0d0", "aqua": "00ffff", "cyan": "00ffff",
    "sky blue": "87ceeb", "light blue": "add8e6", "blue": "0000ff", "deep blue": "0000cd", "dark blue": "00008b",
    "navy": "000080", "royal blue": "4169e1", "indigo": "4b0082", "violet": "8f00ff", "purple": "800080",
    "magenta": "ff00ff", "fuchsia": "ff00ff", "lavender": "b57edc", "lilac": "c8a2c8", "plum": "dda0dd",
    "brown": "8b4513", "beige": "f5f5dc",
}  # fmt: skip
_WHITES = {
    "candlelight": 1900, "candle": 1900, "very warm": 2200, "warmest": 2200, "cosy": 2200, "cozy": 2200,
    "warm": 2700, "warmer": 2700, "warm white": 2700, "soft white": 2700, "soft": 2700, "white": 4000,
    "neutral": 4000, "neutral white": 4000, "natural": 4000, "natural white": 4000, "cool": 5000, "cooler": 5000,
    "cool white": 5000, "cold": 5500, "cold white": 5500, "bright white": 5000, "daylight": 6500, "coolest": 6500,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Color:
    """A colour by name; either `rgb` or, for a white, `kelvin`."""

    name: str
    rgb: tuple[int, int, int] | None = None
    kelvin: int | None = None

    @property
    def hex(self) -> str:
        """The hue as "#rrggbb"; empty for a white."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb) if self.rgb else ""


def find_color(words: str) -> Color | None:
    """Return the colour the words name, also with a slip in a long name; None for what is no colour."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    said = re.sub(
        r"^(?:a |an |the )|(?: colou?r| light| lights| tone)$", "", " ".join(words.casefold().split())
    )
    code = re.fullmatch(r"#?([0-9a-f]{6})", said)
    if code:
        return Color(f"#{code[1]}", _rgb(code[1]))
    if (kelvin := re.fullmatch(r"(\d{4,5}) ?k(?:elvin)?", said)) and 1000 <= int(kelvin[1]) <= 12000:
        return Color(f"{kelvin[1]} K", kelvin=int(kelvin[1]))
    said = said.replace("grey", "gray").replace("-", " ")
    names = [*_HUES, *_WHITES]
    if said not in names:
        near = process.extract(
            said, names, scorer=OSA.distance, score_cutoff=2 if len(said) > 5 else 1, limit=2
        )
        if not near or len(said) < 3 or (len(near) == 2 and near[0][1] == near[1][1]):
            return None
        said = near[0][0]
    if said in _WHITES:
        return Color(said, kelvin=_WHITES[said])
    return Color(said, _rgb(_HUES[said]))


def _rgb(code: str) -> tuple[int, int, int]:
    return int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16)
