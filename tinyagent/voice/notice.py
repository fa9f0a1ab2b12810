"""What the assistant said, as a notification on the desktop: to be read where it was not heard."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tinyagent.scheduler.notify import DesktopError, Notice, show_on_desktop
from tinyagent.tools.phrases import harmless, short

TITLE, BODY = 80, 400
"""Characters that are shown; desktops cut a longer text where it hurts."""


def show(title: str, body: str, *, environment: Mapping[str, str] | None = None) -> bool:
    """Show a notification; return whether a desktop took it. Waits for it at most some seconds.

    `environment` says where the session bus is (default: the process environment). Where there is none, nothing
    happens: the answer is spoken all the same.
    """
    lines = (line.strip() for line in harmless(body).splitlines())
    shown = short(" · ".join(filter(None, lines)), BODY)
    notice = Notice(short(harmless(title), TITLE), shown, category="answer")
    try:
        show_on_desktop(notice, os.environ if environment is None else environment)
    except DesktopError:
        return False
    return True
