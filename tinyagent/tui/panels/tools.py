"""The panel of the tools: what each can do, a switch for this session, and what is missing where one does not work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby

from textual.content import Content

from tinyagent.calls import Tool
from tinyagent.settings import Settings
from tinyagent.tools.phrases import harmless, short
from tinyagent.tui.messages import ToolSwitched
from tinyagent.tui.panels.listing import Line, Listing, acting

EXAMPLES = 3
_EFFECTS = {
    "read": "only looks",
    "write": "changes something here",
    "destructive": "deletes or ends something, and asks first",
    "outgoing": "reaches others, and asks first",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A tool with commands that mean it, and why it does not work ("": it does)."""

    tool: Tool
    examples: tuple[str, ...]
    reason: str
    words: str


class Tools(Listing[list[Known]]):
    """The tools, toolset by toolset. Enter, Space or a click on the box switches one and posts `ToolSwitched`.

    `off` are those that are switched off to begin with.
    """

    NOTHING = "There are no tools: reinstall tinyagent."

    def __init__(self, settings: Settings, off: Collection[str] = ()) -> None:
        super().__init__()
        self.off = set(off)
        self._settings = settings
        self._known: dict[str, Known] = {}
        self._examples: dict[str, tuple[str, ...]] = {}

    def read(self) -> list[Known]:
        """Return every tool of the catalogue."""
        from tinyagent.tools.availability import Availability
        from tinyagent.tools.matching import fold
        from tinyagent.tools.registry import catalogue

        tools = list(catalogue())
        reasons = Availability(self._settings).reasons(tools)
        found = []
        for tool in tools:
            if tool.name not in self._examples:
                self._examples[tool.name] = _examples(tool)
            reason = reasons[tool.name] or ""
            texts = (tool.toolset, tool.name, tool.description, tool.effect, "unavailable" if reason else "")
            found.append(Known(tool, self._examples[tool.name], reason, fold(" ".join(texts))))
        return found

    def show_found(self, found: list[Known]) -> None:
        """Show the tools."""
        self._known = {known.tool.name: known for known in found}
        self._list()

    def describe(self, key: str) -> Content:
        """Return what a tool does, takes and needs, and commands that mean it."""
        known = self._known.get(key)
        if known is None:
            return Content("")
        tool = known.tool
        back = ", and can be undone" if tool.undo else ""
        parts: list[str | tuple[str, str]] = [
            (f"{harmless(tool.name)}", "bold"),
            f", {'off' if key in self.off else 'on'}\n{harmless(tool.description)}",
        ]
        if known.reason:
            parts.append((f"\nDoes not work here: {harmless(known.reason)}", "bold"))
        parts.append(f"\nEffect: {tool.effect}, {_EFFECTS[tool.effect]}{back}.")
        if tool.parameters:
            names = [p.name if p.required else f"{p.name} (if said)" for p in tool.parameters]
            parts.append(f"\nTakes: {harmless(', '.join(names))}.")
        if known.examples:
            parts.append("\nFor example:")
            parts += [f"\n  “{harmless(short(text))}”" for text in known.examples]
        return Content.assemble(*parts)

    def act(self, key: str) -> None:
        """Switch a tool."""
        (self.off.discard if key in self.off else self.off.add)(key)
        self._list()
        self.post_message(ToolSwitched(key, key not in self.off))

    def _list(self) -> None:
        lines: list[Line] = []
        for toolset, found in groupby(self._known.values(), key=lambda known: known.tool.toolset):
            lines.append(Line("", Content(harmless(toolset))))
            for known in found:
                name = known.tool.name
                box = acting("[ ]" if name in self.off else "[x]", name)
                missing = "  unavailable" if known.reason else ""
                lines.append(Line(name, Content.assemble(box, f" {harmless(name)}{missing}"), known.words))
        self.list_lines(lines)


def _examples(tool: Tool) -> tuple[str, ...]:
    """Return a few commands that mean a tool: its own, else those that the index was made from."""
    from tinyagent.training.usage import read

    if tool.examples:
        return tool.examples[:EXAMPLES]
    try:
        return tuple(example.text for example in read(tool.name)[:EXAMPLES])
    except (OSError, ValueError, KeyError, TypeError):
        return ()  # nobody needs them to use the tool
