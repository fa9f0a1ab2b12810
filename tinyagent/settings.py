"""Settings: defaults, then the TOML file, then `TINYAGENT_*` variables. Read once by whoever opens a door."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.errors import SettingsError
from tinyagent.tools.context import Context, Folders

PREFIX = "TINYAGENT_"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the program.

    Paths are absolute. `threads` is for the model: 1 is as fast as 2 for a plan and does not care what the other
    core does (0: all cores). `timezone` "" means the system's. `adapters_mb` bounds the loaded adapters. The
    journal keeps `journal_mb` megabytes and `journal_days` days (0: for ever). `tools` holds the tables of the
    settings file by name (`[weather]`), each read by the toolset of that name.
    """

    data: Path
    config: Path
    cache: Path
    state: Path
    calendars: Path
    tasks: Path
    contacts: Path
    notes: Path
    home_folder: Path
    trash: Path
    timezone: str = ""
    calendar: str = "personal"
    task_list: str = "reminders"
    shopping_list: str = "shopping"
    threads: int = 1
    adapters_mb: int = 64
    journal_mb: int = 32
    journal_days: int = 90
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def folders(self) -> Folders:
        """The folders that tools read and write."""
        own = (self.calendars, self.tasks, self.contacts, self.notes, self.state)
        return Folders(*own, self.home_folder, self.trash)

    def zone(self) -> ZoneInfo:
        """Return the person's time zone; `SettingsError` for a name that does not exist."""
        name = self.timezone or _system_zone()
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise SettingsError(f"There is no time zone {name!r}: write one like Europe/Berlin.") from None

    def context(self, now: datetime | None = None) -> Context:
        """Return the context for tools; `now` is the current local time unless given."""
        zone = self.zone()
        local = now or datetime.now(zone).replace(tzinfo=None, microsecond=0)
        return Context(
            local, zone, self.folders, self.calendar, self.task_list, self.shopping_list, tools=self.tools
        )


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    `environment` defaults to the process environment. Raises `SettingsError` naming the file or variable at fault.
    """
    env = os.environ if environment is None else environment
    settings = _defaults(env)
    path = Path(env.get(PREFIX + "CONFIG_FILE", settings.config / "config.toml"))
    settings = _apply(settings, _read_toml(path), str(path))
    given = {name: env[PREFIX + name.upper()] for name in _kinds() if PREFIX + name.upper() in env}
    return _apply(settings, given, "the environment")


def _defaults(env: Mapping[str, str]) -> Settings:
    from platformdirs import user_cache_path, user_config_path, user_data_path, user_state_path

    home = env.get(PREFIX + "HOME")
    if home:
        root = Path(home).expanduser().absolute()
        data, config, cache, state = root / "data", root / "config", root / "cache", root / "state"
    else:
        data, config = user_data_path("tinyagent"), user_config_path("tinyagent")
        cache, state = user_cache_path("tinyagent"), user_state_path("tinyagent")
    calendars, tasks, contacts, notes = (data / name for name in ("calendars", "tasks", "contacts", "notes"))
    person = Path(env["HOME"]).absolute() if env.get("HOME") else Path.home()
    trash = _trash(env, person)
    return Settings(data, config, cache, state, calendars, tasks, contacts, notes, person, trash)


def _trash(env: Mapping[str, str], person: Path) -> Path:
    """Return the trash of the desktop: what the freedesktop specification says, or the Finder's."""
    if sys.platform == "darwin":
        return person / ".Trash"
    return Path(env.get("XDG_DATA_HOME") or person / ".local" / "share") / "Trash"


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"The settings file {path} cannot be read ({error}): correct or remove it."
        ) from None


def _kinds() -> dict[str, Any]:
    """Return the type of every setting that is one line of the file."""
    return {f.name: f.type for f in fields(Settings) if f.name != "tools"}


def _apply(settings: Settings, given: Mapping[str, object], source: str) -> Settings:
    kinds = _kinds()
    tables = {
        name: table for name, table in given.items() if isinstance(table, Mapping) and name not in kinds
    }
    changed: dict[str, object] = {"tools": {**settings.tools, **tables}} if tables else {}
    for name, value in given.items():
        if name in tables:
            continue
        if name not in kinds:
            raise SettingsError(
                f"{source} has an unknown setting {name!r}: the settings are {', '.join(kinds)}."
            )
        try:
            if kinds[name] == "Path":
                changed[name] = Path(str(value)).expanduser().absolute()
            elif kinds[name] == "int":
                changed[name] = int(str(value))
            else:
                changed[name] = str(value)
        except ValueError:
            raise SettingsError(
                f"The setting {name} in {source} must be a whole number, not {value!r}."
            ) from None
    if "data" in changed:
        data = Path(str(changed["data"]))
        for name in ("calendars", "tasks", "contacts", "notes"):
            changed.setdefault(name, data / name)
    return replace(settings, **changed)  # type: ignore[arg-type]


def _system_zone() -> str:
    zone = os.environ.get("TZ", "").lstrip(":")
    if zone:
        return zone
    try:
        linked = str(Path("/etc/localtime").resolve())
    except OSError:
        return "UTC"
    return linked.split("/zoneinfo/", 1)[1] if "/zoneinfo/" in linked else "UTC"
