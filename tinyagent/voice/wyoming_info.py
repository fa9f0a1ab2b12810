"""What the Wyoming service says it offers."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from tinyagent.voice.wyoming_events import (
    AsrModel,
    AsrProgram,
    Attribution,
    HandleModel,
    HandleProgram,
    Info,
    IntentModel,
    IntentProgram,
    TtsProgram,
    TtsVoice,
)

NAME = "tinyagent"
LANGUAGES = ["en"]
ATTRIBUTION = Attribution(NAME, "")


def info() -> Info:
    """Return the answer to `Describe`: one program for each of hearing, speaking, recognizing and handling."""
    program: dict[str, Any] = {
        "name": NAME,
        "attribution": ATTRIBUTION,
        "installed": True,
        "version": version("tinyagent"),
    }
    model = {**program, "languages": LANGUAGES}
    return Info(
        asr=[
            AsrProgram(
                **program, description="Speech to text", models=[AsrModel(**model, description="English")]
            )
        ],
        tts=[
            TtsProgram(
                **program, description="Text to speech", voices=[TtsVoice(**model, description="English")]
            )
        ],
        handle=[
            HandleProgram(
                **program,
                description="Does commands on the person's own things",
                models=[HandleModel(**model, description="English commands")],
                supports_handled_streaming=True,
                supports_home_control=True,
            )
        ],
        intent=[
            IntentProgram(
                **program,
                description="Plans commands and does nothing",
                models=[IntentModel(**model, description="English commands")],
            )
        ],
    )
