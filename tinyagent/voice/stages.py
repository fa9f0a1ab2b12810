"""What the voice daemon is put together from: one engine for each stage, and what it does besides. See `build`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyagent.calls import Answer
from tinyagent.voice.ears import Mode
from tinyagent.voice.hearing import Endpointing
from tinyagent.voice.protocols import (
    Activity,
    AudioSink,
    AudioSource,
    Sound,
    Synthesiser,
    Transcriber,
    WakeWord,
)
from tinyagent.voice.turn import Wording

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Stages:
    """The engines that the daemon is put together from, and what it does besides.

    `assistant` makes the assistant, on the thread that will own it. `ring` hears of every answer and may block; `show`
    shows a notification of title and body and may block; `earcon` makes the sound of a name. `mode` says when sound is
    taken from the source.
    """

    source: AudioSource
    activity: Activity
    wake: WakeWord | None
    endpointer: Endpointing
    transcriber: Transcriber
    assistant: Callable[[], Assistant]
    synthesiser: Synthesiser
    sink: AudioSink
    wording: Wording
    ring: Callable[[Answer], object] = lambda answer: None
    show: Callable[[str, str], object] | None = None
    earcon: Callable[[str], Sound] | None = None
    mode: Mode = Mode.IN_WINDOWS
    headset: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
