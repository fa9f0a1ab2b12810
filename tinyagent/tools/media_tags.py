"""The tags of audio files, read once a file and kept in the state folder by size and time of change."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

_SCHEMA = 1
_TAGS = ("title", "artist", "album", "albumartist", "genre", "date", "discnumber", "tracknumber")
_FRAMES = {"TIT2": "title", "TPE1": "artist", "TALB": "album", "TPE2": "albumartist", "TCON": "genre", "TDRC": "date",
           "TPOS": "discnumber", "TRCK": "tracknumber"}  # fmt: skip


def read_all(store: Path, audio: Mapping[str, tuple[int, int]], budget: float) -> tuple[dict[str, Any], bool]:
    """Return the tags of each file and whether all are read; what is kept in `store` is not read again."""
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(store, timeout=2)) as database, database:
            return _kept(database, audio, budget)
    except (OSError, sqlite3.Error):
        # A store that cannot be used only costs time.
        with closing(sqlite3.connect(":memory:")) as database:
            return _kept(database, audio, budget)


def _kept(
    database: sqlite3.Connection, audio: Mapping[str, tuple[int, int]], budget: float
) -> tuple[dict[str, Any], bool]:
    if database.execute("PRAGMA user_version").fetchone()[0] != _SCHEMA:
        database.execute("DROP TABLE IF EXISTS tags")
        database.execute("CREATE TABLE tags (path TEXT PRIMARY KEY, size INT, changed INT, tags TEXT)")
        database.execute(f"PRAGMA user_version = {_SCHEMA}")
    rows = database.execute("SELECT path, size, changed, tags FROM tags")
    known = {path: json.loads(tags) for path, *stamp, tags in rows if audio.get(path) == tuple(stamp)}
    end = time.monotonic() + budget
    fresh = {}
    for path in sorted(audio.keys() - known.keys()):
        if time.monotonic() > end:
            break
        fresh[path] = read_tags(path)
    lines = [(path, *audio[path], json.dumps(tags)) for path, tags in fresh.items()]
    database.executemany("INSERT OR REPLACE INTO tags VALUES (?, ?, ?, ?)", lines)
    known |= fresh
    return known, len(known) == len(audio)


def read_tags(path: str) -> dict[str, str]:
    """Return the tags of a file, bounded and on one line each; none where it has none or is damaged."""
    import mutagen

    try:
        file = mutagen.File(path, easy=True)
        tags = dict(file.tags) if file is not None and file.tags else {}
    except Exception:  # mutagen lets through what damaged files make of struct, unicode and memory
        return {}
    found: dict[str, str] = {}
    for key, value in tags.items():
        name = _FRAMES.get(str(key)[:4], str(key).lower())
        first = value[0] if isinstance(value, list) and value else getattr(value, "text", value)
        first = first[0] if isinstance(first, list) and first else first
        text = "".join(c for c in " ".join(str(first)[:2000].split()) if c.isprintable())[:200]
        if name in _TAGS and text:
            found.setdefault(name, text)
    return found
