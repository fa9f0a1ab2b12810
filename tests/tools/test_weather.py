"""The forecast, asked of a small server that speaks Open-Meteo's JSON and refuses what the service refuses."""

import json
import socket
import threading
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.settings import load
from tinyagent.tools import weather
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Span
from tinyagent.tools.weather import get_weather
from tinyagent.tools.weather_ask import Units, aspect_of

NOW = datetime(2026, 3, 2, 9, 20)
PLACES = [
    {"name": "Paris", "latitude": 48.85, "longitude": 2.35, "country": "France", "country_code": "FR",
     "admin1": "Ile-de-France"},
    {"name": "Paris", "latitude": 33.66, "longitude": -95.55, "country": "United States", "country_code": "US",
     "admin1": "Texas"},
    {"name": "Berlin", "latitude": 52.52, "longitude": 13.41, "country": "Germany", "country_code": "DE",
     "admin1": "Berlin"},
    {"name": "Reykjavík", "latitude": 64.14, "longitude": -21.9, "country": "Iceland", "country_code": "IS"},
    {"name": "Broken", "latitude": "?"},
]  # fmt: skip
# By day from today: code, coldest, warmest, chance of rain, mm an hour, cm of snow an hour, wind, gusts, clouds, uv
DAYS = [
    (3, 4, 9, 20, 0, 0, 12, 20, 80, 1), (63, 6, 11, 80, 0.5, 0, 30, 55, 95, 1), (0, -4, 6, 0, 0, 0, 8, 10, 5, 3),
    (75, -8, -1, 90, 0.2, 0.3, 45, 70, 100, 0), (95, 15, 31, 40, 0.1, 0, 20, 30, 50, 8),
    (45, 1, 5, 10, 0, 0, 3, 4, 60, 1),
    (61, 7, 12, 65, 0.1, 0, 15, 18, 75, 1),
]  # fmt: skip
CURRENT = {"time": "2026-03-02T09:15", "interval": 900, "temperature_2m": 5.4, "apparent_temperature": 2.1,
           "relative_humidity_2m": 71, "weather_code": 2, "cloud_cover": 45, "wind_speed_10m": 11.0,
           "wind_gusts_10m": 19.0}  # fmt: skip


def day_of(index):
    return DAYS[index % len(DAYS)]


def forecast(query):
    """Return what the service answers, or the reason why not."""
    first, last = (date.fromisoformat(query[key]) for key in ("start_date", "end_date"))
    today = NOW.date()
    if last > today + timedelta(days=15) or first < today - timedelta(days=93) or last < first:
        return 400, {"error": True, "reason": "Parameter 'start_date' is out of allowed range"}
    names = query["hourly"].split(",")
    hourly = {"time": []} | {name: [] for name in names}
    daily = {"time": [], "sunrise": [], "sunset": []}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        index = (day - today).days
        code, cold, hot, chance, rain, snow, wind, gusts, clouds, uv = day_of(index)
        daily["time"].append(day.isoformat())
        daily["sunrise"].append(f"{day}T06:50")
        daily["sunset"].append(f"{day}T17:55")
        for hour in range(24):
            light = 7 <= hour < 18
            values = {
                "temperature_2m": hot if hour == 14 else cold if hour == 5 else (cold + hot) / 2,
                "apparent_temperature": (hot if hour == 14 else cold if hour == 5 else (cold + hot) / 2) - 3,
                "relative_humidity_2m": 60, "precipitation_probability": chance if index >= 0 else None,
                "precipitation": rain, "snowfall": snow, "weather_code": code, "cloud_cover": clouds,
                "wind_speed_10m": wind, "wind_gusts_10m": gusts, "uv_index": uv if light else 0, "is_day": int(light),
            }  # fmt: skip
            hourly["time"].append(f"{day}T{hour:02}:00")
            for name in names:
                hourly[name].append(values[name])
    return 200, {"latitude": 52.5, "timezone": "Europe/Berlin", "hourly": hourly, "daily": daily, "current": CURRENT,
                 "hourly_units": {}}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.server.asked.append((parts.path, query))
        if self.server.fail and self.server.fail[0] == parts.path:
            status, value = self.server.fail[1:]
        elif parts.path == "/v1/search":
            found = [p for p in PLACES if p["name"].casefold().replace("í", "i") == query["name"].casefold()]
            status, value = (
                200,
                {"results": found, "generationtime_ms": 1} if found else {"generationtime_ms": 1},
            )
        else:
            status, value = forecast(query)
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def running():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def service(running):
    running.asked, running.fail = [], None
    return running


@pytest.fixture
def make(service, tmp_path):
    def build(now=NOW, **table):
        url = f"http://127.0.0.1:{service.server_port}/v1"
        table = {"forecast": f"{url}/forecast", "geocoding": f"{url}/search"} | table
        return Context(now, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path), tools={"weather": table})

    return build


def days(first, number=1):
    start = datetime(2026, 3, 2) + timedelta(days=first)
    return Span(start, start + timedelta(days=number))


TOMORROW = days(1)
HALF = Span(datetime(2026, 3, 3, 6), datetime(2026, 3, 3, 12))


@pytest.mark.parametrize(
    ("when", "what", "answer"),
    [
        (None, None,
         "In Berlin it is 5 °C and partly cloudy now; the rest of the day: cloudy, 6 to 9 °C, 20% chance of rain."),
        (Span(NOW, NOW + timedelta(hours=1)), None, "In Berlin it is 5 °C and partly cloudy now; the rest of the day: "
         "cloudy, 6 to 9 °C, 20% chance of rain."),
        (None, "temperature", "The temperature is 5 °C, and feels like 2 °C in Berlin right now."),
        (None, "humid", "The humidity is about 71% in Berlin right now."),
        (None, "rain", "No, rain is unlikely in Berlin today: 20%."),
        (days(0), "rain", "No, rain is unlikely in Berlin today: 20%."),
        (TOMORROW, None, "The weather in Berlin tomorrow: rain, 6 to 11 °C, 80% chance of rain."),
        (HALF, None, "The weather in Berlin tomorrow from 06:00 to 12:00: rain, 8 °C, 80% chance of rain."),
        (TOMORROW, "the forecast", "The weather in Berlin tomorrow: rain, 6 to 11 °C, 80% chance of rain."),
        (TOMORROW, "rain", "Yes, rain is likely in Berlin tomorrow: 80%, about 12 mm."),
        (TOMORROW, "dry", "No, rain is likely in Berlin tomorrow: 80%, about 12 mm."),
        (days(2), "dry", "Yes, rain is unlikely in Berlin on Wednesday 4 March: 0%."),
        (days(-5), "rain", "No, it did not rain in Berlin on Wednesday 25 February."),
        (TOMORROW, "an umbrella", "Yes, take an umbrella, rain is likely in Berlin tomorrow: 80%, about 12 mm."),
        (days(4), "showers", "Maybe: the chance of rain in Berlin on Friday 6 March is 40%, about 2 mm."),
        (TOMORROW, "snow", "No, no snow is expected in Berlin tomorrow."),
        (days(3), "snowing", "Yes, snow is expected in Berlin on Thursday 5 March: about 7 cm."),
        (days(3), None,
         "The weather in Berlin on Thursday 5 March: heavy snow, -8 to -1 °C, 90% chance of snow, gusts of 70 km/h."),
        (days(3), "wind", "The wind is strong in Berlin on Thursday 5 March: up to 45 km/h, with gusts of 70 km/h."),
        (days(4), "thunder", "Yes, thunderstorms are expected in Berlin on Friday 6 March, from about 00:00."),
        (TOMORROW, "storms", "No, no thunderstorms are expected in Berlin tomorrow."),
        (days(4), "hail", "No, no hail is expected in Berlin on Friday 6 March."),
        (days(5), "fog", "Yes, fog is expected in Berlin on Saturday 7 March, from about 00:00."),
        (days(4), "hot", "Yes, hot: up to 31 °C in Berlin on Friday 6 March."),
        (days(2), "cold", "Yes, freezing: down to -4 °C in Berlin on Wednesday 4 March."),
        (TOMORROW, "frost", "No, no frost in Berlin tomorrow: down to 6 °C."),
        (days(2), "black ice", "Yes, it freezes in Berlin on Wednesday 4 March: down to -4 °C."),
        (TOMORROW, "a jacket", "Yes, dress warmly: it feels like 3 °C at the coldest in Berlin tomorrow."),
        (days(4), "coat", "A light jacket is good: it feels like 12 °C at the coldest in Berlin on Friday 6 March."),
        (days(2), "sunny", "Yes, mostly sunny in Berlin on Wednesday 4 March."),
        (TOMORROW, "sunny", "No, mostly cloudy in Berlin tomorrow: 95% clouds."),
        (days(4), "sunglasses", "Partly sunny in Berlin on Friday 6 March: 50% clouds."),
        (days(4), "cloud cover", "50% of the sky is cloudy in Berlin on Friday 6 March."),
        (days(4), "sunscreen", "The UV index goes up to 8 in Berlin on Friday 6 March: protection is needed."),
        (TOMORROW, "sunrise", "The sun rises at 06:50 in Berlin tomorrow."),
        (None, "sunrise", "The sun rose at 06:50 in Berlin today."),
        (None, "sunset", "The sun sets at 17:55 in Berlin today."),
        (days(-1), None, "The weather in Berlin yesterday: light rain, 7 to 12 °C."),
        (days(-1), "rain", "Yes, it rained in Berlin yesterday: about 2 mm."),
        (Span(datetime(2026, 3, 3, 15), datetime(2026, 3, 3, 16)), "temperature",
         "The temperature is 8 °C, and feels like 6 °C in Berlin tomorrow at 15:00."),
        (Span(datetime(2026, 3, 2, 18), datetime(2026, 3, 3)), "degrees",
         "The temperature is 6 °C in Berlin today from 18:00."),
        (days(0, 7), "rain", "Yes, rain is likely in Berlin tomorrow, on Thursday 5 March and on Sunday 8 March."),
        (days(1, 1), "wet", "Yes, rain is likely in Berlin tomorrow: 80%, about 12 mm."),
        (days(0, 3), "snow", "No, no snow is likely in Berlin from today to Wednesday 4 March."),
        (days(2, 2), "temperature",
         "The temperature is -8 to 6 °C in Berlin from Wednesday 4 March to Thursday 5 March."),
        (days(2, 2), None,
         "The weather in Berlin from Wednesday 4 March to Thursday 5 March:\n- On Wednesday 4 March: clear, "
         "-4 to 6 °C\n- On Thursday 5 March: heavy snow, -8 to -1 °C, 90% chance of snow, gusts of 70 km/h"),
    ],
)  # fmt: skip
def test_what_is_asked_decides_the_sentence(make, when, what, answer):
    outcome = get_weather(make(), "Berlin", when, what)
    assert outcome.answer == answer
    assert json.loads(json.dumps(outcome.value)) == outcome.value
    assert outcome.value["place"] == "Berlin" and outcome.undo is None


def test_what_goes_out(make, service):
    get_weather(make(), "in Berlin", TOMORROW, "rain")
    (first, place), (second, query) = service.asked
    assert (first, second) == ("/v1/search", "/v1/forecast")
    assert place == {"name": "Berlin", "count": "20", "language": "en", "format": "json"}
    assert (query["latitude"], query["longitude"]) == ("52.52", "13.41")
    assert (query["start_date"], query["end_date"], query["timezone"]) == ("2026-03-03", "2026-03-03", "auto")


@pytest.mark.parametrize(
    ("said", "longitude"),
    [
        ("Paris", 2.35),
        ("Paris, Texas", -95.55),
        ("paris, US", -95.55),
        ("Paris, France", 2.35),
        ("reykjavik", -21.9),
    ],
)
def test_which_place(make, said, longitude):
    assert get_weather(make(), said, TOMORROW).value["longitude"] == longitude


def test_places_that_are_none(make, service):
    for said in ("Atlantis", "Paris, Mars", "broken"):
        with pytest.raises(NotFoundError, match="I found no place called"):
            get_weather(make(), said, TOMORROW)
    with pytest.raises(ToolError, match="is no place"):
        get_weather(make(), ", ,", TOMORROW)
    with pytest.raises(ToolError, match=r"For which place\? Say a town, or set place"):
        get_weather(make(), None, TOMORROW)
    assert get_weather(make(place="Berlin"), None, TOMORROW).value["place"] == "Berlin"
    assert get_weather(make(place="Berlin"), "here", TOMORROW).value["place"] == "Berlin"
    with pytest.raises(NotFoundError):
        get_weather(make(), "Berlin&name=Paris", TOMORROW)
    assert service.asked[-1][1]["name"] == "Berlin&name=Paris"


def test_days_that_no_forecast_reaches(make, service):
    with pytest.raises(
        ToolError, match="No forecast reaches that far: ask about a day until Tuesday 17 March"
    ):
        get_weather(make(), "Berlin", days(16))
    with pytest.raises(ToolError, match="known back to Tuesday 2 December 2025"):
        get_weather(make(), "Berlin", days(-100))
    assert service.asked == []
    assert get_weather(make(), "Berlin", days(15)).answer


def test_imperial(make):
    ctx = make(units="imperial")
    assert get_weather(ctx, "Berlin", TOMORROW).answer.endswith(": rain, 43 to 52 °F, 80% chance of rain.")
    assert "up to 19 mph, with gusts of 34 mph" in get_weather(ctx, "Berlin", TOMORROW, "wind").answer
    assert "about 0.47 in" in get_weather(ctx, "Berlin", TOMORROW, "rain").answer
    assert "about 2.8 in" in get_weather(ctx, "Berlin", days(3), "snow").answer
    with pytest.raises(SettingsError, match="must be metric or imperial"):
        get_weather(make(units="kelvin"), "Berlin", TOMORROW)


def test_offline(make):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(
            ToolError, match=r"The weather service cannot be reached \(.*\): check the internet connection"
        ):
            get_weather(make(geocoding=nobody), "Berlin", TOMORROW)
        with pytest.raises(ToolError, match="cannot be reached"):
            get_weather(make(forecast=nobody), "Berlin", TOMORROW)


@pytest.mark.parametrize(
    ("path", "status", "value", "said"),
    [
        ("/v1/forecast", 400, {"error": True, "reason": "Daily limit\n exceeded"},
         r"refused it \(Daily limit exceeded\)"),
        ("/v1/forecast", 500, b"oops", "refused it"), ("/v1/forecast", 200, b"<html>", "no JSON"),
        ("/v1/forecast", 200, [], "do not understand"), ("/v1/forecast", 200, {}, "do not understand"),
        ("/v1/forecast", 200, {"hourly": {"time": ["x"]}}, "do not understand"),
        ("/v1/forecast", 200, {"hourly": {"time": []}}, "says nothing about that time"),
        ("/v1/forecast", 200, {"hourly": {"time": 5}}, "do not understand"),
        ("/v1/forecast", 200, {"hourly": {"time": ["2026-03-03T10:00"], "temperature_2m": ["a"]}}, "do not understand"),
        ("/v1/forecast", 301, {}, "refused it"), ("/v1/forecast", 200, b" " * (1 << 20) + b"{}", "too long"),
        ("/v1/search", 200, {"results": "Berlin"}, "I found no place"),
        ("/v1/search", 200, {"results": [3]}, "I found no place"),
        ("/v1/search", 429, {}, "refused it"),
    ],
)  # fmt: skip
def test_answers_that_are_none(make, service, path, status, value, said):
    service.fail = (path, status, value)
    with pytest.raises(ToolError, match=said):
        get_weather(make(), "Berlin", TOMORROW)


def test_hours_without_numbers_are_no_reason_to_fail(make, service):
    service.fail = ("/v1/forecast", 200, {"hourly": {"time": ["2026-03-03T10:00"], "temperature_2m": [None]}})
    for what in (None, "rain", "snow", "wind", "temperature", "hot", "cold", "frost", "jacket", "sun", "cloud", "fog",
                 "humidity", "uv", "sunrise", "hail"):  # fmt: skip
        assert get_weather(make(), "Berlin", TOMORROW, what).answer


def test_available(tmp_path):
    config = tmp_path / "config.toml"
    environment = {"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(config)}
    assert weather.available(load(environment)) is None
    config.write_text('[weather]\nforecast = "file:///etc/passwd"\n')
    assert "must be an address" in weather.available(load(environment))
    config.write_text('[weather]\ntown = "x"\n')
    assert "unknown setting 'town'" in weather.available(load(environment))


@pytest.mark.parametrize(
    ("what", "aspect"),
    [
        ("rain", "rain"), ("heavy rain", "rain"), ("an umbrella", "umbrella"), ("light snow", "snow"),
        ("gusts", "wind"),
        ("black ice", "frost"), ("freezing fog", "frost"), ("clear skies", "sun"), ("snow showers", "snow"), ("", ""),
        ("weather", ""), ("degrees", "temperature"), ("cloud cover", "cloud"), ("sunny spells", "sun"), (None, ""),
        ("thunderstorms", "storm"), ("mist", "fog"), ("my coat", "jacket"), ("freezing rain", "frost"),
        ("raining cats and dogs", "rain"), ("brain", ""), ("sun come up", "sunrise"), ("dry", "dry"),
    ],
)  # fmt: skip
def test_aspects(what, aspect):
    assert aspect_of(what) == aspect


def test_no_minus_zero():
    assert Units().degrees(-0.3) == "0 °C"
