"""The addresses that leave the machine, handed to an opener that keeps them instead of a browser."""

import os
import stat
import sys
from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tinyagent.errors import SettingsError, ToolError
from tinyagent.settings import load
from tinyagent.tools import maps, web
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.maps import maps_open_location, maps_show_directions
from tinyagent.tools.registry import _tools
from tinyagent.tools.web import open_website, web_search

NOW = datetime(2026, 3, 2, 9)


def program(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def opened(tmp_path):
    """Give the command of an opener and what it was asked to open."""
    log = tmp_path / "opened"
    command = program(tmp_path / "opener", f'#!/bin/sh\nprintf "%s\\n" "$#" "$1" >> {log}\n')

    def read():
        lines = log.read_text().splitlines() if log.exists() else []
        assert set(lines[::2]) <= {"1"}
        return lines[1::2]

    read.command = command
    return read


@pytest.fixture
def make(tmp_path, opened):
    def build(**tables):
        tables["web"] = {"opener": opened.command, **tables.get("web", {})}
        return Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path), tools=tables)

    return build


def test_a_search_is_one_argument_whatever_it_says(make, opened):
    said = "cats & dogs; rm -rf $HOME `id` \"'#?é\nmore"
    outcome = web_search(make(), said)
    (url,) = opened()
    assert url.startswith("https://duckduckgo.com/?q=cats%20%26%20dogs")
    assert parse_qs(urlsplit(url).query) == {"q": [" ".join(said.split())]}
    assert outcome.value["url"] == url and outcome.answer.startswith(
        "I opened a web search for “cats & dogs;"
    )


def test_the_search_engine_is_a_setting(make, opened):
    web_search(make(web={"search": "https://search.example.org/find?what={query}&x=1"}), "a b")
    assert opened() == ["https://search.example.org/find?what=a%20b&x=1"]
    for template in ("http://example.org/{query}", "https://example.org/", "javascript:{query}"):
        with pytest.raises(SettingsError, match=r"search in the table \[web\] must be an https address"):
            web_search(make(web={"search": template}), "a")
    with pytest.raises(SettingsError, match=r"\[web\].*unknown setting 'engine'"):
        web_search(make(web={"engine": "x"}), "a")
    with pytest.raises(ToolError, match="at most 500"):
        web_search(make(), "a" * 501)
    with pytest.raises(ToolError, match="search is empty"):
        web_search(make(), " \n")


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("wikipedia dot org", "https://wikipedia.org/"), ("news.ycombinator.com", "https://news.ycombinator.com/"),
        ("bbc dot co dot uk", "https://bbc.co.uk/"), ("www.nytimes.com", "https://www.nytimes.com/"),
        ("https://docs.python.org", "https://docs.python.org/"),
        ("http://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("HTTPS://Example.ORG/Path", "https://example.org/Path"), ("youtube", "https://www.youtube.com/"),
        ("the Guardian website", "https://www.theguardian.com/"),
        ("Wikipedia's home page", "https://www.wikipedia.org/"),
        ("example.org:8443/x", "https://example.org:8443/x"), ("example.org:443", "https://example.org/"),
        ("docs.python.org slash 3", "https://docs.python.org/3"),
        ("my dash site dot example dot org", "https://my-site.example.org/"),
        ("www dot example dot org.", "https://www.example.org/"), ("bücher.example", "https://xn--bcher-kva.example/"),
        ("example.org/ä", "https://example.org/%C3%A4"), ("example.org/%41", "https://example.org/%41"),
        ("//example.org", "https://example.org/"),
    ],
)  # fmt: skip
def test_addresses_as_written_and_as_spoken(make, opened, said, url):
    outcome = open_website(make(), said)
    assert opened() == [url] == [outcome.value["url"]]
    assert outcome.answer.startswith(f"I opened {urlsplit(url).netloc}")


@pytest.mark.parametrize(
    "said",
    [
        "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org", "mailto:a@example.org",
        "https://user:secret@example.org", "https://example.org@evil.example", "localhost", "intranet", "192.168.1.1",
        "https://127.0.0.1/", "https://[::1]/", "0x7f.1", "https://", "https:///x", "example..org", "-a.example",
        "https://exa mple.org", "some words here", "https://example.org/\\evil", "https://example.org:99999",
        "https://example.org/<script>", "--new-window.example", "a" * 3000 + ".org", "vbscript:x", "-oProxy=x",
        "https://ex\x00ample.org", "about:config", "chrome://settings", "HtTpS://a_b.example/\u202e",
    ],
)  # fmt: skip
def test_nothing_but_https_is_opened(make, opened, said):
    with pytest.raises(ToolError):
        open_website(make(), said)
    assert opened() == []


def test_sites_of_ones_own(make, opened):
    ctx = make(web={"sites": {"the intranet": "portal.example.org/start", "bad": "file:///etc/passwd"}})
    open_website(ctx, "intranet")
    assert opened() == ["https://portal.example.org/start"]
    with pytest.raises(ToolError):
        open_website(ctx, "bad")


def test_a_place_on_the_map(make, opened):
    outcome = maps_open_location(make(), "Blue Bottle, 1 Main St & more")
    (url,) = opened()
    assert url.startswith("https://www.openstreetmap.org/search?query=Blue%20Bottle")
    assert parse_qs(urlsplit(url).query) == {"query": ["Blue Bottle, 1 Main St & more"]}
    assert outcome.answer == "I opened the map of Blue Bottle, 1 Main St & more."
    maps_open_location(make(maps={"home": "1 Elm Street, Springfield"}), "my home")
    assert parse_qs(urlsplit(opened()[1]).query) == {"query": ["1 Elm Street, Springfield"]}


@pytest.mark.parametrize(
    ("arguments", "query", "answer"),
    [
        (("Berlin",), {"to": ["Berlin"]}, "I opened the way to Berlin."),
        (("Berlin", "Köln", "walking"), {"from": ["Köln"], "to": ["Berlin"], "engine": ["fossgis_osrm_foot"]},
         "I opened the way from Köln to Berlin on foot."),
        (("a&to=evil", "x", "cycling"), {"from": ["x"], "to": ["a&to=evil"], "engine": ["fossgis_osrm_bike"]},
         "I opened the way from x to a&to=evil by bicycle."),
        (("work", "here", "driving"), {"to": ["Office Park 2"], "from": ["Elm St"], "engine": ["fossgis_osrm_car"]},
         "I opened the way to work by car."),
    ],
)  # fmt: skip
def test_directions(make, opened, arguments, query, answer):
    table = {"origin": "Elm St", "work": "Office Park 2"} if "work" in arguments else {}
    outcome = maps_show_directions(make(maps=table), *arguments)
    (url,) = opened()
    assert url.startswith("https://www.openstreetmap.org/directions?") and url == outcome.value["url"]
    assert parse_qs(urlsplit(url).query) == query
    assert outcome.answer == answer


def test_public_transport_needs_a_planner(make, opened):
    with pytest.raises(ToolError, match=r"no public transport directions: set transit in the table \[maps\]"):
        maps_show_directions(make(), "Berlin", None, "transit")
    assert opened() == []
    ctx = make(maps={"transit": "https://plan.example.org/?a={origin}&b={destination}"})
    assert maps_show_directions(ctx, "Berlin", "Köln", "transit").answer.endswith("by public transport.")
    assert opened() == ["https://plan.example.org/?a=K%C3%B6ln&b=Berlin"]


def test_an_opener_that_fails_or_is_not_there(make, tmp_path):
    bad = program(tmp_path / "bad", "#!/bin/sh\nexit 3\n")
    with pytest.raises(ToolError, match="could not open"):
        web_search(make(web={"opener": bad}), "a")
    with pytest.raises(ToolError, match="no program nowhere-to-be-found"):
        web_search(make(web={"opener": ["nowhere-to-be-found", "-x"]}), "a")
    odd = program(tmp_path / "odd", "no program at all \x00")
    with pytest.raises(ToolError, match=r"could not open|cannot be started"):
        web_search(make(web={"opener": odd}), "a")


def test_a_browser_that_stays_is_not_waited_for(make, tmp_path, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.browser.WAIT", 0.05)
    pid = tmp_path / "pid"
    slow = program(tmp_path / "slow", f"#!/bin/sh\necho $$ > {pid}\nexec sleep 2\n")
    assert web_search(make(web={"opener": slow}), "a").answer
    os.waitpid(int(pid.read_text()), 0)


@pytest.mark.skipif(sys.platform == "darwin", reason="the opener is another one")
def test_the_usual_opener_is_found_on_the_path(tmp_path, monkeypatch):
    log = tmp_path / "log"
    program(tmp_path / "xdg-open", f'#!/bin/sh\nprintf "%s" "$1" > {log}\n')
    settings = load({"TINYAGENT_HOME": str(tmp_path / "home")})
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "install xdg-utils" in web.available(settings) and maps.available(settings)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert "no desktop" in web.available(settings)
    monkeypatch.setenv("DISPLAY", ":99")
    assert web.available(settings) is None and maps.available(settings) is None
    ctx = Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path))
    open_website(ctx, "example.org")
    assert log.read_text() == "https://example.org/"


@pytest.mark.parametrize("name", ["web_search", "open_website", "maps_open_location", "maps_show_directions"])
def test_what_opens_the_network_is_outgoing(name):
    assert _tools[name].effect == "outgoing"
