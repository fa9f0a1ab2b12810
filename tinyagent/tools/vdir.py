"""Vdir collections: folders with one item a file (`.ics`, `.vcf`), as vdirsyncer, khal and todoman keep them.

Reading takes no lock, since files are only ever replaced whole. A file that cannot be understood is skipped
and named in `unreadable`; it is never written over or removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tinyagent.errors import StoreError
from tinyagent.tools.changes import Changes
from tinyagent.tools.files import read_text, slug, store_error

T = TypeVar("T")
LARGEST = 4_000_000
"""Bytes; a larger file is no single event or contact, and reading it would stall every command."""


@dataclass(frozen=True, slots=True)
class Item(Generic[T]):
    """One file of a collection and what was read from it."""

    path: Path
    content: T


class Vdir(Generic[T]):
    """One collection. `parse` turns the text of a file into its content and raises for one it cannot read."""

    def __init__(self, folder: Path, suffix: str, parse: Callable[[str], T]) -> None:
        self.folder = folder
        self.suffix = suffix
        self.unreadable: list[Path] = []
        self._parse = parse

    @property
    def name(self) -> str:
        """The collection's name for people: its `displayname` file, else the name of the folder."""
        try:
            given = (read_text(self.folder / "displayname") or "").strip()
        except StoreError:
            given = ""
        return given.splitlines()[0] if given else self.folder.name

    def __iter__(self) -> Iterator[Item[T]]:
        """Yield every readable item, by file name. Raises `StoreError` when the folder cannot be listed."""
        return self.select(lambda text: True)

    def select(self, wanted: Callable[[str], bool]) -> Iterator[Item[T]]:
        """Yield the readable items whose text is `wanted`, a look that is cheaper than parsing.

        Raises `StoreError` when the folder cannot be listed.
        """
        for path in self.paths():
            content = self.read(path, wanted)
            if content is not None:
                yield Item(path, content)

    def get(self, name: str) -> Item[T] | None:
        """Return the item kept under `name` (file name without suffix), None where absent or unreadable."""
        path = self.path(name)
        content = self.read(path) if path.exists() else None
        return None if content is None else Item(path, content)

    def put(self, changes: Changes, name: str, text: str) -> Path:
        """Write `text` as the item `name` and return its path.

        Raises `StoreError` when a file that cannot be read has that name, or when writing fails.
        """
        path = self.path(name)
        self._guard(path)
        changes.write(path, text)
        return path

    def remove(self, changes: Changes, name: str) -> None:
        """Remove the item `name`; absent is fine. Raises `StoreError` for an unreadable one."""
        path = self.path(name)
        self._guard(path)
        changes.remove(path)

    def path(self, name: str) -> Path:
        """Return the file of the item `name`; a name that is no plain file name is made one."""
        plain = name not in ("", ".", "..") and not set(name) & set("/\\\0") and not name.startswith(".")
        return self.folder / ((name if plain else slug(name, "item")) + self.suffix)

    def paths(self) -> list[Path]:
        """Return the files of the collection, readable or not; `StoreError` when it cannot be listed."""
        try:
            return sorted(
                path
                for path in self.folder.iterdir()
                if path.suffix.lower() == self.suffix and not path.name.startswith(".") and path.is_file()
            )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise store_error(self.folder, "read", error) from None

    def read(self, path: Path, wanted: Callable[[str], bool] = lambda text: True) -> T | None:
        """Return the content of a file; None where it is gone, not `wanted` or (in `unreadable`) not understood."""
        try:
            if path.stat().st_size > LARGEST:
                raise ValueError("too large")
            text = read_text(path)
            return None if text is None or not wanted(text) else self._parse(text)
        except FileNotFoundError:
            return None  # another program removed it since the folder was listed
        except Exception:  # parsers of foreign files raise anything; the file is set aside, whatever it was
            if path not in self.unreadable:
                self.unreadable.append(path)
            return None

    def _guard(self, path: Path) -> None:
        if path.exists() and self.read(path) is None:
            raise StoreError(f"{path} cannot be understood and stays as it is: correct it or move it away.")


def collections(root: Path, suffix: str, parse: Callable[[str], T]) -> list[Vdir[T]]:
    """Return the collections below `root`, by folder name; `root` itself counts where it holds items.

    Raises `StoreError` when `root` cannot be listed.
    """
    try:
        entries = sorted(root.iterdir())
        folders = [path for path in entries if path.is_dir() and not path.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise store_error(root, "read", error) from None
    if any(path.suffix.lower() == suffix and not path.name.startswith(".") for path in entries):
        folders.insert(0, root)
    return [Vdir(folder, suffix, parse) for folder in folders]


def named(found: list[Vdir[T]], name: str) -> Vdir[T] | None:
    """Return the collection that `name` means ("my work list" is "work"), None where there is none."""
    wanted = {slug(name), slug(name.casefold().removeprefix("my ").removesuffix(" list"))}
    return next((one for one in found if wanted & {slug(one.name), slug(one.folder.name)}), None)


def unreadable_note(found: list[Vdir[T]]) -> str:
    """Return one sentence about the files that were skipped, "" where every file could be read."""
    paths = [path for vdir in found for path in vdir.unreadable]
    if not paths:
        return ""
    if len(paths) == 1:
        return f"I could not read {paths[0]} and left it as it is."
    return f"I could not read {len(paths)} files and left them as they are ({paths[0]} and others)."
