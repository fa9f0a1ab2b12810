"""Notes as Markdown files with YAML front matter, one file a note, sub-folders as folders; Obsidian's layout."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.grounding.files import bare_folder, match_folders
from tinyagent.grounding.names import LEVELS, Names, asked, said, shown
from tinyagent.tools.checklist import file_name
from tinyagent.tools.context import Context
from tinyagent.tools.ical import bounded
from tinyagent.tools.lazy import LazyNames
from tinyagent.tools.lists import FOLDER as LISTS
from tinyagent.tools.note_index import Note, NoteIndex, sub_folders
from tinyagent.tools.phrases import join

_BEFORE = re.compile(
    r"^(?:(?:the|my|our|a|an|that|this)\s+)*(?:notes?\s+)?(?:(?:called|named|titled|about|on|for)\s+)?(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s+notes?$", re.IGNORECASE)
_BULLET = re.compile(r"^([ \t]*[-*+] +)(?:\[[ xX]\] +)?\S")


class NoteFolders(LazyNames):
    """The folders inside the notes for `World`, read when somebody looks."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes

    def _read(self) -> list[str]:
        return folders(self._notes)


def folders(notes: Path) -> list[str]:
    """Return the folders that notes can be in: all but the one of the lists."""
    return [path for path in sub_folders(notes) if path.split("/")[0] != LISTS]


def new_text(title: str, content: str | None, now: datetime) -> str:
    """Return the text of a new note. A title as JSON is a YAML scalar too, whatever is in it."""
    front = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\ncreated: {now:%Y-%m-%dT%H:%M:%S}\n---\n"
    return front + (f"\n{content}\n" if content else "")


def appended(text: str, content: str) -> str:
    """Return `text` with `content` as its last paragraph, or as one more item where it ends in a list."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.rstrip().splitlines()
    body = content.replace("\n", end)
    bullet = _BULLET.match(lines[-1]) if lines and lines[-1] != "---" else None
    if bullet and "\n" not in content:
        tick = "[ ] " if re.match(r"[ \t]*[-*+] +\[[ xX]\] ", lines[-1]) else ""
        return f"{text.rstrip()}{end}{bullet[1]}{tick}{body}{end}"
    gap = "" if not lines else end * 2
    return f"{text.rstrip()}{gap}{body}{end}"


def place(ctx: Context, folder: str | None, *, make: bool = False) -> str:
    """Return the folder inside the notes that is meant, "" for none said; `make` takes one that is not there yet.

    Raises `NotFoundError`, or `ToolError` for several equally good ones and for what is not inside the notes.
    """
    if folder is None:
        return ""
    words = bounded(folder, "name of the folder")
    parts = PurePosixPath(words).parts
    if words.startswith(("/", "~", "\\")) or ".." in parts or not re.search(r"[^\W_]", words):
        raise ToolError(f"{shown(words)} is not a folder inside your notes: name one that is.")
    known = folders(ctx.folders.notes)
    found = [words] if words in known else match_folders(words, known)
    if len(found) > 1:
        raise ToolError(f"Which folder: {join([shown(one) for one in found[:6]], 'or')}?")
    if not found and not make:
        raise NotFoundError(f"There is no folder {shown(words, 60)} in your notes.")
    inside = (
        found[0] if found else "/".join(file_name(part) for part in PurePosixPath(bare_folder(words)).parts)
    )
    root = ctx.folders.notes.resolve()
    if inside.split("/")[0].casefold() == LISTS.casefold():
        raise ToolError(f"The folder {LISTS} is where your lists are: name another one.")
    if root not in (root / inside).resolve().parents:
        raise ToolError(f"{shown(inside)} leads out of your notes: name another folder.")
    return inside


def fresh(ctx: Context) -> NoteIndex:
    """Return the index of the notes, brought up to date."""
    index = NoteIndex(ctx.folders.state, ctx.folders.notes)
    index.refresh()
    return index


def find(ctx: Context, name: str, folder: str | None, *, lists: bool) -> Note:
    """Return the note that the words name; `lists` are notes too where nothing is written.

    Raises `NotFoundError`, or `ToolError` for several that fit equally well.
    """
    words, inside = bounded(name, "name of the note"), place(ctx, folder)
    notes = [
        note
        for note in fresh(ctx).notes()
        if (not inside or f"{note.folder}/".startswith(f"{inside}/"))
        and (lists or note.path.split("/")[0] != LISTS)
    ]
    found = match(words, notes)
    if len(found) > 1:
        names = [shown(one.title) for one in found[:6]]
        if len(set(names)) < len(names):
            names = [shown(one.path.removesuffix(".md")) for one in found[:6]]
        more = [f"{len(found) - 6} others"] if len(found) > 6 else []
        raise ToolError(
            f"Several notes fit “{shown(words, 60)}”: {join([*names, *more], 'or')}. Say which one."
        )
    if not found:
        where = f" in {shown(inside)}" if inside else ""
        raise NotFoundError(f"There is no note called {shown(bare_name(words), 60)}{where}.")
    return found[0]


def match(words: str, notes: Sequence[Note]) -> list[Note]:
    """Return the notes that the words fit best, by title, file name, and then with the folder's name too."""
    both = [(note.title, note) for note in notes]
    both += [(stem, note) for note in notes if (stem := PurePosixPath(note.path).stem) != note.title]
    paths = [(note.path.removesuffix(".md"), note) for note in notes]
    exact = [note for path, note in paths if path.casefold() == said(words).casefold()]
    if exact:
        return exact[:1]
    names = Names([name for name, _ in both], [note.folder for _, note in both])
    readings = list(dict.fromkeys(filter(None, (tuple(asked(words)), tuple(asked(bare_name(words)))))))
    for level in range(LEVELS):
        for reading in readings:
            found = names.match(reading, level)
            if found:
                return list({both[n][1].path: both[n][1] for n in found}.values())
    return []


def bare_name(words: str) -> str:
    """Return the words without "my note called" before and "note" after them."""
    text = said(words)
    return _AFTER.sub("", _BEFORE.sub("", text)) or text
