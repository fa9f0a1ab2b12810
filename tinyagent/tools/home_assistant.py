"""Lights and devices by Home Assistant's REST interface: /api/states tells, /api/services changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import Any

from tinyagent.errors import SettingsError, ToolError
from tinyagent.tools.home_hub import PATIENCE, Done, Wish
from tinyagent.tools.home_settings import HomeSettings
from tinyagent.tools.json_http import ServiceError, base_url, request_json

_ENTITY = re.compile(r"[a-z0-9_]{1,60}\.[a-z0-9_]{1,190}")
_COLOR = {"color_temp": ("color_temp_kelvin",), "xy": ("xy_color",), "hs": ("hs_color",), "rgb": ("rgb_color",),
          "rgbw": ("rgbw_color",), "rgbww": ("rgbww_color",)}  # fmt: skip


class RestHub:
    """One Home Assistant, by its address and a long-lived access token."""

    def __init__(self, home: HomeSettings) -> None:
        self.url = base_url(home.url, "url in the table [home]")
        if not home.token.isascii() or not home.token.isprintable() or " " in home.token:
            raise SettingsError("The token in the table [home] is damaged: copy it anew from Home Assistant.")
        self.headers = {"Authorization": f"Bearer {home.token}"}

    def switch(self, names: Sequence[str], wish: Wish) -> list[Done]:
        """Change the named entities and say how each was and whether it confirmed. Raises `ToolError`."""
        for name in names:
            _check(name, wish)
        before = {name: self._state(name) for name in names}
        wanted = {name: wish.for_lamp(*_seen(before[name])) for name in names}
        for name, made in wanted.items():
            if made is not None:
                self._change(name, made)
        until = monotonic() + PATIENCE
        waiting = {name for name, made in wanted.items() if made is not None}
        while waiting:
            waiting = {name for name in waiting if not _agrees(self._state(name), wanted[name])}
            if not waiting or monotonic() > until:
                break
            sleep(0.1)
        return [
            Done(
                name,
                _kept(before[name]),
                name not in waiting,
                bool(made and made.on),
                made.level if made else None,
            )
            for name, made in wanted.items()
        ]

    def restore(self, before: Mapping[str, Mapping[str, Any]]) -> None:
        """Put every entity back. Raises `ToolError`."""
        for name, state in before.items():
            _check(name, Wish())
            data = (
                {key: value for key, value in state.items() if key != "state"}
                if state["state"] == "on"
                else {}
            )
            self._call(name, "turn_on" if state["state"] == "on" else "turn_off", data)

    def _change(self, name: str, wish: Wish) -> None:
        data: dict[str, Any] = {}
        if wish.level is not None:
            data["brightness_pct"] = wish.level
        if wish.step:
            data["brightness_step_pct"] = wish.step
        if wish.color and wish.color.rgb:
            data["rgb_color"] = list(wish.color.rgb)
        elif wish.color:
            data["color_temp_kelvin"] = wish.color.kelvin
        self._call(name, "turn_on" if wish.on else "turn_off", data)

    def _call(self, name: str, service: str, data: Mapping[str, Any]) -> None:
        domain = "light" if name.startswith("light.") else "homeassistant"
        self._ask(f"/api/services/{domain}/{service}", {"entity_id": name, **data}, name)

    def _state(self, name: str) -> dict[str, Any]:
        found = self._ask(f"/api/states/{name}", None, name)
        if not isinstance(found, dict) or not isinstance(found.get("state"), str):
            raise ToolError(f"{self.url} does not answer as Home Assistant does: correct url in [home].")
        attributes = found.get("attributes")
        return {"state": found["state"], "attributes": attributes if isinstance(attributes, dict) else {}}

    def _ask(self, path: str, data: Any, name: str) -> Any:
        try:
            return request_json(self.url + path, data=data, headers=self.headers)
        except ServiceError as error:
            if error.status in (401, 403):
                raise ToolError(
                    "Home Assistant refuses the token: make a new one and set token in [home]."
                ) from None
            if error.status == 404:
                raise ToolError(
                    f"Home Assistant does not know {name}: correct the name under [home]."
                ) from None
            if error.status:
                raise ToolError(
                    f"Home Assistant did not do it for {name} ({error.status} {error.reason}): see its log."
                ) from None
            raise ToolError(
                f"Home Assistant at {self.url} cannot be reached ({error.reason}): "
                "is it running, and is url in [home] right?"
            ) from None


def _check(name: str, wish: Wish) -> None:
    if not _ENTITY.fullmatch(name):
        raise SettingsError(
            f"{name!r} in the table [home] is no entity of Home Assistant: write one like light.kitchen."
        )
    if not name.startswith("light.") and (wish.level is not None or wish.step or wish.color):
        raise ToolError(f"{name} is no light that can be dimmed or coloured: only switch it on or off.")


def _seen(state: Mapping[str, Any]) -> tuple[bool | None, int | None]:
    raw = state["attributes"].get("brightness")
    level = round(raw / 2.55) if isinstance(raw, int | float) and not isinstance(raw, bool) else None
    return {"on": True, "off": False}.get(state["state"]), level


def _agrees(state: Mapping[str, Any], wish: Wish | None) -> bool:
    on, level = _seen(state)
    if wish is None:
        return True
    # Climate, vacuums and the like have states of their own; for them anything but off is on.
    is_on = on if on is not None else state["state"] not in ("off", "unavailable", "unknown")
    if state["state"] in ("unavailable", "unknown") or is_on != bool(wish.on):
        return False
    return wish.level is None or level is None or abs(level - wish.level) <= 2


def _kept(state: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what `restore` needs; None where the entity did not tell."""
    if state["state"] not in ("on", "off"):
        return None
    attributes = state["attributes"]
    keys = ("brightness", *_COLOR.get(str(attributes.get("color_mode")), ()))
    return {"state": state["state"]} | {
        key: attributes[key] for key in keys if attributes.get(key) is not None
    }
