"""The volume of the default output, by PulseAudio's protocol (PipeWire speaks it too)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tinyagent.errors import ToolError

STEP = 10


@dataclass(frozen=True, slots=True)
class Sound:
    """What an output plays at: `volumes` one number a channel, 1.0 is 100 %."""

    sink: str
    volumes: tuple[float, ...]
    mute: bool

    @property
    def level(self) -> int:
        """The loudest channel in percent."""
        return round(max(self.volumes, default=0.0) * 100)


@contextmanager
def _server() -> Iterator[Any]:
    try:
        import pulsectl
    except ImportError:
        raise ToolError("The volume needs the package pulsectl: install tinyagent anew.") from None
    except OSError:
        raise ToolError("There is no PulseAudio library: install libpulse0.") from None
    try:
        # Never start a server of our own: one that nobody hears is of no use. No timeout either: pulsectl waits
        # it out even after connecting, and libpulse gives up on a silent server by itself.
        with pulsectl.Pulse("tinyagent", connect=False) as pulse:
            pulse.connect(autospawn=False)
            yield pulse
    except pulsectl.PulseError as error:
        raise ToolError(
            f"There is no sound server to talk to ({error or type(error).__name__}): "
            "start PipeWire (pipewire-pulse) or PulseAudio in your session."
        ) from None


def _sinks(pulse: Any, name: str | None = None) -> Any:
    wanted = name or pulse.server_info().default_sink_name
    sinks = {sink.name: sink for sink in pulse.sink_list()}
    if wanted not in sinks:
        what = f"The sound output {name} is gone" if name else "There is no sound output"
        raise ToolError(f"{what}: plug one in, or choose one in the sound settings.")
    return sinks[wanted]


def _seen(sink: Any) -> Sound:
    return Sound(sink.name, tuple(float(value) for value in sink.volume.values), bool(sink.mute))


def look() -> Sound:
    """Return what the default output plays at. Raises `ToolError` without a server or an output."""
    with _server() as pulse:
        return _seen(_sinks(pulse))


def change(*, level: int | None = None, step: int = 0, mute: bool | None = None) -> tuple[Sound, Sound]:
    """Set the default output and return what it was at and what it is at.

    `level` is percent of all channels, keeping their balance; `step` adds to it, never above 100 and never less
    than what it was. Raises `ToolError`.
    """
    with _server() as pulse:
        sink = _sinks(pulse)
        before = _seen(sink)
        if level is None and step:
            top = max(100, before.level) if step > 0 else before.level
            level = min(max(before.level + step, 0), top)
        if level is not None:
            _set(pulse, sink, _balanced(before.volumes, level / 100))
        if mute is not None:
            pulse.mute(sink, mute)
        return before, _seen(_sinks(pulse))


def restore(before: Sound, after: Sound) -> None:
    """Put an output back; `ToolError` where it was changed since."""
    with _server() as pulse:
        sink = _sinks(pulse, before.sink)
        if _seen(sink) != after:
            raise ToolError("The volume was changed since, so this cannot be undone: set it by hand.")
        _set(pulse, sink, before.volumes)
        pulse.mute(sink, before.mute)


def _balanced(volumes: tuple[float, ...], level: float) -> tuple[float, ...]:
    loudest = max(volumes, default=0.0)
    return tuple(value / loudest * level if loudest else level for value in volumes)


def _set(pulse: Any, sink: Any, volumes: tuple[float, ...]) -> None:
    volume = sink.volume
    volume.values = list(volumes)
    pulse.volume_set(sink, volume)
