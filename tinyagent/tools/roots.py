"""The folders whose files the assistant may see and touch, and the check that a path lies in one of them.

Settings, all optional:

    [files]
    roots = ["~/Documents", "~/Work"]   # default: the usual folders of the desktop

A path counts where it really lies: links are followed first, so a link out of a root is out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.grounding.names import shown
from tinyagent.tools.context import Context

USUAL = ("Documents", "Downloads", "Desktop", "Pictures", "Music", "Videos", "Movies")
_DIRS = re.compile(
    r'^XDG_(DOCUMENTS|DOWNLOAD|DESKTOP|PICTURES|MUSIC|VIDEOS)_DIR="\$HOME/([^"\n]+)"\s*$', re.MULTILINE
)
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class FilesSettings:
    """The table `[files]`: the roots as they were written, none for the usual ones."""

    roots: tuple[str, ...] = ()

    @classmethod
    def of(cls, tools: Mapping[str, Mapping[str, Any]]) -> FilesSettings:
        """Read the table; `SettingsError` for what is no list of paths."""
        table = tools.get("files", {})
        roots = table.get("roots", [])
        unknown = set(table) - {"roots"}
        if (
            unknown
            or not isinstance(roots, list)
            or not all(isinstance(root, str) and root for root in roots)
        ):
            raise SettingsError(
                'The table [files] takes only roots, a list of folders: roots = ["~/Documents"].'
            )
        return cls(tuple(roots))


@dataclass(frozen=True, slots=True)
class Root:
    """One allowed folder: what people call it, and where it really lies."""

    name: str
    path: Path


def allowed_roots(home: Path, tools: Mapping[str, Mapping[str, Any]]) -> list[Root]:
    """Return the roots that exist, links followed, none of them inside another."""
    written = FilesSettings.of(tools).roots
    if written:
        named = [(Path(text).name, _expand(text, home)) for text in written]
    else:
        named = _desktop_folders(home)
    found: dict[Path, Root] = {}
    for name, path in named:
        if path.is_dir() and path.resolve() not in found:
            found[path.resolve()] = Root(name or str(path), path.resolve())
    outer = [root for root in found.values() if not any(other in root.path.parents for other in found)]
    return outer


def roots_of(ctx: Context) -> list[Root]:
    """Return the roots of a context; `ToolError` where there is none."""
    roots = allowed_roots(ctx.folders.home, ctx.tools)
    if not roots:
        raise ToolError(
            "There are no folders to look in: make ~/Documents, or set roots in the table [files] of config.toml."
        )
    return roots


def checked(path: Path, roots: list[Root]) -> Path:
    """Return an absolute path that exists under a root, its folder resolved but not itself.

    Raises `ToolError` for a path with `..`, outside of the roots or leading out of them, `NotFoundError`
    for one that does not exist.
    """
    text = str(path)
    outside = ToolError(
        f"{shown(text)} is outside the folders I may touch: add its folder to roots in [files]."
    )
    if not path.is_absolute() or ".." in path.parts or "\0" in text or len(text) > _LONGEST:
        raise outside
    try:
        real, parent = path.resolve(), path.parent.resolve()
        exists = path.is_symlink() or path.exists()
    except (OSError, RuntimeError):
        raise outside from None
    lies = parent / path.name
    if any(root.path == real for root in roots):
        return real
    for there in (lies, real):
        if not any(root.path in there.parents for root in roots):
            raise outside
    if not exists:
        raise NotFoundError(f"There is no file {shown(text)}.")
    return lies


def _expand(text: str, home: Path) -> Path:
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    path = Path(text)
    if not path.is_absolute():
        raise SettingsError(f"The root {text} in [files] must begin with ~/ or /.")
    return path


def _desktop_folders(home: Path) -> list[tuple[str, Path]]:
    """Return the usual folders, where a desktop in another language has renamed them too."""
    usual = {name: home / name for name in USUAL}
    try:
        text = (home / ".config" / "user-dirs.dirs").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    names = {"DOCUMENTS": "Documents", "DOWNLOAD": "Downloads", "DESKTOP": "Desktop", "PICTURES": "Pictures",
             "MUSIC": "Music", "VIDEOS": "Videos"}  # fmt: skip
    for key, folder in _DIRS.findall(text):
        if folder.strip("/") and ".." not in Path(folder).parts:
            usual[names[key]] = home / folder.strip("/")
    return list(usual.items())
