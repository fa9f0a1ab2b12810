"""The keys that work everywhere; the help screen and the command palette are made from them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tinyagent.tui.dictation import KEY, is_possible

TALK = Binding(KEY, "talk", "Speak instead of typing; F6 or a pause ends it", priority=True)
EVERYWHERE: list[BindingType] = [
    Binding("f1", "help", "Help", priority=True),
    Binding("f2", "panel('today')", "Today: calendar, reminders, alarms, timers", priority=True),
    Binding("f3", "panel('activity')", "Activity: what was done, with undo", priority=True),
    Binding("f4", "panel('tools')", "Tools: what there is, on and off", priority=True),
    Binding("f5", "panel('models')", "Models and adapters", priority=True),
    Binding("ctrl+p", "command_palette", "All commands", priority=True),
    Binding("ctrl+l", "clear", "Clear the cards that are done", priority=True),
    Binding("ctrl+z", "undo", "Take back the last change (where no text can be)"),
    Binding("ctrl+x", "cancel", "Stop what runs", priority=True),
    Binding("ctrl+c", "interrupt", "Stop what runs; pressed twice, quit", system=True),
    Binding("escape", "prompt", "Back to the prompt", show=False),
    *([TALK] if is_possible() else []),
    Binding("f12", "theme", "Next theme", priority=True),
    Binding("ctrl+q", "quit", "Quit", priority=True),
]
