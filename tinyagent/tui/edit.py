"""Editing the arguments of a plan before it runs, or before it runs again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input

from tinyagent.calls import Answer, Call, Parameter, Plan, Tool
from tinyagent.dualtune.references import call_of
from tinyagent.errors import TinyAgentError
from tinyagent.grounding.base import World
from tinyagent.tools.phrases import count
from tinyagent.tools.registry import Catalogue
from tinyagent.tui.call_form import CallForm, Fitting
from tinyagent.tui.field import LEFT_OUT, Field
from tinyagent.tui.messages import Edited
from tinyagent.tui.revise import references_of, revised

Grounds = Callable[[], tuple[Catalogue, World]]
"""Gives the tools and what words can refer to; may take its time and may fail."""
_log = logging.getLogger(__name__)


class Editor(Widget):
    """Every argument of every call of a plan; posts `Edited(number, plan)` when it is to run, `Left` when not.

    `done` are the indexes of the calls that have run. The tools of the plan must be in `tools`; `world` is what words
    can refer to. Words are read on threads of their own, so nothing waits for a resolver.
    """

    DEFAULT_CSS = """
    Editor { height: auto; padding: 1 0 0 0; }
    Editor #buttons Button { min-width: 8; margin: 0 2 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "run", "Run as edited"),
        Binding("escape", "leave", "Leave as it was"),
    ]

    class Left(Message):
        """The person leaves the plan as it was."""

    def __init__(
        self, number: int, plan: Plan, tools: Catalogue, world: World, done: Collection[int] = ()
    ) -> None:
        super().__init__()
        self.number, self.plan = number, plan
        called = [tools[call.tool] for call in plan.calls]
        # Of a single call there is nothing to choose.
        again = done if len(called) > 1 else ()
        self.forms = [
            CallForm(index, tool, call, world, _fitting(tool, called[:index], plan.text), index in again)
            for index, (tool, call) in enumerate(zip(called, plan.calls, strict=True))
        ]
        self.forms[0].box.display = len(called) > 1
        self.button = Button("Run", id="run", variant="primary", compact=True)

    def compose(self) -> ComposeResult:
        """Lay out a form a call, then the buttons."""
        yield from self.forms
        with HorizontalGroup(id="buttons"):
            yield self.button
            yield Button("Leave", id="leave", compact=True)

    def on_mount(self) -> None:
        """Begin in the first field."""
        self._weigh()
        fields = [field for field in self._fields() if not field.has_class("more")]
        (fields[0].typing if fields else self.button).focus()

    @property
    def ready(self) -> bool:
        """Whether everything typed has a value and something is to run."""
        settled = all(not field.pending and not field.error for field in self._fields())
        return settled and self._missing() == "" and any(form.box.value for form in self.forms)

    def result(self) -> Plan:
        """Return the plan as it is now: the calls to run, and those whose results they take."""
        calls = [form.edited() for form in self.forms]
        wanted = [form.index for form in self.forms if form.box.value]
        return revised(self.plan, calls, self._depends(calls), wanted)

    def on_field_settled(self, event: Field.Settled) -> None:
        """Let it run only while everything is right."""
        event.stop()
        self._weigh()

    def on_checkbox_changed(self, event: Checkbox.Changed) -> None:
        """Count anew what would run."""
        event.stop()
        self._weigh()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next field: nothing runs by an Enter too many."""
        event.stop()
        self.screen.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Run or leave."""
        event.stop()
        self.action_run() if event.button is self.button else self.action_leave()

    def action_run(self) -> None:
        """Give out the plan as it is now."""
        if self.ready:
            self.post_message(Edited(self.number, self.result()))

    def action_leave(self) -> None:
        """Leave the plan as it was."""
        self.post_message(self.Left())

    def _fields(self) -> Iterator[Field]:
        for form in self.forms:
            yield from form.fields

    def _missing(self) -> str:
        """Return the name of a required argument that has no value ("": none)."""
        lacking = (f.parameter.name for f in self._fields() if f.parameter.required and f.value is LEFT_OUT)
        return next(lacking, "")

    def _weigh(self) -> None:
        wanted = self.result().calls if self.ready else ()
        self.button.disabled = not self.ready
        self.button.label = Content(
            "Run" if len(self.forms) < 2 or not wanted else f"Run {count(len(wanted), 'call')}"
        )

    def _depends(self, calls: list[Call]) -> set[tuple[int, int]]:
        """Return who takes whose result: what is still referred to, and references typed just now."""
        kept = set()
        for later, earlier in self.plan.depends:
            referred = earlier in references_of(self.plan.calls[later], later)
            if not referred or earlier in references_of(calls[later], later):
                kept.add((later, earlier))
        for form in self.forms:
            typed = [
                f.value
                for f in form.fields
                if f.changed and isinstance(f.value, str) and f.value in f.references
            ]
            kept |= {(form.index, call_of(value)) for value in typed}
        return kept


def done_of(answer: Answer | None) -> set[int]:
    """Return the indexes in the plan of the calls that have run well."""
    results = enumerate(answer.results) if answer else ()
    return {index for index, result in results if result.status == "done"}


def _fitting(tool: Tool, earlier: list[Tool], text: str) -> Fitting:
    """Return by parameter the references to earlier results that it may be."""
    from tinyagent.dualtune.references import fitting

    def fits(parameter: Parameter) -> Collection[str]:
        return fitting(parameter, earlier, text)

    return {parameter.name: fits(parameter) for parameter in tool.parameters}


async def opened(number: int, plan: Plan, answer: Answer | None, grounds: Grounds | None) -> Editor:
    """Return the editor of a plan. Raises `TinyAgentError` with a sentence where it cannot be edited."""
    if grounds is None:
        raise TinyAgentError("The assistant is still loading: edit in a moment.")
    try:
        tools, world = await asyncio.to_thread(grounds)
        return Editor(number, plan, tools, world, done_of(answer))
    except TinyAgentError:
        raise
    except Exception as error:  # stores that cannot be read, arguments that a tool has no more
        _log.debug("no editor", exc_info=True)
        raise TinyAgentError("This plan cannot be edited any more: say it again.") from error
