"""Every error a user can meet: one clear sentence that says what to do, and the exit code of the command."""

from __future__ import annotations


class TinyAgentError(Exception):
    """Base of all errors meant for the user; `str(error)` is one sentence with its cure."""

    exit_code = 1


class SettingsError(TinyAgentError):
    """A settings file or variable cannot be read."""

    exit_code = 2


class ModelError(TinyAgentError):
    """The base model or the llama.cpp build does not work."""


class ProductError(TinyAgentError):
    """An adapter, index or embedder is missing, damaged, or made for another base or prompt version."""


class MissingExtraError(TinyAgentError):
    """A command needs an optional extra that is not installed."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(
            f"This needs the package {package}: install it with `pip install 'tinyagent[{extra}]'`."
        )


class StoreError(TinyAgentError):
    """A calendar, contact, list or state file cannot be read or written; nothing was changed."""


class VoiceError(TinyAgentError):
    """A microphone, a loudspeaker or an engine of the voice daemon does not work."""


class ToolError(TinyAgentError):
    """A tool could not do what was asked; nothing was changed."""


class NotFoundError(ToolError):
    """What the words name (an event, a reminder, a contact, a list) does not exist."""


class PlanError(TinyAgentError):
    """A plan from outside does not fit the tools; nothing of it was run."""

    exit_code = 2


class CaseError(TinyAgentError):
    """An evaluation case does not follow the case format."""

    exit_code = 2
