"""Names for `World` that are read when a resolver looks at them, else never: most commands need none."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import overload


class LazyNames(Sequence[str]):
    """A sequence of names that `_read` gives at the first look."""

    @abstractmethod
    def _read(self) -> list[str]: ...

    @cached_property
    def _all(self) -> list[str]:
        return self._read()

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        return self._all[at]

    def __len__(self) -> int:
        return len(self._all)
