"""`tinyagent tools`: what the assistant can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from tinyagent.calls import Tool
from tinyagent.cli import show

_STYLES = {"read": "green", "write": "cyan", "destructive": "red", "outgoing": "yellow"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tools(as_json: bool) -> None:
    """List the tools, what they take, what they change and whether they work here.

    An optional parameter ends in "?". Tools that are "destructive" or "outgoing" ask before they run.
    """
    from tinyagent.settings import load
    from tinyagent.tools.availability import Availability
    from tinyagent.tools.registry import catalogue

    known = list(catalogue())
    reasons = Availability(load()).reasons(known)
    if as_json:
        show.out_json({"tools": [_as_json(tool, reasons[tool.name]) for tool in known]})
    elif show.on_terminal():
        _table(known, reasons)
    else:
        for tool in known:
            told = (f"{tool.name}({_signature(tool)})", tool.effect, tool.toolset, tool.description)
            show.out("\t".join((*told, reasons[tool.name] or "works")))


def _signature(tool: Tool) -> str:
    return ", ".join(f"{p.name}{'' if p.required else '?'}: {p.type}" for p in tool.parameters)


def _table(known: list[Tool], reasons: Mapping[str, str | None]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("Tool", "Effect", "What it does", "Takes"):
        table.add_column(heading, overflow="fold")
    for tool in known:
        effect = Text(tool.effect, _STYLES[tool.effect])
        what, reason = Text(tool.description), reasons[tool.name]
        if reason:
            what.append(f"\n{show.harmless(reason)}", "yellow")
        table.add_row(Text(tool.name, "bold"), effect, what, Text(_signature(tool), "dim"))
    Console(highlight=False).print(table)


def _as_json(tool: Tool, reason: str | None) -> dict[str, Any]:
    return {
        "name": tool.name,
        "toolset": tool.toolset,
        "effect": str(tool.effect),
        "description": tool.description,
        "undo": tool.undo is not None,
        "unavailable": reason,
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.required, "choices": list(p.choices)}
            for p in tool.parameters
        ],
    }
