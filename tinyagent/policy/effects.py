"""What a call may do when no rule of the person's own says something else: its tool's effect decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tinyagent.calls import Effect, Tool


class Decision(StrEnum):
    """`ALLOW` runs a call, `ASK` needs the person's yes first, `DENY` refuses it whatever is answered."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and why, as words that follow "because"."""

    decision: Decision
    because: str


_BY_EFFECT = {
    Effect.READ: Verdict(Decision.ALLOW, "it only reads"),
    Effect.WRITE: Verdict(Decision.ALLOW, "it can be undone"),
    Effect.DESTRUCTIVE: Verdict(Decision.ASK, "it takes something away"),
    Effect.OUTGOING: Verdict(Decision.ASK, "it leaves this machine"),
}


def by_effect(tool: Tool) -> Verdict:
    """Return what the effect of `tool` says about its calls."""
    return _BY_EFFECT[tool.effect]


def decide(tool: Tool) -> Decision:
    """Return `ALLOW` for tools that read or write (a write can be undone), `ASK` for all others."""
    return by_effect(tool).decision
