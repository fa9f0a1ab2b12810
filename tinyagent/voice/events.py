"""What the parts of the voice daemon tell each other, and what it tells whoever looks on. Plain data.

`Signal`s go from the ears to the daemon; `News` goes out, to the command line, the benchmark and the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tinyagent.events import Event
from tinyagent.voice.protocols import Samples, Transcript


class State(StrEnum):
    """What the daemon is doing; the value is said to the person by `tinyagent listen --status`."""

    LOADING = "loading"
    IDLE = "waiting"
    LISTENING = "listening"
    TRANSCRIBING = "transcribing"
    ACTING = "acting"
    CONFIRMING = "asking for a yes"
    ANSWERING = "answering"
    FOLLOW_UP = "listening for an answer"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody said: int16 samples [n] at 16 kHz, and the numbers of the first and the last frame with speech."""

    samples: Samples
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Woken:
    """The wake word was heard."""


@dataclass(frozen=True, slots=True)
class SpokeUp:
    """Somebody speaks while the assistant does."""


@dataclass(frozen=True, slots=True)
class Deaf:
    """The microphone does not work; the ears try again."""

    sentence: str


@dataclass(frozen=True, slots=True)
class HearsAgain:
    """The microphone works again."""


@dataclass(frozen=True, slots=True)
class SourceEnded:
    """There will be no more sound: a file has been played."""


Signal = Woken | SpokeUp | Deaf | HearsAgain | SourceEnded


@dataclass(frozen=True, slots=True)
class Entered:
    """The daemon does something else now."""

    state: State


@dataclass(frozen=True, slots=True)
class Listened:
    """Somebody has finished speaking."""

    spoken: Spoken


@dataclass(frozen=True, slots=True)
class Understood:
    """The words are known."""

    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Acted:
    """Something happened on the assistant's path; a call that starts is told here the moment it does."""

    event: Event


@dataclass(frozen=True, slots=True)
class Said:
    """The assistant begins to say this."""

    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong; the daemon goes on."""

    sentence: str


News = Entered | Listened | Understood | Acted | Said | Trouble | Signal
Tell = Callable[[News], None]
"""Called on the event loop's thread; must not block."""
