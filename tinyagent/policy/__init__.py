"""What may run, what must be confirmed and what never runs: the person's rules first, then a tool's effect."""

from __future__ import annotations

from tinyagent.policy.effects import Decision, Verdict, by_effect, decide
from tinyagent.policy.file import FILE, read_policy
from tinyagent.policy.rules import Policy, Rule

__all__ = ["FILE", "Decision", "Policy", "Rule", "Verdict", "by_effect", "decide", "read_policy"]
