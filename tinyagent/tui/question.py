"""A question of the assistant, answered where it stands: by number or in words."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from tinyagent.calls import Question
from tinyagent.tui.messages import Replied
from tinyagent.tui.rows import Row, Rows, Shown


class Ask(Widget):
    """Shows the question of card `number` with its options; posts `Replied` once."""

    DEFAULT_CSS = """
    Ask { height: auto; }
    Ask Input { margin: 0 0 0 2; background: $boost; }
    """

    def __init__(self, number: int, question: Question) -> None:
        super().__init__()
        self.number, self.question = number, question
        self.replied = False

    def compose(self) -> ComposeResult:
        """Write the question, the options by number, and a place for words."""
        asked = Content.styled(Shown(self.question.text).line, "bold")
        yield Rows([Row(asked, Content.styled("? ", "$text-accent"), Content("  ")), *self._options()])
        words = "a number, or your own words" if self.question.options else "your answer"
        yield Reply(placeholder=words, compact=True)

    def choose(self, number: int) -> bool:
        """Answer with option `number` (from 1); return whether there is one."""
        if not 0 < number <= len(self.question.options):
            return False
        self._reply(self.question.options[number - 1])
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer in words; nothing is no answer."""
        event.stop()
        if event.value.strip():
            self._reply(event.value.strip())

    def _reply(self, text: str) -> None:
        if not self.replied:
            self.replied = True
            self.post_message(Replied(self.number, text))

    def _options(self) -> list[Row]:
        return [
            Row(Content(Shown(option).line), Content.styled(f"  {number} ", "$text-accent"), Content("    "))
            for number, option in enumerate(self.question.options, 1)
        ]


class Reply(Input):
    """Takes the answer in words; in an empty one, the digit of an option chooses that."""

    def on_key(self, event: events.Key) -> None:
        """Choose by number."""
        asking = self.parent
        digit = event.key.isdecimal() and not self.value
        if digit and isinstance(asking, Ask) and asking.choose(int(event.key)):
            event.stop()
            event.prevent_default()
