"""The toolset system: volume, brightness, screenshots, the lock and how the machine is doing."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from tinyagent.calls import Outcome
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.tools import backlight, made, screenshot, session_lock, sound
from tinyagent.tools.changes import announce
from tinyagent.tools.context import Context
from tinyagent.tools.files import store_error
from tinyagent.tools.moving import rename_new
from tinyagent.tools.registry import Percent, tool
from tinyagent.tools.system_status import ASPECTS
from tinyagent.tools.system_words import Aspect, BrightnessChange, VolumeChange
from tinyagent.tools.tables import read_table

if TYPE_CHECKING:
    from tinyagent.settings import Settings


@dataclass(frozen=True, slots=True)
class SystemSettings:
    """The table `[system]`: where pictures of the screen go ("" for the pictures folder), the kernel's backlights."""

    screenshots: str = ""
    backlight: str = backlight.ROOT

    @property
    def pictures(self) -> Path:
        """The folder for pictures of the screen."""
        from platformdirs import user_pictures_path

        if self.screenshots:
            return Path(self.screenshots).expanduser().absolute()
        return user_pictures_path() / "Screenshots"


def tool_available(settings: Settings, name: str) -> str | None:
    """Return None where the tool works here, else the sentence that says why not and what helps."""
    try:
        if name == "set_volume":
            sound.look()
        elif name == "set_brightness":
            backlight.find(Path(read_table(settings.tools, "system", SystemSettings).backlight))
        elif name == "lock_screen":
            session_lock.check()
        elif name == "take_screenshot":
            return screenshot.missing()
    except TinyAgentError as error:
        return str(error)
    return None


def _undo_volume(ctx: Context, data: dict[str, Any]) -> None:
    before, after = (
        sound.Sound(d["sink"], tuple(d["volumes"]), d["mute"]) for d in (data["before"], data["after"])
    )
    sound.restore(before, after)


@tool(toolset="system", effect="write", undo=_undo_volume)
def set_volume(ctx: Context, level: Percent | None = None, change: VolumeChange | None = None) -> Outcome:
    """Set the volume, turn it up or down, or mute it.

    A level is that of the default output; one that contradicts the change ("up 10" at 50) is how far to go. Raises
    `ToolError` without a sound server or when nothing is asked for.
    """
    if level is None and change is None:
        raise ToolError("How loud shall it be? Say a level such as “forty percent”, or up, down or mute.")
    if change in ("mute", "unmute") and level is None:
        before, after = sound.change(mute=change == "mute")
    elif level is None:
        before, after = sound.change(step=sound.STEP if change == "up" else -sound.STEP, mute=_heard(change))
    else:
        goal = _goal(_percent(level), change, sound.look().level)
        before, after = sound.change(level=goal, mute=False if goal else None)
    same = before == after
    if after.mute:
        answer = f"The sound is {'already ' if same else ''}off, at {after.level}%."
    else:
        answer = f"The volume is {'already' if same else 'now'} at {after.level}%."
    undo = None if same else {"before": asdict(before), "after": asdict(after)}
    return Outcome(answer, {"level": after.level, "mute": after.mute}, undo)


def _heard(change: str | None) -> bool | None:
    return False if change == "up" else None


def _percent(level: float) -> int:
    if not 0 <= level <= 100:
        raise ToolError(f"{level:g} is no level from 0 to 100: say one such as “forty percent”.")
    return round(level)


def _goal(level: int, change: str | None, current: int) -> int:
    """Return the level meant by "up to 60" and, where that would be the wrong way, by "up by 10"."""
    if change == "up" and level < current:
        return min(100, current + level)
    if change == "down" and level > current:
        return max(0, current - level)
    return level


def _undo_brightness(ctx: Context, data: dict[str, Any]) -> None:
    root = Path(read_table(ctx.tools, "system", SystemSettings).backlight)
    light = backlight.find(root, data["device"])
    if light.value != data["after"]:
        raise ToolError("The brightness was changed since, so this cannot be undone: set it by hand.")
    backlight.write(light, int(data["before"]))


@tool(toolset="system", effect="write", undo=_undo_brightness)
def set_brightness(
    ctx: Context, level: Percent | None = None, change: BrightnessChange | None = None
) -> Outcome:
    """Set the brightness of the screen, or turn it up or down.

    It never goes down to black. Raises `ToolError` without a backlight or when nothing is asked for.
    """
    if level is None and change is None:
        raise ToolError("How bright shall it be? Say a level such as “forty percent”, or up or down.")
    root = Path(read_table(ctx.tools, "system", SystemSettings).backlight)
    light = backlight.find(root)
    if level is None:
        goal = min(max(light.percent + (backlight.STEP if change == "up" else -backlight.STEP), 0), 100)
    else:
        goal = _goal(_percent(level), change, light.percent)
    steps = light.steps(goal)
    if steps != light.value:
        backlight.write(light, steps)
        now = backlight.find(root, light.folder.name)
        answer = f"The brightness is now {now.percent}%."
    else:
        now, answer = light, f"The brightness is already {light.percent}%."
    undo = None
    if now.value != light.value:
        undo = {"device": light.folder.name, "before": light.value, "after": now.value}
    return Outcome(answer, {"level": now.percent}, undo)


def _undo_screenshot(ctx: Context, data: dict[str, Any]) -> None:
    """Remove the picture, unless somebody changed it since."""
    path, folder = Path(data["path"]), read_table(ctx.tools, "system", SystemSettings).pictures
    if path.parent != folder or path.is_symlink():
        raise ToolError(f"{path} is not in {folder}: remove it by hand.")
    made.restore(folder, data)


@tool(toolset="system", effect="write", undo=_undo_screenshot, results={"": "file"})
def take_screenshot(ctx: Context) -> Outcome:
    """Take a picture of the screen and keep it among the pictures.

    Raises `ToolError` without a screen, and where the person does not allow it.
    """
    folder = read_table(ctx.tools, "system", SystemSettings).pictures
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(
            f"The folder {folder} cannot be made ({error.strerror}): set screenshots in [system]."
        ) from None
    stem = f"Screenshot {ctx.now:%Y-%m-%d %H-%M-%S}"
    names = (f"{stem}.png", *(f"{stem} ({number}).png" for number in range(2, 1000)))
    target = next((folder / name for name in names if not os.path.lexists(folder / name)), None)
    if target is None:
        raise ToolError(f"The folder {folder} is full of pictures of this second: wait a moment.")
    hidden = folder / f".{token_hex(8)}.png"
    try:
        by = screenshot.take(hidden)
        undo = {"path": str(target), "sha256": made.digest(hidden)}
        announce("made", folder, undo)
        rename_new(hidden, target)
    except OSError as error:
        raise store_error(target, "written", error) from None
    finally:
        hidden.unlink(missing_ok=True)
    return Outcome(f"I took a screenshot: {target}", {"path": str(target), "by": by}, undo)


def _undo_lock(ctx: Context, data: Any) -> None:
    """Refuse: only its owner unlocks a screen."""
    raise ToolError("A locked screen is unlocked by its owner: type the password there.")


@tool(toolset="system", effect="write", undo=_undo_lock)
def lock_screen(ctx: Context) -> Outcome:
    """Lock the screen.

    Raises `ToolError` where logind has no session to lock.
    """
    locked = session_lock.lock()
    answer = (
        "The screen is locked."
        if locked
        else "I asked the desktop to lock the screen; it did not confirm it."
    )
    return Outcome(answer, {"locked": locked})


@tool(toolset="system", effect="read")
def get_system_status(ctx: Context, what: Aspect | None = None) -> Outcome:
    """Say how the computer is doing: battery, memory, disk, processor or network.

    Raises `ToolError` for what this machine does not tell.
    """
    try:
        answer, value = ASPECTS[what or "all"](ctx)
    except (OSError, NotImplementedError, AttributeError) as error:
        raise ToolError(
            f"This machine does not tell that ({type(error).__name__}): ask about something else."
        ) from None
    return Outcome(answer, value)
