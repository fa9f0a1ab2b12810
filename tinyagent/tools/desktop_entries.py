"""Installed applications: the .desktop entries of the XDG data folders, on a Mac the bundles in Applications.

A small reader of the Desktop Entry Specification: the group [Desktop Entry] only, and of `Exec` the argument list
without field codes, for what is started here gets no files. Entries that the desktop would not show are left out.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LARGEST = 256 << 10
_MOST = 5000
_LONGEST = 120
_ESCAPES = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_ARGUMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)', re.DOTALL)
_MAC_FOLDERS = (
    "/Applications",
    "/Applications/Utilities",
    "/System/Applications",
    "/System/Applications/Utilities",
)


@dataclass(frozen=True, slots=True)
class App:
    """An application: what it is called and how it is started.

    `id` is its desktop id (on a Mac the bundle's path), `argv` empty where only D-Bus starts it. `others` are other
    names for it, `keywords` what it has to do with; `sandbox` is its Flatpak or Snap name.
    """

    id: str
    name: str
    path: Path
    argv: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    terminal: bool = False
    service: bool = False
    folder: str = ""
    sandbox: str = ""


def data_folders(home: Path, environment: Mapping[str, str]) -> list[Path]:
    """Return the folders that hold entries, the person's own first."""
    own = environment.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    system = environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    more = [f"{own}/flatpak/exports/share", "/var/lib/flatpak/exports/share", "/var/lib/snapd/desktop"]
    written = [own, *system.split(":"), *more]
    return list(dict.fromkeys(Path(text) / "applications" for text in written if text.startswith("/")))


def installed(home: Path, environment: Mapping[str, str]) -> list[App]:
    """Return the applications that the desktop shows, by name; one that hides another of its id is the first."""
    if sys.platform == "darwin":
        return bundles([*map(Path, _MAC_FOLDERS), home / "Applications"])
    desktop = frozenset(environment.get("XDG_CURRENT_DESKTOP", "").split(":"))
    language = next((environment[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(n)), "")
    found: dict[str, App | None] = {}
    for folder in data_folders(home, environment):
        for path, id_ in _files(folder):
            if id_ not in found:
                found[id_] = _read(path, path.stat().st_mtime_ns, id_, desktop, language)
    return sorted((app for app in found.values() if app), key=lambda app: (app.name.casefold(), app.id))


def bundles(folders: Iterable[Path]) -> list[App]:
    """Return the application bundles of a Mac."""
    apps = []
    for folder in folders:
        for path in sorted(folder.glob("*.app"))[:_MOST]:
            apps.append(App(str(path), _line(path.stem), path, ("open", "-a", str(path))))
    return apps


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each entry below a folder with its id: "kde/kate.desktop" is kde-kate."""
    try:
        paths = sorted(path for path in folder.rglob("*.desktop") if path.is_file())[:_MOST]
    except OSError:
        return
    for path in paths:
        yield path, "-".join(path.relative_to(folder).with_suffix("").parts)


@lru_cache(maxsize=2048)
def _read(path: Path, changed: int, id_: str, desktop: frozenset[str], language: str) -> App | None:
    """Return the application of a file, None where it is none to show; `changed` makes the memory forget."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    return parse(text, id_, path, desktop, language)


def parse(text: str, id_: str, path: Path, desktop: frozenset[str], language: str = "") -> App | None:
    """Return the application that the text of an entry describes, None where the desktop would not show it."""
    keys = _keys(text)
    argv = arguments(keys.get("Exec", ""))
    service = keys.get("DBusActivatable") == "true"
    name = _line(keys.get("Name", ""))
    shown_in, hidden_in = (set(_parts(keys.get(key, ""))) for key in ("OnlyShowIn", "NotShowIn"))
    if keys.get("Type") != "Application" or not name or not (argv or service):
        return None
    if "true" in (keys.get("NoDisplay"), keys.get("Hidden")):
        return None
    if (shown_in and not shown_in & desktop) or hidden_in & desktop:
        return None
    if keys.get("TryExec") and not shutil.which(keys["TryExec"]):
        return None
    locale = language.partition(".")[0]
    tongue = locale.partition("_")[0]
    own = [keys.get(f"{key}[{tag}]", "") for key in ("Name", "GenericName") for tag in (locale, tongue)]
    words = _parts(keys.get("Keywords", "")) + _parts(keys.get(f"Keywords[{tongue}]", ""))
    command = [Path(part).name for part in without_env(argv)[:1]]
    others = [*own, keys.get("GenericName", ""), *command, id_.rpartition(".")[2]]
    sandbox = keys.get("X-Flatpak", "") or keys.get("X-SnapInstanceName", "")
    return App(
        id_, name, path, tuple(argv), _several(others, name), _several(words, name), keys.get("Terminal") == "true",
        service, keys.get("Path", ""), sandbox,
    )  # fmt: skip


def arguments(command: str) -> list[str]:
    """Return the argument list of an `Exec` value without its field codes; nothing for one that breaks the rules."""
    found: list[str] = []
    at = 0
    command = command.rstrip()
    while at < len(command):
        match = _ARGUMENT.match(command, at)
        if match is None:
            return []
        quoted, plain = match.groups()
        at = match.end()
        if quoted is not None:
            found.append(re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL).replace("%%", "%"))
        elif not re.fullmatch("%[a-zA-Z]", plain):
            found.append(re.sub("%(.)", lambda code: "%" if code[1] == "%" else "", plain))
    return [] if any("\0" in part for part in found) else found


def without_env(argv: Iterable[str]) -> list[str]:
    """Return the command that is really started: what follows `env NAME=value`."""
    rest = list(argv)
    if rest and Path(rest[0]).name == "env":
        rest = rest[1:]
        while rest and ("=" in rest[0] or rest[0].startswith("-")):
            rest = rest[1:]
    return rest


def _keys(text: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    inside = False
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            if inside:
                break
            inside = line == "[Desktop Entry]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), value.strip())
            keys.setdefault(key.strip(), value)
    return keys


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(";") if part.strip()]


def _several(names: Iterable[str], name: str) -> tuple[str, ...]:
    lines = dict.fromkeys(_line(one) for one in names)
    return tuple(line for line in lines if line and line.casefold() != name.casefold())


def _line(text: str) -> str:
    """Return a name on one line, without the tab that parts the entries of `World.apps`, and bounded."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:_LONGEST]
