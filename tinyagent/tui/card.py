"""A command as a card: what was said, the plan as it fills in, the answer, and what the person can do with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget

from tinyagent.calls import Plan
from tinyagent.errors import TinyAgentError
from tinyagent.events import Answered, Event, Shortlisted
from tinyagent.tui.messages import Copied, Edited, Replied, UndoEntry
from tinyagent.tui.progress import Progress
from tinyagent.tui.question import Ask
from tinyagent.tui.rows import Rows
from tinyagent.tui.timings import Clock

if TYPE_CHECKING:
    from tinyagent.tui.edit import Editor, Grounds

TICK = 0.12
"""Seconds a frame of the moving mark stands."""


class Card(Widget, can_focus=True):
    """Command `number` and what becomes of it. Give it every event (`heard`), or the plan of a dry run (`planned`).

    `grounds` gives the tools and the world that edited words are read in (called on a thread), `clock` seconds.
    `entries` are the journal entries of what it changed: Undo takes back the first, then the next.
    """

    DEFAULT_CSS = """
    Card { height: auto; padding: 0 1; margin: 0 0 1 0; border-left: blank; }
    Card:focus, Card:focus-within { border-left: outer $accent; }
    Card > Ask, Card > Editor { margin: 0 0 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space,d", "details", "Details"),
        Binding("e", "edit", "Edit"),
        Binding("r", "again", "Run (again)"),
        Binding("u", "undo", "Undo"),
        Binding("c", "copy", "Copy answer"),
        *(Binding(str(digit), f"choose({digit})", f"Option {digit}", show=False) for digit in range(1, 10)),
    ]

    def __init__(
        self, number: int, text: str, *, grounds: Grounds | None = None, clock: Clock = time.monotonic
    ) -> None:
        super().__init__()
        self.number, self.text = number, text
        self.entries: tuple[int, ...] = ()
        self.unfolded = False
        self.progress = Progress(text, clock)
        self._grounds = grounds
        self._body, self._foot = Rows(), Rows()
        self._editing = self._edit_then = self._up = False
        self._early: list[Callable[[], None]] = []
        self._timer: Timer | None = None

    @property
    def state(self) -> str:
        """How far the command is, see `Progress`."""
        return self.progress.state

    @property
    def plan(self) -> Plan | None:
        """The plan as it is now."""
        return self.progress.plan

    def compose(self) -> ComposeResult:
        """Lay out all that is said, and the times; a question or the editor comes between."""
        yield from (self._body, self._foot)

    def on_mount(self) -> None:
        """Write the command, and what came before there was a place for it."""
        self._timer = self.set_interval(TICK, self._tick, pause=True)
        self._up = True
        self._draw()
        for hear in self._early:
            hear()

    def heard(self, event: Event) -> None:
        """Take the next event of the command; the last is `Answered`."""
        if not self._up:
            return self._early.append(partial(self.heard, event))
        self.progress.heard(event)
        if isinstance(event, Shortlisted):
            self._drop("Ask")
        if isinstance(event, Answered):
            self._ended(event.answer.plan)
        self._draw()

    def planned(self, plan: Plan) -> None:
        """Show the plan of a dry run: it can be edited and run."""
        if not self._up:
            return self._early.append(partial(self.planned, plan))
        self.progress.planned(plan)
        self._ended(plan)
        self._draw()

    def broken(self, sentence: str) -> None:
        """Show that it could not be done, or was stopped, and why."""
        if not self._up:
            return self._early.append(partial(self.broken, sentence))
        self.progress.broken(sentence)
        self._drop("Ask")
        self._edit_then = False
        self._draw()

    def action_edit(self) -> None:
        """Open the arguments to be edited, as soon as the command has ended."""
        if not self.progress.at_rest:
            self._edit_then = True
        elif self.plan and self.plan.calls and not self._editing:
            self._editing = True
            self.run_worker(self._open_editor(self.plan), exit_on_error=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now."""
        calls, undoes = (self.plan.calls, self.plan.undoes) if self.plan else ((), ())
        at_rest = self.progress.at_rest and not self._editing
        return {
            "details": not self._editing,
            "edit": bool(calls) and at_rest,
            "again": bool(calls or undoes) and at_rest,
            "undo": bool(self.entries) and at_rest,
            "copy": bool(self.progress.said) and not self._editing,
            "choose": self.state == "asking",
        }.get(action, True)

    def action_details(self) -> None:
        """Show or hide the shortlist, whole texts and the time of each stage."""
        self.unfolded = not self.unfolded
        self._draw()

    def action_again(self) -> None:
        """Run the plan as it is."""
        if self.plan:
            self.post_message(Edited(self.number, self.plan))

    def action_undo(self) -> None:
        """Take back what it changed, the last first."""
        entry, self.entries = self.entries[0], self.entries[1:]
        self.post_message(UndoEntry(entry))

    def action_copy(self) -> None:
        """Copy the answer."""
        self.post_message(Copied(self.progress.said))

    def action_choose(self, option: int) -> None:
        """Answer the question with an option."""
        for asking in self.query(Ask):
            asking.choose(option)

    def on_click(self, event: events.Click) -> None:
        """Unfold where the line of the shortlist was clicked."""
        if self._body.key_at(event.screen_y - self._body.region.y) == "fold":
            self.action_details()

    def on_edited(self, event: Edited) -> None:
        """Begin anew with the plan as it is now (the message goes on to whoever runs it)."""
        self._close_editor()
        self._drop("Ask")
        self.progress.planned(replace(event.plan, question=None))
        self.progress.state = "running"
        self._draw()

    def on_replied(self, event: Replied) -> None:
        """Wait for what the answer leads to (the message goes on to whoever takes it)."""
        self._drop("Ask")
        self.progress.note, self.progress.state = f"↳ {event.text}", "planning"
        self.focus()
        self._draw()

    def on_editor_left(self, event: Editor.Left) -> None:
        """Close the editor."""
        event.stop()
        self._close_editor()

    def _ended(self, plan: Plan) -> None:
        """Ask what the plan asks, or open the editor where somebody waits for it."""
        self._drop("Ask")
        if plan.question:
            self.mount(Ask(self.number, plan.question), before=self._foot)
        if self._edit_then and self.progress.answer:
            self._edit_then = False
            self.action_edit()

    def _drop(self, kind: str) -> None:
        if len(self.children) > 2:
            self.query(kind).remove()

    async def _open_editor(self, plan: Plan) -> None:
        from tinyagent.tui.edit import opened  # its text area would be a part of every start-up

        try:
            editor = await opened(self.number, plan, self.progress.answer, self._grounds)
        except TinyAgentError as error:
            self._editing, self.progress.note = False, str(error)
        else:
            self.progress.note = ""
            await self.mount(editor, before=self._foot)
        self._draw()

    def _close_editor(self) -> None:
        if self._editing:
            self._editing = False
            self._drop("Editor")
            self.focus()
            self._draw()

    def _tick(self) -> None:
        self.progress.tree.frame += 1
        self._draw()

    def _draw(self) -> None:
        self._body.show(self.progress.body(self.unfolded, with_answer=not self._editing))
        self._foot.show(self.progress.foot(self.unfolded))
        if self._timer is not None:
            moving = self.progress.tree.running and self.app.animation_level != "none"
            (self._timer.resume if moving else self._timer.pause)()
        self.refresh_bindings()
