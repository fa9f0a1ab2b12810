"""The player for what is asked: the active one, else the preferred one, else one that is started.

Several files are handed over as a playlist of our own in the state folder, since MPRIS opens one address at a time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from tinyagent.errors import ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.files import atomic_write, read_text
from tinyagent.tools.media_library import MediaSettings
from tinyagent.tools.mpris import (
    PAUSED,
    PLAYING,
    STOPPED,
    Player,
    State,
    by_service,
    players,
    same_place,
    services,
)

MPV = ("mpv", "--idle", "--no-video", "--no-terminal", "--ytdl=no")
PLUGINS = ("/etc/mpv/scripts/mpris.so", "/usr/share/mpv/scripts/mpris.so", "/usr/lib/mpv-mpris/mpris.so",
           "/usr/lib/mpv/mpris.so")  # fmt: skip
START = 8.0
OPEN = 5.0
MOST_KEPT = 500


def missing_player(settings: MediaSettings, home: Path) -> str | None:
    """Return why no player can be started, None where one can."""
    command = settings.command or MPV
    if shutil.which(command[0]) is None:
        cure = "correct command in the table [media]" if settings.command else "install mpv and mpv-mpris"
        return f"There is no media player to start: {cure}, or open one that speaks MPRIS."
    own = home / ".config" / "mpv" / "scripts"
    if not settings.command and not any(
        os.path.exists(path) for path in (*PLUGINS, own / "mpris.so", own / "mpris")
    ):
        return "mpv cannot be told what to do here: install mpv-mpris, or set command in the table [media]."
    return None


def player_for(ctx: Context, bus: Any, settings: MediaSettings, scheme: str) -> tuple[Player, State, bool]:
    """Return a player that opens addresses of a scheme, its state, and whether it was started for that."""
    found = players(bus, settings.player)
    for player, state in found:
        if player.opens(scheme):
            return player, state, False
    reason = missing_player(settings, ctx.folders.home)
    if reason:
        raise ToolError(reason)
    return _start(bus, settings.command or MPV), State(), True


def _start(bus: Any, command: Sequence[str]) -> Player:
    known = services(bus)
    try:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started ({error.strerror}): install it anew.") from None
    threading.Thread(target=process.wait, daemon=True, name=f"player-{process.pid}").start()
    until = time.monotonic() + START
    while time.monotonic() < until and process.returncode is None:
        new = [service for service in services(bus) if service not in known]
        if new:
            return Player(bus, new[0])
        time.sleep(0.05)
    process.terminate()
    raise ToolError(
        f"{command[0]} was started but does not speak MPRIS: install mpv-mpris, or set command in [media]."
    )


def open_items(ctx: Context, player: Player, items: Sequence[str]) -> State:
    """Play paths or one address; return the state once it does. Raises `ToolError` where the player does not."""
    address = items[0] if "://" in items[0] else Path(items[0]).as_uri()
    if len(items) > 1:
        address = _playlist(ctx).as_uri()
    atomic_write(_playlist(ctx), "".join(["#EXTM3U\n", *(f"{item}\n" for item in items)]))

    def ours(state: State) -> bool:
        return any(same_place(state.url, item) for item in items)

    if player.state().url:
        # mpv-mpris goes on telling of the old track where the new one has the same title.
        player.do("Stop")
        player.until(lambda state: state.status == STOPPED)
    player.do("OpenUri", "s", (address,))
    state = player.until(ours, OPEN)
    if ours(state):
        player.do("Play")
        # Only what has been read plays: a damaged file or an address without an answer is dropped again.
        state = player.until(lambda now: now.status == PLAYING and (now.length > 0 or now.position > 0))
    if not ours(state):
        why = "is the address right, and the network there" if "://" in items[0] else "is the file whole"
        raise ToolError(f"{player.name()} could not play it: {why}?")
    return state


def shuffle(ctx: Context, player: Player, now: State) -> list[str]:
    """Mix what was handed over last, the track that plays first; return the order it had.

    For players that cannot do it themselves. Raises `ToolError` where something else plays.
    """
    order = _handed(ctx)
    playing = [item for item in order if same_place(now.url, item)]
    if not playing:
        raise ToolError(f"{player.name()} can only shuffle what I played in it: say what to play first.")
    rest = [item for item in order if item not in playing]
    Random(ctx.now.isoformat()).shuffle(rest)
    reorder(ctx, player, [*playing[:1], *rest])
    return order[:MOST_KEPT]


def reorder(ctx: Context, player: Player, items: Sequence[str]) -> None:
    """Hand the items over in this order, going on with the track that plays; `ToolError` where it is none of them."""
    now = player.state()
    at = next((n for n, item in enumerate(items) if same_place(now.url, item)), None)
    if at is None:
        raise ToolError(f"{player.name()} plays something else since, so this cannot be undone.")
    open_items(ctx, player, items[at:])
    player.seek(now)
    if now.status == PAUSED:
        player.do("Pause")


def kept_items(ctx: Context, url: str) -> list[str]:
    """Return what was handed over last from the track `url` on; only that where it is not of it."""
    lines = _handed(ctx)
    at = next((n for n, line in enumerate(lines) if same_place(url, line)), None)
    items = (
        lines[at:] if at is not None else [url] if url.startswith(("file://", "http://", "https://")) else []
    )
    return items[:MOST_KEPT]


def _handed(ctx: Context) -> list[str]:
    text = read_text(_playlist(ctx)) or ""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def remember(ctx: Context, player: Player, state: State) -> dict[str, Any]:
    """Return, as JSON data, what `put_back` needs to have the player do again what it does."""
    return {
        "player": player.service,
        "state": asdict(state),
        "items": kept_items(ctx, state.url) if state.url else [],
    }


def put_back(ctx: Context, player: Player, data: dict[str, Any], steps: Sequence[str] = ()) -> None:
    """Have the player do what it did: the same track at its place, playing, paused or stopped.

    `steps` are what may lead back to the track (Previous, Next, Play); else it is opened anew. Raises `ToolError`
    where it cannot be brought back to that track.
    """
    before = State(**data["state"])
    now = player.state()
    if before.status == STOPPED:
        player.do("Stop")
        return
    if not same_place(now.url, before.url) and not _walk(player, before, steps):
        if not data["items"]:
            what = before.what or "what it played"
            raise ToolError(f"{player.name()} cannot be brought back to {what}: choose it there.")
        open_items(ctx, player, data["items"])
    if before.length:
        player.seek(before)
    if before.status == PAUSED:
        player.do("Pause")
        player.until(lambda state: state.status == PAUSED)
    else:
        player.do("Play")


def _walk(player: Player, before: State, steps: Sequence[str]) -> bool:
    """Look for the track by going back or forth as the steps say."""
    for action in steps:
        player.do(action)
        if same_place(player.until(lambda state: same_place(state.url, before.url), 0.6).url, before.url):
            return True
    return False


def resume_all(bus: Any, names: Sequence[str]) -> None:
    """Have players go on that were paused for another; those that are gone or do something else are left."""
    for service in names:
        if service in services(bus):
            player = by_service(bus, service)
            if player.state().status == PAUSED:
                player.do("Play")


def _playlist(ctx: Context) -> Path:
    return ctx.folders.state / "media.m3u8"
