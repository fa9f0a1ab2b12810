"""The toolset weather: Open-Meteo's forecast for a place and a stretch of time. What is asked decides the sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from tinyagent.calls import Outcome
from tinyagent.errors import SettingsError, TinyAgentError, ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded
from tinyagent.tools.json_http import base_url
from tinyagent.tools.phrases import join, say_day, say_span
from tinyagent.tools.registry import Period, Place, Span, Text, tool
from tinyagent.tools.tables import read_table
from tinyagent.tools.weather_ask import Units, aspect_of
from tinyagent.tools.weather_service import Forecast, Hour, WeatherSettings, Where, fetch, find_place
from tinyagent.tools.weather_words import Stretch, answer, summary, sun_answer, temperatures

if TYPE_CHECKING:
    from tinyagent.settings import Settings

AHEAD, BACK = timedelta(days=15), timedelta(days=90)
"""How far the service's forecast reaches, and its past."""
_HERE = frozenset(
    {"here", "my location", "outside", "my area", "around here", "where i am", "my place", "home"}
)
_MOMENT = frozenset({"temperature", "humidity", "cloud", "wind", "cold", "heat", "fog"})


def available(settings: Settings) -> str | None:
    """Return None where the settings are right, else what is wrong; whether the service answers is not tried."""
    try:
        _table(settings.tools)
    except TinyAgentError as error:
        return str(error)
    return None


def _table(tools: object) -> WeatherSettings:
    table = read_table(tools, "weather", WeatherSettings)  # type: ignore[arg-type]
    base_url(table.forecast, "forecast in the table [weather]")
    base_url(table.geocoding, "geocoding in the table [weather]")
    if table.units not in ("metric", "imperial"):
        raise SettingsError(f"units in the table [weather] must be metric or imperial, not {table.units!r}.")
    return table


@tool(toolset="weather", effect="outgoing", results={"": "text"})
def get_weather(
    ctx: Context, place: Place | None = None, when: Period | None = None, what: Text | None = None
) -> Outcome:
    """Say what the weather is or will be.

    Without a place the one in the settings. Raises `NotFoundError` for a place that is not found, `ToolError` without
    a place, for days that no forecast reaches, and where the service cannot be reached.
    """
    table = _table(ctx.tools)
    words = " ".join(bounded(place, "place").split()).removeprefix("in ") if place else ""
    if not words or words.casefold() in _HERE:
        words = table.place
    if not words:
        raise ToolError("For which place? Say a town, or set place in the table [weather] of the settings.")
    midnight = datetime.combine(ctx.now.date() + timedelta(days=1), time())
    span, is_now = when or Span(ctx.now, midnight), when is None
    if when and when.start <= ctx.now < when.end:  # of today and this week, what is left of it
        is_now = when.end <= ctx.now + timedelta(hours=1)
        span = Span(ctx.now, midnight if is_now else when.end)
    first, last = span.start.date(), max(span.start, span.end - timedelta(seconds=1)).date()
    _reachable(first, last, ctx.now.date())
    where = find_place(words, table)
    forecast = fetch(where, first, last, table)
    hours = Stretch([hour for hour in forecast.hours if _within(hour, span)])
    if not hours.hours:
        raise ToolError("The weather service says nothing about that time: ask about another day.")
    aspect, units = aspect_of(what), Units(table.units == "imperial")
    return Outcome(
        _say(ctx, where, span, forecast, hours, aspect, units, is_now), _value(where, span, hours, aspect)
    )


def _within(hour: Hour, span: Span) -> bool:
    """Return whether an hour touches the span: that of 14:00 lasts until 15:00."""
    end = max(span.end, span.start + timedelta(minutes=1))
    return hour.time < end and hour.time + timedelta(hours=1) > span.start


def _reachable(first: date, last: date, today: date) -> None:
    if last > today + AHEAD:
        raise ToolError(f"No forecast reaches that far: ask about a day until {_bare(today + AHEAD, today)}.")
    if first < today - BACK:
        raise ToolError(f"The weather is known back to {_bare(today - BACK, today)}: ask about a later day.")


def _bare(day: date, today: date) -> str:
    return say_day(day, datetime.combine(today, time())).removeprefix("on ")


def _say(
    ctx: Context,
    where: Where,
    span: Span,
    forecast: Forecast,
    hours: Stretch,
    aspect: str,
    units: Units,
    is_now: bool,
) -> str:
    days = sorted({hour.time.date() for hour in hours.hours})
    there = f" in {where.name} {_when(span, days, ctx.now)}"
    if aspect in ("sunrise", "sunset") and days[0] in forecast.sun:
        that_day = f" in {where.name} {say_day(days[0], ctx.now)}"
        return sun_answer(aspect, forecast.sun[days[0]], that_day, ctx.now)
    if is_now and forecast.current and aspect in _MOMENT:
        said = answer(aspect, Stretch([forecast.current]), units, f" in {where.name} right now")
        if said:
            return said
    if aspect in ("rain", "umbrella", "snow") and len(days) > 1:
        return _by_day(aspect, days, hours, where.name, there, ctx.now)
    said = answer(aspect, hours, units, there) if aspect and aspect not in ("sunrise", "sunset") else None
    if said:
        return said
    if is_now and forecast.current:
        now = Stretch([forecast.current])
        sky = f" and {now.sky}" if now.sky else ""
        rest = summary(hours, units)
        return f"In {where.name} it is {temperatures(now, units)}{sky} now; the rest of the day: {rest}."
    if len(days) > 1:
        lines = [f"- {_capital(say_day(day, ctx.now))}: {summary(_of(hours, [day]), units)}" for day in days]
        return "\n".join([f"The weather{there}:", *lines])
    return f"The weather{there}: {summary(hours, units)}."


def _by_day(aspect: str, days: list[date], hours: Stretch, place: str, there: str, now: datetime) -> str:
    """Return on which of several days it rains or snows."""
    thing = "snow" if aspect == "snow" else "rain"
    parts = {day: _of(hours, [day]) for day in days}
    wet = [
        d
        for d, part in parts.items()
        if (part.total("snowfall") >= 0.1 if thing == "snow" else part.rain >= 50)
    ]
    if not wet:
        return f"No, no {thing} is likely{there}."
    if len(wet) == len(days):
        return f"Yes, {thing} is likely every day{there}."
    return f"Yes, {thing} is likely in {place} {join([say_day(day, now) for day in wet])}."


def _of(hours: Stretch, days: Iterable[date]) -> Stretch:
    wanted = set(days)
    return Stretch([hour for hour in hours.hours if hour.time.date() in wanted])


def _when(span: Span, days: list[date], now: datetime) -> str:
    """Return the time as one says it: "tomorrow", "today from 18:00", "from Monday 2 March to Friday 6 March"."""
    if len(days) > 1:
        return say_span(span.start, span.end, now)
    day = say_day(days[0], now)
    if span.start.time() == time() and span.end - span.start >= timedelta(hours=23):
        return day
    if span.end.time() == time() or span.end - span.start >= timedelta(hours=20):
        return day if span.start == now else f"{day} from {span.start:%H:%M}"
    if span.end - span.start <= timedelta(hours=1):
        return f"{day} at {span.start:%H:%M}"
    return f"{day} from {span.start:%H:%M} to {span.end:%H:%M}"


def _value(where: Where, span: Span, hours: Stretch, aspect: str) -> dict[str, object]:
    return {
        "place": where.name, "latitude": where.latitude, "longitude": where.longitude,
        "start": span.start.isoformat(), "end": span.end.isoformat(), "about": aspect or None,
        "sky": hours.sky or None, "celsius": [hours.least("temperature_2m"), hours.most("temperature_2m")],
        "rain_percent": hours.rain, "rain_mm": round(hours.total("precipitation"), 1),
        "snow_cm": round(hours.total("snowfall"), 1), "wind_kmh": hours.most("wind_speed_10m"),
    }  # fmt: skip


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
