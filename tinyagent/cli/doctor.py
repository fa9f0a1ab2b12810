"""`tinyagent doctor`: whether everything works here, and what helps where it does not."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.cli.finding import Check


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(as_json: bool) -> int:
    """Check the installation and say what to do about what is wrong.

    Exit code 1 when something is wrong that the assistant cannot do without.
    """
    from tinyagent.cli.checks import run_checks

    with show.thinking("Looking …"):
        found = list(run_checks())
    healthy = all(check.ok or not check.required for check in found)
    if as_json:
        show.out_json({"ok": healthy, "checks": [asdict(check) for check in found]})
    elif show.on_terminal():
        _table(found)
    else:
        for check in found:
            show.out(f"{_verdict(check)}\t{check.name}\t{_finding(check)}")
    return 0 if healthy else 1


def _verdict(check: Check) -> str:
    return "ok" if check.ok else "bad" if check.required else "missing"


def _finding(check: Check) -> str:
    return f"{check.detail}: {check.cure}" if check.cure else check.detail


def _table(found: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "bad": "bold red", "missing": "yellow"}
    table = Table(box=None, pad_edge=False)
    for heading in ("", "Check", "Found, and what to do"):
        table.add_column(heading, overflow="fold")
    for check in found:
        verdict = _verdict(check)
        finding = show.harmless(check.detail + (f"\n{check.cure}" if check.cure else ""))
        table.add_row(Text(verdict, styles[verdict]), check.name, Text(finding))
    Console(highlight=False).print(table)
