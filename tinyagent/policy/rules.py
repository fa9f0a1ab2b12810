"""Rules of the person's own, tried in order before the effect: the first that fits decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tinyagent.calls import Tool
from tinyagent.errors import SettingsError
from tinyagent.policy.conditions import Condition, Knows
from tinyagent.policy.effects import Decision, Verdict, by_effect


def nobody(value: str) -> bool:
    """Know no contact: the reading of `in = "contacts"` that trusts least."""
    return False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `tools` and `toolsets` are names or patterns; what is empty does not narrow it.

    `place` says where it is written ("rule 2, line 9 of policy.toml"), `because` is the person's own reason.
    """

    decision: Decision
    tools: tuple[str, ...] = ()
    toolsets: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    because: str = ""
    place: str = "a rule"

    def covers(self, tool: Tool) -> bool:
        """Whether the rule speaks of `tool` at all."""
        return (
            _named(tool.name, self.tools)
            and _named(tool.toolset, self.toolsets)
            and (not self.effects or tool.effect in self.effects)
        )

    def fits(self, tool: Tool, args: Mapping[str, Any], knows: Knows) -> bool:
        """Whether the rule decides about this call."""
        every = self.decision is Decision.ALLOW
        return self.covers(tool) and all(condition.fits(args, every, knows) for condition in self.where)

    @property
    def verdict(self) -> Verdict:
        """What the rule says about a call that it fits."""
        return Verdict(self.decision, f"{self.place} says so{f': {self.because}' if self.because else ''}")


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in their order; without any the effect of a tool decides."""

    rules: tuple[Rule, ...] = ()

    def verdict(self, tool: Tool, args: Mapping[str, Any], knows: Knows = nobody) -> Verdict:
        """Return what may become of a call of `tool` with `args` (JSON values, as they would be run)."""
        for rule in self.rules:
            if rule.fits(tool, args, knows):
                return rule.verdict
        return by_effect(tool)

    def outlook(self, tool: Tool) -> Iterator[tuple[str, Verdict]]:
        """Yield the verdicts that calls of `tool` can meet, each with when ("" for otherwise), the last for all."""
        for rule in self.rules:
            if rule.covers(tool):
                yield " and ".join(map(str, rule.where)), rule.verdict
                if not rule.where:
                    return
        yield "", by_effect(tool)

    def check(self, tools: Iterable[Tool]) -> list[str]:
        """Return a sentence for each rule that speaks of no known tool.

        Raises `SettingsError` for a rule about an argument that none of its tools has: it would never fit.
        """
        known, doubts = list(tools), []
        for rule in self.rules:
            covered = [tool for tool in known if rule.covers(tool)]
            if not covered:
                doubts.append(f"{rule.place} speaks of no tool at hand: `tinyagent tools` lists them.")
                continue
            arguments = {parameter.name for tool in covered for parameter in tool.parameters}
            for condition in rule.where:
                if condition.argument not in arguments:
                    raise SettingsError(
                        f"{rule.place} asks for an argument {condition.argument!r} that no tool it speaks of has: "
                        f"correct it; `tinyagent tools` lists what tools take."
                    )
        return doubts
