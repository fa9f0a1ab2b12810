"""The toolset files: find, open, move, delete and summarise what lies under the allowed roots.

A file is told by its path (what grounding gives) or by the person's words (a plan written by hand); either way
it must lie under a root. Programs are never started: their path is told instead.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, StoreError, TinyAgentError, ToolError
from tinyagent.grounding.files import match_files, match_folders, search_words, which
from tinyagent.grounding.names import shown
from tinyagent.tools import trash
from tinyagent.tools.changes import announce
from tinyagent.tools.context import Context
from tinyagent.tools.file_index import FileIndex, Found
from tinyagent.tools.file_kinds import KIND_WORDS, PROGRAMS, ending
from tinyagent.tools.ical import bounded
from tinyagent.tools.moving import marked, move_to, restore
from tinyagent.tools.phrases import count, listed, say_span, say_when, short
from tinyagent.tools.registry import FilePath, FolderPath, PastPeriod, Semantic, Text, tool
from tinyagent.tools.roots import allowed_roots, checked, roots_of

Kind = Annotated[str, Semantic("enum", choices=KIND_WORDS)]
_MOST_FOUND = 50


def available(settings: Any) -> str | None:
    """Return why the toolset does not work with these settings, None where it does."""
    try:
        found = allowed_roots(settings.home_folder, settings.tools)
    except TinyAgentError as error:
        return str(error)
    return None if found else "There are no folders to look in: make ~/Documents, or set roots in [files]."


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where something changed since."""
    roots = roots_of(ctx)
    place = Path(data["path"])
    if not any(root.path in (place.parent.resolve() / place.name).parents for root in roots):
        raise StoreError(f"{place} is outside the folders I may touch: put it back by hand.")
    if data["did"] == "delete":
        trash.take_back(data)
    else:
        now = Path(data["now"])
        if os.path.lexists(now):
            checked(now, roots)
        restore(now.parent, data)


@tool(toolset="files", effect="read", results={"": "file"})
def open_and_get_file_path(ctx: Context, file_name: FilePath) -> Outcome:
    """Open a file or folder and tell its path.

    Where nothing can be opened the path is told all the same. Raises `NotFoundError` for no such file,
    `ToolError` for several equally good ones and for what lies outside the allowed folders.
    """
    path = _file(ctx, file_name)
    real = path.resolve()
    if real.is_file() and (ending(real.name) in PROGRAMS or _runs(real)):
        return Outcome(f"{shown(str(path))} is a program, which I do not start: that is its path.", str(path))
    try:
        ctx.opener(str(real))
    except ToolError as error:
        return Outcome(f"The path is {shown(str(path))}. I could not open it: {error}", str(path))
    return Outcome(f"Opened {shown(str(path))}.", str(path))


@tool(toolset="files", effect="read", results={"": "file"})
def search_files(
    ctx: Context, query: Text | None = None, kind: Kind | None = None, span: PastPeriod | None = None
) -> Outcome:
    """Find files and folders by name, kind and when they were changed.

    The value is a list of path, kind and time, at most fifty. Raises `ToolError` where none of the three is said.
    """
    if not (query or kind or span):
        raise ToolError("What shall I look for: a name, a kind of file, or when it was changed?")
    index = _index(ctx, deep=True)
    between = None
    if span:
        between = (span.start.replace(tzinfo=ctx.timezone), span.end.replace(tzinfo=ctx.timezone))
    found: list[Found] = []
    ways: list[tuple[list[str], frozenset[str]]] = [([], frozenset())]
    if query:
        ways = search_words(bounded(query, "name of the file"), bool(kind or span))
    for words, endings in ways:
        found = index.search(words, kind, between)
        found = [one for one in found if not endings or ending(one.path) in endings]
        if found:
            break
    when = f" changed {say_span(span.start, span.end, ctx.now)}" if span else ""
    what = f" for “{short(shown(query), 60)}”{when}" if query else when
    thing = "folder" if kind == "folder" else f"{kind} file" if kind else "file"
    value = [_plain(one, ctx) for one in found[:_MOST_FOUND]]
    if not found:
        return Outcome(f"I found no {thing}s{what}.", value)
    lines = listed([_line(one, ctx) for one in found], 10)
    return Outcome(f"I found {count(len(found), thing)}{what}:\n{lines}", value)


@tool(toolset="files", effect="read")
def summarize_pdf(ctx: Context, pdf_path: FilePath) -> Outcome:
    """Summarize a PDF by its most telling sentences, with page numbers.

    Extractive: every sentence is the document's own. Raises `ToolError` with one sentence for a file that is
    no PDF, encrypted, damaged, without text or too large.
    """
    from tinyagent.tools.pdf_text import read_pages
    from tinyagent.tools.summary import summarize

    path = _file(ctx, pdf_path)
    if not path.is_file():
        raise ToolError(f"{shown(path.name)} is a folder: name a PDF file.")
    text = read_pages(path.resolve())
    chosen = summarize(text.pages)
    if not chosen:
        raise ToolError(f"{shown(path.name)} has too little text to summarize: open it to read it.")
    pages = count(text.total, "page")
    if len(text.pages) < text.total:
        pages = f"the first {len(text.pages)} of {pages}"
    lines = "\n".join(f"- {shown(one.text, 400)} (p. {one.page})" for one in chosen)
    answer = f"From {shown(path.name)} ({pages}), an extractive summary, in its own sentences:\n{lines}"
    value = {
        "path": str(path),
        "pages": text.total,
        "method": "extractive",
        "sentences": [{"text": one.text, "page": one.page} for one in chosen],
    }
    return Outcome(answer, value)


@tool(toolset="files", effect="write", undo=_undo)
def move_file(ctx: Context, file_name: FilePath, destination: FolderPath) -> Outcome:
    """Move a file or folder into another folder.

    Where the name is taken there, the file gets a number. Raises `NotFoundError` for no such file or folder,
    `ToolError` for several equally good ones, `StoreError` where it cannot be moved.
    """
    path, folder = _file(ctx, file_name), _folder(ctx, destination)
    _not_a_root(ctx, path)
    if folder == path.parent:
        raise ToolError(f"{shown(path.name)} is in {shown(folder.name)} already.")
    if path.resolve() in (folder, *folder.parents):
        raise ToolError(f"{shown(path.name)} cannot be moved into itself: name another folder.")
    undo = {"did": "move", "path": str(path), "mark": marked(path)}
    there = move_to(path, folder, lambda there: announce("moved", folder, {**undo, "now": str(there)}))
    undo |= {"now": str(there), "mark": marked(there)}
    renamed = f" as {shown(there.name)}, since there was one of that name" if there.name != path.name else ""
    return Outcome(f"Moved {shown(path.name)} to {shown(str(folder))}{renamed}.", str(there), undo)


@tool(toolset="files", effect="destructive", undo=_undo)
def delete_file(ctx: Context, file_name: FilePath) -> Outcome:
    """Move a file or folder to the trash.

    Raises as `move_file` does.
    """
    path = _file(ctx, file_name)
    _not_a_root(ctx, path)
    if path in ctx.folders.trash.resolve().parents:
        raise ToolError(f"{shown(path.name)} holds the trash itself: name another folder.")
    undo = {"did": "delete", **trash.put(path, ctx.folders.trash, ctx.now)}
    return Outcome(f"Moved {shown(path.name)} from {shown(str(path.parent))} to the trash.", str(path), undo)


def _index(ctx: Context, *, deep: bool = False) -> FileIndex:
    index = FileIndex(ctx.folders.state, roots_of(ctx))
    index.refresh(deep=deep)
    return index


def _file(ctx: Context, said: Any) -> Path:
    """Return the file or folder that a path, words or the one result of a search mean, under a root."""
    if isinstance(said, list) and len(said) == 1:
        said = said[0].get("path") if isinstance(said[0], dict) else said[0]
    if not isinstance(said, str):
        raise ToolError("That is not exactly one file: say which one.")
    text = bounded(said, "name of the file")
    if text.startswith("~/"):
        text = str(ctx.folders.home / text[2:])
    if text.startswith("/") or ".." in Path(text).parts:
        return checked(Path(text), roots_of(ctx))
    index = _index(ctx)
    return _only(ctx, text, match_files(text, index.files(), index.folders()), "file")


def _folder(ctx: Context, said: str) -> Path:
    text = bounded(said, "name of the folder")
    if text.startswith("~/"):
        text = str(ctx.folders.home / text[2:])
    if text.startswith("/") or ".." in Path(text).parts:
        folder = checked(Path(text), roots_of(ctx)).resolve()
    else:
        folder = _only(ctx, text, match_folders(text, _index(ctx).folders()), "folder").resolve()
    if not folder.is_dir():
        raise ToolError(f"{shown(folder.name)} is not a folder: name one.")
    return folder


def _only(ctx: Context, said: str, found: list[str], what: str) -> Path:
    if not found:
        raise NotFoundError(f"I find no {what} “{shown(said, 60)}” in the folders I know.")
    if len(found) > 1:
        raise ToolError(which(said, found))
    return checked(Path(found[0]), roots_of(ctx))


def _not_a_root(ctx: Context, path: Path) -> None:
    if any(root.path == path.resolve() for root in roots_of(ctx)):
        raise ToolError(f"{shown(path.name)} is one of your main folders, which stays where it is.")


def _runs(path: Path) -> bool:
    """Whether a file without a document's ending may be run."""
    return not ending(path.name) and os.access(path, os.X_OK)


def _plain(found: Found, ctx: Context) -> dict[str, Any]:
    changed = datetime.fromtimestamp(found.changed / 1e9, ctx.timezone).replace(tzinfo=None)
    return {
        "path": found.path,
        "name": found.path.rpartition("/")[2],
        "kind": found.kind,
        "changed": changed.isoformat(timespec="seconds"),
    }


def _line(found: Found, ctx: Context) -> str:
    folder, _, name = found.path.rpartition("/")
    home = f"{ctx.folders.home.resolve()}/"
    where = folder.removeprefix(home) or folder
    changed = datetime.fromtimestamp(found.changed / 1e9, ctx.timezone).replace(tzinfo=None)
    return f"{shown(name)} in {shown(where)}, {say_when(changed, ctx.now)}"
