"""What `tinyagent doctor` looks at: one function a check, each with what it found and the cure.

A check never raises and never changes anything but the caches that a plan would fill as well.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tinyagent.cli import product_checks
from tinyagent.cli.desktop_checks import Desktop
from tinyagent.cli.finding import Check, failed
from tinyagent.errors import SettingsError, TinyAgentError
from tinyagent.settings import Settings, load

_ROOM = 256 << 20
"""Bytes that should be free where state and cache lie: the served model and some room."""


def run_checks() -> Iterator[Check]:
    """Yield every finding, in the order in which one rests on the other."""
    yield _python()
    try:
        settings = load()
        yield Check("settings", True, f"{settings.config / 'config.toml'} and the environment are valid")
    except SettingsError as error:
        yield failed("settings", error)
        home = {"TINYAGENT_HOME": os.environ["TINYAGENT_HOME"]} if "TINYAGENT_HOME" in os.environ else {}
        settings = load({**home, "TINYAGENT_CONFIG_FILE": os.devnull})
    desktop = Desktop(settings)
    for name, check in _CHECKS:
        try:
            yield check(settings)
        except TinyAgentError as error:
            yield failed(name, error)
        except Exception as error:  # whatever it is, the other checks still tell something
            yield Check(name, False, f"{type(error).__name__}: {error}", "reinstall, or report this")
    yield from desktop.findings()


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


def _instructions(settings: Settings) -> Check:
    from tinyagent.instructions import FILE, Instructions
    from tinyagent.tools.registry import catalogue

    path = settings.config / FILE
    wishes = Instructions.read(path, catalogue())
    doubts = wishes.problems()
    if doubts:
        return Check(
            "instructions", False, doubts[0].rstrip("."), f"say it another way in {path}", required=False
        )
    return Check("instructions", True, f"{len(wishes.lines)} standing wishes in {path}")


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


_CHECKS: tuple[tuple[str, Callable[[Settings], Check]], ...] = (
    ("time zone", _zone),
    ("folders", _folders),
    ("policy", _policy),
    ("instructions", _instructions),
    ("base model", product_checks.base_model),
    ("served base", product_checks.served_base),
    ("llama.cpp", product_checks.llama),
    ("embedder", product_checks.embedder),
    ("tool index", product_checks.tool_index),
    ("adapters", product_checks.adapters),
    ("scheduler", _scheduler),
)
