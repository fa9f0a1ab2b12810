"""The table `[mail]` of the settings, checked; and the password, which the settings never hold themselves.

    [mail]
    maildir = "~/Maildir"            # read and written; mbsync or offlineimap keep it like the server's
    address = "me@example.org"       # who the mails are from
    host = "smtp.example.org"        # without one every mail stays a draft
    user = "me@example.org"
    password_file = "~/.config/tinyagent/mail-password"   # or password_command = ["pass", "show", "mail"]

The other settings are those of `MailSettings`.
"""

from __future__ import annotations

import ipaddress
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import SettingsError
from tinyagent.tools.addresses import is_address
from tinyagent.tools.tables import read_table

SECURITY = {"starttls": 587, "tls": 465, "none": 25}
"""Ways to speak to the server, each with its usual port."""
LONGEST_WAIT = 600.0


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The table as it is written. `port` 0 is the usual one, `timeout` seconds for each step of sending.

    `drafts` and `sent` are names of folders of the Maildir, `ca_file` has certificates to trust beside the
    system's.
    """

    maildir: str = "~/Maildir"
    drafts: str = "Drafts"
    sent: str = "Sent"
    address: str = ""
    name: str = ""
    host: str = ""
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password_file: str = ""
    password_command: tuple[str, ...] = ()
    timeout: float = 20.0
    ca_file: str = ""

    @property
    def sends(self) -> bool:
        """Whether mails are sent, not only drafted."""
        return bool(self.host)


def mail_settings(tools: Mapping[str, Mapping[str, Any]]) -> MailSettings:
    """Return the table `[mail]`; `SettingsError` for values that cannot work."""
    made = read_table(tools, "mail", MailSettings)
    if made.security not in SECURITY:
        raise SettingsError(f"The setting security in the table [mail] must be one of {', '.join(SECURITY)}.")
    if not 0 <= made.port < 1 << 16 or not 0 < made.timeout <= LONGEST_WAIT:
        raise SettingsError(
            "In the table [mail], port must be below 65536 and timeout from 1 to 600 seconds."
        )
    if made.address and not is_address(made.address):
        raise SettingsError(f"The setting address in the table [mail] is no address: {made.address!r}.")
    if made.sends and not made.address:
        raise SettingsError("The table [mail] has a host but no address: set address to your own.")
    if made.sends and made.security == "none" and not is_local(made.host):
        raise SettingsError(
            'The setting security in the table [mail] may be "none" only for a host on this machine: use "starttls".'
        )
    for name in (made.drafts, made.sent):
        if not name.strip(". ") or set(name) & set("/\\\0\n\r") or ".." in name:
            raise SettingsError(f"{name!r} in the table [mail] cannot be the name of a folder.")
    return made


def is_local(host: str) -> bool:
    """Whether `host` is this machine by its name or number."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def path_of(text: str, home: Path, setting: str) -> Path:
    """Return a path of the table; `SettingsError` for one that is not whole."""
    path = home / text[2:] if text.startswith("~/") else Path(text)
    if not path.is_absolute() or "\0" in text:
        raise SettingsError(f"The setting {setting} in the table [mail] must begin with ~/ or /.")
    return path


def password(settings: MailSettings, home: Path) -> str:
    """Return the password: the first line of the file, or of what the command prints. Raises `SettingsError`."""
    if settings.password_command:
        return _from_command(settings)
    if not settings.password_file:
        raise SettingsError("The table [mail] has a user but no password_file or password_command: set one.")
    path = path_of(settings.password_file, home, "password_file")
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others: run `chmod 600 {path}`.")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path}, the password_file of the table [mail], cannot be read.") from None
    return _first_line(text, str(path))


def _from_command(settings: MailSettings) -> str:
    command = list(settings.password_command)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=settings.timeout, check=True
        )
        text = done.stdout.decode("utf-8")
    except (OSError, ValueError, subprocess.SubprocessError):
        raise SettingsError(
            f"The password_command of the table [mail] failed: try {command[0]} by hand."
        ) from None
    return _first_line(text, command[0])


def _first_line(text: str, source: str) -> str:
    line = (text.splitlines() or [""])[0]
    if not line:
        raise SettingsError(f"{source} gives no password for the table [mail].")
    return line
