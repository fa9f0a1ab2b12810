"""The toolset lists: Markdown task lists (`- [ ] milk`) in the folder "Lists" of the notes, one file a list.

Every line that is not a task is kept byte for byte; a list that does not exist is made at the first item.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, ToolError
from tinyagent.grounding.lists import clean_list, match_list
from tinyagent.grounding.names import shown
from tinyagent.tools.changes import Changes, changing, restore
from tinyagent.tools.checklist import Checklist, file_name, split_items
from tinyagent.tools.context import Context
from tinyagent.tools.files import read_text
from tinyagent.tools.phrases import join, listed
from tinyagent.tools.registry import ListName, Text, tool

FOLDER = "Lists"
LARGEST = 1 << 20
"""Bytes of a list; a larger file is none."""
ALL = frozenset({"everything", "all", "all items", "every item", "all of it", "all of them", "it all"})
_FEW = 6


def list_names(notes: Path) -> tuple[str, ...]:
    """Return the names of the lists below the notes folder, sorted; none where there is no such folder.

    A link that leads out of the notes is no list.
    """
    try:
        files = [path for path in (notes / FOLDER).iterdir() if path.suffix == ".md"]
        return tuple(sorted(path.stem for path in files if not path.is_symlink() or _inside(path, notes)))
    except (OSError, RuntimeError):
        return ()


def _inside(path: Path, notes: Path) -> bool:
    return notes.resolve() in path.resolve().parents


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where the list was changed since."""
    restore(ctx.folders.notes, data)


def _called(ctx: Context, said: str | None) -> tuple[str, Path, bool]:
    """Return the name and file of the list that is meant, and whether it exists."""
    names = list_names(ctx.folders.notes)
    wanted = said or ctx.shopping_list
    name = match_list(wanted, names)
    found = name is not None
    if name is None:
        name = file_name(clean_list(wanted))
    path = ctx.folders.notes / FOLDER / f"{name}.md"
    if not _inside(path, ctx.folders.notes):
        raise ToolError(f"The list {shown(name)} leads out of your notes: put the file itself there.")
    return name, path, found


def _existing(ctx: Context, said: str | None) -> tuple[str, Path]:
    name, path, found = _called(ctx, said)
    if not found:
        names = list_names(ctx.folders.notes)
        have = f"your lists are {join(names)}" if names else "you have no lists yet"
        raise NotFoundError(f"There is no list called {name}: {have}.")
    return name, path


def _open(path: Path) -> Checklist:
    if path.exists() and (not path.is_file() or path.stat().st_size > LARGEST):
        raise ToolError(f"{shown(path.name)} is no list, or larger than a megabyte: look at it in an editor.")
    return Checklist(read_text(path) or "")


def _save(changes: Changes, path: Path, checklist: Checklist) -> dict[str, Any]:
    changes.write(path, checklist.text())
    return changes.undo()


def _the(name: str) -> str:
    return f"the {name}" if name.casefold().endswith(("list", "lists")) else f"the {name} list"


@tool(toolset="lists", effect="write", undo=_undo)
def add_to_list(ctx: Context, item: Text, list_name: ListName | None = None) -> Outcome:
    """Add an item, or several, to a list such as the shopping list.

    What is on the list already is not added twice; a ticked item is opened again. Raises `ToolError` for no
    item.
    """
    items = split_items(item)
    with changing(ctx.folders.notes) as changes:
        name, path, _ = _called(ctx, list_name)
        checklist = _open(path)
        added = [one for one in items if checklist.add(one)]
        there = [one for one in items if one not in added]
        undo = _save(changes, path, checklist) if added else None
    parts = [f"Added {join(added)} to {_the(name)}."] if added else []
    if there:
        parts.append(
            f"{_capital(join(there))} {'was' if len(there) == 1 else 'were'} already on {_the(name)}."
        )
    return Outcome(" ".join(parts), {"list": name, "items": added}, undo)


@tool(toolset="lists", effect="destructive", undo=_undo)
def remove_from_list(ctx: Context, item: Text, list_name: ListName | None = None) -> Outcome:
    """Remove an item, or several, from a list.

    Raises `NotFoundError` where no such list or item exists, `ToolError` where several items fit equally
    well.
    """
    with changing(ctx.folders.notes) as changes:
        name, path = _existing(ctx, list_name)
        checklist = _open(path)
        removed, missing = _remove(checklist, item)
        if not removed:
            raise NotFoundError(f"{_capital(join(missing)) or 'Nothing'} is not on {_the(name)}.")
        undo = _save(changes, path, checklist)
    answer = f"Removed {join(removed)} from {_the(name)}."
    if missing:
        answer += f" {_capital(join(missing))} {'was' if len(missing) == 1 else 'were'} not on it."
    return Outcome(answer, {"list": name, "items": removed}, undo)


def _remove(checklist: Checklist, said: str) -> tuple[list[str], list[str]]:
    """Take the items out; return those taken and the words that fit none."""
    if " ".join(said.casefold().split()).removeprefix("the ") in ALL:
        return checklist.clear(), []
    whole = checklist.find(said, exact=True)
    if whole:
        return [checklist.take(whole[0])], []
    removed, missing = [], []
    for one in split_items(said):
        found = checklist.find(one)
        if len(found) > 1:
            names = [checklist.item(line) for line in found]
            raise ToolError(f"Several items fit “{one}”: {join(names, 'or')}. Say which one.")
        if found:
            removed.append(checklist.take(found[0]))
        else:
            missing.append(one)
    return removed, missing


@tool(toolset="lists", effect="read")
def read_list(ctx: Context, list_name: ListName | None = None) -> Outcome:
    """Read out what is on a list.

    Raises `NotFoundError` where no list has that name.
    """
    name, path, found = _called(ctx, list_name)
    if not found and list_name:
        _existing(ctx, list_name)
    checklist = _open(path)
    items, done = checklist.items(ticked=False), checklist.items(ticked=True)
    value = {"list": name, "items": items, "done": done}
    if not items:
        rest = f"; {join(done[:_FEW])} {'is' if len(done) == 1 else 'are'} ticked off" if done else ""
        return Outcome(f"{_capital(_the(name))} is empty{rest}.", value)
    if len(items) <= _FEW:
        return Outcome(f"On {_the(name)}: {join(items)}.", value)
    return Outcome(f"On {_the(name)}, {len(items)} items:\n{listed(items, 30)}", value)


@tool(toolset="lists", effect="write", undo=_undo)
def create_list(ctx: Context, list_name: Text) -> Outcome:
    """Make a new, empty list.

    Raises `ToolError` where a list of that name exists.
    """
    with changing(ctx.folders.notes) as changes:
        name = file_name(clean_list(list_name))
        if any(name.casefold() == other.casefold() for other in list_names(ctx.folders.notes)):
            raise ToolError(f"There already is a list called {name}.")
        changes.write(ctx.folders.notes / FOLDER / f"{name}.md", "")
        return Outcome(f"Made a new list called {name}.", {"list": name}, changes.undo())


@tool(toolset="lists", effect="destructive", undo=_undo)
def delete_list(ctx: Context, list_name: ListName) -> Outcome:
    """Delete a whole list with everything on it.

    Raises `NotFoundError` where no list has that name. The undo data keeps the whole text.
    """
    with changing(ctx.folders.notes) as changes:
        name, path = _existing(ctx, list_name)
        number = len(_open(path).items(ticked=False))
        changes.remove(path)
        held = f", with {number} item{'s' if number > 1 else ''} on it" if number else ""
        return Outcome(f"Deleted {_the(name)}{held}.", {"list": name}, changes.undo())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
