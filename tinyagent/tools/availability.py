"""Whether a tool works on this machine and with these settings, and if not, the sentence that says what helps.

A toolset's module answers: by `available(settings)` for all of its tools, by `tool_available(settings, name)` where
they differ; a module that has neither always works. An answer is kept for a minute. To find it a service of the
desktop may have to be asked, which can hang, so each check runs in a thread that is waited for only so long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tinyagent.calls import Tool
from tinyagent.errors import TinyAgentError
from tinyagent.tools.background import Background

if TYPE_CHECKING:
    from tinyagent.settings import Settings

PATIENCE = 1.0
"""Seconds in which a check must have its answer."""
FRESH = 60.0
"""Seconds for which an answer is kept."""


@dataclass(frozen=True, slots=True)
class _Check:
    """A check that answers, or is still at it, and when it was begun."""

    begun: float
    answer: Background[Any]


class Availability:
    """Answers for the settings of one person. `clock` gives seconds. Not thread-safe."""

    def __init__(
        self, settings: Settings, *, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._patience = patience
        self._clock = clock
        self._checks: dict[tuple[str, str], _Check] = {}

    def reason(self, tool: Tool) -> str | None:
        """Return None where the tool works, else what is missing and how to get it. Never raises.

        The first answer may take some milliseconds, or `patience` where something does not answer.
        """
        check = self._check(tool)
        if check is None:
            return None
        try:
            found = check.answer.result(self._patience)
        except TimeoutError:
            return f"What {tool.name} needs does not answer: try again, or log in to the desktop anew."
        except TinyAgentError as error:
            return str(error)
        except Exception:  # a check that fails tells nothing: the tool says what is wrong when it is run
            return None
        return found if isinstance(found, str) and found else None

    def reasons(self, tools: Iterable[Tool]) -> dict[str, str | None]:
        """Return the reason of each tool by its name; what they have to ask is asked at the same time."""
        listed = list(tools)
        self.begin(listed)
        return {tool.name: self.reason(tool) for tool in listed}

    def begin(self, tools: Iterable[Tool]) -> None:
        """Begin to find the answers for tools, without waiting for them."""
        for tool in tools:
            self._check(tool)

    def obstacle(self, tool: Tool) -> str | None:
        """Return why the tool is no choice for a plan: it does not work, and nobody has set it up.

        Whoever has a table for the toolset in the settings wants it, and gets the tool's own error where it fails.
        """
        return None if self._settings.tools.get(tool.toolset) else self.reason(tool)

    def _check(self, tool: Tool) -> _Check | None:
        """Return the check that answers for a tool, begun now where there is no fresh one; None: nothing to check."""
        name = tool.function.__module__
        module = sys.modules.get(name)
        each: Any = getattr(module, "tool_available", None)
        whole: Any = getattr(module, "available", None)
        if not (callable(whole) or callable(each)):
            return None
        key = (name, tool.name if callable(each) else "")
        known, now = self._checks.get(key), self._clock()
        if known is None or now - known.begun >= FRESH:
            ask = (
                partial(each, self._settings, tool.name) if callable(each) else partial(whole, self._settings)
            )
            known = self._checks[key] = _Check(now, Background(ask))
        return known
