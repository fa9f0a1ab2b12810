"""Open-Meteo's forecast and geocoding: where a place is, and the hours and days of its weather in metric units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.json_http import ServiceError, base_url, request_json
from tinyagent.tools.phrases import short

_HOURLY = ("temperature_2m", "apparent_temperature", "relative_humidity_2m", "precipitation_probability",
           "precipitation", "snowfall", "weather_code", "cloud_cover", "wind_speed_10m", "wind_gusts_10m",
           "uv_index", "is_day")  # fmt: skip
_CURRENT = ("temperature_2m", "apparent_temperature", "relative_humidity_2m", "weather_code", "cloud_cover",
            "wind_speed_10m", "wind_gusts_10m")  # fmt: skip
_DAILY = ("sunrise", "sunset")


@dataclass(frozen=True, slots=True)
class WeatherSettings:
    """The table `[weather]`: the usual place, "metric" or "imperial", and the addresses of the service."""

    place: str = ""
    units: str = "metric"
    forecast: str = "https://api.open-meteo.com/v1/forecast"
    geocoding: str = "https://geocoding-api.open-meteo.com/v1/search"


@dataclass(frozen=True, slots=True)
class Where:
    """A place with its coordinates in degrees."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour (or the moment) at the place; `values` holds what was told, by Open-Meteo's names."""

    time: datetime
    values: Mapping[str, float]

    def get(self, name: str) -> float | None:
        """Return a value; None where the service has none."""
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The hours of the days asked for, the moment, and sunrise and sunset by day; all local to the place."""

    hours: tuple[Hour, ...]
    current: Hour | None
    sun: Mapping[date, tuple[datetime, datetime]]


def find_place(words: str, table: WeatherSettings) -> Where:
    """Return where a place is. "Paris, Texas" means the one in Texas. Raises `NotFoundError`, `ToolError`."""
    name, *rest = [part.strip() for part in words.split(",") if part.strip()] or [""]
    if len(name) < 2 or len(words) > 200:
        raise ToolError(f"“{short(words, 40)}” is no place: say a town or a region.")
    query = {"name": name, "count": 20, "language": "en", "format": "json"}
    answer = _ask(base_url(table.geocoding, "geocoding in the table [weather]"), query)
    found = answer.get("results") or []
    qualifier = {part.casefold() for part in rest}
    places = []
    for entry in found if isinstance(found, list) else []:
        try:
            where = Where(short(str(entry["name"])), float(entry["latitude"]), float(entry["longitude"]))
        except (KeyError, TypeError, ValueError):
            continue
        about = {
            str(entry.get(key, "")).casefold() for key in ("country", "country_code", "admin1", "admin2")
        }
        if qualifier <= about:
            places.append(where)
    if not places:
        raise NotFoundError(f"I found no place called {short(words, 60)}: say a town near it.")
    return places[0]


def fetch(where: Where, first: date, last: date, table: WeatherSettings) -> Forecast:
    """Return the weather of the days from `first` to `last`, both included. Raises `ToolError`."""
    query = {
        "latitude": where.latitude, "longitude": where.longitude, "timezone": "auto", "hourly": ",".join(_HOURLY),
        "current": ",".join(_CURRENT), "daily": ",".join(_DAILY), "start_date": first.isoformat(),
        "end_date": last.isoformat(),
    }  # fmt: skip
    answer = _ask(base_url(table.forecast, "forecast in the table [weather]"), query)
    try:
        return Forecast(
            _hours(answer["hourly"]), _moment(answer.get("current")), _sun(answer.get("daily") or {})
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ToolError(
            "The weather service answers in a way I do not understand: check forecast in the table [weather]."
        ) from None


def _ask(url: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        answer = request_json(url, query=query)
    except ServiceError as error:
        if error.status == 0:
            raise ToolError(
                f"The weather service cannot be reached ({short(error.reason)}): check the internet connection."
            ) from None
        said = error.body.get("reason", "") if isinstance(error.body, dict) else ""
        reason = short(str(said), 120) or f"{error.status} {short(error.reason)}"
        raise ToolError(f"The weather service refused it ({reason}): try again later.") from None
    if not isinstance(answer, dict):
        raise ToolError(
            "The weather service answers in a way I do not understand: check its address in [weather]."
        )
    return answer


def _hours(table: Mapping[str, Any]) -> tuple[Hour, ...]:
    hours = []
    for index, time in enumerate(table["time"][: 24 * 120]):
        values = {name: table[name][index] for name in _HOURLY if index < len(table.get(name) or [])}
        hours.append(_hour(time, values))
    return tuple(hours)


def _moment(table: Mapping[str, Any] | None) -> Hour | None:
    return _hour(table["time"], {name: table.get(name) for name in _CURRENT}) if table else None


def _hour(time: str, values: Mapping[str, Any]) -> Hour:
    return Hour(datetime.fromisoformat(time), {k: float(v) for k, v in values.items() if v is not None})


def _sun(table: Mapping[str, Any]) -> dict[date, tuple[datetime, datetime]]:
    found = {}
    for day, rise, down in zip(*(table.get(k) or [] for k in ("time", "sunrise", "sunset")), strict=False):
        if rise and down:
            found[date.fromisoformat(day)] = (datetime.fromisoformat(rise), datetime.fromisoformat(down))
    return found
