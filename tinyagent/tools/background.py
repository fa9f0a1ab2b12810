"""Work in a thread of its own that is waited for only so long: for what asks a service that may not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Begins at once. Work that hangs is left behind, and does not keep the program alive."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._begun = time.monotonic()
        self._thread = Thread(target=self._run, daemon=True, name="background")
        self._thread.start()

    def result(self, patience: float) -> T:
        """Return the result, or raise what the work raised; `TimeoutError` when it has none `patience` seconds on.

        They count from the beginning of the work, so that whoever asks again does not wait again.
        """
        self._thread.join(max(self._begun + patience - time.monotonic(), 0.0))
        if self._error is not None:
            raise self._error
        if not self._results:
            raise TimeoutError
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # raised again where the result is asked for
            self._error = error
