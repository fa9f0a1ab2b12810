"""Which file or folder is meant: "the budget spreadsheet", "contract dot pdf in downloads", "my latest photo".

`World.files` and `World.folders` are absolute paths, the files newest first; a folder known by another name too
is one more entry, "Downloads<tab>/home/ana/Descargas". Where the world has neither, the words stay as they are:
the tool that takes them looks by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from tinyagent.calls import Question
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.names import LEVELS, Names, asked, said, shown

ALIAS = "\t"
_MOST = 6
_IMAGES = "jpg jpeg png gif webp heic heif tif tiff bmp svg raw cr2 nef arw dng"
_WRITTEN = "doc docx odt rtf txt md pages pdf tex epub"
_ENDINGS = {
    "pdf": "pdf", "spreadsheet|excel|sheet|workbook": "xls xlsx ods csv numbers tsv",
    "presentation|slide|slideshow|deck|powerpoint": "ppt pptx odp key pdf", "word": "doc docx odt",
    "document|doc|paper": f"{_WRITTEN} xls xlsx ods ppt pptx odp csv", "text": "txt md rtf", "markdown": "md",
    "photo|picture|image|pic|photograph|screenshot": _IMAGES,
    "song|track|audio|recording": "mp3 flac ogg opus wav m4a aac",
    "video|movie|clip|film": "mp4 mkv webm mov avi m4v mpg wmv", "archive|zip": "zip tar gz tgz 7z rar xz bz2",
    "jpg|jpeg": "jpg jpeg", "csv": "csv", "ebook|book": "epub mobi pdf",
}  # fmt: skip
_KINDS = {
    word: frozenset(endings.split()) for words, endings in _ENDINGS.items() for word in words.split("|")
}
_GENERAL = frozenset("file attachment download".split())
_NEWEST = frozenset("latest newest recent last".split())
_PLACE = re.compile(r"^(.+?)\s+(?:in|from|inside|on|under|within|of)\s+(.+)$", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,|;|\band\b|\bas well as\b|\bplus\b|&)\s*", re.IGNORECASE)
_TO = re.compile(r"^(?:(?:to|into|in|inside|under|from|onto)\s+)+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take the words: which name, which endings, in which folders, only the newest."""

    wanted: tuple[str, ...]
    endings: frozenset[str] = frozenset()
    places: tuple[str, ...] | None = None
    newest: bool = False


def resolve_file(words: str, world: World) -> str:
    """Return the path that the words name; `Unresolved` when there is none, or several equally good ones."""
    if not world.files and not world.folders:
        return said(words)
    return _only(words, match_files(words, world.files, world.folders), "file")


def resolve_files(words: str, world: World) -> list[str]:
    """Return the paths that the words list ("the agenda and notes.pdf"), each once; `Unresolved` as above."""
    whole = match_files(words, world.files, world.folders)
    parts = [words] if len(whole) == 1 else [part for part in _BETWEEN.split(words) if part.strip()]
    return list(dict.fromkeys(resolve_file(part, world) for part in parts))


def resolve_folder(words: str, world: World, in_notes: bool = False) -> str:
    """Return the path of the folder that the words name; `Unresolved` as `resolve_file`.

    With `in_notes` it is a folder inside the notes, or the words where there is none: a note may begin a new one.
    """
    if in_notes:
        found = match_folders(words, world.note_folders)
        return _only(words, found, "folder") if found else bare_folder(words)
    if not world.folders:
        return said(words)
    return _only(words, match_folders(words, world.folders), "folder")


def match_files(words: str, files: Sequence[str], folders: Sequence[str] = ()) -> list[str]:
    """Return the paths that the words fit best, several where they fit equally, none where nothing does."""
    text = said(words)
    if "/" in text:
        return _by_path(text, [*files, *(entry.split(ALIAS)[-1] for entry in folders)])
    if text.lower().endswith(("folder", "folders", "directory", "directories")):
        meant = match_folders(text, folders)
        if meant:
            return meant
    names = Names([path.rpartition("/")[2] for path in files], _places(files, folders))
    readings = [
        (reading, [n for n, path in enumerate(files) if _possible(path, reading)])
        for reading in _readings(text, folders)
    ]
    for level in range(LEVELS):
        for reading, among in readings:
            found = names.match(reading.wanted, level, among, by_place=bool(reading.endings))
            if found:
                return [files[n] for n in (found[:1] if reading.newest else found)]
    for reading, among in readings:
        if not reading.wanted and among:
            return [files[n] for n in (among[:1] if reading.newest else among)]
    return match_folders(text, folders, levels=1)


def _places(files: Sequence[str], folders: Sequence[str]) -> list[str]:
    """Return the last two folders of each file that are among `folders`: "/home/ana" says nothing about a file."""
    known = {entry.split(ALIAS)[-1] for entry in folders}
    places: dict[str, str] = {}
    for path in files:
        parent = path.rpartition("/")[0]
        if parent not in places:
            above = (parent.rpartition("/")[0], parent)
            places[parent] = " ".join(p.rpartition("/")[2] for p in above if p in known or not known)
    return [places[path.rpartition("/")[0]] for path in files]


def match_folders(words: str, folders: Sequence[str], levels: int = LEVELS) -> list[str]:
    """Return the folders that the words fit best; `folders` may have aliases as in `World.folders`."""
    text = said(words)
    paths = [entry.split(ALIAS)[-1] for entry in folders]
    if "/" in text:
        return _by_path(text, paths)
    names = Names([entry.split(ALIAS)[0].rpartition("/")[2] for entry in folders])
    spoken = bare_folder(text)
    split = _PLACE.match(spoken)
    inside = match_folders(split[2], folders, 1) if split else []
    for level in range(levels):
        found = names.match(asked(spoken), level)
        if not found and split and inside:
            below = [
                n for n, path in enumerate(paths) if any(path.startswith(place + "/") for place in inside)
            ]
            found = names.match(asked(bare_folder(split[1])), level, below)
        if found:
            return list(dict.fromkeys(paths[n] for n in found))
    return []


def bare_folder(words: str) -> str:
    """Return the words of a folder without "to the ... folder"."""
    text = re.sub(r"\s+(?:folder|directory)$", "", _TO.sub("", said(words)), flags=re.IGNORECASE)
    return re.sub(r"^(?:(?:the|my|our|a|folder|called|named)\s+)+(?=\S)", "", text, flags=re.IGNORECASE)


def search_words(text: str, general: bool) -> list[tuple[list[str], frozenset[str]]]:
    """Return the ways to search for words: as said, then with kinds ("spreadsheets") as endings.

    With `general` (something else narrows the search) there may be no words left in the last one.
    """
    loose = _loose(said(text), None)
    ways = [(asked(said(text)), frozenset[str]()), (list(loose.wanted), loose.endings)]
    return [way for way in ways if way[0] or way[1] or general]


def options(paths: Sequence[str]) -> tuple[str, ...]:
    """Return a short name for each of the first paths: enough of its folders to tell it from the others."""
    few = paths[:_MOST]
    parts = [PurePath(path).parts for path in few]
    for depth in range(2, 12):
        short = ["/".join(part[-depth:]).replace("//", "/") for part in parts]
        if len(set(short)) == len(short):
            return tuple(short)
    return tuple(few)


def which(words: str, paths: Sequence[str]) -> str:
    """Return the question which of several paths is meant."""
    few = [shown(one, 80) for one in options(paths)]
    rest = len(paths) - len(few)
    listed = ", ".join(few if rest else few[:-1]) + (f" or one of {rest} more" if rest else f" or {few[-1]}")
    return f"Which “{shown(words, 60)}”: {listed}?"


def _only(words: str, found: list[str], what: str) -> str:
    if len(found) > 1:
        raise Unresolved(Question(which(said(words), found), options=options(found)))
    if not found:
        raise Unresolved(Question(f"I find no {what} “{shown(said(words), 60)}”: what is its name?"))
    return found[0]


def _by_path(text: str, paths: Sequence[str]) -> list[str]:
    """Return the paths that end in the one said; nothing for one with `..` in it."""
    parts = text.removeprefix("~").removeprefix("./").rstrip("/").split("/")
    if ".." in parts or not parts[-1]:
        return []
    exact = "/".join(parts)
    if text.startswith("/"):
        return [exact] if exact in paths else []
    tail = "/" + exact.strip("/")
    for fold in (str, str.casefold):
        found = [path for path in paths if fold("/" + path.lstrip("/")).endswith(fold(tail))]
        if found:
            return list(dict.fromkeys(found))
    return []


def _readings(text: str, folders: Sequence[str]) -> Iterator[_Reading]:
    """Yield the ways to take the words, the most literal first."""
    yield _Reading(tuple(asked(text)))
    place = _PLACE.match(text)
    inside = match_folders(place[2], folders, 3) if place else []
    if place and inside:
        yield _Reading(tuple(asked(place[1])), places=tuple(inside))
        yield _loose(place[1], tuple(inside))
    yield _loose(text, None)


def _loose(text: str, places: tuple[str, ...] | None) -> _Reading:
    """Return the reading in which "file", "latest" and kinds ("spreadsheet") are no part of the name."""
    wanted = [token for token in asked(text) if token not in _GENERAL]
    newest = any(token in _NEWEST for token in wanted[:2])
    wanted = [token for token in wanted if not (newest and token in _NEWEST | {"most"})]
    endings: frozenset[str] | None = None
    while wanted and wanted[-1] in _KINDS:
        said_endings = _KINDS[wanted.pop()]
        endings = said_endings if endings is None else (endings & said_endings or endings)
    glue = {"the", "my", "a", "an", "our", "that", "this", "called", "named"}
    wanted = [token for token in wanted if token not in glue]
    while wanted and endings is None and wanted[0] in _KINDS and len(wanted) > 1 and "called" in text:
        endings = _KINDS[wanted.pop(0)]
    return _Reading(tuple(wanted), endings or frozenset(), places, newest)


def _possible(path: str, reading: _Reading) -> bool:
    if reading.endings and path.rpartition(".")[2].lower() not in reading.endings:
        return False
    if reading.places is None:
        return bool(reading.wanted or reading.endings or reading.newest)
    return any(path.startswith(place + "/") for place in reading.places)
