"""One call of a plan while it is edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Checkbox

from tinyagent.calls import Call, Tool
from tinyagent.grounding.base import World
from tinyagent.tui.field import LEFT_OUT, Field
from tinyagent.tui.rows import DIM, named

Fitting = Mapping[str, Collection[str]]
"""By parameter, the references to earlier results that it may be."""


class Tick(Checkbox):
    """A checkbox whose state is told by its mark, not by its colour."""

    def render(self) -> Content:
        """Change the mark with the value."""
        self.BUTTON_INNER = "✓" if self.value else " "
        return super().render()


class CallForm(Widget):
    """The arguments of one call, each a field; optional ones that are not given wait behind a button.

    `ran` says that the call was done before: then it runs again only where the person wants that or has edited it.
    """

    DEFAULT_CSS = """
    CallForm { height: auto; padding: 0 0 1 0; }
    CallForm Checkbox { background: transparent; padding: 0; width: 1fr; }
    CallForm Button { margin: 0 0 0 16; min-width: 0; background: transparent; color: $text-muted; }
    CallForm .more { display: none; }
    CallForm.-all .more { display: block; }
    CallForm.-all Button { display: none; }
    """

    def __init__(
        self, index: int, tool: Tool, call: Call, world: World, references: Fitting, ran: bool
    ) -> None:
        super().__init__()
        self.index, self.tool, self.call = index, tool, call
        self.box = Tick(_heading(tool, index, ran), value=not ran, compact=True)
        self.fields = [
            Field(tool, p, call, world, references=references.get(p.name, ()), others=self.args)
            for p in sorted(tool.parameters, key=lambda p: p.name not in call.args and not p.required)
        ]

    def compose(self) -> ComposeResult:
        """Lay out what is given, then the button for the rest, then the rest."""
        yield self.box
        hidden = [field for field in self.fields if field.value is LEFT_OUT and not field.parameter.required]
        yield from (field for field in self.fields if field not in hidden)
        if hidden:
            names = ", ".join(field.parameter.name.replace("_", " ") for field in hidden)
            yield Button(Content(f"+ add {names}"), compact=True)
        for field in hidden:
            field.add_class("more")
            yield field

    def args(self) -> dict[str, Any]:
        """Return the values as they are now, in the order of the tool's parameters."""
        now = {field.parameter.name: field.value for field in self.fields}
        return {p.name: now[p.name] for p in self.tool.parameters if now[p.name] is not LEFT_OUT}

    def edited(self) -> Call:
        """Return the call as it is now."""
        words = {f.parameter.name: f.words for f in self.fields if f.words and f.value is not LEFT_OUT}
        changed = {field.parameter.name for field in self.fields if field.changed}
        taken = tuple(name for name in self.call.taken if name not in changed)
        return Call(self.tool.name, self.args(), words, self.call.probability, taken)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Show the optional arguments."""
        event.stop()
        self.add_class("-all")
        next(field for field in self.fields if field.has_class("more")).typing.focus()

    def on_field_settled(self, event: Field.Settled) -> None:
        """Run what has been edited."""
        if event.field.changed:
            self.box.value = True


def _heading(tool: Tool, index: int, ran: bool) -> Content:
    again = "  has run: run it again" if ran else ""
    return Content.assemble((f"{index + 1} ", DIM), (named(tool.name), "bold"), (again, DIM))
