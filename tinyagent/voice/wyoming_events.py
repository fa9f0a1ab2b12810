"""The events of Wyoming that tinyagent understands and sends: the one place that imports the package `wyoming`.

Importing this raises `MissingExtraError` where the package is not installed.
"""

from __future__ import annotations

import warnings

from tinyagent.errors import MissingExtraError

try:
    with warnings.catch_warnings():
        # It imports a module that Python 3.13 no longer has, and does without it there.
        warnings.simplefilter("ignore", DeprecationWarning)
        from wyoming.audio import AudioChunk, AudioStart, AudioStop
    from wyoming.asr import Transcribe, Transcript
    from wyoming.error import Error
    from wyoming.event import Event, Eventable, async_write_event
    from wyoming.handle import Handled, HandledChunk, HandledStart, HandledStop, NotHandled
    from wyoming.info import (
        AsrModel,
        AsrProgram,
        Attribution,
        Describe,
        HandleModel,
        HandleProgram,
        Info,
        IntentModel,
        IntentProgram,
        SelectProgram,
        TtsProgram,
        TtsVoice,
    )
    from wyoming.intent import Entity, Intent, IntentsStart, IntentsStop, NotRecognized, Recognize
    from wyoming.ping import Ping, Pong
    from wyoming.tts import Synthesize
except ImportError:
    raise MissingExtraError("voice", "wyoming") from None

__all__ = [
    "AsrModel",
    "AsrProgram",
    "Attribution",
    "AudioChunk",
    "AudioStart",
    "AudioStop",
    "Describe",
    "Entity",
    "Error",
    "Event",
    "Eventable",
    "HandleModel",
    "HandleProgram",
    "Handled",
    "HandledChunk",
    "HandledStart",
    "HandledStop",
    "Info",
    "Intent",
    "IntentModel",
    "IntentProgram",
    "IntentsStart",
    "IntentsStop",
    "NotHandled",
    "NotRecognized",
    "Ping",
    "Pong",
    "Recognize",
    "SelectProgram",
    "Synthesize",
    "Transcribe",
    "Transcript",
    "TtsProgram",
    "TtsVoice",
    "async_write_event",
]
