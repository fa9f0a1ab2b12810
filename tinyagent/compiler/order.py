"""Which calls of a plan may start: what they need is done, it is their turn in their toolset, and there is room."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tinyagent.calls import Call, Effect, Tool
from tinyagent.tools.registry import Catalogue


@dataclass(slots=True)
class Order:
    """The calls that wait and those that run, by their index in the plan.

    `needs` are the calls whose results a call takes. At most `workers` run at once, of a toolset in `limits` so many.
    """

    catalogue: Catalogue
    workers: int
    limits: Mapping[str, int]
    needs: dict[int, set[int]] = field(default_factory=dict)
    waiting: dict[int, Call] = field(default_factory=dict)
    running: dict[int, Call] = field(default_factory=dict)

    def ready(self, done: Collection[int]) -> list[int]:
        """Return the waiting calls that may start once there is room, when those in `done` have their results."""
        return [
            index
            for index, call in self.waiting.items()
            if self.needs[index] <= set(done) and not self._in_turn(index, call)
        ]

    def room(self, index: int) -> bool:
        """Whether one call more, this one, may run."""
        own = self._tool(self.waiting[index])
        if len(self.running) >= self.workers:
            return False
        if own is None or own.toolset not in self.limits:
            return True
        tools = [self._tool(call) for call in self.running.values()]
        return (
            sum(tool is not None and tool.toolset == own.toolset for tool in tools) < self.limits[own.toolset]
        )

    def _in_turn(self, index: int, call: Call) -> bool:
        """Whether an earlier call to the same toolset is left that changes something, or that this one would change."""
        own = self._tool(call)
        if own is None:
            return False
        for earlier, other in (*self.running.items(), *self.waiting.items()):
            tool = self._tool(other)
            if earlier < index and tool and tool.toolset == own.toolset and not self._needs(earlier, index):
                if own.effect is not Effect.READ or tool.effect is not Effect.READ:
                    return True
        return False

    def _needs(self, index: int, other: int) -> bool:
        """Whether a call needs another, itself or by what it needs."""
        seen, left = set[int](), [index]
        while left:
            for need in self.needs.get(left.pop(), set()) - seen:
                seen.add(need)
                left.append(need)
        return other in seen

    def _tool(self, call: Call) -> Tool | None:
        return self.catalogue[call.tool] if call.tool in self.catalogue else None
