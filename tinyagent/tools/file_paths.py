"""The paths of the file index as `World` takes them: read from the index when a resolver looks, else never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, overload

from tinyagent.tools.file_index import FileIndex
from tinyagent.tools.roots import allowed_roots


class Paths(Sequence[str]):
    """All "files" (newest first) or "folders" below the allowed roots of a home folder."""

    def __init__(self, home: Path, state: Path, tools: Mapping[str, Mapping[str, Any]], what: str) -> None:
        self._home, self._state, self._tools, self._what = home, state, tools, what

    @cached_property
    def _all(self) -> list[str]:
        index = FileIndex(self._state, allowed_roots(self._home, self._tools))
        index.refresh()
        return index.files() if self._what == "files" else index.folders()

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        return self._all[at]

    def __len__(self) -> int:
        return len(self._all)
