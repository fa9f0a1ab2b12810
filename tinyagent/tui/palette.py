"""What the command palette offers: every action with a key, the themes, and the commands of this session again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tinyagent.tools.phrases import harmless, short
from tinyagent.tui import themes
from tinyagent.tui.help import listed

if TYPE_CHECKING:
    from tinyagent.tui.app import TinyAgentApp

Offer = tuple[str, str, Callable[[], object]]


class Commands(Provider):
    """The app's own commands."""

    async def discover(self) -> Hits:
        """Yield everything, for an empty search."""
        for name, said, run in self.offers():
            yield DiscoveryHit(Content(name), run, text=name, help=said)

    async def search(self, query: str) -> Hits:
        """Yield what matches, the best first."""
        matcher = self.matcher(query)
        for name, said, run in self.offers():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=said)

    def offers(self) -> Iterator[Offer]:
        """Yield the name, the explanation and the function of every command."""
        app = cast("TinyAgentApp", self.app)
        for binding in listed(type(app)):
            keys = f"Key: {app.get_key_display(binding)}"
            yield binding.description, keys, partial(app.run_action, binding.action)
        for name in themes.NAMES:
            yield f"Theme: {name}", "Colours of the whole app", partial(app.choose_theme, name)
        for text in app.cards.said():
            yield (
                f"Again: {harmless(short(text, 60))}",
                "Give this command once more",
                partial(app.give, text),
            )
