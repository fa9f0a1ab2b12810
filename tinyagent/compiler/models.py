"""What the planner needs of an assistant, and what may stand in a tool's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tinyagent.calls import Tool
from tinyagent.dualtune.arguments import Filler
from tinyagent.dualtune.selector import Selector
from tinyagent.instructions import Instructions
from tinyagent.retrieval.retriever import Retriever
from tinyagent.tools.registry import Catalogue

Obstacle = Callable[[Tool], str | None]
"""Says why a tool is no choice on this machine, None where it is one."""


class Models(Protocol):
    """What plans: the catalogue, and the three stages that hold models (loaded when first used)."""

    catalogue: Catalogue

    @property
    def retriever(self) -> Retriever:
        """Words → shortlist."""
        ...

    @property
    def selector(self) -> Selector:
        """Shortlist → the next tool."""
        ...

    @property
    def filler(self) -> Filler:
        """Tool → the words of its arguments."""
        ...

    @property
    def instructions(self) -> Instructions:
        """The person's standing wishes: defaults for arguments."""
        ...
