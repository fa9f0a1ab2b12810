"""The toolset notes: Markdown files in the notes folder, which Obsidian and any editor read as well.

What a note says is data: it is shown, searched and added to, never followed.
"""

from __future__ import annotations

import re
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import ToolError
from tinyagent.grounding.names import plain, shown
from tinyagent.tools.changes import changing, restore
from tinyagent.tools.checklist import file_name
from tinyagent.tools.context import Context
from tinyagent.tools.files import read_text
from tinyagent.tools.ical import bounded
from tinyagent.tools.note_store import appended, find, fresh, new_text, place
from tinyagent.tools.phrases import count, listed, short
from tinyagent.tools.registry import NoteFolder, Text, tool

_MOST_BYTES = 8 << 20
_GLUE = frozenset(
    "a about all an and any are can did do does for find from have i in is it me my note notes of on one our search "
    "say said something that the there to was what where which with write written wrote".split()
)


def available(settings: Any) -> str | None:
    """Return why the toolset does not work with these settings: it needs nothing, so never."""
    return None


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where the note was changed since."""
    restore(ctx.folders.notes, data)


@tool(toolset="notes", effect="write", undo=_undo)
def create_note(
    ctx: Context, name: Text, content: Text | None = None, folder: NoteFolder | None = None
) -> Outcome:
    """Make a new note, also in a folder of the notes.

    Where there is a note of that name the new one gets a number; a folder that does not exist is made. Raises
    `ToolError` for a name that is no name and a folder outside the notes.
    """
    title = " ".join(bounded(name, "name of the note").split())
    if not re.search(r"[^\W_]", title):
        raise ToolError("A note needs a name with letters or digits.")
    if len(title) > 300:
        raise ToolError("The name of the note is longer than 300 characters: make it shorter.")
    text = bounded(content, "note") if content else None
    with changing(ctx.folders.notes) as changes:
        inside = place(ctx, folder, make=True)
        home = ctx.folders.notes / inside
        stem = _note_file(title)
        taken = {path.name.casefold() for path in home.iterdir()} if home.is_dir() else set()
        number = 1
        while f"{_numbered(stem, number)}.md".casefold() in taken:
            number += 1
        path = home / f"{_numbered(stem, number)}.md"
        changes.write(path, new_text(_numbered(title, number), text, ctx.now))
        undo = changes.undo()
    where = f" in {shown(inside)}" if inside else ""
    again = f", as {shown(path.stem)}, since there was one of that name" if number > 1 else ""
    return Outcome(f"Made the note {shown(title)}{where}{again}.", str(path), undo)


@tool(toolset="notes", effect="write", undo=_undo)
def append_note_content(ctx: Context, name: Text, content: Text, folder: NoteFolder | None = None) -> Outcome:
    """Add text at the end of a note.

    Raises `NotFoundError` for no such note, `ToolError` for several that fit equally well, `StoreError` where
    it cannot be written.
    """
    more = bounded(content, "text to add")
    with changing(ctx.folders.notes) as changes:
        note = find(ctx, name, folder, lists=False)
        path = ctx.folders.notes / note.path
        text = read_text(path) or ""
        if len(text) > _MOST_BYTES:
            raise ToolError(f"The note {shown(note.title)} is too long to be added to: begin a new one.")
        changes.write(path, appended(text, more))
        undo = changes.undo()
    return Outcome(f"Added to the note {shown(note.title)}: {short(more)}", str(path), undo)


@tool(toolset="notes", effect="read")
def open_note(ctx: Context, name: Text, folder: NoteFolder | None = None) -> Outcome:
    """Open a note and tell its path.

    Where nothing can be opened the path is told all the same. Raises `NotFoundError` for no such note,
    `ToolError` for several that fit equally well.
    """
    note = find(ctx, name, folder, lists=True)
    path = ctx.folders.notes / note.path
    try:
        ctx.opener(str(path))
    except ToolError as error:
        return Outcome(
            f"The note {shown(note.title)} is {shown(str(path))}. I could not open it: {error}", str(path)
        )
    return Outcome(f"Opened the note {shown(note.title)}.", str(path))


@tool(toolset="notes", effect="read")
def search_notes(ctx: Context, query: Text) -> Outcome:
    """Search the titles and texts of the notes.

    The value is a list of title, path and the words around what was found, the best first, at most fifty.
    """
    text = bounded(query, "text to search for")
    words = re.findall(r"[^\W_]+", plain(text).casefold())[:20]
    wanted = [_singular(word) for word in words if word not in _GLUE] or words
    if not wanted:
        raise ToolError("There are no words to search for: say what the note is about.")
    index = fresh(ctx)
    found, said = index.search(wanted), f"“{short(shown(text), 60)}”"
    near = "" if found else "with some of the words of"
    found = found or (index.search(wanted, every=False, most=10) if len(wanted) > 1 else [])
    value = [
        {"title": note.title, "path": str(ctx.folders.notes / note.path), "snippet": short(note.snippet, 300)}
        for note in found
    ]
    if not found:
        return Outcome(f"I found nothing about {said} in your notes.", value)
    lines = [f"{shown(note.title)}: {shown(short(note.snippet, 160), 160)}".rstrip(": ") for note in found]
    head = f"I found {count(len(found), 'note')} {near or 'for'} {said}"
    return Outcome(f"{head}:\n{listed(lines)}", value)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _note_file(title: str) -> str:
    """Return the file name of a title; what links or tags mean in Obsidian is left out."""
    return file_name(re.sub(r"[#^\[\]]+", " ", title))


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem} {number}"
