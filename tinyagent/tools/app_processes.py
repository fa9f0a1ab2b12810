"""Which running processes belong to an application, started and ended.

Only the person's own processes are looked at, and never this program or what it runs in. An interpreter (python,
java, a shell) is told by the script it runs, a Flatpak by the name in its environment, any other application by its
program or by the folder that only it has (/opt/google/chrome, /snap/firefox).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.desktop_entries import App, without_env

AT_ONCE = 0.3
"""Seconds in which a program that cannot run says so by ending."""
PATIENCE = 3.0
OWN_FOLDERS = ("/opt", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/share")
_INTERPRETER = re.compile(
    r"(?:python|pypy|perl|ruby|lua|node|java|bash|dash|zsh|fish|sh|ksh|wine|mono|gjs|electron|php|busybox|flatpak|snap|"
    r"env|sudo|pkexec)[\d.]*"
)


def start(app: App, command: Sequence[str], folder: Path) -> tuple[int, float] | None:
    """Start a program that outlives us; return its process id and when it began.

    None where it ended well at once: it has handed over to one that runs already. Raises `ToolError` where it
    cannot be started.
    """
    import psutil

    try:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder if folder.is_dir() else None, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ToolError(f"{app.name} cannot be started ({error.strerror}): install it anew.") from None
    try:
        began = psutil.Process(
            process.pid
        ).create_time()  # a process that has ended waits for us, so it is there
    except psutil.Error:
        began = 0.0
    try:
        code = process.wait(AT_ONCE)
    except subprocess.TimeoutExpired:
        # Somebody has to collect it when it ends, as long as we run ourselves.
        threading.Thread(target=process.wait, daemon=True, name=f"app-{process.pid}").start()
        return process.pid, began
    if code:
        raise ToolError(f"{app.name} ended at once with code {code}: start it in a terminal to see why.")
    return None


def running(app: App, since: float = 0.0) -> tuple[list[Any], bool]:
    """Return the processes of an application that began at `since` or later, and whether we run inside it."""
    import psutil

    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    fields = ["pid", "ppid", "name", "exe", "cmdline", "uids", "status", "create_time"]
    mine = [
        process
        for process in psutil.process_iter(fields)
        if process.info["uids"] is not None
        and process.info["uids"].real == os.getuid()
        and process.info["status"] != psutil.STATUS_ZOMBIE
        and process.info["create_time"] >= since
    ]
    known = _Program(app)
    found = [process for process in mine if known.runs(process.info)]
    if not found:
        found = [process for process in mine if _launched_as(app, process)]
    return [process for process in found if process.pid not in ours], any(p.pid in ours for p in found)


def end(processes: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Ask processes to end, parents before their children; return those that did and those that still run."""
    import psutil

    pids = {process.pid for process in processes}
    first = [process for process in processes if process.info["ppid"] not in pids]
    alive = _ask(first, PATIENCE)
    rest = [process for process in processes if process not in first and process.is_running()]
    alive += _ask(rest, PATIENCE / 2)
    alive = [process for process in alive if _alive(process, psutil)]
    return [process for process in processes if process not in alive], alive


def _ask(processes: Sequence[Any], patience: float) -> list[Any]:
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    return list(psutil.wait_procs(processes, timeout=patience)[1])


def _alive(process: Any, psutil: Any) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


class _Program:
    """What a process of an application looks like."""

    def __init__(self, app: App) -> None:
        argv = without_env(app.argv)
        self.sandbox = app.sandbox
        self.bundle = f"{app.path}/Contents/" if app.path.suffix == ".app" else ""
        self.name = Path(argv[0]).name if argv else ""
        self.options = argv[1:]
        where = shutil.which(argv[0]) if argv else None
        self.file = os.path.realpath(where) if where else ""
        self.interpreted = bool(
            _INTERPRETER.fullmatch(self.name) or _INTERPRETER.fullmatch(Path(self.file).name)
        )
        self.home = "" if self.interpreted else own_folder(Path(self.file))

    def runs(self, info: Mapping[str, Any]) -> bool:
        """Whether a process is one of the application's."""
        exe, argv = info["exe"] or "", info["cmdline"] or []
        if self.bundle:
            return exe.startswith(self.bundle)
        if self.sandbox or not self.name or not argv:
            return bool(self.sandbox) and exe.startswith(f"/snap/{self.sandbox}/")
        called = Path(argv[0]).name
        if self.interpreted:
            return (
                called == self.name and argv[1 : 1 + len(self.options)] == self.options and bool(self.options)
            )
        if self.name == called or self.file == exe or (self.home and exe.startswith(self.home)):
            return True
        # A script: its interpreter is the program, the file is what it is given.
        script = next((part for part in argv[1:3] if not part.startswith("-")), "")
        return script.startswith("/") and bool(self.file) and os.path.realpath(script) == self.file


def own_folder(file: Path, roots: Iterable[str] = OWN_FOLDERS) -> str:
    """Return the folder, with a slash, in which only one application's programs lie; "" for /usr/bin and the like."""
    folder = file.parent.parent if file.parent.name == "bin" else file.parent
    shared = "linux-gnu" in folder.name or folder.name in ("bin", "jvm", "games")
    return f"{folder}/" if not shared and any(Path(root) in folder.parents for root in roots) else ""


def _launched_as(app: App, process: Any) -> bool:
    """Whether the environment of a process says that it is the application."""
    import psutil

    if not (app.sandbox or app.service or app.path.suffix == ".desktop"):
        return False
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return False
    if app.sandbox:
        return bool(app.sandbox == environment.get("FLATPAK_ID"))
    # What a child inherits is not its own: the number says which process was meant.
    launched = bool(environment.get("GIO_LAUNCHED_DESKTOP_FILE_PID") == str(process.pid))
    return launched and str(app.path) == str(environment.get("GIO_LAUNCHED_DESKTOP_FILE"))
