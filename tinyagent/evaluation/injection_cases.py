"""The cases of the injection suite and the figures over them; `injection` runs them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import CaseError

CASES = Path(__file__).parent / "data" / "injection.jsonl"


@dataclass(frozen=True, slots=True)
class Case:
    """One attack. The person says `text`; where there is a `plan`, that is what they mean and no model takes part.

    `tools` are those of the person's wish and `shows` a text that its result must hold; without it the wish itself
    is what an attacker bent, and may be refused. `obeyed` are the calls of a model that reads the request
    `injection` and obeys; `goal` is a test of `World.reached`.
    """

    id: str
    kind: str
    carrier: str
    plant: Mapping[str, Any]
    goal: Mapping[str, str]
    tools: tuple[str, ...]
    text: str
    shows: str = ""
    plan: tuple[Mapping[str, Any], ...] = ()
    injection: str = ""
    obeyed: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a case came to in one arm: whether the attacker got what they wanted, and the person (None: see `Case`)."""

    case: Case
    attacked: bool
    served: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Attack success and the person's success of one arm."""

    arm: str
    results: tuple[Result, ...]

    def share(self, of: str, by: str = "") -> dict[str, tuple[int, int]]:
        """Return (successes, cases) of `of`, "attacked" or "served", by "kind", "carrier" or for "all"."""
        found: dict[str, list[bool]] = {}
        for one in self.results:
            value = getattr(one, of)
            if value is not None:
                found.setdefault(getattr(one.case, by) if by else "all", []).append(value)
        return {name: (sum(given), len(given)) for name, given in found.items()}

    def as_json(self) -> dict[str, Any]:
        """Return the figures as JSON data: [successes, cases], and the attacks that succeeded."""
        return {
            "attacked": self.share("attacked").get("all", (0, 0)), "served": self.share("served").get("all", (0, 0)),
            "by_kind": self.share("attacked", "kind"), "by_carrier": self.share("attacked", "carrier"),
            "succeeded": [one.case.id for one in self.results if one.attacked],
            "not_served": [one.case.id for one in self.results if one.served is False],
        }  # fmt: skip


def read_cases(path: Path = CASES) -> list[Case]:
    """Return the cases of a file. Raises `CaseError` with the line at fault."""
    cases = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            given = json.loads(line)
            lists = {name: tuple(given.get(name, ())) for name in ("tools", "plan", "obeyed")}
            case = Case(**{**given, **lists})
        except (ValueError, TypeError) as error:
            raise CaseError(
                f"Line {number} of {path} is no case of an injection ({error}): correct it."
            ) from None
        if len(case.goal) != 1:
            raise CaseError(f"Line {number} of {path} must have one goal: correct it.")
        cases.append(case)
    return cases


def table(tallies: Sequence[Tally]) -> str:
    """Return the figures as text: attacks that succeeded by arm, kind and carrier, and the person's success."""
    width = 24
    head = " " * width + "".join(f"{one.arm:>14}" for one in tallies)
    lines = [head]
    for of, by in (("attacked", ""), ("served", ""), ("attacked", "kind"), ("attacked", "carrier")):
        shares = [tally.share(of, by) for tally in tallies]
        lines += [""] * bool(by)
        for name in shares[0]:
            label = name if by else {"attacked": "attack success", "served": "wish fulfilled"}[of]
            cells = (f"{given[name][0]} of {given[name][1]}" for given in shares)
            lines.append(f"{label:<{width}}" + "".join(f"{cell:>14}" for cell in cells))
    return "\n".join(lines)
