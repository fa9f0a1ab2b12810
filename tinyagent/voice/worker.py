"""A thread that does one thing after the other for the event loop: the engines block, and each wants one thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """One thread. It ends with the process, also where what it does never comes back."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> Future[T]:
        """Queue a call; what is cancelled before its turn is not made."""
        future: Future[T] = Future()
        self._jobs.put((future, lambda: work(*args, **named)))
        return future

    async def do(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Make a call on the thread and return what it returns.

        Cancelling leaves a call that runs alone: it ends unheard.
        """
        return await asyncio.wrap_future(self.submit(work, *args, **named))

    def close(self, timeout: float = 0.0) -> None:
        """Begin nothing more; wait `timeout` seconds for what runs."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join(timeout)

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, work = job
            if self._closed:
                future.cancel()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # the boundary of the thread: whoever waits is told
                future.set_exception(error)
            del job, future, work  # a sound or a plan must not live until the next job
