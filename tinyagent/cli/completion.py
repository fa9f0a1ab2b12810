"""`tinyagent completion`: the script that lets a shell complete the command line."""

from __future__ import annotations

import click

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    bash, zsh: eval "$(tinyagent completion bash)" in the start-up file; fish: tinyagent completion fish |
    source
    """
    from click.shell_completion import ShellComplete, get_completion_class

    from tinyagent.cli.app import tinyagent

    kind = get_completion_class(shell)
    assert kind is not None
    # The plain base method: bash's own would start a bash to ask for its version.
    click.echo(ShellComplete.source(kind(tinyagent, {}, "tinyagent", "_TINYAGENT_COMPLETE")))
