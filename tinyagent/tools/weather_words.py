"""What the weather of a stretch of hours is in words: a summary, or the answer to what was asked about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tinyagent.tools.weather_ask import Units
from tinyagent.tools.weather_service import Hour

_CODES = {
    0: "clear", 1: "mostly clear", 2: "partly cloudy", 3: "cloudy", 45: "fog", 48: "freezing fog", 51: "light drizzle",
    53: "drizzle", 55: "heavy drizzle", 56: "freezing drizzle", 57: "freezing drizzle", 61: "light rain", 63: "rain",
    65: "heavy rain", 66: "freezing rain", 67: "freezing rain", 71: "light snow", 73: "snow", 75: "heavy snow",
    77: "snow grains", 80: "light showers", 81: "showers", 82: "heavy showers", 85: "snow showers",
    86: "heavy snow showers", 95: "thunderstorms", 96: "thunderstorms with hail", 99: "thunderstorms with heavy hail",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some hours, looked at together."""

    hours: Sequence[Hour]

    def all(self, name: str) -> list[float]:
        """Return the values that the service has."""
        return [value for hour in self.hours if (value := hour.get(name)) is not None]

    def most(self, name: str) -> float | None:
        """Return the largest value, None without any."""
        return max(self.all(name), default=None)

    def least(self, name: str) -> float | None:
        """Return the smallest value, None without any."""
        return min(self.all(name), default=None)

    def total(self, name: str) -> float:
        """Return the sum."""
        return sum(self.all(name))

    @property
    def rain(self) -> int:
        """The chance of rain in percent; for hours gone by, which have none, whether it fell."""
        chance = self.most("precipitation_probability")
        return round(chance) if chance is not None else 100 if self.total("precipitation") >= 0.1 else 0

    @property
    def codes(self) -> set[int]:
        """The weather codes of the hours."""
        return {int(code) for code in self.all("weather_code")}

    @property
    def sky(self) -> str:
        """The worst of the weather in words; empty where there is none."""
        return _CODES.get(max(self.codes, default=-1), "")

    @property
    def clouds(self) -> float | None:
        """The mean cloud cover of the hours of daylight in percent."""
        day = Stretch([hour for hour in self.hours if hour.get("is_day") != 0])
        found = day.all("cloud_cover") or self.all("cloud_cover")
        return sum(found) / len(found) if found else None


def temperatures(hours: Stretch, units: Units, name: str = "temperature_2m") -> str:
    """Return "8 to 15 °C", or one temperature; empty where there is none."""
    least, most = hours.least(name), hours.most(name)
    if least is None or most is None:
        return ""
    if round(units.scale(least)) == round(units.scale(most)):
        return units.degrees(most)
    return f"{round(units.scale(least)) + 0} to {units.degrees(most)}"


def summary(hours: Stretch, units: Units) -> str:
    """Return "light rain, 8 to 15 °C, 60% chance of rain"."""
    parts = [hours.sky, temperatures(hours, units)]
    if hours.rain >= 20 and hours.most("precipitation_probability") is not None:
        parts.append(
            f"{hours.rain}% chance of rain"
            if hours.total("snowfall") < 0.1
            else f"{hours.rain}% chance of snow"
        )
    gusts = hours.most("wind_gusts_10m") or 0
    if gusts >= 60:
        parts.append(f"gusts of {units.speed(gusts)}")
    return ", ".join(part for part in parts if part) or "no forecast"


def answer(aspect: str, hours: Stretch, units: Units, there: str) -> str | None:
    """Return the sentence about one aspect; `there` is " in Berlin tomorrow". None where nothing is known."""
    return _SAY[aspect](hours, units, there)


def sun_answer(aspect: str, times: tuple[datetime, datetime], there: str, now: datetime) -> str:
    """Return when the sun rises or sets."""
    moment = times[0] if aspect == "sunrise" else times[1]
    verb = (
        ("rose" if moment < now else "rises") if aspect == "sunrise" else ("set" if moment < now else "sets")
    )
    return f"The sun {verb} at {moment:%H:%M}{there}."


def _at_least(value: float, *steps: tuple[float, str]) -> str:
    """Return the word of the first step that the value reaches."""
    return next((word for least, word in steps if value >= least), steps[-1][1])


def _rain(
    hours: Stretch, units: Units, there: str, wet: str = "Yes", dry: str = "No", advice: str = ""
) -> str | None:
    """Return whether it rains; `wet` and `dry` are the verdicts, which "will it stay dry" turns round."""
    amount = hours.total("precipitation")
    much = f"about {units.water(amount)}" if amount >= 0.1 else ""
    if not hours.all("precipitation_probability"):  # hours gone by
        if not hours.all("precipitation"):
            return None
        return f"{wet}, it rained{there}: {much}." if much else f"{dry}, it did not rain{there}."
    chance = f"{hours.rain}%{', ' if much else ''}{much}"
    if hours.rain >= 60:
        return f"{wet}, {advice or 'rain is likely'}{there}: {chance}."
    return (
        f"Maybe: the chance of rain{there} is {chance}."
        if hours.rain >= 30
        else f"{dry}, rain is unlikely{there}: {hours.rain}%."
    )


def _dry(hours: Stretch, units: Units, there: str) -> str | None:
    return _rain(hours, units, there, wet="No", dry="Yes")


def _umbrella(hours: Stretch, units: Units, there: str) -> str | None:
    return _rain(hours, units, there, advice="take an umbrella, rain is likely")


def _snow(hours: Stretch, units: Units, there: str) -> str | None:
    fallen = hours.total("snowfall")
    if fallen >= 0.1 or hours.codes & {71, 73, 75, 77, 85, 86}:
        return f"Yes, snow is expected{there}{f': about {units.snow(fallen)}' if fallen >= 0.1 else ''}."
    return f"No, no snow is expected{there}." if hours.hours else None


def _by_code(codes: set[int], thing: str) -> Callable[[Stretch, Units, str], str | None]:
    def say(hours: Stretch, units: Units, there: str) -> str | None:
        if not hours.codes:
            return None
        first = next((hour.time for hour in hours.hours if hour.get("weather_code") in codes), None)
        if first is None:
            return f"No, no {thing} expected{there}."
        since = f", from about {first:%H:%M}" if len(hours.hours) > 1 else ""
        return f"Yes, {thing} expected{there}{since}."

    return say


def _wind(hours: Stretch, units: Units, there: str) -> str | None:
    wind, gusts = hours.most("wind_speed_10m"), hours.most("wind_gusts_10m")
    if wind is None:
        return None
    strength = _at_least(wind, (62, "a gale"), (39, "strong"), (20, "moderate"), (-1, "light"))
    more = f", with gusts of {units.speed(gusts)}" if gusts and gusts > wind * 1.2 else ""
    return f"The wind is {strength}{there}: up to {units.speed(wind)}{more}."


def _heat(hours: Stretch, units: Units, there: str) -> str | None:
    most = hours.most("temperature_2m")
    if most is None:
        return None
    verdict = _at_least(most, (28, "Yes, hot"), (21, "Yes, warm"), (12, "Not very warm"), (-300, "No"))
    return f"{verdict}: up to {units.degrees(most)}{there}."


def _cold(hours: Stretch, units: Units, there: str) -> str | None:
    least = hours.least("temperature_2m")
    if least is None:
        return None
    verdict = _at_least(least, (15, "No"), (8, "A little cool"), (0.05, "Yes, cold"), (-300, "Yes, freezing"))
    return f"{verdict}: down to {units.degrees(least)}{there}."


def _frost(hours: Stretch, units: Units, there: str) -> str | None:
    least = hours.least("temperature_2m")
    if least is None:
        return None
    return f"{'Yes, it freezes' if least <= 0 else 'No, no frost'}{there}: down to {units.degrees(least)}."


def _jacket(hours: Stretch, units: Units, there: str) -> str | None:
    felt = hours.least("apparent_temperature")
    if felt is None:
        felt = hours.least("temperature_2m")
    if felt is None:
        return None
    verdict = _at_least(
        felt, (17, "No jacket needed"), (8, "A light jacket is good"), (-300, "Yes, dress warmly")
    )
    return f"{verdict}: it feels like {units.degrees(felt)} at the coldest{there}."


def _sun(hours: Stretch, units: Units, there: str) -> str | None:
    clouds = hours.clouds
    if clouds is None:
        return None
    if clouds < 30 and hours.rain < 60:
        return f"Yes, mostly sunny{there}."
    return (
        f"Partly sunny{there}: {clouds:.0f}% clouds."
        if clouds < 70
        else f"No, mostly cloudy{there}: {clouds:.0f}% clouds."
    )


def _cloud(hours: Stretch, units: Units, there: str) -> str | None:
    return None if hours.clouds is None else f"{hours.clouds:.0f}% of the sky is cloudy{there}."


def _humidity(hours: Stretch, units: Units, there: str) -> str | None:
    found = hours.all("relative_humidity_2m")
    return f"The humidity is about {sum(found) / len(found):.0f}%{there}." if found else None


def _uv(hours: Stretch, units: Units, there: str) -> str | None:
    most = hours.most("uv_index")
    if most is None:
        return None
    need = "protection is needed" if most >= 3 else "no protection is needed"
    return f"The UV index goes up to {most:.0f}{there}: {need}."


def _temperature(hours: Stretch, units: Units, there: str) -> str | None:
    said = temperatures(hours, units)
    felt = temperatures(hours, units, "apparent_temperature")
    feels = f", and feels like {felt}" if felt and felt != said and len(hours.hours) == 1 else ""
    return f"The temperature is {said}{feels}{there}." if said else None


_SAY: dict[str, Callable[[Stretch, Units, str], str | None]] = {
    "umbrella": _umbrella, "rain": _rain, "dry": _dry, "snow": _snow, "wind": _wind, "heat": _heat, "cold": _cold,
    "frost": _frost, "jacket": _jacket, "sun": _sun, "cloud": _cloud, "humidity": _humidity, "uv": _uv,
    "temperature": _temperature, "fog": _by_code({45, 48}, "fog is"), "hail": _by_code({96, 99}, "hail is"),
    "storm": _by_code({95, 96, 99}, "thunderstorms are"),
}  # fmt: skip
