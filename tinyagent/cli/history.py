"""`tinyagent history` and `tinyagent undo`: what was done, and taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from tinyagent.cli import running, show

if TYPE_CHECKING:
    from tinyagent.journal import Entry, Journal

_STYLES = {"done": "green", "failed": "red", "interrupted": "bold red", "declined": "yellow", "undone": "dim"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest.")
def history(as_json: bool, limit: int) -> None:
    """List what was done, the newest first.

    "interrupted" is a call whose process ended before the call did. `tinyagent undo N` takes entry N back.
    """
    from tinyagent.journal import open_journal, recover_stores
    from tinyagent.settings import load

    settings = load()
    recover_stores(settings)
    journal = open_journal(settings)
    entries = journal.entries(limit)
    _tell(journal)
    if as_json:
        show.out_json({"entries": [entry.as_json() for entry in entries]})
    elif not entries:
        show.out("Nothing has been done yet.")
    elif show.on_terminal():
        _table(entries, settings.zone())
    else:
        for entry in entries:
            shown = (str(entry.id), _when(entry, settings.zone()), entry.status, _what(entry), entry.words)
            show.out("\t".join(" ".join(part.split()) for part in shown))


@click.command()
@click.argument("number", type=click.IntRange(1), required=False, metavar="[N]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def undo(number: int | None, as_json: bool) -> None:
    """Take back the last change, or entry N of the history.

    It is refused where something changed since, and where there is no way back. Exit code 1 then.
    """
    from tinyagent import journal as journals
    from tinyagent.scheduler.ringing import may_ring_again
    from tinyagent.settings import load
    from tinyagent.tools.registry import catalogue

    settings, tools = load(), catalogue()
    journal = journals.open_journal(settings)
    try:
        entry = journals.undo(journal, tools, settings.context(), number)
    finally:
        _tell(journal)
    if as_json:
        show.out_json({"undone": entry.as_json()})
    else:
        show.out(f"Undone: {_what(entry)}, of {_when(entry, settings.zone())}.", style="green")
        if entry.status == "interrupted" and entry.effect == "outgoing":
            show.warn("That is what it had written here; what it may have sent stays sent.")
    if entry.tool in tools and may_ring_again(tools[entry.tool]):
        running.start_scheduler(settings)


def _tell(journal: Journal) -> None:
    for note in journal.take_notes():
        show.warn(note)


def _when(entry: Entry, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(entry.at).astimezone(zone):%Y-%m-%d %H:%M}"


def _what(entry: Entry) -> str:
    from tinyagent.journal import UNDO

    return f"undo({entry.args['entry']})" if entry.tool == UNDO else show.call_line(entry.call)


def _table(entries: list[Entry], zone: ZoneInfo) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for heading in ("N", "When", "Became", "What", "Said"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        table.add_row(
            str(entry.id),
            _when(entry, zone),
            Text(entry.status, _STYLES.get(entry.status, "")),
            Text(show.harmless(_what(entry)), "bold" if entry.undoable else ""),
            Text(show.harmless(entry.words), "dim"),
        )
    Console(highlight=False).print(table)
