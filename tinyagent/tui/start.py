"""Open the terminal assistant on this terminal, and end well: whatever happens, the terminal is given back."""

from __future__ import annotations

import gc
import os
import sys

from tinyagent.errors import TinyAgentError
from tinyagent.settings import load
from tinyagent.tui.session import Session
from tinyagent.tui.terminal import LOG, debug_to, ending_quietly, own_screen

PLAIN = "TINYAGENT_PLAIN"
SWITCH = 0.001
"""Seconds after which the thread of the models lets a key be shown (Python's own: 0.005)."""


def wants_plain() -> bool:
    """Whether this terminal, or the person, wants lines of text instead of a screen."""
    return os.environ.get(PLAIN, "") not in ("", "0") or os.environ.get("TERM", "dumb") in (
        "",
        "dumb",
        "unknown",
    )


def run(session: Session | None = None) -> int:
    """Run the app until the person quits; return the exit code (128 and the signal, where one ended it).

    `session` is over the person's own settings unless given.

    Raises `TinyAgentError` with one sentence where the settings cannot be read or the screen had to close.
    """
    gc.disable()  # nothing of what is imported goes away again: the collector need not look at it, now or later
    from tinyagent.tui.app import TinyAgentApp

    gc.freeze()
    gc.enable()
    session = session or Session(load())
    settings = session.settings
    app = TinyAgentApp(session)
    code = 0

    def end(number: int) -> None:
        nonlocal code
        code = 128 + number
        app.end_soon()

    debug = bool(os.environ.get("TINYAGENT_DEBUG"))
    if debug:
        settings.state.mkdir(parents=True, exist_ok=True)
        debug_to(settings.state / LOG)
    sys.setswitchinterval(SWITCH)
    with ending_quietly(end):
        with own_screen(settings.state / LOG if debug else None):
            app.run()
        session.close()
    if app.failure and not code:
        raise TinyAgentError(app.failure)
    return code
