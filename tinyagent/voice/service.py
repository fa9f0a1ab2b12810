"""The daemon as a service of the person's session: a systemd user unit on Linux, a launchd agent on macOS.

Only a file is written. Nothing is started: what to run next is said.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from tinyagent.errors import VoiceError
from tinyagent.settings import PREFIX, Settings
from tinyagent.tools.files import atomic_write, read_text, remove
from tinyagent.tools.phrases import harmless

UNIT = "tinyagent-voice.service"
LABEL = "org.tinyagent.voice"
MARK = "Written by `tinyagent listen`"
"""Stands in every file of ours: another one of that name is left alone."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the session: where its file lies, what is in it, and what starts and stops it."""

    path: Path
    content: str
    start: tuple[str, ...]
    stop: tuple[str, ...]


def service_for(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    wake: str = "",
    program: Sequence[str] = (),
    platform: str = sys.platform,
) -> Service:
    """Return the service of this system, which listens with the engine `wake` ("": as the settings say).

    `program` is the command `tinyagent` (default: the one that is installed beside this Python). The settings that
    the environment has are kept in it. Raises `VoiceError` where there is no such command.
    """
    command = [*(program or installed()), "listen", *(["--wake", wake] if wake else [])]
    given = _settings_of(environment)
    if platform == "darwin":
        path = settings.home_folder / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        return Service(
            path,
            plist(command, given),
            (f"launchctl load -w {shlex.quote(str(path))}",),
            (f"launchctl unload -w {shlex.quote(str(path))}",),
        )
    config = environment.get("XDG_CONFIG_HOME") or str(settings.home_folder / ".config")
    path = Path(config) / "systemd" / "user" / UNIT
    reload = "systemctl --user daemon-reload"
    return Service(
        path,
        unit(command, given),
        (reload, f"systemctl --user enable --now {UNIT}"),
        (f"systemctl --user disable --now {UNIT}", reload),
    )


def install(service: Service) -> None:
    """Write the file. Raises `VoiceError` where another one of that name is there, `StoreError` where it fails."""
    _check_ours(service.path)
    atomic_write(service.path, service.content)


def uninstall(service: Service) -> bool:
    """Remove the file; return whether there was one. Raises as `install` does."""
    if not _check_ours(service.path):
        return False
    remove(service.path)
    return True


def unit(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the systemd user unit that runs a command.

    Stopping it ends the daemon only (`KillMode=process`): the scheduler and the programs that it has opened for the
    person go on. Raises `VoiceError` for a program that systemd would refuse.
    """
    variables = "".join(f"Environment={_quoted(f'{k}={v}')}\n" for k, v in environment.items())
    return (
        f"# {MARK}\n"
        "[Unit]\n"
        "Description=tinyagent listens for commands\n"
        "After=pipewire.service pulseaudio.service\n"
        "\n"
        "[Service]\n"
        f"ExecStart={_command(command)}\n"
        f"{variables}"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        "KillMode=process\n"
        "TimeoutStopSec=20\n"
        "\n"
        "[Install]\n"
        "WantedBy=default.target\n"
    )


def plist(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the launchd agent that runs a command."""
    content = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "EnvironmentVariables": dict(environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "AbandonProcessGroup": True,
        "ProcessType": "Interactive",
    }
    text = plistlib.dumps(content).decode("utf-8")
    head, line, rest = text.partition("<plist")
    return f"{head}<!-- {MARK} -->\n{line}{rest}"


def installed() -> tuple[str, ...]:
    """Return the command `tinyagent` of this installation. Raises `VoiceError` where there is none."""
    beside = Path(sys.executable).with_name("tinyagent")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("tinyagent")
    if not found:
        raise VoiceError("The command tinyagent is not installed: install the package, not only its files.")
    return (str(Path(found).absolute()),)


def _settings_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among the variables: a service starts with a bare environment."""
    names = {PREFIX + name.upper() for name in ("home", "config_file", *(f.name for f in fields(Settings)))}
    return {name: value for name, value in environment.items() if name in names}


def _quoted(word: str) -> str:
    """Return a word as systemd reads it: quoted, and without specifiers."""
    for character, meant in (("\\", "\\\\"), ('"', '\\"'), ("%", "%%"), ("\n", "\\n"), ("\t", "\\t")):
        word = word.replace(character, meant)
    return f'"{word}"'


def _command(words: Sequence[str]) -> str:
    """Return a command as systemd reads it. A dollar sign begins a variable in every word but the first."""
    program, *rest = words
    if not program.isprintable() or set(program) & set("\"'\\"):
        raise VoiceError(f"systemd cannot run {harmless(program)}: install tinyagent below a plainer path.")
    return " ".join([_quoted(program), *(_quoted(word.replace("$", "$$")) for word in rest)])


def _check_ours(path: Path) -> bool:
    """Return whether there is a file. Raises `VoiceError` for one that is not ours."""
    content = read_text(path)
    if content is not None and MARK not in content:
        raise VoiceError(f"{path} was not written by tinyagent: move it away.")
    return content is not None
