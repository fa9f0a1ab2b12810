"""How the machine is doing, in sentences: battery, memory, disks, processor, network. The net is never asked."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tinyagent.tools.clock_words import say_length
from tinyagent.tools.context import Context
from tinyagent.tools.phrases import count, join

Finding = tuple[str, Any]
_GIB = 1 << 30


def battery(ctx: Context) -> Finding:
    """Return how full the battery is, and how long it lasts where the machine knows."""
    import psutil

    found = psutil.sensors_battery()
    if found is None:
        return "This machine has no battery.", None
    percent, left = round(found.percent), int(found.secsleft)
    value = {"percent": percent, "plugged": found.power_plugged, "seconds_left": left if left > 0 else None}
    if found.power_plugged:
        return f"The battery is at {percent}% and {'full' if percent >= 100 else 'plugged in'}.", value
    # Minutes are as exact as such an estimate ever is.
    time = f", with about {say_length(timedelta(seconds=max(60, left // 60 * 60)))} left" if left > 0 else ""
    return f"The battery is at {percent}%{time}.", value


def memory(ctx: Context) -> Finding:
    """Return how much memory is in use."""
    import psutil

    found = psutil.virtual_memory()
    used = found.total - found.available
    value = {"percent": found.percent, "used": used, "total": found.total}
    return f"{_gib(used)} of {_gib(found.total)} of memory are in use ({found.percent:.0f}%).", value


def disk(ctx: Context) -> Finding:
    """Return how much room is left on the disk of the system and on that of the person's files."""
    import psutil

    seen: dict[int, str] = {}
    for folder in (Path("/"), _nearest(ctx.folders.notes)):
        seen.setdefault(folder.stat().st_dev, str(folder))
    parts, value = [], []
    for path in seen.values():
        found = psutil.disk_usage(path)
        value.append({"path": path, "free": found.free, "total": found.total, "percent": found.percent})
        where = (
            "" if len(seen) == 1 else " on the system's disk" if path == "/" else " on the disk of your files"
        )
        parts.append(f"{_gib(found.free)} of {_gib(found.total)}{where}")
    return f"{join(parts)} are free.", value


def cpu(ctx: Context) -> Finding:
    """Return how busy the processor is, measured over a moment."""
    import psutil

    busy, cores = psutil.cpu_percent(interval=0.2), psutil.cpu_count() or 1
    load = psutil.getloadavg()[0]
    answer = f"The processor is {busy:.0f}% busy ({count(cores, 'core')}, load {load:.1f})."
    return answer, {"percent": busy, "cores": cores, "load": load}


def network(ctx: Context) -> Finding:
    """Return by which interfaces the machine is connected; whether the internet answers is not tried."""
    import psutil

    found = {}
    stats = psutil.net_if_stats()
    for name, addresses in psutil.net_if_addrs().items():
        if (
            name in stats
            and stats[name].isup
            and "loopback" not in stats[name].flags
            and not name.startswith("lo")
        ):
            known = [
                a.address.split("%")[0] for a in addresses if a.family in (socket.AF_INET, socket.AF_INET6)
            ]
            usable = [address for address in known if not address.startswith(("fe80:", "169.254."))]
            if usable:
                found[name] = usable
    if not found:
        return "You are not connected to a network.", {}
    return f"You are connected to a network by {join([f'{n} ({a[0]})' for n, a in found.items()])}.", found


def everything(ctx: Context) -> Finding:
    """Return all of it; what cannot be found out here is left out."""
    answers, value = [], {}
    for name, look in ASPECTS.items():
        if name != "all":
            try:
                answer, value[name] = look(ctx)
            except (OSError, NotImplementedError, AttributeError):
                continue
            answers.append(answer)
    return "\n".join(answers), value


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB" if size < 100 * _GIB else f"{size / _GIB:.0f} GiB"


def _nearest(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


ASPECTS: dict[str, Callable[[Context], Finding]] = {
    "battery": battery,
    "memory": memory,
    "disk": disk,
    "cpu": cpu,
    "network": network,
    "all": everything,
}
