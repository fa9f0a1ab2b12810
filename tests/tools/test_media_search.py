"""The library of a home folder with real audio files, and what people's words find in it."""

import os
import sqlite3
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from media_samples import put, stock, tones

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.tools import media_library
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.media_library import Library, Track, load
from tinyagent.tools.media_search import search

STATIONS = {"Radio Paradise": "https://stream.example.org/main", "Jazz FM": "https://stream.example.org/jazz"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def here(tmp_path_factory, samples):
    """A stocked home: its context and the paths by title."""
    root = tmp_path_factory.mktemp("stock")
    paths = stock(samples, root / "home")
    return Context(datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(root)), paths


def test_tags_of_every_format_are_read(here):
    ctx, paths = here
    known = {track.path: track for track in load(ctx).tracks}
    assert set(known) == set(paths.values()), "the link that leads out must not be there"
    river = known[paths["Copper River"]]
    assert (river.title, river.artist, river.album, river.genre, river.year, river.place) == (
        "Copper River", "Ada Flint", "Small Hours", "Jazz", "2019", (0, 3),
    )  # fmt: skip
    assert known[paths["Hello 2"]].artist == "Björk Önd" and known[paths["Hello"]].artist == "The Copper Owls"
    untagged = known[paths["Untagged"]]
    assert (untagged.artist, untagged.title) == ("Marta Oyelaran", "Midnight Tram")
    assert {track.kind for track in known.values()} == {"music", "podcast", "audiobook"}


@pytest.mark.parametrize(
    ("words", "kind", "titles"),
    [
        ("paper lanterns", None, ["Paper Lanterns"]), ("Paper Lanterns by Ada Flint", None, ["Paper Lanterns"]),
        ("ada flint copper river", "song", ["Copper River"]), ("coper rivr", None, ["Copper River"]),
        ("Small Hours", None, ["Paper Lanterns", "Harbour Lights", "Copper River"]),
        ("small hours by ada flint", "album", ["Paper Lanterns", "Harbour Lights", "Copper River"]),
        ("ada flint", None, ["Paper Lanterns", "Harbour Lights", "Copper River", "Kerosene Sky"]),
        ("ada flint", "album", ["Kerosene Sky"]),
        ("the copper owls", "artist", ["Hello"]), ("copper owls", None, ["Hello"]),
        ("hello by bjork ond", None, ["Hello 2"]), ("björk önd", None, ["Hello 2"]), ("folk", None, ["Hello"]),
        ("jazz", "genre", ["Paper Lanterns", "Harbour Lights", "Copper River"]), ("folk music", None, ["Hello"]),
        ("rock", None, ["Kerosene Sky", "Hello"]), ("workout", "playlist", ["Kerosene Sky", "Harbour Lights"]),
        ("my workout playlist", None, ["Kerosene Sky", "Harbour Lights"]), ("Chill", None, ["Hello"]),
        ("midnight tram", None, ["Untagged"]), ("two bees", "podcast", ["Episode 2"]),
        ("honey", "podcast", ["Episode 1"]),
        ("the salt roads", "audiobook", ["Chapter 1", "Chapter 2", "Chapter 10"]),
        ("salt roads", None, ["Chapter 1", "Chapter 2", "Chapter 10"]),
    ],
)  # fmt: skip
def test_what_the_words_find(here, words, kind, titles):
    ctx, paths = here
    found = search(words, kind, load(ctx), STATIONS)
    assert list(found.items) == [paths[title] for title in titles], found.called


def test_stations_and_everything(here):
    ctx, _ = here
    library = load(ctx)
    assert search("radio paradise", None, library, STATIONS).items == (STATIONS["Radio Paradise"],)
    assert search("jazz fm", "radio", library, STATIONS).called == "Jazz FM"
    assert len(search("some music", None, library, {}).items) == 7


def test_what_is_not_there_or_not_clear(here):
    ctx, _ = here
    library = load(ctx)
    with pytest.raises(
        ToolError, match="Several fit “hello”: Hello by The Copper Owls or Hello by Björk Önd"
    ) as error:
        search("hello", None, library, STATIONS)
    assert not isinstance(error.value, NotFoundError)
    with pytest.raises(NotFoundError, match="I find no “taylor swift” here"):
        search("taylor swift", None, library, STATIONS)
    with pytest.raises(NotFoundError, match=r"no radio station “bbc radio 4” here: name it in the table"):
        search("bbc radio 4", "radio", library, STATIONS)
    with pytest.raises(NotFoundError):
        search("secret song", None, library, STATIONS)
    with pytest.raises(NotFoundError):
        search("…", None, library, STATIONS)
    with pytest.raises(ToolError, match="Empty has none of the files"):
        search("empty", "playlist", library, STATIONS)
    with pytest.raises(NotFoundError, match=r"There is nothing to play: put music into ~/Music"):
        search("x", None, Library((), {}, ()), {})


def test_tags_are_read_once_and_again_when_changed(here, monkeypatch, samples, tmp_path):
    _, _ = here
    ctx = Context(datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(tmp_path))
    path = put(samples, tmp_path / "home/Music/a.mp3", title="First")
    assert load(ctx).tracks[0].title == "First"
    read = []
    monkeypatch.setattr(
        "tinyagent.tools.media_tags.read_tags", lambda path: read.append(path) or {"title": "Second"}
    )
    assert load(ctx).tracks[0].title == "First" and read == []
    os.utime(path, (time.time() + 5, time.time() + 5))
    assert load(ctx).tracks[0].title == "Second" and read == [path]
    put(samples, tmp_path / "home/Music/b.mp3")
    unread = load(ctx, budget=-1)
    assert not unread.whole and {track.title for track in unread.tracks} == {"Second", "b"}


def test_a_damaged_store_or_file_only_costs_time(tmp_path, samples):
    ctx = Context(datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(tmp_path))
    put(samples, tmp_path / "home/Music/a.mp3", title="Fine", artist="x" * 5000)
    (tmp_path / "home/Music/broken.flac").write_bytes(b"fLaC" + os.urandom(4000))
    (tmp_path / "home/Music/empty.mp3").write_bytes(b"")
    (tmp_path / "home/Music/bad\nname.mp3").write_bytes(b"")
    (tmp_path / "state").mkdir()
    (tmp_path / "state/media-tags.sqlite").write_bytes(b"no database at all" * 100)
    tracks = load(ctx).tracks
    assert {track.title for track in tracks} == {"Fine", "broken", "empty"}
    assert max(len(track.artist) for track in tracks) == 200
    (tmp_path / "state/media-tags.sqlite").unlink()
    with sqlite3.connect(tmp_path / "state/media-tags.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert len(load(ctx).tracks) == 3


def test_folders_are_settings(tmp_path, samples, monkeypatch):
    ctx = Context(datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(tmp_path))
    put(samples, tmp_path / "songs/a.mp3", title="Mine")
    put(samples, tmp_path / "home/Music/Podcasts/show/b.mp3", title="Talk")
    ours = replace(ctx, tools={"media": {"music": [str(tmp_path / "songs"), "/nowhere", "relative"]}})
    assert {(track.title, track.kind) for track in load(ours).tracks} == {
        ("Mine", "music"),
        ("Talk", "podcast"),
    }
    assert {track.title for track in load(ctx).tracks} == {"Talk"}
    for stations in ({"x": "file:///etc/passwd"}, {"x": 3}, {"x": "https://a b"}, {"x": "https://a\nb"}):
        with pytest.raises(SettingsError, match="station x"):
            load(replace(ctx, tools={"media": {"stations": stations}}))
    with pytest.raises(SettingsError, match="unknown setting"):
        load(replace(ctx, tools={"media": {"volume": 3}}))
    monkeypatch.setattr(media_library, "MOST_FILES", 1)
    assert len(load(ours).tracks) == 1


def test_a_large_library_is_searched_fast():
    tracks = tuple(
        Track(f"/m/{n}.mp3", "music", n, "m", f"Song number {n}", f"Artist {n % 900}", f"Album {n % 3000}")
        for n in range(20_000)
    )
    library = Library(tracks, {}, (Path("/m"),))
    search("song number 7", None, library, {})
    begin = time.perf_counter()
    assert search("song number 12345", None, library, {}).items == ("/m/12345.mp3",)
    assert time.perf_counter() - begin < 3
