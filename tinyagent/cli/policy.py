"""`tinyagent policy`: what runs, what asks first and what never runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.calls import Tool
    from tinyagent.policy import Policy
    from tinyagent.settings import Settings

_STYLES = {"allow": "green", "ask": "yellow", "deny": "red"}


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def policy(ctx: click.Context, as_json: bool) -> None:
    """Show what would happen to a call of each tool: allow, ask or deny, and why.

    Rules of your own are in policy.toml in the config folder; the first that fits decides, and without one
    the effect of the tool: reading and writing are allowed, deleting and sending ask.
    """
    if ctx.invoked_subcommand is not None:
        return
    from tinyagent.tools.registry import catalogue

    rules, tools = _rules(), catalogue()
    doubts = rules.check(tools)
    if as_json:
        show.out_json({"tools": [_as_json(rules, tool) for tool in tools], "doubts": doubts})
        return
    if show.on_terminal():
        _table(rules, list(tools))
    else:
        for tool in tools:
            for number, (when, verdict) in enumerate(rules.outlook(tool)):
                when = when or ("otherwise" if number else "always")
                show.out(f"{tool.name}\t{verdict.decision}\t{when}\t{verdict.because}")
    for doubt in doubts:
        show.warn(doubt)


@policy.command()
@click.argument("tool")
@click.argument("arguments", metavar="JSON")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(tool: str, arguments: str, as_json: bool) -> None:
    """Say what would happen to a call of TOOL with the arguments in JSON; nothing is run.

    tinyagent policy check delete_list '{"list_name": "shopping"}'
    """
    from tinyagent.calls import Call
    from tinyagent.compiler.values import arguments as checked
    from tinyagent.policy.people import Contacts
    from tinyagent.settings import load
    from tinyagent.tools.registry import catalogue

    tools, settings = catalogue(), load()
    try:
        args = json.loads(arguments)
    except (ValueError, RecursionError):
        args = None
    if not isinstance(args, dict):
        raise click.BadParameter(
            'the arguments must be a JSON object such as \'{"query": "lunch"}\'.', param_hint="JSON"
        )
    rules = _rules(settings)
    rules.check(tools)
    checked(tools[tool], Call(tool, args))
    verdict = rules.verdict(tools[tool], args, Contacts(settings.folders.contacts).knows)
    if as_json:
        show.out_json({"decision": str(verdict.decision), "because": verdict.because})
    else:
        show.out(f"{verdict.decision}: {verdict.because}.", style=_STYLES[verdict.decision])


def _rules(settings: Settings | None = None) -> Policy:
    from tinyagent.policy import FILE, read_policy
    from tinyagent.settings import load

    return read_policy((settings or load()).config / FILE)


def _as_json(rules: Policy, tool: Tool) -> dict[str, Any]:
    verdicts = [
        {"when": when or None, "decision": str(verdict.decision), "because": verdict.because}
        for when, verdict in rules.outlook(tool)
    ]
    return {"tool": tool.name, "toolset": tool.toolset, "effect": str(tool.effect), "verdicts": verdicts}


def _table(rules: Policy, tools: list[Tool]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("Tool", "Decision", "When", "Because"):
        table.add_column(heading, overflow="fold")
    for tool in tools:
        for number, (when, verdict) in enumerate(rules.outlook(tool)):
            table.add_row(
                Text("" if number else tool.name, "bold"),
                Text(verdict.decision, _STYLES[verdict.decision]),
                Text(show.harmless(when or ("otherwise" if number else "always"))),
                Text(show.harmless(verdict.because), "dim"),
            )
    Console(highlight=False).print(table)
