"""The person's own recordings: audio files and playlists below the folders for music, podcasts and audiobooks.

Links that lead out of the folders are passed by, and so is what a playlist names outside of them or on the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tinyagent.errors import SettingsError
from tinyagent.tools.context import Context
from tinyagent.tools.media_tags import read_all
from tinyagent.tools.roots import allowed_roots
from tinyagent.tools.tables import read_table

AUDIO = frozenset("mp3 flac ogg oga opus m4a m4b aac wav wma aif aiff ape wv mpc mka spx".split())
PLAYLISTS = frozenset("m3u m3u8 pls".split())
MOST_FILES = 50_000
MOST_ENTRIES = 2000
_BUDGET = 20.0
"""Seconds that one command may read tags; the rest are known by their file names until the next one."""
_LARGEST_PLAYLIST = 1 << 20


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """The table `[media]`: `player` is preferred, `command` starts one, `stations` maps names to addresses."""

    music: tuple[str, ...] = ()
    podcasts: tuple[str, ...] = ("~/Podcasts", "~/Music/Podcasts")
    audiobooks: tuple[str, ...] = ("~/Audiobooks", "~/Music/Audiobooks")
    player: str = ""
    command: tuple[str, ...] = ()
    stations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Track:
    """One audio file. `kind` is "music", "podcast" or "audiobook"; `changed` its time of change in nanoseconds.

    `folder` is the name of the folder it lies in, "" right in the library's; `place` disc and track.
    """

    path: str
    kind: str
    changed: int
    folder: str
    title: str
    artist: str = ""
    album: str = ""
    albumartist: str = ""
    genre: str = ""
    year: str = ""
    place: tuple[int, int] = (0, 0)

    @property
    def order(self) -> tuple[Any, ...]:
        """What sorts the tracks of an album, book or show."""
        return (self.place, _natural(self.path))


@dataclass(frozen=True, slots=True)
class Library:
    """What there is to play. `playlists` maps a file to its name; `whole` is False while tags are still unread."""

    tracks: tuple[Track, ...]
    playlists: Mapping[str, str]
    roots: tuple[Path, ...]
    whole: bool = True


def read_settings(tools: Mapping[str, Mapping[str, Any]]) -> MediaSettings:
    """Return the table `[media]`. Raises `SettingsError`, also for a station that is no web address."""
    settings = read_table(tools, "media", MediaSettings)
    for name, url in settings.stations.items():
        if not isinstance(url, str) or not re.fullmatch(r"https?://[!-~]{3,1000}", url):
            raise SettingsError(
                f"The station {name} in the table [media.stations] must be an http(s) address."
            )
    return settings


def roots(ctx: Context) -> dict[Path, str]:
    """Return the folders that exist, links followed, each with the kind of what is in it."""
    settings = read_settings(ctx.tools)
    home = ctx.folders.home
    music = list(settings.music) or [
        str(root.path) for root in allowed_roots(home, {}) if root.name == "Music"
    ]
    found: dict[Path, str] = {}
    for kind, texts in (("podcast", settings.podcasts), ("audiobook", settings.audiobooks), ("music", music)):
        for text in texts:
            path = home / text[2:] if text.startswith("~/") else Path(text)
            if path.is_absolute() and path.is_dir():
                found.setdefault(path.resolve(), kind)
    return found


def load(ctx: Context, budget: float = _BUDGET) -> Library:
    """Return the library, reading the tags of what is new or changed."""
    folders = roots(ctx)
    audio: dict[str, tuple[int, int]] = {}
    lists: dict[str, str] = {}
    for path, status in _files(folders):
        if ending(path) in PLAYLISTS:
            lists[path] = Path(path).stem
        else:
            audio[path] = (status.st_size, status.st_mtime_ns)
    tags, whole = read_all(ctx.folders.state / "media-tags.sqlite", audio, budget)
    tracks = [_track(path, folders, audio[path][1], tags.get(path, {})) for path in sorted(audio)]
    return Library(tuple(tracks), lists, tuple(folders), whole)


def entries(playlist: str, library: Library) -> list[str]:
    """Return the tracks of a playlist, in order: those of the library only."""
    try:
        with open(playlist, "rb") as stream:
            data = stream.read(_LARGEST_PLAYLIST)
    except OSError:
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    known = {track.path for track in library.tracks}
    found = []
    for line in text.splitlines():
        name = line.strip()
        if ending(playlist) == "pls":
            key, _, name = name.partition("=")
            name = name if re.fullmatch(r"File\d+", key, re.IGNORECASE) else ""
        if not name or name.startswith("#"):
            continue
        name = unquote(urlsplit(name).path) if name.startswith("file://") else name
        path = os.path.realpath(os.path.join(os.path.dirname(playlist), name)) if "\0" not in name else ""
        if path in known:
            found.append(path)
    return found[:MOST_ENTRIES]


def ending(path: str) -> str:
    """Return the ending of a file's name in lower case."""
    return os.path.splitext(path)[1][1:].lower()


def _files(folders: Mapping[Path, str]) -> Iterable[tuple[str, os.stat_result]]:
    """Yield every audio file and playlist once, by where it really lies."""
    seen: set[str] = set()
    for root in folders:
        for folder, below, names in os.walk(root):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if name.startswith(".") or ending(name) not in AUDIO | PLAYLISTS:
                    continue
                path = os.path.realpath(os.path.join(folder, name))
                inside = any(one in Path(path).parents for one in folders)
                if (
                    path in seen
                    or not inside
                    or not _printable(path)
                    or ending(path) not in AUDIO | PLAYLISTS
                ):
                    continue
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                seen.add(path)
                yield path, status
                if len(seen) >= MOST_FILES:
                    return


def _printable(path: str) -> bool:
    """Whether a path fits on a line of a playlist: no line break in it, and proper UTF-8."""
    return not re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]", path)


def _kind(path: str, folders: Mapping[Path, str]) -> str:
    holding = [root for root in folders if root in Path(path).parents]
    return folders[max(holding, key=lambda root: len(root.parts))]


def _track(path: str, folders: Mapping[Path, str], changed: int, tags: Mapping[str, str]) -> Track:
    file = Path(path)
    folder = "" if file.parent in folders else file.parent.name
    # "01 - Hey Jude" is the first track, called Hey Jude.
    numbered = re.fullmatch(r"(\d{1,3})(?:[\s._-]+(?=\S)(.+))?", file.stem)
    name = (numbered and numbered[2]) or file.stem
    artist, dash, rest = name.partition(" - ")
    place = (_number(tags.get("discnumber", "")), _number(tags.get("tracknumber", "")))
    return Track(
        path, _kind(path, folders), changed, folder,
        tags.get("title") or (rest if dash and rest else name).replace("_", " "),
        tags.get("artist") or (artist if dash and rest else ""),
        tags.get("album", ""), tags.get("albumartist", ""), tags.get("genre", ""), tags.get("date", "")[:4],
        place if any(place) else (0, int(numbered[1]) if numbered else 0),
    )  # fmt: skip


def _number(text: str) -> int:
    match = re.match(r"\d{1,5}", text)
    return int(match[0]) if match else 0


def _natural(path: str) -> tuple[Any, ...]:
    """Sort "2.mp3" before "10.mp3"."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d{1,9})", path)
    )
