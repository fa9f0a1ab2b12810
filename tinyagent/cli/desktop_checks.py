"""What of the desktop is there: the session bus, notifications, and what each toolset needs. None of it is required.

It is looked at in the background: a service that does not answer must hold up nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tinyagent.calls import Tool
from tinyagent.cli.finding import Check, failed
from tinyagent.settings import Settings
from tinyagent.tools.availability import PATIENCE, Availability
from tinyagent.tools.background import Background
from tinyagent.tools.dbus import call, connected
from tinyagent.tools.registry import catalogue

_BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
_NOTIFICATIONS = "org.freedesktop.Notifications"


class Desktop:
    """Begins to look at once; `findings` yields what it found, waiting a second at most."""

    def __init__(self, settings: Settings) -> None:
        try:
            self._tools = list(catalogue())
        except Exception:  # a toolset from elsewhere that cannot be loaded: the check of the policy names it
            self._tools = []
        self._startable = Background(_notifications)
        self._availability = Availability(settings)
        self._availability.begin(self._tools)

    def findings(self) -> Iterator[Check]:
        """Yield the finding of the bus, of notifications where there is a bus, and of each toolset."""
        yield from self._session()
        for toolset, tools in groupby(self._tools, key=lambda tool: tool.toolset):
            yield _toolset(toolset, list(tools), self._availability)

    def _session(self) -> Iterator[Check]:
        try:
            startable = self._startable.result(PATIENCE)
        except Exception:
            cure = (
                "log in to a desktop, or start one with `dbus-run-session`; reminders are kept all the same"
            )
            yield Check("d-bus session", False, "no bus answers", cure, required=False)
            return
        yield Check("d-bus session", True, "reachable", required=False)
        if startable:
            yield Check("notifications", True, "a notification service answers", required=False)
        else:
            cure = "start the desktop's notification daemon (or install dunst or mako)"
            yield Check("notifications", False, "no notification service", cure, required=False)


def _notifications() -> bool:
    """Whether a notification service runs or can be started. Raises `BusError` without a bus."""
    with connected("session") as bus:
        owned = call(bus, *_BUS, "NameHasOwner", "s", (_NOTIFICATIONS,))[0]
        return bool(owned) or _NOTIFICATIONS in call(bus, *_BUS, "ListActivatableNames")[0]


def _toolset(toolset: str, tools: Sequence[Tool], availability: Availability) -> Check:
    """Return one finding for all tools of a toolset; where they differ, it names those that do not work."""
    name = f"tools: {toolset}"
    reasons = {tool.name: reason for tool in tools if (reason := availability.reason(tool))}
    if not reasons:
        return Check(name, True, "works", required=False)
    if len(reasons) == len(tools) and len(set(reasons.values())) == 1:
        return failed(name, next(iter(reasons.values())), required=False)
    each = {tool: failed(tool, reason) for tool, reason in reasons.items()}
    detail = "; ".join(f"{tool}: {check.detail}" for tool, check in each.items())
    cures = dict.fromkeys(check.cure.rstrip(".") for check in each.values() if check.cure)
    return Check(name, False, detail, "; ".join(cures), required=False)
