"""A plan as a tree that fills in: a branch a call with its state, its arguments and the words they came from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from textual.content import Content

from tinyagent.calls import Call, Candidate, Plan
from tinyagent.compiler.results import REFERENCE
from tinyagent.events import Answered, Asked, Event, Finished, Planned, Selected, Shortlisted, Started
from tinyagent.tools.phrases import count, short
from tinyagent.tui.rows import DIM, Row, Shown, named, value_text

TICK = 0.12
"""Seconds a frame of the moving mark stands."""
FRAMES = "◐◓◑◒"
FOLDED = 160
"""Characters of an argument while the tree is folded."""
_MARKS = {
    "filling in": ("◌", DIM),
    "waiting": ("○", DIM),
    "running": (FRAMES[0], "$text-accent"),
    "done": ("✓", "$text-success"),
    "failed": ("✗", "$text-error"),
    "declined": ("⊘", "$text-warning"),
    "asking": ("?", "$text-accent"),
    "stopped": ("■", "$text-warning"),
    "not run": ("–", DIM),
}
"""By state, which is also the word for it: colour and mark only repeat what the word says."""


@dataclass
class Node:
    """A call on its way: `call` is None until its arguments are known."""

    tool: str
    probability: float
    early: bool = False
    call: Call | None = None
    needs: Collection[int] = ()
    state: str = "filling in"

    @classmethod
    def of(cls, call: Call, needs: Collection[int] = (), early: bool = False) -> Node:
        """Return the node of a call that waits to run."""
        return cls(call.tool, call.probability, early, call, needs, "waiting")


class PlanTree:
    """The calls of a command as they are chosen, filled in, run and ended, and the shortlist folded below."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.coming: Node | None = None
        """The call that was chosen last, while its arguments are written."""
        self.candidates: tuple[Candidate, ...] = ()
        self.frame = 0
        """Which frame of the moving mark is shown."""

    @property
    def running(self) -> bool:
        """Whether a call runs now."""
        return any(node.state == "running" for node in self.nodes.values())

    def heard(self, event: Event) -> None:
        """Take the next event of the command."""
        match event:
            case Shortlisted():
                self.candidates = event.candidates
            case Selected():
                self.coming = Node(event.tool, event.probability, event.early)
            case Planned():
                early = self.coming is not None and self.coming.early
                self.coming = None
                self.nodes[event.index] = Node.of(event.call, event.needs, early)
            case Asked():
                self._asked(event.question.tool)
            case Started():
                self._node(event.index, event.call).state = "running"
            case Finished():
                ended = event.result.status
                self._node(event.index, event.result.call).state = "waiting" if ended == "planned" else ended
            case Answered():
                self.ended(event.answer.plan)

    def take(self, plan: Plan) -> None:
        """Show a whole plan of which nothing has run."""
        self.candidates, self.coming = plan.shortlist or self.candidates, None
        self.nodes = {
            index: Node.of(call, needs_of(plan, index), plan.early_exit)
            for index, call in enumerate(plan.calls)
        }
        if plan.question:
            self._asked(plan.question.tool)

    def ended(self, plan: Plan | None = None) -> None:
        """Show that nothing more comes: what has not ended was stopped; with `plan` it ended as that says."""
        if plan is None or not plan.question:
            self.coming = None
        ends = {"running": "stopped", "waiting": "not run"}
        for node in self.nodes.values():
            node.state = ends.get(node.state, node.state)

    def rows(self, unfolded: bool) -> Iterator[Row]:
        """Yield a row for each call and argument; unfolded also the scores, and long texts in full."""
        nodes = [*sorted(self.nodes.items()), *([(-1, self.coming)] if self.coming else [])]
        for place, (index, node) in enumerate(nodes):
            last = place == len(nodes) - 1
            yield self._branch(index, node, last, numbered=len(nodes) > 1)
            yield from self._leaves(node, Content.styled("    " if last else "│   ", DIM), unfolded)
        if self.candidates:
            yield from self._shortlist(unfolded)

    def _node(self, index: int, call: Call) -> Node:
        return self.nodes.setdefault(index, Node.of(call))

    def _asked(self, tool: str) -> None:
        self.coming = self.coming or (Node(tool, 1.0) if tool else None)
        if self.coming:
            self.coming.state = "asking"

    def _branch(self, index: int, node: Node, last: bool, numbered: bool) -> Row:
        mark, style = _MARKS.get(node.state, ("?", ""))
        if node.state == "running":
            mark = FRAMES[self.frame % len(FRAMES)]
        number = f"{index + 1} " if numbered and index >= 0 else ""
        sure = f"  {_percent(node.probability)}{' at once' if node.early else ''}"
        content = Content.assemble(
            (number, DIM), (named(node.tool), "bold"), (sure, DIM), (f"  {node.state}", style)
        )
        first = Content.assemble(("└ " if last else "├ ", DIM), (mark + " ", style))
        return Row(content, first, Content.styled("    " if last else "│   ", DIM))

    def _leaves(self, node: Node, margin: Content, unfolded: bool) -> Iterator[Row]:
        if node.call is None:
            return
        rest = margin + Content("  ")
        for name, value in node.call.args.items():
            known = Content.styled(f"{Shown(name.replace('_', ' ')).line}: ", DIM)
            shown = self._value(value, node.needs, unfolded)
            yield Row(known + shown + _origin(name, node.call, shown.plain, unfolded), margin, rest)

    def _value(self, value: Any, needs: Collection[int], unfolded: bool) -> Content:
        if isinstance(value, list):
            return Content(", ").join(self._value(item, needs, unfolded) for item in value)
        match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) - 1 not in needs:
            return Content(_cut(value_text(value), unfolded))
        earlier = self.nodes.get(int(match[1]) - 1)
        part = f"{match[2].replace('_', ' ')} of" if match[2] else "result of"
        name = named(earlier.tool) if earlier else ""
        return Content.styled(f"↑ {part} {match[1]} {name}".rstrip(), "$text-accent")

    def _shortlist(self, unfolded: bool) -> Iterator[Row]:
        mark = "▾" if unfolded else "▸"
        tools = [candidate for candidate in self.candidates if candidate.tool != "none"]
        considered = f"{count(len(tools), 'tool')} considered"
        yield Row(Content.styled(considered, DIM), Content.styled(f"{mark} ", DIM), Content("  "), "fold")
        for candidate in self.candidates if unfolded else ():
            score = f"{_percent(candidate.probability):>6}  {named(candidate.tool)}"
            yield Row(Content.styled(score, DIM), Content("  "), Content("          "))


def _origin(name: str, call: Call, shown: str, unfolded: bool) -> Content:
    """Return an arrow and what the value of an argument came from, where that is not the value itself."""
    if name in call.taken:
        return Content.styled("  ← an earlier answer", DIM)
    said = call.words.get(name, "")
    if not said or said.startswith("$") or said.casefold() == shown.casefold():
        return Content()
    return Content.assemble(("  ← ", DIM), (f"“{_cut(said, unfolded)}”", f"italic {DIM}"))


def _cut(text: str, unfolded: bool) -> str:
    return Shown(text if unfolded else short(text, FOLDED)).line


def needs_of(plan: Plan, index: int) -> tuple[int, ...]:
    """Return the indexes of the calls whose results call `index` takes."""
    return tuple(earlier for later, earlier in plan.depends if later == index)


def _percent(probability: float) -> str:
    """Return a probability as people write it; only what is certain is 100 %."""
    hundredths = round(probability * 100)
    return f"{min(hundredths, 99) if probability < 1 else hundredths} %"
