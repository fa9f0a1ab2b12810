"""The assistant as evaluation asks it: with things that are the same on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from tinyagent.assistant import Assistant
from tinyagent.grounding.base import World
from tinyagent.instructions import Instructions
from tinyagent.settings import Settings


class StockedAssistant(Assistant):
    """An assistant for which every tool works, and whose files, folders and applications are those of `world_at`.

    People and lists come from the stores of `settings`, as a person's do, since to read them takes time in a plan.
    """

    def __init__(self, settings: Settings, world_at: Callable[[datetime], World]) -> None:
        super().__init__(settings, journal=None, availability=None)
        self.instructions = Instructions.of("")
        self._world_at = world_at

    def world(self, now: datetime | None = None) -> World:
        """Return what the resolvers may refer to."""
        stores = super().world(now)
        stock = self._world_at(stores.now)
        return replace(stock, people=stores.people, lists=stores.lists)
