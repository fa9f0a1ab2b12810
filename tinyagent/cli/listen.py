"""`tinyagent listen`: the voice daemon, and what is asked of the one that runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.settings import Settings
    from tinyagent.voice.events import News

WISHES = ("toggle", "cancel", "mute", "unmute", "status", "transcripts", "stop")
_HELP = {
    "toggle": "Begin to listen, or end what is being said: bind this to a key.",
    "cancel": "Stop what is being done or said.",
    "mute": "Close the microphone.",
    "unmute": "Let the microphone be opened again.",
    "status": "Show what the daemon is doing.",
    "transcripts": "Show what was understood lately; it is kept in memory only.",
    "stop": "End the daemon.",
}
ENGINES = ("push-to-talk", "pocketsphinx", "openwakeword")


def _wishes(command: Any) -> Any:
    for name in reversed(WISHES):
        command = click.option(f"--{name}", "wish", flag_value=name, help=_HELP[name])(command)
    return command


@click.command()
@_wishes
@click.option(
    "--input", "path", metavar="FILE.wav", help="Hear this file instead of the microphone, and end with it."
)
@click.option("--wake", type=click.Choice(ENGINES), help="Wait for the wake word with this engine.")
@click.option("--doctor", is_flag=True, help="Test every device and stage, and say what helps.")
@click.option("--install-service", is_flag=True, help="Write a service of your session that runs this.")
@click.option("--uninstall-service", is_flag=True, help="Remove that service.")
def listen(
    wish: str | None,
    path: str | None,
    wake: str | None,
    doctor: bool,
    install_service: bool,
    uninstall_service: bool,
) -> int:
    """Listen for commands, do them, and answer by voice and by notification, until stopped.

    Without --wake (or `wake` in the table [voice] of the settings) it listens when `tinyagent listen --toggle` says
    so. What needs a yes is read out and asked for; nothing else than a spoken yes counts.
    """
    if sum(map(bool, (wish, path, doctor, install_service, uninstall_service))) > 1:
        raise click.UsageError("Ask for one thing at a time.")
    if wish:
        return _ask(wish)
    from tinyagent.settings import load

    settings = load()
    if doctor:
        return _examine(settings)
    if uninstall_service:
        return _uninstall(settings)
    if install_service:
        return _install(settings, wake)
    return _run(settings, path, wake)


def _ask(wish: str) -> int:
    from tinyagent.settings import load
    from tinyagent.voice import control

    answer = control.ask(control.socket_path(load(), os.environ), wish)
    if wish == "transcripts":
        for one in answer["transcripts"]:
            heard = "" if one["heard"] == one["text"] else f" (heard: {show.harmless(one['heard'])})"
            show.out(show.harmless(f"{one['text']}{heard}"))
            show.out("\n".join(f"  {show.harmless(line)}" for line in one["answer"].splitlines()))
    elif wish == "status":
        running = f", {', '.join(answer['running'])} runs" if answer["running"] else ""
        show.out(f"{answer['state']}{running}, microphone {'muted' if answer['muted'] else 'on'}")
        if answer["trouble"]:
            show.out(show.harmless(answer["trouble"]), style="yellow")
    return 0


def _examine(settings: Settings) -> int:
    from tinyagent.voice.doctor import run_checks

    healthy = True
    for finding in run_checks(settings):
        healthy = healthy and finding.ok
        told = f"{finding.detail}: {finding.cure}" if finding.cure else finding.detail
        style = "" if finding.ok else "red"
        show.out(f"{'ok' if finding.ok else 'bad'}\t{finding.name}\t{show.harmless(told)}", style=style)
    return 0 if healthy else 1


def _install(settings: Settings, wake: str | None) -> int:
    from tinyagent.voice import service

    wake = wake or _configured(settings)
    _accepted(settings, wake)
    made = service.service_for(settings, os.environ, wake=wake)
    service.install(made)
    show.out(f"Wrote {made.path}. To start it now and at every log-in, run:")
    for line in made.start:
        show.out(f"  {line}")
    if wake == "push-to-talk":
        show.out("Then bind a key of your desktop to `tinyagent listen --toggle`.")
    return 0


def _uninstall(settings: Settings) -> int:
    from tinyagent.voice import service

    made = service.service_for(settings, os.environ)
    if not service.uninstall(made):
        show.out("There is no such service.")
        return 0
    show.out(f"Removed {made.path}. Where it still runs, run:")
    for line in made.stop:
        show.out(f"  {line}")
    return 0


def _configured(settings: Settings) -> str:
    from tinyagent.voice.options import read_options

    return read_options(settings).wake


def _accepted(settings: Settings, wake: str) -> None:
    """Show the licence of an engine that has one, once. Raises `VoiceError` where nobody accepts it."""
    from tinyagent.errors import VoiceError
    from tinyagent.voice import licence

    if wake != licence.ENGINE or licence.is_accepted(settings):
        return
    if not show.can_ask():
        licence.require(settings, wake)
    click.echo(licence.LICENCE, err=True)
    if input("Do you accept this? Type yes: ").strip().lower() != "yes":
        raise VoiceError("Not accepted: use --wake pocketsphinx, which is free, or a key.")
    licence.accept(settings, settings.context().now)


def _run(settings: Settings, path: str | None, wake: str | None) -> int:
    from dataclasses import replace

    from tinyagent.voice import running
    from tinyagent.voice.options import read_options

    options = read_options(settings)
    options = replace(options, wake=wake) if wake else options
    if path and not wake:
        options = replace(options, wake="push-to-talk")  # the whole file is for us
    _accepted(settings, options.wake)
    return running.run(settings, options, path, os.environ, Printer(words=bool(path) or show.on_terminal()))


class Printer:
    """Prints what the daemon does; `words`: also what is said. In the log of a service that would be kept."""

    def __init__(self, words: bool) -> None:
        self._words = words

    def __call__(self, news: News) -> None:
        """Print one line, or nothing."""
        from tinyagent.events import Started
        from tinyagent.voice.events import Acted, Deaf, Entered, HearsAgain, Said, Trouble, Understood

        match news:
            case Entered(state):
                show.out(f"[{state}]", style="dim")
            case Understood(transcript) if self._words:
                show.out(f"You: {transcript.text or '…'}", style="bold")
            case Said(text) if self._words:
                show.out(text, style="green")
            case Acted(Started(_, call)):
                show.out(f"→ {call.tool}", style="dim")
            case Trouble(sentence) | Deaf(sentence):
                show.warn(show.harmless(sentence))
            case HearsAgain():
                show.warn("The microphone works again.")
