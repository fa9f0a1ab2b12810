"""`tinyagent scheduler`: announce what is due, in the foreground."""

from __future__ import annotations

import click

from tinyagent.cli import show


@click.command()
@click.option("--once", is_flag=True, help="Announce what is due now and end.")
def scheduler(once: bool) -> None:
    """Announce alarms, timers and reminders when they are due, until stopped.

    It starts by itself, in the background, whenever something is set; run it here to see what it does, or
    from a service manager to have it after every log-in.
    """
    from tinyagent.scheduler import run
    from tinyagent.settings import load

    if not run(load(), once):
        show.warn("The scheduler is running already.")
