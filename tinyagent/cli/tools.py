"""`tinyagent tools`: what the assistant can do."""

from __future__ import annotations

from typing import Any

import click

from tinyagent.calls import Tool
from tinyagent.cli import show

_STYLES = {"read": "green", "write": "cyan", "destructive": "red", "outgoing": "yellow"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def tools(as_json: bool) -> None:
    """List the tools, what they take and what they change.

    An optional parameter ends in "?". Tools that are "destructive" or "outgoing" ask before they run.
    """
    from tinyagent.tools.registry import catalogue

    known = catalogue()
    if as_json:
        show.out_json({"tools": [_as_json(tool) for tool in known]})
    elif show.on_terminal():
        _table(list(known))
    else:
        for tool in known:
            show.out(f"{tool.name}({_signature(tool)})\t{tool.effect}\t{tool.toolset}\t{tool.description}")


def _signature(tool: Tool) -> str:
    return ", ".join(f"{p.name}{'' if p.required else '?'}: {p.type}" for p in tool.parameters)


def _table(known: list[Tool]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("Tool", "Effect", "What it does", "Takes"):
        table.add_column(heading, overflow="fold")
    for tool in known:
        effect = Text(tool.effect, _STYLES[tool.effect])
        table.add_row(Text(tool.name, "bold"), effect, Text(tool.description), Text(_signature(tool), "dim"))
    Console(highlight=False).print(table)


def _as_json(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "toolset": tool.toolset,
        "effect": str(tool.effect),
        "description": tool.description,
        "undo": tool.undo is not None,
        "parameters": [
            {"name": p.name, "type": p.type, "required": p.required, "choices": list(p.choices)}
            for p in tool.parameters
        ],
    }
