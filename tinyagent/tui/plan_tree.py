"""A plan as a tree that fills in: a branch a call with its state, its arguments and the words they came from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from tinyagent.calls import Call, Candidate, Plan
from tinyagent.compiler.results import REFERENCE
from tinyagent.events import Answered, Asked, Event, Finished, Planned, Selected, Shortlisted, Started
from tinyagent.tools.phrases import count, short
from tinyagent.tui.rows import Row, Rows, Shown, named, value_text

TICK = 0.12
"""Seconds a frame of the moving mark stands."""
FRAMES = "◐◓◑◒"
FOLDED = 160
"""Characters of an argument while the tree is folded."""
_MARKS = {
    "filling in": ("◌", "$text-muted"),
    "waiting": ("○", "$text-muted"),
    "running": (FRAMES[0], "$text-accent"),
    "done": ("✓", "$text-success"),
    "failed": ("✗", "$text-error"),
    "declined": ("⊘", "$text-warning"),
    "asking": ("?", "$text-accent"),
    "stopped": ("■", "$text-warning"),
    "not run": ("–", "$text-muted"),
}
"""By state, which is also the word for it: colour and mark only repeat what the word says."""
_DIM = "$text-muted"


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


class PlanTree(Rows):
    """The calls of a command as they are chosen, filled in, run and ended, and the shortlist folded below."""

    class Toggled(Message):
        """The person clicked on what is folded."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: dict[int, Node] = {}
        self.coming: Node | None = None
        self.candidates: tuple[Candidate, ...] = ()
        self.unfolded = False
        self._frame = 0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Start the moving mark, at rest until something runs."""
        self._timer = self.set_interval(TICK, self._tick, pause=True)
        self.update()

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
        self.update()

    def take(self, plan: Plan) -> None:
        """Show a whole plan of which nothing has run."""
        self.candidates, self.coming = plan.shortlist or self.candidates, None
        self.nodes = {
            index: Node.of(call, needs_of(plan, index), plan.early_exit)
            for index, call in enumerate(plan.calls)
        }
        if plan.question:
            self._asked(plan.question.tool)
        self.update()

    def ended(self, plan: Plan | None = None) -> None:
        """Show that nothing more comes: what has not ended was stopped; with `plan` it ended as that says."""
        if plan is None or not plan.question:
            self.coming = None
        ends = {"running": "stopped", "waiting": "not run"}
        for node in self.nodes.values():
            node.state = ends.get(node.state, node.state)
        self.update()

    def fold(self, folded: bool) -> None:
        """Hide or show the shortlist with its scores, and long arguments in full."""
        self.unfolded = not folded
        self.update()

    def update(self) -> None:
        """Draw it anew."""
        self.show(self._rows())
        if self._timer is not None:
            running = any(node.state == "running" for node in self.nodes.values())
            moving = running and self.app.animation_level != "none"
            (self._timer.resume if moving else self._timer.pause)()

    def on_click(self, event: events.Click) -> None:
        """Unfold where the line of the shortlist was clicked."""
        if self.key_at(event.y) == "fold":
            self.post_message(self.Toggled())

    def _node(self, index: int, call: Call) -> Node:
        return self.nodes.setdefault(index, Node.of(call))

    def _asked(self, tool: str) -> None:
        self.coming = self.coming or (Node(tool, 1.0) if tool else None)
        if self.coming:
            self.coming.state = "asking"

    def _tick(self) -> None:
        self._frame += 1
        self.show(self._rows())

    def _rows(self) -> Iterator[Row]:
        nodes = [*sorted(self.nodes.items()), *([(-1, self.coming)] if self.coming else [])]
        for place, (index, node) in enumerate(nodes):
            last = place == len(nodes) - 1
            yield self._branch(index, node, last, numbered=len(nodes) > 1)
            yield from self._leaves(node, Content.styled("    " if last else "│   ", _DIM))
        if self.candidates:
            yield from self._shortlist()

    def _branch(self, index: int, node: Node, last: bool, numbered: bool) -> Row:
        mark, style = _MARKS.get(node.state, ("?", ""))
        if node.state == "running":
            mark = FRAMES[self._frame % len(FRAMES)]
        number = f"{index + 1} " if numbered and index >= 0 else ""
        sure = f"  {_percent(node.probability)}{' at once' if node.early else ''}"
        content = Content.assemble(
            (number, _DIM), (named(node.tool), "bold"), (sure, _DIM), (f"  {node.state}", style)
        )
        first = Content.assemble(("└ " if last else "├ ", _DIM), (mark + " ", style))
        return Row(content, first, Content.styled("    " if last else "│   ", _DIM))

    def _leaves(self, node: Node, margin: Content) -> Iterator[Row]:
        if node.call is None:
            return
        rest = margin + Content("  ")
        for name, value in node.call.args.items():
            came = self._origin(name, node.call)
            known = (f"{Shown(name.replace('_', ' ')).line}: ", _DIM)
            yield Row(
                Content.assemble(
                    known, self._value(value, node.needs), (came[0], _DIM), (came[1], f"italic {_DIM}")
                ),
                margin,
                rest,
            )

    def _origin(self, name: str, call: Call) -> tuple[str, str]:
        """Return the arrow and what the value of an argument came from."""
        if name in call.taken:
            return "  ← ", "an earlier answer"
        said = call.words.get(name, "")
        return ("  ← ", f"“{self._cut(said)}”") if said and not said.startswith("$") else ("", "")

    def _value(self, value: Any, needs: Collection[int]) -> Content:
        if isinstance(value, list):
            return Content(", ").join(self._value(item, needs) for item in value)
        match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None or int(match[1]) - 1 not in needs:
            return Content(self._cut(value_text(value)))
        earlier = self.nodes.get(int(match[1]) - 1)
        part = f"{match[2].replace('_', ' ')} of" if match[2] else "result of"
        name = named(earlier.tool) if earlier else ""
        return Content.styled(f"↑ {part} {match[1]} {name}".rstrip(), "$text-accent")

    def _cut(self, text: str) -> str:
        return Shown(text if self.unfolded else short(text, FOLDED)).line

    def _shortlist(self) -> Iterator[Row]:
        mark = "▾" if self.unfolded else "▸"
        tools = [candidate for candidate in self.candidates if candidate.tool != "none"]
        considered = f"{count(len(tools), 'tool')} considered"
        yield Row(Content.styled(considered, _DIM), Content.styled(f"{mark} ", _DIM), Content("  "), "fold")
        for candidate in self.candidates if self.unfolded else ():
            score = f"{_percent(candidate.probability):>6}  {named(candidate.tool)}"
            yield Row(Content.styled(score, _DIM), Content("  "), Content("          "))


def needs_of(plan: Plan, index: int) -> tuple[int, ...]:
    """Return the indexes of the calls whose results call `index` takes."""
    return tuple(earlier for later, earlier in plan.depends if later == index)


def _percent(probability: float) -> str:
    """Return a probability as people write it; only what is certain is 100 %."""
    hundredths = round(probability * 100)
    return f"{min(hundredths, 99) if probability < 1 else hundredths} %"
