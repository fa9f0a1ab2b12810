"""The cards, and the panels beside them once somebody asks for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.containers import Horizontal

from tinyagent.tui.cards import Cards

if TYPE_CHECKING:
    from tinyagent.tui.panels import Side


class Middle(Horizontal):
    """The area between the top and the prompt; the screen has the class `-beside` while a panel is shown.

    `now` gives the time with a zone that the panels show. They are loaded when the first of them is shown.
    """

    DEFAULT_CSS = "Middle { height: 1fr; }"

    def __init__(self, cards: Cards, now: Callable[[], datetime]) -> None:
        super().__init__(cards)
        self.cards = cards
        self.side: Side | None = None
        self._now = now

    async def toggle(self, name: str) -> bool:
        """Show the panel `name`, or hide the side where it shows that one; return whether it is shown now."""
        from tinyagent.tui.panels import Side

        if self.side is None:
            session = self.cards.session
            self.side = Side(session.settings, off=session.off, clock=self._now)
            await self.mount(self.side)
            self.side.open(name)
        else:
            self.side.toggle(name)
        self.screen.set_class(self.side.display, "-beside")
        self.refresh_side()
        return self.side.display

    def refresh_side(self) -> None:
        """Let what is shown at the side be read anew."""
        if self.side is not None:
            self.side.models.show(self.cards.session.assistant, self.cards.plan)
            self.side.refresh_soon()
