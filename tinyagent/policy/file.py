"""Reading the rule file, `policy.toml` in the config folder. A mistake ends in a sentence with rule and line.

    [[rule]]
    decide = "deny"                             # allow, ask or deny
    tool = "send_sms"                           # a name, a pattern such as "send_*", or a list of them
    where = { recipients = { outside = "contacts" } }
    because = "no messages to strangers"        # shown with the refusal

    [[rule]]
    decide = "allow"
    tool = "delete_file"
    where = { file_name = { under = "~/Downloads" } }

`toolset` and `effect` narrow a rule as `tool` does. `where` gives conditions by argument: a pattern, or a table
of tests: `like`, `unlike` (patterns), `in`, `outside` ("contacts", or values), `under`, `not_under` (folders),
`above`, `below` (numbers), `given` (true, false).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyagent.calls import Effect
from tinyagent.errors import SettingsError
from tinyagent.policy.conditions import CONTACTS, TESTS, Condition, ValueTest
from tinyagent.policy.effects import Decision
from tinyagent.policy.rules import Policy, Rule

FILE = "policy.toml"
LARGEST = 1_000_000
_KEYS = ("decide", "tool", "toolset", "effect", "where", "because")
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)


def read_policy(path: Path) -> Policy:
    """Return the rules in `path`; none where there is no such file. Raises `SettingsError` naming rule and line."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise ValueError("it is larger than a megabyte")
        text = data.decode("utf-8")
        parsed = tomllib.loads(text)
    except FileNotFoundError:
        return Policy()
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(
            f"The policy {path} cannot be read ({_first_line(error)}): correct it, or move it away."
        ) from None
    unknown = [name for name in parsed if name != "rule"]
    rules = parsed.get("rule", [])
    if unknown or not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        found = f", not {unknown[0]!r}" if unknown else ""
        raise SettingsError(f"The policy {path} must hold [[rule]] tables only{found}: correct it.")
    lines = [text.count("\n", 0, match.start()) + 1 for match in _HEADER.finditer(text)]
    numbered = lines if len(lines) == len(rules) else [0] * len(rules)
    places = (
        f"rule {number}{f', line {line},' if line else ''} of {path.name}"
        for number, line in enumerate(numbered, 1)
    )
    return Policy(tuple(_Reader(place).rule(rule) for place, rule in zip(places, rules, strict=True)))


def _first_line(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return said.split("\n")[0].rstrip(".") or type(error).__name__


class _Reader:
    """Reads one rule; `place` is where it stands."""

    def __init__(self, place: str) -> None:
        self.place = place

    def rule(self, given: Mapping[str, Any]) -> Rule:
        for name in given:
            if name not in _KEYS:
                raise self.wrong(f"has an unknown key {name!r}: it can have {', '.join(_KEYS)}")
        because = given.get("because", "")
        if not isinstance(because, str):
            raise self.wrong("must give `because` as text")
        rule = Rule(
            self.decision(given.get("decide")),
            self.texts("tool", given.get("tool")),
            self.texts("toolset", given.get("toolset")),
            self.texts("effect", given.get("effect")),
            self.conditions(given.get("where", {})),
            " ".join(because.split()),
            self.place,
        )
        for effect in rule.effects:
            if effect not in set(Effect):
                raise self.wrong(f"has an unknown effect {effect!r}: there are {', '.join(Effect)}")
        if not (rule.tools or rule.toolsets or rule.effects):
            raise self.wrong('must say which tools it is about: give tool (perhaps "*"), toolset or effect')
        return rule

    def wrong(self, what: str) -> SettingsError:
        return SettingsError(f"{self.place[0].upper()}{self.place[1:]} {what}.")

    def decision(self, given: Any) -> Decision:
        try:
            return Decision(given)
        except ValueError:
            found = "nothing" if given is None else repr(given)
            raise self.wrong(f"must decide allow, ask or deny, not {found}") from None

    def texts(self, key: str, given: Any) -> tuple[str, ...]:
        """Read one text or a list of them. An empty list is refused: it would fit everything."""
        if given is None:
            return ()
        texts = [given] if isinstance(given, str) else given
        if not (isinstance(texts, list) and texts and all(isinstance(t, str) and t.strip() for t in texts)):
            raise self.wrong(f"must give `{key}` as text or a list of texts")
        return tuple(texts)

    def conditions(self, given: Any) -> tuple[Condition, ...]:
        if not isinstance(given, dict):
            raise self.wrong('must give `where` as a table such as { title = "*dentist*" }')
        return tuple(Condition(argument, self.tests(argument, tests)) for argument, tests in given.items())

    def tests(self, argument: str, given: Any) -> tuple[ValueTest, ...]:
        if isinstance(given, str | list):
            given = {"like": given}
        if not isinstance(given, dict) or not given:
            raise self.wrong(f'must give a pattern or tests such as {{ in = "contacts" }} for {argument}')
        return tuple(ValueTest(name, self.operand(argument, name, value)) for name, value in given.items())

    def operand(self, argument: str, name: str, given: Any) -> Any:
        if name not in TESTS:
            raise self.wrong(f"has an unknown test {name!r} for {argument}: there are {', '.join(TESTS)}")
        if name == "given":
            if not isinstance(given, bool):
                raise self.wrong(f"must say true or false for `given` of {argument}")
            return given
        if name in ("above", "below"):
            if not isinstance(given, int | float) or isinstance(given, bool):
                raise self.wrong(f"must give a number for `{name}` of {argument}")
            return given
        texts = self.texts(f"{name} of {argument}", given)
        if name in ("in", "outside") and isinstance(given, str) and given != CONTACTS:
            raise self.wrong(f'must give "{CONTACTS}" or a list of values for `{name}` of {argument}')
        return tuple(map(self.folder, texts)) if name in ("under", "not_under") else texts

    def folder(self, given: str) -> str:
        path = os.path.expanduser(given)
        if not os.path.isabs(path):
            raise self.wrong(f"must name whole folders, such as ~/Downloads, not {given!r}")
        return path
