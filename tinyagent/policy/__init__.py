"""What may run without asking. The tool's effect decides; rules of the person's own will come before it."""

from __future__ import annotations

from enum import StrEnum

from tinyagent.calls import Effect, Tool

_FREE = frozenset({Effect.READ, Effect.WRITE})


class Decision(StrEnum):
    """What the policy says about a call: `ALLOW` runs it, `ASK` needs the person's yes first."""

    ALLOW = "allow"
    ASK = "ask"


def decide(tool: Tool) -> Decision:
    """Return `ALLOW` for tools that read or write (a write can be undone), `ASK` for all others."""
    return Decision.ALLOW if tool.effect in _FREE else Decision.ASK
