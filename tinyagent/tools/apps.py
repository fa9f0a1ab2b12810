"""The toolset apps: starts and ends the applications that the desktop shows.

A program is started detached with its argument list, never by a shell; to close one its processes are asked to
end, and none is killed. Settings, all optional:

    [apps]
    terminal = ["kitty"]                  # what runs the applications that need a terminal
    names = { "my editor" = "Kate" }      # what the person calls an application
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, TinyAgentError, ToolError
from tinyagent.grounding.apps import ALIAS, KEYWORD, bare, match_apps, which
from tinyagent.tools.app_processes import end, running, start
from tinyagent.tools.context import Context
from tinyagent.tools.dbus import call, connected
from tinyagent.tools.desktop_entries import App, installed
from tinyagent.tools.ical import bounded
from tinyagent.tools.lazy import LazyNames
from tinyagent.tools.phrases import join, short
from tinyagent.tools.registry import AppName, tool
from tinyagent.tools.tables import read_table

if TYPE_CHECKING:
    from tinyagent.settings import Settings

_TERMINALS = (
    ("x-terminal-emulator", "-e"), ("gnome-terminal", "--"), ("konsole", "-e"), ("xfce4-terminal", "-x"),
    ("kitty",), ("foot",), ("alacritty", "-e"), ("xterm", "-e"),
)  # fmt: skip
_APPLICATION = "org.freedesktop.Application"


@dataclass(frozen=True, slots=True)
class AppsSettings:
    """The table `[apps]`."""

    terminal: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)


def available(settings: Settings) -> str | None:
    """Return None where applications can be started, else the sentence that says what is missing."""
    try:
        read_table(settings.tools, "apps", AppsSettings)
    except TinyAgentError as error:
        return str(error)
    return _no_desktop()


class AppNames(LazyNames):
    """The installed applications for `World.apps`, read when somebody looks: most commands name none."""

    def __init__(self, home: Path, tools: Mapping[str, Mapping[str, Any]]) -> None:
        self._home, self._tools = home, tools

    def _read(self) -> list[str]:
        return entries(installed(self._home, os.environ), read_table(self._tools, "apps", AppsSettings).names)


def entries(apps: Sequence[App], own: Mapping[str, str]) -> list[str]:
    """Return what `World.apps` says of the applications; `own` maps the person's words to names."""
    known = {app.name.casefold(): app.name for app in apps}
    lines = [app.name for app in apps]
    lines += [
        f"{said}{ALIAS}{known[name.casefold()]}" for said, name in own.items() if name.casefold() in known
    ]
    for app in apps:
        lines += [f"{other}{ALIAS}{app.name}" for other in app.others]
        lines += [f"{word}{KEYWORD}{app.name}" for word in app.keywords]
    return list(dict.fromkeys(lines))


def _undo_open(ctx: Context, data: dict[str, Any]) -> None:
    """Close what was opened; `ToolError` where it does not run any more."""
    app = _by_id(ctx, data)
    processes, inside = running(app, float(data["since"]))
    if app.terminal:
        processes += [one for one in _terminal(data) if one not in processes]
    if not processes:
        raise ToolError(
            f"I run inside {app.name}: close it by hand."
            if inside
            else f"{app.name} has been closed already."
        )
    left = end(processes)[1]
    if left:
        raise ToolError(f"{app.name} was asked to close and still runs: look whether it asks you something.")


def _undo_close(ctx: Context, data: dict[str, Any]) -> None:
    """Open what was closed; `ToolError` where it is open again or not installed any more."""
    app = _by_id(ctx, data)
    if running(app)[0]:
        raise ToolError(f"{app.name} is open again already.")
    _launch(ctx, app)


@tool(toolset="apps", effect="write", undo=_undo_open)
def open_app(ctx: Context, name: AppName) -> Outcome:
    """Open an application.

    Raises `NotFoundError` for one that is not installed, `ToolError` where several fit equally well and where
    there is no desktop.
    """
    app = _meant(ctx, name)
    reason = _no_desktop()
    if reason:
        raise ToolError(reason)
    started = _launch(ctx, app)
    value = {"app": app.name, "id": app.id, "pid": started[0] if started else None}
    undo = {"id": app.id, "name": app.name, "pid": started[0], "since": started[1]} if started else None
    return Outcome(f"I opened {short(app.name)}.", value, undo)


@tool(toolset="apps", effect="destructive", undo=_undo_close)
def close_app(ctx: Context, name: AppName) -> Outcome:
    """Close an application.

    All of its processes are asked to end. Raises `NotFoundError` where it is not installed or does not run,
    `ToolError` where several fit equally well.
    """
    app = _meant(ctx, name)
    processes, inside = running(app)
    if not processes:
        if inside:
            raise ToolError(f"I run inside {app.name}, so closing it would end me too: close it by hand.")
        raise NotFoundError(f"{app.name} is not running.")
    told = [{"pid": process.pid, "name": process.info["name"]} for process in processes]
    closed, left = end(processes)
    names = join(list(dict.fromkeys(str(one["name"]) for one in told))[:4])
    many = "" if len(told) == 1 else f", {len(told)} processes"
    value = {"app": app.name, "closed": [one for one in told if one["pid"] in {p.pid for p in closed}]}
    undo = {"id": app.id, "name": app.name}
    if left:
        answer = f"I asked {short(app.name)} to close, but it still runs: it may ask about unsaved work."
        return Outcome(answer, value, undo if closed else None)
    except_ours = " except the one I run in" if inside else ""
    return Outcome(f"I closed {short(app.name)}{except_ours} ({names}{many}).", value, undo)


def _meant(ctx: Context, name: str) -> App:
    """Return the application that a name or a person's words mean."""
    words = bounded(name, "name of the application")
    apps = installed(ctx.folders.home, os.environ)
    found = match_apps(words, entries(apps, read_table(ctx.tools, "apps", AppsSettings).names))
    if len(found) > 1:
        raise ToolError(which(words, found))
    if not found:
        raise NotFoundError(
            f"There is no application “{short(bare(words), 60)}” here: install it, or say its name."
        )
    return next(app for app in apps if app.name == found[0])


def _by_id(ctx: Context, data: dict[str, Any]) -> App:
    for app in installed(ctx.folders.home, os.environ):
        if app.id == data["id"]:
            return app
    raise ToolError(f"{data['name']} is not installed any more.")


def _launch(ctx: Context, app: App) -> tuple[int, float] | None:
    if not app.argv:
        with connected("session") as bus:
            path = "/" + app.id.replace(".", "/").replace("-", "_")
            call(bus, app.id, path, _APPLICATION, "Activate", "a{sv}", ({},))
        return None
    command = [*_terminal_command(ctx), *app.argv] if app.terminal else app.argv
    return start(app, command, Path(app.folder) if app.folder.startswith("/") else ctx.folders.home)


def _terminal_command(ctx: Context) -> tuple[str, ...]:
    given = read_table(ctx.tools, "apps", AppsSettings).terminal
    for command in (given,) if given else _TERMINALS:
        if shutil.which(command[0]):
            return command
    cure = (
        "correct terminal in the table [apps]"
        if given
        else "install xterm, or set terminal in the table [apps]"
    )
    raise ToolError(f"There is no terminal to run it in: {cure}.")


def _terminal(data: dict[str, Any]) -> list[Any]:
    """Return the process of the terminal that was opened, if it still is that one."""
    import psutil

    try:
        process = psutil.Process(int(data["pid"]))
        process.info = process.as_dict(["ppid", "name", "create_time"])
    except psutil.Error:
        return []
    return [process] if process.info["create_time"] == data["since"] else []


def _no_desktop() -> str | None:
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    return "There is no desktop to open applications on: run this in your graphical session."
