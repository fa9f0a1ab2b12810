"""SLURP's iot intents: the toolset home."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.verdict import NUMBER, Rule, Verdict, act, ask, none

COLOR = re.compile(r"\b(red|blue|green|yellow|orange|purple|pink|white)\b")
LIGHT = re.compile(r"\b(light\w*|lamps?|dim\w*|dark\w*|bright\w*|colou?rs?|mood)\b")
LATER = re.compile(rf"\b((at|by) {NUMBER}|when|daily)\b")
"""A time or an event to switch at, for which no tool of the home has a parameter."""
HOW = re.compile(r"\bhow (do|can|to)\b")


def _switch(text: str) -> Verdict | None:
    if not LIGHT.search(text):
        return None
    if re.search(r"\blamp\b", text) and not re.search(r"\blights?\b", text):
        return act("set_light", "set_device")
    if re.search(r"\bbright\b", text) and not re.search(r"\b(lights?|room|in here)\b", text):
        return act("set_light", "set_brightness")
    return act("set_light")


def _color(text: str) -> Verdict | None:
    if COLOR.search(text):
        return act("set_light")
    return ask("set_light") if LIGHT.search(text) else None


def _device(text: str) -> Verdict | None:
    if not re.search(r"\b(plug|socket|fan|wemo)\b", text):
        return None
    return none("set_device") if LATER.search(text) else act("set_device")


def _machine(text: str) -> Verdict | None:
    """Switch a machine that is named; that a cup is wanted, or the flat dirty, names none."""
    if LATER.search(text) or HOW.search(text):
        return none("set_device")
    named = re.search(r"\b(vacuum\w*|roomba|robot|coffee (machine|maker))\b", text)
    started = re.search(r"\b(start|turn on|switch on) (up )?the coffee$", text)
    return act("set_device") if named or started else none("set_device")


INTENTS: dict[str, Rule] = {
    "iot_hue_lighton": _switch,
    "iot_hue_lightoff": _switch,
    "iot_hue_lightup": _switch,
    "iot_hue_lightdim": _switch,
    "iot_hue_lightchange": _color,
    "iot_wemo_on": _device,
    "iot_wemo_off": _device,
    "iot_cleaning": _machine,
    "iot_coffee": _machine,
}
