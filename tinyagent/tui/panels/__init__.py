"""What stands beside the cards: today, activity, tools, models."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import TabbedContent, TabPane

from tinyagent.settings import Settings
from tinyagent.tui.panels.activity import Activity
from tinyagent.tui.panels.models import Models
from tinyagent.tui.panels.panel import Panel
from tinyagent.tui.panels.today import Today, utc_now
from tinyagent.tui.panels.tools import Tools

__all__ = ["NAMES", "Activity", "Models", "Side", "Today", "Tools"]
NAMES = ("today", "activity", "tools", "models")


class Side(Widget):
    """The panels, a tab each. `off` are the tools switched off to begin with, `clock` gives the time with a zone.

    Posts `UndoEntry` and `ToolSwitched`. A panel reads nothing while it is hidden.
    """

    DEFAULT_CSS = """
    Side { width: 36; height: 1fr; }
    Side TabPane { padding: 0; }
    """

    def __init__(
        self,
        settings: Settings,
        *,
        off: Collection[str] = (),
        clock: Callable[[], datetime] = utc_now,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.today, self.activity = Today(settings, clock), Activity(settings)
        self.tools, self.models = Tools(settings, off), Models()
        self._tabs = TabbedContent(initial=NAMES[0])

    def compose(self) -> ComposeResult:
        """Give a tab a panel."""
        with self._tabs:
            for name, panel in self.panels.items():
                with TabPane(name.capitalize(), id=name):
                    yield panel

    @property
    def panels(self) -> dict[str, Panel[Any]]:
        """The panels by name, in the order of their tabs."""
        return dict(zip(NAMES, (self.today, self.activity, self.tools, self.models), strict=True))

    @property
    def shown(self) -> str:
        """The name of the panel that is shown, "" while the side is hidden."""
        return self._tabs.active if self.display else ""

    def open(self, name: str) -> None:
        """Show the panel `name` and give it the keyboard."""
        self._let_go()
        self.display = True
        self._tabs.active = name
        self.panels[name].take_focus()

    def toggle(self, name: str) -> bool:
        """Show the panel `name`, or hide the side where it is shown already; return whether it now is."""
        if self.shown == name:
            self._let_go()
            self.display = False
        else:
            self.open(name)
        return self.display

    async def refresh_data(self) -> None:
        """Read anew what is shown; never raises."""
        if self.shown:
            await self.panels[self.shown].refresh_data()

    def refresh_soon(self) -> None:
        """Begin `refresh_data` and return at once."""
        if self.shown:
            self.panels[self.shown].refresh_soon()

    def _let_go(self) -> None:
        """Take the keyboard from what is about to be hidden: it would go to a neighbour that is hidden too."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            self.screen.set_focus(None)
