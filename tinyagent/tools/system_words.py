"""The words by which a person says what the toolset system shall do: each value of its enums with what says it."""

from __future__ import annotations

from typing import Annotated

from tinyagent.tools.registry import Semantic

_VOLUME_WORDS = (
    ("up", ("up", "louder", "too quiet", "too low", "too soft", "can't hear", "cannot hear", "barely hear", "raise",
            "crank", "increase", "boost", "pump", "more", "higher", "amplify", "quiet")),
    ("down", ("down", "dwn", "quieter", "too loud", "lower", "reduce", "decrease", "drop", "softer", "soften",
              "blasting", "less", "not so loud", "less loud", "loud")),
    ("mute", ("mute", "silence", "silent", "off", "kill", "cut", "no sound", "shut up")),
    ("unmute", ("unmute", "back on", "on", "back", "off mute", "un-mute", "un mute", "unsilence")),
)  # fmt: skip
_BRIGHTNESS_WORDS = (
    ("up", ("up", "brighter", "brighten", "too dark", "too dim", "hardly see", "can't see", "barely see", "lighten",
            "lighter", "raise", "increase", "more", "crank", "boost", "higher", "bump up")),
    ("down", ("down", "way down", "dwn", "dim", "dimm", "dimmer", "darker", "darken", "too bright", "less bright",
              "not so bright", "blinding", "lower", "decrease", "reduce", "less", "soften", "softer")),
)  # fmt: skip
_STATUS_WORDS = (
    ("battery", ("battery", "batteries", "bat", "batt", "charging", "charged", "charger", "charge", "plugged in",
                 "unplugged", "juice", "power", "die")),
    ("memory", ("memory", "ram", "working memory", "swap")),
    ("disk", ("disk space", "disk", "dsk", "free space", "space", "hard drive", "hard disk", "hd", "drive", "room",
              "storage", "ssd", "hdd")),
    ("cpu", ("cpu", "processor", "load", "cores")),
    ("network", ("network", "online", "offline", "internet", "wifi", "wi-fi", "wi fi", "connection", "connected",
                 "ip address", "ip", "wireless", "ethernet", "lan", "signal")),
    ("all", ("everything", "all", "complete", "whole", "overall", "summary", "overview")),
)  # fmt: skip
VolumeChange = Annotated[str, Semantic("enum", choices=_VOLUME_WORDS)]
BrightnessChange = Annotated[str, Semantic("enum", choices=_BRIGHTNESS_WORDS)]
Aspect = Annotated[str, Semantic("enum", choices=_STATUS_WORDS)]
