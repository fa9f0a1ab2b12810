"""Keeps what was said as wav files, for who sets `keep_audio`: nothing else in tinyagent writes sound to the disk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tinyagent.tools.files import make_folder
from tinyagent.voice.events import Spoken
from tinyagent.voice.protocols import RATE, Sound

FOLDER = "voice"
KEPT = 200
"""Utterances; the oldest go first."""


class Keeper:
    """Writes utterances to `voice/` in the state folder, readable by their owner only."""

    def __init__(self, state: Path, now: Callable[[], datetime] = datetime.now) -> None:
        self.folder, self._now = state / FOLDER, now

    def keep(self, spoken: Spoken) -> None:
        """Write one utterance. Raises `TinyAgentError` where that fails."""
        from tinyagent.voice.sound import write_wav

        make_folder(self.folder)
        self.folder.chmod(0o700)
        path = self.folder / f"{self._now():%Y%m%d-%H%M%S-%f}.wav"
        write_wav(path, Sound(spoken.samples, RATE))
        path.chmod(0o600)
        for old in sorted(self.folder.glob("*.wav"))[:-KEPT]:
            with suppress(OSError):
                old.unlink()
