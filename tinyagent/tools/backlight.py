"""The brightness of the built-in screen: the kernel's backlight class, written directly or through logind."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tinyagent.errors import ToolError
from tinyagent.tools.dbus import BusError, call, connected

ROOT = "/sys/class/backlight"
STEP = 10
_ORDER = ("firmware", "platform", "raw")
_NAME = re.compile(r"[\w.:@-]{1,200}")
_LOGIND = "org.freedesktop.login1"


@dataclass(frozen=True, slots=True)
class Backlight:
    """A backlight: `value` of `most`, in the device's own steps."""

    folder: Path
    value: int
    most: int

    @property
    def percent(self) -> int:
        """The brightness in percent."""
        return round(self.value * 100 / self.most)

    def steps(self, percent: int) -> int:
        """Return the device's value for a percentage; never 0, which is a black screen on many."""
        return max(1, round(percent * self.most / 100))


def find(root: Path, name: str | None = None) -> Backlight:
    """Return the backlight `name`, or the one the kernel recommends. Raises `ToolError` where there is none."""
    found: list[tuple[int, str, Backlight]] = []
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        kind, most, value = (_read(folder / part) for part in ("type", "max_brightness", "brightness"))
        if (
            (name in (None, folder.name))
            and _NAME.fullmatch(folder.name)
            and most.isdecimal()
            and int(most) > 0
        ):
            rank = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
            light = Backlight(folder, int(value) if value.isdecimal() else 0, int(most))
            found.append((rank, folder.name, light))
    if not found:
        raise ToolError(
            "This machine has no backlight that can be set: use the buttons of the monitor (a laptop's screen has one)."
        )
    return min(found, key=lambda entry: entry[:2])[2]


def write(light: Backlight, value: int) -> None:
    """Set the raw value, by the file where that may be written, else by logind. Raises `ToolError`."""
    file = light.folder / "brightness"
    if os.access(file, os.W_OK):
        try:
            file.write_text(f"{value}\n", "ascii")
            return
        except OSError:
            pass  # access() is not the last word on /sys
    try:
        with connected("system") as bus:
            call(bus, _LOGIND, "/org/freedesktop/login1/session/auto", f"{_LOGIND}.Session", "SetBrightness", "ssu",
                 ("backlight", light.folder.name, value))  # fmt: skip
    except BusError as error:
        raise ToolError(
            f"{file} may not be written and logind did not help ({error.short}): "
            "log in to a desktop with systemd-logind, or allow yourself to write that file."
        ) from None


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()[:40]
    except (OSError, UnicodeDecodeError):
        return ""
