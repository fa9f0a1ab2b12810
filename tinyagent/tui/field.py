"""One argument of a call while it is edited: what is typed is grounded beside the typing, never in its way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from tinyagent.calls import Call, Parameter, Tool
from tinyagent.errors import TinyAgentError
from tinyagent.grounding.base import Unresolved, World
from tinyagent.tui.revise import read_value
from tinyagent.tui.rows import DIM, Row, Rows, Shown, value_text

PAUSE = 0.1
"""Seconds without typing before the words are read."""
LEFT_OUT = object()
"""The value of an argument that is not given."""
_log = logging.getLogger(__name__)


class Field(Widget):
    """An argument: its name, what is typed for it, and below in one line what that means or why it cannot be.

    `value` is the JSON value (`LEFT_OUT`: none), `words` what it came from, `error` a sentence, `pending` whether
    what was typed is still to be read.
    """

    DEFAULT_CSS = """
    Field { height: auto; layout: grid; grid-size: 2; grid-columns: 16 1fr; grid-rows: auto; }
    Field Label { color: $text-muted; width: 15; text-overflow: ellipsis; text-wrap: nowrap; }
    Field Input, Field TextArea { background: $boost; }
    Field TextArea { height: auto; max-height: 6; }
    Field Rows { column-span: 2; margin: 0 0 0 16; }
    """

    class Settled(Message):
        """What was typed has been read, or begun to be."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    def __init__(
        self,
        tool: Tool,
        parameter: Parameter,
        call: Call,
        world: World,
        *,
        references: Collection[str] = (),
        others: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        """Take the argument of `call`; it may be one of `references`, `others` gives the call's values as they are."""
        super().__init__()
        self.tool, self.parameter, self.world = tool, parameter, world
        self.references, self._others = references, others
        self._given = call.args.get(parameter.name, LEFT_OUT)
        self._said = call.words.get(parameter.name, "")
        self.value, self.words, self.error, self.pending = self._given, self._said, "", False
        several_lines = isinstance(self._given, str) and "\n" in self._given
        given = (
            ""
            if self._given is LEFT_OUT
            else value_text(
                self._given, parameter.type if several_lines or parameter.type == "span" else "text"
            )
        )
        self._shown = Shown(given).whole
        self.typing: Input | TextArea = (
            TextArea(self._shown, compact=True)
            if several_lines
            else Input(
                self._shown, compact=True, placeholder="required" if parameter.required else "left out"
            )
        )

    @property
    def changed(self) -> bool:
        """Whether it is another value than it was."""
        return self.value is not self._given and self.value != self._given

    def compose(self) -> ComposeResult:
        """Lay out the name, the value and what is to be said of it."""
        yield Label(Content(self.parameter.name.replace("_", " ")))
        yield self.typing
        yield Rows()

    def on_mount(self) -> None:
        """Say what words the value came from."""
        self._tell(self._origin())

    def on_input_changed(self, event: Input.Changed) -> None:
        """Read what is typed."""
        event.stop()
        self._typed(event.value)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Read what is typed."""
        event.stop()
        self._typed(event.text_area.text)

    def _typed(self, text: str) -> None:
        self.workers.cancel_node(self)
        if text == self._shown:
            self._settle(self._given, self._said, self._origin())
        elif not text.strip():
            needed = (
                f"{self.parameter.name.replace('_', ' ')} cannot be left out."
                if self.parameter.required
                else ""
            )
            self._settle(LEFT_OUT, "", "left out", error=needed)
        else:
            self.pending = True
            self.post_message(self.Settled(self))
            self.run_worker(self._read(text), exit_on_error=False)

    def _origin(self) -> str:
        if not self._said or self._given is LEFT_OUT:
            return ""
        return "↑ an earlier result" if self._said in self.references else f"← “{self._said}”"

    async def _read(self, text: str) -> None:
        await asyncio.sleep(PAUSE)
        others = dict(self._others())
        try:
            value = await asyncio.to_thread(
                read_value, text, self.parameter, self.tool, self.world, others, self.references
            )
        except Unresolved as error:
            self._settle(LEFT_OUT, "", error=error.question.text)
        except TinyAgentError as error:
            self._settle(LEFT_OUT, "", error=str(error))
        except Exception:  # a resolver that trips over words must not take the screen down
            _log.debug("words that a resolver tripped over", exc_info=True)
            self._settle(LEFT_OUT, "", error=f"I cannot read “{text}”: say it another way.")
        else:
            meant = value_text(value, self.parameter.type)
            self._settle(value, text.strip(), f"→ {meant}" if meant != text.strip() else "")

    def _settle(self, value: Any, words: str, note: str = "", *, error: str = "") -> None:
        self.value, self.words, self.error, self.pending = value, words, error, False
        self._tell(error or note)
        self.post_message(self.Settled(self))

    def _tell(self, sentence: str) -> None:
        style = "$text-error" if self.error else DIM
        said = Content.styled(Shown(sentence).line, style)
        self.query_one(Rows).show([Row(said)] if sentence else [])
