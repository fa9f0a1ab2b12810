"""Microphones and loudspeakers by name: those of the sound server (PipeWire, PulseAudio) first, else ALSA's own.

The server's devices are asked for each time, so that a headset that was plugged in just now has its name. PortAudio
reaches them all through one ALSA device; which one is meant stands in the environment while that one is opened.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tinyagent.errors import VoiceError
from tinyagent.tools.phrases import harmless
from tinyagent.voice import portaudio

Kind = Literal["input", "output"]

_WORD: dict[Kind, str] = {"input": "microphone", "output": "speaker"}
_BRIDGES = ("pulse", "pipewire", "default")
# PulseAudio's library reads the first, PipeWire's ALSA plugin the second.
_VARIABLES: dict[Kind, tuple[str, str]] = {
    "input": ("PULSE_SOURCE", "PIPEWIRE_NODE"),
    "output": ("PULSE_SINK", "PIPEWIRE_NODE"),
}


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or loudspeaker: the `name` to put into the settings, its own `rate` in samples per second.

    `index` is PortAudio's number, `channels` how many it has there, `node` the sound server's name for it.
    """

    name: str
    default: bool
    rate: int
    index: int
    channels: int
    node: str = ""


def inputs() -> list[Device]:
    """Return the microphones. Raises `VoiceError` without PortAudio; no device is an empty list."""
    return _listed("input")


def outputs() -> list[Device]:
    """Return the loudspeakers, as `inputs` does."""
    return _listed("output")


def _listed(kind: Kind) -> list[Device]:
    if portaudio.idle():
        portaudio.refresh()
    return _all(kind)


def _all(kind: Kind) -> list[Device]:
    plain = _of_portaudio(kind)
    bridge = next((device for name in _BRIDGES for device in plain if device.name == name), None)
    if bridge is None:
        return plain
    served = _of_server(kind, bridge)
    # What the bridge reaches is listed by its own name; ALSA's other names for it would only confuse.
    return served or plain


def _of_portaudio(kind: Kind) -> list[Device]:
    sounddevice = portaudio.library()
    with portaudio.lock:
        default = sounddevice.default.device[kind]
        if default is None or default == -1:
            default = _first_default(sounddevice, kind)
        return [
            Device(
                harmless(str(found["name"])),
                found["index"] == default,
                round(found["default_samplerate"]),
                found["index"],
                found[f"max_{kind}_channels"],
            )
            for found in sounddevice.query_devices()
            if found[f"max_{kind}_channels"] > 0
        ]


def _first_default(sounddevice: Any, kind: Kind) -> int:
    candidates = [api[f"default_{kind}_device"] for api in sounddevice.query_hostapis()]
    return next((index for index in candidates if index >= 0), -1)


def _of_server(kind: Kind, bridge: Device) -> list[Device]:
    """Return the sound server's devices, none where there is no server; a loudspeaker's monitor is no microphone."""
    try:
        import pulsectl
    except (ImportError, OSError):
        return []
    try:
        with pulsectl.Pulse("tinyagent", connect=False) as pulse:
            pulse.connect(autospawn=False)
            info = pulse.server_info()
            if kind == "input":
                nodes, default = pulse.source_list(), info.default_source_name
                nodes = [node for node in nodes if node.proplist.get("device.class") != "monitor"]
            else:
                nodes, default = pulse.sink_list(), info.default_sink_name
            return [
                Device(
                    harmless(node.description or node.name),
                    node.name == default,
                    node.sample_spec.rate if hasattr(node, "sample_spec") else bridge.rate,
                    bridge.index,
                    bridge.channels,
                    node.name,
                )
                for node in nodes
            ]
    except pulsectl.PulseError:
        return []


def find(name: str, kind: Kind) -> Device:
    """Return the device of that name or a part of it; with no name the one that the system has as default.

    Raises `VoiceError` where there is none, and says which there are.
    """
    plain = _of_portaudio(kind)
    if not name:
        chosen = next((device for device in plain if device.default), plain[0] if plain else None)
        if chosen is None:
            what = "microphone" if kind == "input" else "loudspeaker"
            raise VoiceError(f"There is no {what}: plug one in, or start PipeWire or PulseAudio.")
        return chosen
    known = [*_all(kind), *plain]
    wanted = name.casefold()
    exact = [device for device in known if wanted in (device.name.casefold(), device.node.casefold())]
    if found := exact or [device for device in known if wanted in device.name.casefold()]:
        return found[0]
    names = ", ".join(dict.fromkeys(device.name for device in _all(kind))) or "none at all"
    raise VoiceError(
        f'There is no {_WORD[kind]} "{harmless(name)}": plug it in, or set `{_WORD[kind]}` '
        f"under [voice] to one of these: {names}."
    )


@contextlib.contextmanager
def chosen(device: Device, kind: Kind) -> Iterator[None]:
    """Let the sound server's library take this device for what is opened within the block."""
    if not device.node:
        yield
        return
    before = {name: os.environ.get(name) for name in _VARIABLES[kind]}
    os.environ.update(dict.fromkeys(before, device.node))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def reason(error: Exception) -> str:
    """Return what PortAudio gives as the cause, in its own words."""
    text = re.sub(r"\s*\[PaErrorCode -?\d+\]", "", str(error))
    return harmless(text.split(": ", 1)[-1].strip()) or type(error).__name__


def check_input(name: str = "", seconds: float = 1.0) -> float:
    """Record for so long and return the loudness in [0, 1], 0.0 from a microphone that is muted.

    Blocks, so not for the event loop. Raises `VoiceError` where the microphone does not work.
    """
    import numpy as np

    from tinyagent.voice.microphone import Microphone
    from tinyagent.voice.protocols import FRAME_SECONDS
    from tinyagent.voice.sound import level

    async def record() -> float:
        heard = []
        async with contextlib.aclosing(Microphone(name).frames()) as frames:
            async for frame in frames:
                heard.append(frame)
                if len(heard) * FRAME_SECONDS >= seconds:
                    break
        return level(np.concatenate(heard))

    return asyncio.run(record())


def check_output(name: str = "") -> None:
    """Play a tenth of a second of silence. Blocks; raises `VoiceError` where the loudspeaker does not work."""
    from tinyagent.voice.sound import silence
    from tinyagent.voice.speaker import Speaker

    asyncio.run(Speaker(name).play(silence(0.1, 24_000)))
