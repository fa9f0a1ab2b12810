"""Rings alarms, timers and reminders: a small process of its own that sleeps until something is due.

`run` is the process, `ensure_running` starts it in the background, `status` tells about it.
"""

from __future__ import annotations

from typing import Any

from tinyagent.scheduler.process import ensure_running, status
from tinyagent.settings import Settings

__all__ = ["ensure_running", "run", "status"]


def run(settings: Settings, once: bool = False) -> bool:
    """Ring what is due, now and from now on; with `once` only now.

    Returns False where another scheduler runs already. Raises `StoreError` where the state folder cannot be
    used.
    """
    from tinyagent.scheduler import service

    result: Any = service.run(settings, once)
    return bool(result)
