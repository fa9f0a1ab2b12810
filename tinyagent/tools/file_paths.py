"""The paths of the file index as `World` takes them: read from the index when a resolver looks, else never."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyagent.tools.file_index import FileIndex
from tinyagent.tools.lazy import LazyNames
from tinyagent.tools.roots import allowed_roots


class Paths(LazyNames):
    """All "files" (newest first) or "folders" below the allowed roots of a home folder."""

    def __init__(self, home: Path, state: Path, tools: Mapping[str, Mapping[str, Any]], what: str) -> None:
        self._home, self._state, self._tools, self._what = home, state, tools, what

    def _read(self) -> list[str]:
        index = FileIndex(self._state, allowed_roots(self._home, self._tools))
        index.refresh()
        return index.files() if self._what == "files" else index.folders()
