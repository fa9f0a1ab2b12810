"""An on-device assistant: words in, checked calls on your own calendar, reminders and lists out.

    from tinyagent import Assistant, tool

Names are imported on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant
    from tinyagent.calls import Answer, Call, Outcome, Plan, Question, Result, Tool
    from tinyagent.errors import TinyAgentError
    from tinyagent.tools.context import Context
    from tinyagent.tools.registry import tool

__all__ = [
    "Answer",
    "Assistant",
    "Call",
    "Context",
    "Outcome",
    "Plan",
    "Question",
    "Result",
    "TinyAgentError",
    "Tool",
    "tool",
]
_HOMES = {
    "Answer": "calls",
    "Assistant": "assistant",
    "Context": "tools.context",
    "TinyAgentError": "errors",
    "tool": "tools.registry",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'calls')}"), name)
