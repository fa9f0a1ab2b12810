"""What the widgets of the terminal assistant tell each other."""

from __future__ import annotations

from textual.message import Message

from tinyagent.calls import Plan


class Submitted(Message):
    """The person entered a command; `dry` where they want to see the plan before anything runs."""

    def __init__(self, text: str, dry: bool = False) -> None:
        super().__init__()
        self.text, self.dry = text, dry


class Typed(Message):
    """The person has paused over an unfinished command."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Replied(Message):
    """The person answered the question of card `number`."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__()
        self.number, self.text = number, text


class Edited(Message):
    """The person wants the plan of card `number` run as it is now (again, where it has run)."""

    def __init__(self, number: int, plan: Plan) -> None:
        super().__init__()
        self.number, self.plan = number, plan


class Copied(Message):
    """The person wants this text in the clipboard."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class UndoEntry(Message):
    """The person wants journal entry `entry` taken back (None: the last change)."""

    def __init__(self, entry: int | None = None) -> None:
        super().__init__()
        self.entry = entry


class ToolSwitched(Message):
    """The person switched a tool on or off for this session."""

    def __init__(self, tool: str, on: bool) -> None:
        super().__init__()
        self.tool, self.on = tool, on
