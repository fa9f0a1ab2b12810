"""The table `[home]`: how the lights and devices are reached, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.tools.phrases import join, short
from tinyagent.tools.tables import read_table

EVERYWHERE = frozenset(
    {"all", "all rooms", "all the rooms", "every room", "everywhere", "everything", "house", "whole house",
     "entire house", "all lights", "all the lights", "every light", "home", "apartment", "flat", "all of them"}
)  # fmt: skip
_FILLER = frozenset(
    {"the", "a", "an", "my", "our", "in", "of", "at", "on", "light", "lights", "lamp", "lamps"}
)


@dataclass(frozen=True, slots=True)
class HomeSettings:
    """How to reach the home: an MQTT broker with zigbee2mqtt, or Home Assistant; and its names.

    `lights` maps a room to the names (zigbee2mqtt) or entity ids (Home Assistant) of its lights, `devices` a spoken
    name to one such name. `room` is where this computer stands.
    """

    mqtt_host: str = ""
    mqtt_port: int = 0
    mqtt_user: str = ""
    mqtt_password: str = ""
    mqtt_tls: bool = False
    mqtt_ca: str = ""
    mqtt_topic: str = "zigbee2mqtt"
    url: str = ""
    token: str = ""
    room: str = ""
    lights: dict[str, Any] = field(default_factory=dict)
    devices: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be switched: `said` for the answer ("the kitchen light"), `names` for the hub."""

    said: str
    names: tuple[str, ...]
    plural: bool = False


def read_home(tools: Mapping[str, Mapping[str, Any]]) -> HomeSettings:
    """Return the table; `ToolError` where no home is configured, `SettingsError` where it is wrong."""
    home = read_table(tools, "home", HomeSettings)
    if not home.mqtt_host and not home.url:
        raise ToolError(
            "No home is configured: set mqtt_host (zigbee2mqtt), or url and token (Home Assistant), "
            "and the names under [home.lights] and [home.devices] in the settings."
        )
    if home.url and not home.mqtt_host and not home.token:
        raise ToolError(
            "Home Assistant needs a token: make a long-lived access token and set token in [home]."
        )
    return home


def lights_of(home: HomeSettings, room: str | None) -> Target:
    """Return the lights of a room; without one those of the computer's room, else all. Raises `NotFoundError`."""
    rooms = {name: _names(name, value, "lights") for name, value in home.lights.items()}
    if not rooms:
        raise ToolError("No lights are configured: name them under [home.lights], one room a line.")
    if _plain(room or "") in EVERYWHERE or not (room or home.room):
        names = tuple(dict.fromkeys(name for room_names in rooms.values() for name in room_names))
        only = next(iter(rooms)) if len(rooms) == 1 else None
        return Target(f"the {only} lights" if only else "all lights", names, plural=True)
    wanted = room or home.room
    found = closest(wanted, rooms)
    if not found:
        raise NotFoundError(
            f"There is no light called {short(wanted, 40)}: there is {join(sorted(rooms), 'or')}."
        )
    if len(found) > 1:
        raise ToolError(f"Which light do you mean: {join(sorted(found), 'or')}?")
    names = rooms[found[0]]
    plural = len(names) > 1
    own = bool(set(found[0].casefold().split()) & {"light", "lights", "lamp", "lamps"})
    return Target(f"the {found[0]}{'' if own else ' lights' if plural else ' light'}", names, plural)


def device_of(home: HomeSettings, device: str, room: str | None) -> Target:
    """Return the device that is meant. Raises `NotFoundError`, or `ToolError` where several fit equally well."""
    known = {name: _names(name, value, "devices") for name, value in home.devices.items()}
    if not known:
        raise ToolError("No devices are configured: name them under [home.devices], one a line.")
    found = closest(device, known)
    place = room or (home.room if len(found) > 1 else None)
    if place:
        there = [name for name in found if _words(place) <= _words(name) or closest(place, [name])]
        exact = closest(f"{place} {device}", known)
        # A device whose name says no room may be in any; one that says another room is not meant.
        anywhere = [name for name in found if _words(name) <= _words(device)]
        found = there or ([name for name in exact if name in found]) or (anywhere if room else found)
    if not found:
        where = f" in the {short(room, 40)}" if room else ""
        raise NotFoundError(
            f"There is no device called {short(device, 40)}{where}: there is {join(sorted(known), 'or')}."
        )
    if len(found) > 1:
        raise ToolError(f"Which one do you mean: {join(sorted(found), 'or')}?")
    return Target(f"the {found[0]}", known[found[0]], len(known[found[0]]) > 1)


def closest(said: str, names: Iterable[str]) -> list[str]:
    """Return the names that fit the words best, all of them where several fit equally; slips of typing allowed."""
    from rapidfuzz import fuzz

    names = list(names)
    wanted, plain = _words(said), _plain(said)
    same = [name for name in names if _plain(name) == plain] or [
        name for name in names if _words(name) == wanted
    ]
    if same:
        return same
    within = [name for name in names if wanted and wanted <= _words(name)]
    if within:
        return within
    around = [name for name in names if _words(name) and _words(name) <= wanted]
    if around:
        most = max(len(_words(name)) for name in around)
        return [name for name in around if len(_words(name)) == most]
    scored = [(fuzz.ratio(" ".join(sorted(wanted)), " ".join(sorted(_words(name)))), name) for name in names]
    best = max((score for score, _ in scored), default=0.0)
    return [name for score, name in scored if score == best and score >= 82]


def _plain(text: str) -> str:
    words = re.findall(r"[\w']+", text.casefold().replace("’", "'"))
    return " ".join(word for word in words if word not in ("the", "a", "an", "my", "our", "in", "on", "at"))


def _words(text: str) -> frozenset[str]:
    words = frozenset(_plain(text).split())
    return words - _FILLER or words


def _names(key: str, value: Any, table: str) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) and name for name in names):
        raise SettingsError(f"{key!r} under [home.{table}] must be a name or a list of names, not {value!r}.")
    return names
