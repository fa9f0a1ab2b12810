"""Opens web pages: addresses are checked and made whole here, then handed to the desktop's own opener.

Only https leaves this module. The opener is a program (`xdg-open`, on a Mac `open`) that gets the address as its
one argument; no shell is involved. `[web] opener` names another one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from tinyagent.errors import SettingsError, ToolError
from tinyagent.tools.tables import read_table

LONGEST = 2000
WAIT = 5.0
"""Seconds after which an opener that still runs counts as having opened the page."""
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_SAFE = "%/:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The table `[web]`: `search` has {query} where the words go; `sites` maps spoken names to addresses."""

    search: str = "https://duckduckgo.com/?q={query}"
    opener: tuple[str, ...] = ()
    sites: dict[str, str] = field(default_factory=dict)


def opener(tools: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the command that opens an address; `ToolError` where there is none or no desktop to show it on."""
    given = list(read_table(tools, "web", WebSettings).opener)
    command = given or (["open"] if sys.platform == "darwin" else ["xdg-open"])
    if shutil.which(command[0]) is None:
        cure = (
            "set opener in the table [web]"
            if given
            else "install xdg-utils, or set opener in the table [web]"
        )
        raise ToolError(f"There is no program {command[0]} to open a web page with: {cure}.")
    if not given and sys.platform != "darwin" and not _desktop():
        raise ToolError("There is no desktop to open a web page on: run this in your graphical session.")
    return command


def _desktop() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def open_page(tools: Mapping[str, Mapping[str, Any]], url: str) -> None:
    """Open an address in the browser. Raises `ToolError` where it is not https or cannot be opened."""
    command = [*opener(tools), checked(url)]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started ({error.strerror}): install it anew.") from None
    try:
        code = process.wait(WAIT)
    except subprocess.TimeoutExpired:
        process.returncode = 0  # a browser that stays in the foreground: it is not ours to wait for or to end
        return
    if code:
        raise ToolError(f"{command[0]} could not open {url}: is a web browser installed?")


def fill(template: str, setting: str, **values: str) -> str:
    """Return an address of the settings with every {name} in it replaced by a quoted value."""
    missing = [name for name in values if f"{{{name}}}" not in template]
    if missing or not template.startswith("https://"):
        names = " and ".join(f"{{{name}}}" for name in values)
        raise SettingsError(f"The setting {setting} must be an https address with {names} in it.")
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template


def checked(url: str) -> str:
    """Return an https address in its one safe spelling. Raises `ToolError` for anything else."""
    text = url.strip()
    refused = ToolError(f"“{text[:80]}” is no web address that I open: say one like example.org.")
    if (
        not text
        or len(text) > LONGEST
        or any(c.isspace() or not c.isprintable() or c in '\\"<>^`{|}' for c in text)
    ):
        raise refused
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise refused from None
    if parts.scheme != "https" or "@" in parts.netloc or not parts.hostname:
        raise refused
    host = _host(parts.hostname, refused)
    return "".join((
        f"https://{host}",
        f":{port}" if port not in (None, 443) else "",
        quote(parts.path or "/", safe=_SAFE),
        f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "",
        f"#{quote(parts.fragment, safe=_SAFE)}" if parts.fragment else "",
    ))  # fmt: skip


def _host(name: str, refused: ToolError) -> str:
    """Return a host name in ASCII: at least two labels, no address in digits."""
    try:
        plain = name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise refused from None
    labels = plain.split(".")
    if len(plain) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refused
    if not re.search("[a-z]", labels[-1]):
        raise refused
    return plain
