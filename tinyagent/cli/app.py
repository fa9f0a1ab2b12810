"""The commands by name, each imported when it is used: `tinyagent --help` and completion stay instant."""

from __future__ import annotations

import sys
from importlib import import_module

import click

COMMANDS = {
    "ask": "tinyagent.cli.ask:ask",
    "chat": "tinyagent.cli.chat:chat",
    "listen": "tinyagent.cli.listen:listen",
    "apply": "tinyagent.cli.apply:apply",
    "history": "tinyagent.cli.history:history",
    "undo": "tinyagent.cli.history:undo",
    "policy": "tinyagent.cli.policy:policy",
    "instructions": "tinyagent.cli.instructions:instructions",
    "tools": "tinyagent.cli.tools:tools",
    "eval": "tinyagent.cli.evaluate:evaluate",
    "compare": "tinyagent.cli.compare:compare",
    "bench": "tinyagent.cli.benchmark:bench",
    "doctor": "tinyagent.cli.doctor:doctor",
    "scheduler": "tinyagent.cli.scheduler:scheduler",
    "train": "tinyagent.cli.train:train",
    "quantize": "tinyagent.cli.quantize:quantize",
    "index": "tinyagent.cli.index:index",
    "completion": "tinyagent.cli.completion:completion",
}
"""Command name to "module:attribute", in the order of the help."""


class LazyGroup(click.Group):
    """A group whose commands are named, not imported; bare, it shows its help."""

    def __init__(self, *args: object, lazy: dict[str, str] | None = None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were given."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None where there is none."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


def help_when_bare(ctx: click.Context) -> None:
    """Print the help of a group that was called without a command."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def open_screen(ctx: click.Context) -> int | None:
    """Open the terminal assistant; where there is no terminal, print the help.

    A terminal that can show only lines, and whoever asks for it with `TINYAGENT_PLAIN`, gets `tinyagent chat --plain`.
    """
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        click.echo(ctx.get_help())
        return None
    from tinyagent.tui.start import run, wants_plain

    if not wants_plain():
        return run()
    chat = tinyagent.get_command(ctx, "chat")
    assert chat is not None
    return int(ctx.invoke(chat, plain=True) or 0)


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"tinyagent {version('tinyagent')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
@click.pass_context
def tinyagent(ctx: click.Context) -> int | None:
    """Turn what you say into checked calls on your own calendar, reminders and lists.

    Without a command it opens the assistant on this terminal.
    """
    return open_screen(ctx) if ctx.invoked_subcommand is None else None
