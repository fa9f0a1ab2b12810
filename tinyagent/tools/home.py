"""The toolset home: lights and devices, by MQTT (zigbee2mqtt) or Home Assistant, whichever is configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from tinyagent.calls import Outcome
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.tools.colors import Color, find_color
from tinyagent.tools.context import Context
from tinyagent.tools.home_hub import Done, Hub, Wish
from tinyagent.tools.home_settings import HomeSettings, Target, device_of, lights_of, read_home
from tinyagent.tools.phrases import join, short
from tinyagent.tools.registry import Percent, Semantic, Text, tool

if TYPE_CHECKING:
    from tinyagent.settings import Settings

STEP = 20
_LIGHT_ON = ("on", "light up", "lit up", "lit", "activate", "enable")
_LIGHT_OFF = ("off", "out", "of", "shut off", "kill", "cut", "extinguish", "disable", "deactivate", "douse")
_CHANGE_WORDS = (
    ("brighter", ("brighter", "brighten", "up", "raise", "increase", "too dark", "too dim", "can't see",
                  "more light", "more", "gloomy", "dark", "lighter", "higher")),
    ("dimmer", ("dimmer", "dim", "dimm", "down", "lower", "reduce", "decrease", "too bright", "blinding",
                "less light", "less", "cosy", "cozy", "romantic", "mood lighting", "low", "a bit much", "soften",
                "softer", "relaxing", "darker", "less bright")),
)  # fmt: skip
_DEVICE_ON = ("on", "up", "start", "activate", "enable", "going", "fire up", "run", "boot")
_DEVICE_OFF = ("off", "of", "down", "stop", "shut off", "shut down", "kill", "deactivate", "disable", "unplug",
               "cut the power", "cut")  # fmt: skip
LightState = Annotated[str, Semantic("enum", choices=(("on", _LIGHT_ON), ("off", _LIGHT_OFF)))]
DeviceState = Annotated[str, Semantic("enum", choices=(("on", _DEVICE_ON), ("off", _DEVICE_OFF)))]
LightChange = Annotated[str, Semantic("enum", choices=_CHANGE_WORDS)]


def available(settings: Settings) -> str | None:
    """Return None where a home is configured, else the sentence that says how; nothing is connected to."""
    try:
        home = read_home(settings.tools)
        if not home.lights and not home.devices:
            raise ToolError(
                "No lights or devices are named: add them under [home.lights] and [home.devices]."
            )
        _hub(home)
    except TinyAgentError as error:
        return str(error)
    return None


def _hub(home: HomeSettings) -> Hub:
    if home.mqtt_host:
        from tinyagent.tools.home_mqtt import MqttHub

        return MqttHub(home)
    from tinyagent.tools.home_assistant import RestHub

    return RestHub(home)


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Put lamps and devices back to how they were before a tool of this module switched them."""
    home = read_home(ctx.tools)
    if data["hub"] != _kind(home):
        raise ToolError(
            "The home is reached in another way now, so this cannot be undone: switch it by hand."
        )
    _hub(home).restore(data["before"])


def _kind(home: HomeSettings) -> str:
    return "mqtt" if home.mqtt_host else "rest"


@tool(toolset="home", effect="write", undo=_undo)
def set_light(
    ctx: Context,
    room: Text | None = None,
    state: LightState | None = None,
    change: LightChange | None = None,
    level: Percent | None = None,
    color: Text | None = None,
) -> Outcome:
    """Switch the lights of a room on or off, dim or colour them.

    Without a room those of the room of this computer, or all. Raises `NotFoundError` for no such room, `ToolError`
    where the home cannot be reached or nothing is asked for.
    """
    if state is None and change is None and level is None and color is None:
        raise ToolError("What shall I do with the light? Say on, off, a level or a colour.")
    if level is not None and not 0 <= level <= 100:
        raise ToolError(f"{level:g} is no level from 0 to 100: say one such as “forty percent”.")
    shade = None
    if color:
        shade = find_color(color)
        if shade is None:
            raise ToolError(
                f"I do not know the colour {short(color, 40)}: say one such as blue or warm white."
            )
    home = read_home(ctx.tools)
    target = lights_of(home, room)
    step = (
        0 if level is not None or state == "off" else {"brighter": STEP, "dimmer": -STEP}.get(change or "", 0)
    )
    wish = Wish(
        None if state is None else state == "on", None if level is None else round(level), step, shade
    )
    done = _hub(home).switch(target.names, wish)
    return _outcome(home, target, done, _light_words(done, step, shade))


@tool(toolset="home", effect="write", undo=_undo)
def set_device(ctx: Context, device: Text, state: DeviceState, room: Text | None = None) -> Outcome:
    """Switch a device at home on or off.

    Raises `NotFoundError` for no such device, `ToolError` where several fit or the home cannot be reached.
    """
    home = read_home(ctx.tools)
    target = device_of(home, device, room)
    done = _hub(home).switch(target.names, Wish(on=state == "on"))
    return _outcome(home, target, done, state)


def _outcome(home: HomeSettings, target: Target, done: Sequence[Done], how: str) -> Outcome:
    silent = [one.name for one in done if not one.confirmed]
    if not silent:
        answer = f"{_capital(target.said)} {'are' if target.plural else 'is'} {how}."
    elif len(silent) == len(done):
        answer = f"I asked for {target.said} to be {how}, but got no confirmation."
    else:
        answer = f"I asked for {target.said} to be {how}; {join([short(n, 40) for n in silent[:4]])} did not confirm."
    before = {one.name: dict(one.before) for one in done if one.before is not None}
    value = [{"name": o.name, "on": o.on, "level": o.level, "confirmed": o.confirmed} for o in done]
    return Outcome(answer, value, {"hub": _kind(home), "before": before} if before else None)


def _light_words(done: Sequence[Done], step: int, color: Color | None) -> str:
    """Return how the lamps are now: "off", "on", "red, at 40%", "brighter, at 60%"."""
    if not any(one.on for one in done):
        return "off"
    levels = {one.level for one in done if one.on}
    level = levels.pop() if len(levels) == 1 else None
    parts = [color.name] if color else []
    if step:
        parts.append("brighter" if step > 0 else "dimmer")
    if level is not None:
        parts.append(f"at {level}%")
    return ", ".join(parts) or "on"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
