"""A command as a card: what was said, the plan as it fills in, the answer, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from tinyagent.calls import Answer, Plan, Question
from tinyagent.errors import TinyAgentError
from tinyagent.events import Answered, Event, Finished, Shortlisted, Started, TakenBack
from tinyagent.tui.card_text import answer_rows, foot_rows, title_rows, waiting_rows, without_end
from tinyagent.tui.messages import Copied, Edited, Replied, UndoEntry
from tinyagent.tui.plan_tree import PlanTree
from tinyagent.tui.question import Ask
from tinyagent.tui.rows import Rows
from tinyagent.tui.timings import Clock, RunTime
from tinyagent.tui.turn_before import before_rows

if TYPE_CHECKING:
    from tinyagent.tui.edit import Editor, Grounds


class Card(Widget, can_focus=True):
    """Command `number` and what becomes of it. Give it every event (`heard`), or the plan of a dry run (`planned`).

    `state` is "planning", "ready" (planned, not run), "running", "asking", "done" or "failed". `grounds` gives the
    tools and the world that edited words are read in (called on a thread), `clock` seconds. `entries` are the journal
    entries of what it changed: Undo takes back the first, then the next.
    """

    DEFAULT_CSS = """
    Card { height: auto; padding: 0 1; margin: 0 0 1 0; border-left: outer $surface; }
    Card:focus, Card:focus-within { border-left: outer $accent; }
    Card > PlanTree, Card > .part, Card > Ask, Card > Editor { margin: 0 0 0 2; }
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
        self.state, self.unfolded = "planning", False
        self.plan: Plan | None = None
        self.answer: Answer | None = None
        self.plan_tree = PlanTree()
        self._grounds, self._clock = grounds, clock
        self._run_time = RunTime(clock)
        self._title = Rows()
        self._before, self._said, self._times = (Rows(classes="part") for _ in range(3))
        self._sentences, self._back, self._note = list[str](), list[TakenBack](), ""
        self._editing = self._edit_then = self._up = False
        self._early: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        """Lay out the command, how it follows the one before, the tree, the answer and the times."""
        yield from (self._title, self._before, self.plan_tree, self._said, self._times)

    def on_mount(self) -> None:
        """Write the command, and what came before there was a place for it."""
        self._up = True
        self._draw()
        for hear in self._early:
            hear()

    def heard(self, event: Event) -> None:
        """Take the next event of the command; the last is `Answered`."""
        if not self._up:
            return self._early.append(partial(self.heard, event))
        self.plan_tree.heard(event)
        self._run_time.heard(event)
        match event:
            case Shortlisted():
                self._drop("Ask")
                self.state, self._sentences = "planning", []
            case TakenBack():
                self._back.append(event)
            case Started():
                self.state = "running"
            case Finished():
                self._sentences += [event.result.answer] if event.result.answer else []
            case Answered():
                self._answered(event.answer)
        self._draw()

    def planned(self, plan: Plan) -> None:
        """Show the plan of a dry run: it can be edited and run."""
        if not self._up:
            return self._early.append(partial(self.planned, plan))
        self.plan, self.answer, self._note, self._back = plan, None, "", []
        self._run_time = RunTime(self._clock)
        self.plan_tree.take(plan)
        self._sentences = [sentence for sentence in (plan.reason,) if sentence]
        self._end_of(plan, "ready" if plan.calls or plan.undoes else "done")
        self._draw()

    def broken(self, sentence: str) -> None:
        """Show that it could not be done, or was stopped, and why."""
        if not self._up:
            return self._early.append(partial(self.broken, sentence))
        self._run_time.stopped()
        self._drop("Ask")
        self.state, self._edit_then = "failed", False
        self.plan_tree.ended()
        self._sentences.append(sentence)
        self._draw()

    def action_edit(self) -> None:
        """Open the arguments to be edited, as soon as the command has ended."""
        if self.state in ("planning", "running"):
            self._edit_then = True
        elif self.plan and self.plan.calls and not self._editing:
            self._editing = True
            self.run_worker(self._open_editor(self.plan), exit_on_error=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now."""
        calls, undoes = (self.plan.calls, self.plan.undoes) if self.plan else ((), ())
        at_rest = self.state not in ("planning", "running") and not self._editing
        return {
            "details": not self._editing,
            "edit": bool(calls) and at_rest,
            "again": bool(calls or undoes) and at_rest,
            "undo": bool(self.entries) and at_rest,
            "copy": bool(self._answer_text()) and not self._editing,
            "choose": self.state == "asking",
        }.get(action, True)

    def action_details(self) -> None:
        """Show or hide the shortlist, whole texts and the time of each stage."""
        self.unfolded = not self.unfolded
        self.plan_tree.fold(not self.unfolded)
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
        self.post_message(Copied(self._answer_text()))

    def action_choose(self, option: int) -> None:
        """Answer the question with an option."""
        for asking in self.query(Ask):
            asking.choose(option)

    def on_plan_tree_toggled(self, event: PlanTree.Toggled) -> None:
        """Unfold by mouse."""
        event.stop()
        self.action_details()

    def on_edited(self, event: Edited) -> None:
        """Begin anew with the plan as it is now (the message goes on to whoever runs it)."""
        self._close_editor()
        self._drop("Ask")
        self.planned(replace(event.plan, question=None))
        self.state = "running"
        self._draw()

    def on_replied(self, event: Replied) -> None:
        """Wait for what the answer leads to (the message goes on to whoever takes it)."""
        self._drop("Ask")
        self._note, self.state = f"↳ {event.text}", "planning"
        self.focus()
        self._draw()

    def on_editor_left(self, event: Editor.Left) -> None:
        """Close the editor."""
        event.stop()
        self._close_editor()

    def _answered(self, answer: Answer) -> None:
        # What is taken back stays so: to run the plan again is to run its calls.
        self.plan, self.answer = replace(answer.plan, undoes=()), answer
        self._sentences = answer.text.splitlines()
        self._run_time.stopped()
        failed = any(result.status in ("failed", "declined") for result in answer.results)
        self._end_of(answer.plan, "failed" if failed else "done")
        if self._edit_then:
            self._edit_then = False
            self.action_edit()

    def _end_of(self, plan: Plan, state: str) -> None:
        self._drop("Ask")
        self.state = state
        if plan.question:
            self.state = "asking"
            self._ask(plan.question)

    def _ask(self, question: Question) -> None:
        self._sentences = without_end(self._sentences, question.text.splitlines())
        self.mount(Ask(self.number, question), before=self._times)

    def _drop(self, kind: str) -> None:
        self.query(kind).remove()

    async def _open_editor(self, plan: Plan) -> None:
        from tinyagent.tui.edit import opened  # its text area would be a part of every start-up

        try:
            editor = await opened(self.number, plan, self.answer, self._grounds)
        except TinyAgentError as error:
            self._editing, self._note = False, str(error)
        else:
            self._note = ""
            await self.mount(editor, before=self._times)
        self._draw()

    def _close_editor(self) -> None:
        if self._editing:
            self._editing = False
            self._drop("Editor")
            self.focus()
            self._draw()

    def _answer_text(self) -> str:
        return self.answer.text if self.answer else "\n".join(self._sentences)

    def _draw(self) -> None:
        self._title.show(title_rows(self.text, self.unfolded))
        self._before.show(before_rows(self.plan, self._back, self._sentences))
        waiting = self.state == "planning" and not self.plan_tree.rows
        broken = self.state == "failed" and not self.answer
        said = waiting_rows() if waiting else answer_rows(self._sentences, self.unfolded, broken)
        self._said.show(() if self._editing else said)
        ran = self._run_time.ms if self.answer and self.answer.results else None
        self._times.show(foot_rows(self._note, self.plan.timings_ms if self.plan else {}, ran, self.unfolded))
        self.refresh_bindings()
