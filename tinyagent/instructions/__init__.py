"""Custom instructions: standing wishes of the person, a line each, as defaults for the arguments of calls."""

from __future__ import annotations

from tinyagent.instructions.instructions import FILE, Instructions, Line, Words

__all__ = ["FILE", "Instructions", "Line", "Words"]
