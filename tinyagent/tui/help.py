"""The help screen, made from the key bindings themselves, so that it cannot say anything else than what works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Static

INTRODUCTION = (
    "Say what to do, and press Enter. Nothing leaves this machine, and Ctrl+Z takes back the last change."
)

Area = type[DOMNode] | tuple[type[DOMNode], ...]
_NAMES = {"escape": "Esc", "enter": "Enter", "pageup": "Page Up", "pagedown": "Page Down", "space": "Space"}


def key_name(key: str) -> str:
    """Return a key's name as people write it: "Ctrl+P", "Alt+Enter", "y"."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    shown = _NAMES.get(last) or (format_key(last) if len(last) != 1 else last.upper() if modifiers else last)
    return "+".join(
        [*(modifier.capitalize() for modifier in modifiers), shown.capitalize() if len(shown) > 1 else shown]
    )


def listed(node: type[DOMNode]) -> Iterator[Binding]:
    """Yield the bindings that a widget or screen of the app's own brings, each with its description."""
    for kind in node.__mro__:
        if not kind.__module__.startswith("tinyagent."):
            continue
        bindings: list[BindingType] = kind.__dict__.get("BINDINGS", [])
        yield from (binding for binding in Binding.make_bindings(bindings) if binding.description)


class Help(ModalScreen[None]):
    """All keys, area by area. `areas` are titles with the class, or classes, whose keys they list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss", "Close this help", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
    ]
    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        border: round $primary; background: $surface; padding: 0 2;
    }
    """

    def __init__(self, areas: Mapping[str, Area]) -> None:
        super().__init__()
        self.areas = areas

    def compose(self) -> ComposeResult:
        """Show one text: it can be read from top to bottom, also aloud."""
        with VerticalScroll() as pane:
            pane.border_title = "Help"
            pane.border_subtitle = "Esc closes"
            yield Static(self.text(), markup=False)

    def text(self) -> Content:
        """Return the whole help."""
        parts: list[Content] = [Content(INTRODUCTION)]
        for title, area in self.areas.items():
            parts.append(Content("\n\n") + Content.styled(title, "bold $primary"))
            parts += [self._line(keys, said) for said, keys in self._keys(area).items()]
        return Content("").join(parts)

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _keys(self, area: Area) -> dict[str, list[str]]:
        """Return the keys by what they do, in the order of the bindings."""
        keys: dict[str, list[str]] = {}
        nodes = area if isinstance(area, tuple) else (area,)
        for binding in (binding for node in nodes for binding in listed(node)):
            shown = self.app.get_key_display(binding)
            if shown not in keys.setdefault(binding.description, []):
                keys[binding.description].append(shown)
        return keys

    def _line(self, keys: list[str], said: str) -> Content:
        return Content.assemble("\n", (f"{', '.join(keys):>18}", "bold"), "  ", said)
