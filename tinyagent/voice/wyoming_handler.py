"""What Wyoming clients say, brought to the assistant: a conversation for each of them, one command at a time.

The daemon's own assistant does it, on its own thread, in turn with what is said at the microphone.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from tinyagent.calls import Answer, Plan
from tinyagent.errors import TinyAgentError
from tinyagent.voice.acting import sentence
from tinyagent.voice.turn import Wording
from tinyagent.voice.wyoming_talk import Reply, Talk

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant

CONVERSATIONS = 16
"""How many are remembered; the one that was silent longest goes first."""
FORGOTTEN = 600.0
"""Seconds after which one that was silent is forgotten."""
PATIENCE = 60.0
"""Seconds that a command may take before it is stopped."""
TOO_SLOW = "That took too long, so I stopped it: look at `tinyagent history` for what was done."

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Handler(Protocol):
    """What the server gives commands to. A conversation is known by whatever names it."""

    async def handle(self, conversation: Hashable, text: str) -> Reply:
        """Do what the text says and return what is said to it; never raises but to be cancelled."""
        ...

    async def plan(self, conversation: Hashable, text: str) -> Plan:
        """Return what would be done; nothing is. Raises `TinyAgentError`."""
        ...

    def forget(self, conversation: Hashable) -> None:
        """Hear that a conversation is over."""
        ...


class Thread(Protocol):
    """The thread that owns the assistant: `acting.Acting`."""

    async def do(self, work: Callable[[Assistant], T]) -> T:
        """Make a call with the assistant there, when its turn comes. Raises `TinyAgentError` where it cannot be."""
        ...


@dataclass(slots=True, eq=False)
class _Kept:
    talk: Talk
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    used: float = 0.0


class Conversations:
    """The conversations of all clients; a `Handler`. All methods belong to the event loop's thread."""

    def __init__(
        self,
        thread: Thread,
        wording: Wording,
        *,
        done: Callable[[Answer], None] = lambda answer: None,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
    ) -> None:
        """Take the assistant's thread and its manner of speaking; `done` hears of every answer."""
        self._thread, self._wording, self._done = thread, wording, done
        self._clock, self._patience = clock, patience
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many conversations there are."""
        return len(self._kept)

    async def handle(self, conversation: Hashable, text: str) -> Reply:
        """Do what the text says and return what is said to it; never raises but to be cancelled."""
        at, kept, stop = self._clock(), self._of(conversation), threading.Event()
        try:
            async with kept.lock:
                async with asyncio.timeout(self._patience):
                    hear = partial(kept.talk.hear, text=text, at=at, stopped=stop.is_set)
                    reply = await self._thread.do(hear)
        except TimeoutError:
            return Reply(TOO_SLOW, False)
        except TinyAgentError as error:
            return Reply(str(error), False)
        except Exception as error:  # whatever it is, the others are served
            _log.debug("a command broke", exc_info=True)
            return Reply(sentence(error), False)
        finally:
            stop.set()
        if reply.answer is not None:
            self._done(reply.answer)
        return reply

    async def plan(self, conversation: Hashable, text: str) -> Plan:
        """Return what would be done; nothing is. Raises `TinyAgentError`."""
        talk = self._of(conversation).talk
        return await self._thread.do(partial(talk.plan, text=text))

    def forget(self, conversation: Hashable) -> None:
        """Hear that a conversation is over."""
        self._kept.pop(conversation, None)

    def _of(self, conversation: Hashable) -> _Kept:
        """Return a conversation, a new one where it is not known, and forget what is old."""
        now = self._clock()
        for name in [name for name, kept in self._kept.items() if now - kept.used > FORGOTTEN]:
            del self._kept[name]
        kept = self._kept.setdefault(conversation, _Kept(Talk(self._wording, self._clock)))
        kept.used = now
        self._kept.move_to_end(conversation)
        if len(self._kept) > CONVERSATIONS:
            self._kept.popitem(last=False)
        return kept
