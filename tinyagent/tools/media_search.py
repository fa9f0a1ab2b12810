"""What of the library a person's words mean: a song, an album, all of an artist, a playlist, a podcast, a station.

Names are compared without case, accents, punctuation and "the". Where no kind is said the best fit wins, and of
equal ones the first of `_ORDER`. Songs of one name by several artists are a question, never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.media_library import Library, Track, entries
from tinyagent.tools.phrases import count, join, short

NEAR = 80.0
"""Least likeness of a name, of 100."""
_ORDER = ("radio", "playlist", "podcast", "audiobook", "artist", "song", "album", "genre")
_INSTEAD = {
    "song": ("artist", "album"), "album": ("artist",), "artist": ("album", "song"), "genre": ("playlist", "artist"),
    "playlist": ("genre", "album"), "podcast": (), "audiobook": (), "radio": (),
}  # fmt: skip
"""What else is looked at where there is nothing of the kind that was said: "an album by Adele"."""
_GLUE = frozenset("a an the".split())
_GENERAL = frozenset(
    "music some something songs song tunes tracks anything everything my any stuff all please".split()
)
_FILLER = re.compile(
    r"\s+(?:music|songs?|tunes?|tracks?|beats|radio|station|podcast|audiobook|playlist|album)$", re.I
)
_MOST = 6


@dataclass(frozen=True, slots=True)
class Found:
    """What will be played: its kind, what one calls it, and paths (of a station the one address)."""

    kind: str
    called: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something that has a name; `make` says what is played for it."""

    kind: str
    name: str
    by: str
    make: Callable[[], Found]
    tracks: tuple[Track, ...] = ()


def search(words: str, kind: str | None, library: Library, stations: Mapping[str, str]) -> Found:
    """Return what the words mean. Raises `NotFoundError` for nothing, `ToolError` for several equally good."""
    text = " ".join(words.split()).strip(" \"'“”.,!?")
    if kind in (None, "song", "genre") and fold(text).split() and set(fold(text).split()) <= _GENERAL:
        music = [track for track in library.tracks if track.kind == "music"]
        if music:
            return Found("music", "your music", _paths(music))
    things = list(_things(library, stations))
    if not things:
        raise NotFoundError(
            "There is nothing to play: put music into ~/Music, or set music and stations in the table [media]."
        )
    for kinds in ((kind,), _INSTEAD[kind]) if kind else (_ORDER,):
        among = [thing for thing in things if thing.kind in kinds]
        for asked in dict.fromkeys((text, _FILLER.sub("", text))):
            best = _best(asked, among)
            if best:
                thing = _only(text, best)
                return (_newest(thing, things) if kind == "album" else thing).make()
    what = f"{'radio station' if kind == 'radio' else kind} " if kind else ""
    cure = "name it in the table [media.stations]" if kind == "radio" else "say its name as it is written"
    raise NotFoundError(f"I find no {what}“{short(text, 60)}” here: {cure}.")


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return a name as it is compared: lower case, no accents, no punctuation, no articles."""
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]", "", text)).casefold().replace("&", " and ")
    tokens = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join([token for token in tokens if token not in _GLUE] or tokens)


def _best(text: str, things: list[_Thing]) -> list[_Thing]:
    """Return the things that fit best, all of one kind."""
    asked = fold(text)
    if not asked:
        return []
    parts = [(fold(a), fold(b)) for a, b in _splits(text)]
    scored = [(_score(asked, parts, thing), thing) for thing in things]
    top = max((points for points, _ in scored), default=0.0)
    if top < NEAR:
        return []
    best = [thing for points, thing in scored if points > top - 1e-6]
    first = min(best, key=lambda thing: _ORDER.index(thing.kind)).kind
    return [thing for thing in best if thing.kind == first]


def _splits(text: str) -> Iterable[tuple[str, str]]:
    for match in re.finditer(r"\s+(?:by|from|of)\s+", text, re.IGNORECASE):
        yield text[: match.start()], text[match.end() :]


def _score(asked: str, parts: list[tuple[str, str]], thing: _Thing) -> float:
    name, by = fold(thing.name), fold(thing.by)
    points = _alike(asked, name)
    if by:
        for title, artist in parts:
            points = max(points, min(_alike(title, name), _alike(artist, by)))
        together = sorted(f"{name} {by}".split())
        points = max(
            points, 99.0 if sorted(asked.split()) == together else 0.95 * _likeness(asked, f"{by} {name}")
        )
    return points


def _alike(asked: str, name: str) -> float:
    """Return how well a name fits, 0 to 100: all words of a longer name in a row fit too, but less."""
    if not name or not asked:
        return 0.0
    points = _likeness(asked, name)
    if f" {asked} " in f" {name} ":
        points = max(points, 82 + 10 * len(asked) / len(name))
    return points


def _likeness(asked: str, name: str) -> float:
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    if min(len(asked), len(name)) < 4:
        return 100.0 if asked == name else 0.0
    ratio = fuzz.ratio(asked, name, score_cutoff=60)
    return max(ratio, 100 * OSA.normalized_similarity(asked, name)) if ratio else 0.0


def _only(text: str, best: list[_Thing]) -> _Thing:
    names = [short(thing.name, 60) + (f" by {short(thing.by, 40)}" if thing.by else "") for thing in best]
    if len(best) > 1:
        rest = len(names) - _MOST
        said = f"{', '.join(names[:_MOST])} or one of {rest} more" if rest > 0 else join(names, "or")
        raise ToolError(f"Several fit “{short(text, 60)}”: {said}. Say which one.")
    return best[0]


def _newest(thing: _Thing, things: list[_Thing]) -> _Thing:
    """Return the newest album of an artist; any other thing as it is."""
    own = [one for one in things if one.kind == "album" and fold(one.by) == fold(thing.name)]
    if thing.kind != "artist" or not own:
        return thing
    return max(own, key=lambda album: (max(track.year for track in album.tracks), album.name))


def _things(library: Library, stations: Mapping[str, str]) -> Iterable[_Thing]:
    """Yield everything that has a name."""
    for name, url in stations.items():
        yield _Thing("radio", name, "", partial(Found, "radio", name, (url,)))
    for path, name in library.playlists.items():
        yield _Thing("playlist", name, "", partial(_playlist, path, name, library))
    grouped: dict[tuple[str, str, str], tuple[str, str, list[Track]]] = {}
    for track in library.tracks:
        for kind, name, by in _names(track):
            grouped.setdefault((kind, fold(name), fold(by)), (name, by, []))[2].append(track)
    for (kind, *_), (name, by, tracks) in grouped.items():
        yield _Thing(kind, name, by, partial(_group, kind, name, by, tracks), tuple(tracks))


def _names(track: Track) -> Iterable[tuple[str, str, str]]:
    """Yield every (kind, name, by) under which a track is found."""
    by = track.albumartist or track.artist
    if track.kind == "podcast":
        for name in {track.album, track.folder} - {""}:
            yield "podcast", name, ""
        yield "podcast", track.title, track.album or track.folder
    elif track.kind == "audiobook":
        yield "audiobook", track.album or track.folder or track.title, by
    else:
        yield "song", track.title, track.artist
        if track.album:
            yield "album", track.album, by
        for artist in {track.artist, track.albumartist} - {""}:
            yield "artist", artist, ""
        for genre in re.split(r"[;,/]", track.genre):
            if genre.strip():
                yield "genre", genre.strip(), ""


def _group(kind: str, name: str, by: str, tracks: list[Track]) -> Found:
    ordered = sorted(tracks, key=lambda track: track.order)
    title = f"{short(name)} by {short(by)}" if by else short(name)
    if kind == "song":
        called = f"“{short(name)}” by {short(by)}" if by else f"“{short(name)}”"
        return Found(kind, called, (ordered[0].path,))
    if kind == "podcast":
        newest = max(tracks, key=lambda track: (track.year, track.changed, track.order))
        told = f"an episode of {short(by)}" if by else f"the newest episode of {short(name)}"
        return Found(kind, f"“{short(newest.title)}”, {told}", (newest.path,))
    if kind in ("album", "audiobook"):
        parts = f", {count(len(ordered), 'track' if kind == 'album' else 'part')}" if len(ordered) > 1 else ""
        return Found(kind, f"the {kind} {title}{parts}", _paths(ordered))
    ordered.sort(key=lambda track: (track.albumartist or track.artist, track.year, track.album))
    return Found(kind, f"{title}, {count(len(ordered), 'track')}", _paths(ordered))


def _playlist(path: str, name: str, library: Library) -> Found:
    items = tuple(entries(path, library))
    if not items:
        raise ToolError(f"The playlist {short(name)} has none of the files in your music folders.")
    return Found("playlist", f"the playlist {short(name)}, {count(len(items), 'track')}", items)


def _paths(tracks: Iterable[Track]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(track.path for track in tracks))[:2000]
