"""The table `[voice]` of the settings file.

[voice]
wake = "pocketsphinx"         # or "openwakeword"; without it, a key: `tinyagent listen --toggle`
phrase = "hey computer"
microphone = "USB"            # a part of the name; `tinyagent listen --doctor` lists them
headset = true                # the microphone does not hear the loudspeaker: speaking stops an answer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tinyagent.errors import SettingsError
from tinyagent.settings import Settings

TABLE = "voice"
PUSH_TO_TALK = "push-to-talk"
WAKES = (PUSH_TO_TALK, "pocketsphinx", "openwakeword")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person can choose of the voice daemon.

    `microphone` and `speaker` are device names ("": the system's own). `voice_engine` is "auto", "espeak-ng" or
    "piper", `voice` a voice of it. `headset` says that the microphone does not hear the loudspeaker. With `keep_audio`
    every utterance is written to the state folder; otherwise no sound is ever written. `wyoming_asr` and `wyoming_tts`
    are addresses (tcp://host:port) of engines in the own network, "" for none. `wyoming_listen` is where the daemon
    itself serves Wyoming clients (tcp://127.0.0.1:10700: everybody on this machine; unix://PATH: the person alone);
    another address is taken with `wyoming_open` only, for Wyoming knows no password.
    """

    wake: str = PUSH_TO_TALK
    phrase: str = ""
    microphone: str = ""
    speaker: str = ""
    voice_engine: str = "auto"
    voice: str = ""
    earcons: bool = True
    headset: bool = False
    keep_audio: bool = False
    wyoming_asr: str = ""
    wyoming_tts: str = ""
    wyoming_listen: str = ""
    wyoming_open: bool = False


def read_options(settings: Settings) -> Options:
    """Return the person's choices. Raises `SettingsError` naming what is wrong in the table."""
    table: Mapping[str, Any] = settings.tools.get(TABLE, {})
    kinds = {field.name: field.type for field in fields(Options)}
    for name, value in table.items():
        if name not in kinds:
            raise SettingsError(
                f"The table [{TABLE}] has an unknown setting {name!r}: it knows {', '.join(kinds)}."
            )
        wanted = bool if kinds[name] == "bool" else str
        if not isinstance(value, wanted):
            kind = "true or false" if wanted is bool else "a text in quotes"
            raise SettingsError(f"The setting {name} in the table [{TABLE}] must be {kind}, not {value!r}.")
    options = Options(**table)
    if options.wake not in WAKES:
        raise SettingsError(
            f"The setting wake in the table [{TABLE}] must be one of {', '.join(WAKES)}, not {options.wake!r}."
        )
    if options.wyoming_listen and options.wyoming_listen in (options.wyoming_asr, options.wyoming_tts):
        raise SettingsError(
            f"The table [{TABLE}] lets the daemon ask itself: give wyoming_listen another address."
        )
    return options
