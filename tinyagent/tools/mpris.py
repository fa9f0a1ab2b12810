"""Media players by MPRIS on the session bus: which there are, what they do, and how they are told.

What a player says of itself (a stream's title, a web page's) is text for the person, bounded and on one line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from tinyagent.errors import ToolError
from tinyagent.tools.dbus import BusError, call

PREFIX = "org.mpris.MediaPlayer2."
PLAYING, PAUSED, STOPPED = "Playing", "Paused", "Stopped"
_ROOT = "org.mpris.MediaPlayer2"
_PLAYER = "org.mpris.MediaPlayer2.Player"
_PATH = "/org/mpris/MediaPlayer2"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_BUS = "org.freedesktop.DBus"
_PATIENCE = 2.0
_TICK = 0.05
_MOVES = 6
"""Ticks in which the time of what plays has gone on."""


@dataclass(frozen=True, slots=True)
class State:
    """What a player does. `url`, `track` and the texts are "" where it does not say; times are microseconds.

    `shuffle` and `loop` ("None", "Track", "Playlist") are None where the player has no such thing; mpv-mpris has
    it but says and does nothing of use.
    """

    status: str = STOPPED
    url: str = ""
    track: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    length: int = 0
    position: int = 0
    shuffle: bool | None = None
    loop: str | None = None

    def other(self, before: State) -> bool:
        """Whether this is another track than `before`."""
        # What has no length yet is still being read, and its title will change by itself.
        retitled = self.title != before.title and before.length > 0
        return self.url != before.url or self.track != before.track or retitled

    @property
    def what(self) -> str:
        """The track as one says it: “title” by artist; "" where nothing is known."""
        name = self.title or _line(unquote(urlsplit(self.url).path).rpartition("/")[2]) or _line(self.url)
        return (f"“{name}”" + (f" by {self.artist}" if self.artist else "")) if name else ""


class Player:
    """One player on the bus. Every method raises `BusError` where it is gone or refuses."""

    def __init__(self, bus: Any, service: str) -> None:
        self._bus, self.service = bus, service

    @property
    def short(self) -> str:
        """The last part of the name on the bus: "vlc", "firefox"."""
        return self.service.removeprefix(PREFIX).partition(".")[0]

    def name(self) -> str:
        """Return what the player calls itself."""
        return _text(self._all(_ROOT).get("Identity")) or _line(self.short)

    def opens(self, scheme: str) -> bool:
        """Whether the player takes addresses of a scheme. Some that list only the web open files all the same."""
        schemes = self._all(_ROOT).get("SupportedUriSchemes")
        known = set(schemes) if isinstance(schemes, list) else set()
        return scheme in known or (scheme == "file" and "http" in known)

    def state(self) -> State:
        """Return what the player does now."""
        known = self._all(_PLAYER)
        about = known.get("Metadata")
        meta = {key: value[1] for key, value in about.items()} if isinstance(about, dict) else {}
        position, shuffle, loop = (known.get(name) for name in ("Position", "Shuffle", "LoopStatus"))
        state = State(
            str(known.get("PlaybackStatus", STOPPED)),
            str(meta.get("xesam:url") or "")[:4000],
            str(meta.get("mpris:trackid") or ""),
            _text(meta.get("xesam:title")),
            _text(meta.get("xesam:artist")),
            _text(meta.get("xesam:album")),
            _whole(meta.get("mpris:length")),
            _whole(position),
            shuffle if isinstance(shuffle, bool) and self.short != "mpv" else None,
            loop if isinstance(loop, str) else None,
        )
        if self.short == "mpv" and state.status == STOPPED and state.url:
            # mpv-mpris misses what changes and changes back at once; what has a track is never stopped.
            return replace(state, status=PLAYING if self._moves(state.position) else PAUSED)
        return state

    def do(self, action: str, signature: str = "", body: tuple[Any, ...] = ()) -> None:
        """Call a method of the player: Play, Pause, Next, Previous, Stop, OpenUri."""
        call(self._bus, self.service, _PATH, _PLAYER, action, signature, body)

    def quit(self) -> None:
        """End the player."""
        call(self._bus, self.service, _PATH, _ROOT, "Quit")

    def set(self, name: str, signature: str, value: Any) -> None:
        """Set a property of the player."""
        call(self._bus, self.service, _PATH, _PROPERTIES, "Set", "ssv", (_PLAYER, name, (signature, value)))

    def loaded(self) -> State:
        """Return the state once the player has read the track: its length and title are known."""
        return self.until(lambda state: state.length > 0, _PATIENCE / 2)

    def seek(self, state: State) -> None:
        """Go to the position of an earlier state of the same track."""
        track = self.loaded().track
        if track.startswith("/") and state.position > 0:
            self.do("SetPosition", "ox", (track, state.position))

    def until(self, reached: Callable[[State], bool], seconds: float = _PATIENCE) -> State:
        """Return the first state that is as wanted, or what it is after so many seconds."""
        end = time.monotonic() + seconds
        state = self.state()
        while not reached(state) and time.monotonic() < end:
            time.sleep(_TICK)
            state = self.state()
        return state

    def _moves(self, position: int) -> bool:
        """Whether the time goes on from `position`."""
        for _ in range(_MOVES):
            time.sleep(_TICK)
            if _whole(self._all(_PLAYER).get("Position")) != position:
                return True
        return False

    def _all(self, interface: str) -> dict[str, Any]:
        (answer,) = call(self._bus, self.service, _PATH, _PROPERTIES, "GetAll", "s", (interface,))
        return {name: value[1] for name, value in answer.items()}


def services(bus: Any) -> list[str]:
    """Return the names of all players on the bus, sorted."""
    (names,) = call(bus, _BUS, "/org/freedesktop/DBus", _BUS, "ListNames")
    # playerctld only repeats what another player says.
    return sorted(name for name in names if name.startswith(PREFIX) and name != PREFIX + "playerctld")


def players(
    bus: Any, preferred: str = "", first: Sequence[str] = (PLAYING, PAUSED)
) -> list[tuple[Player, State]]:
    """Return every player that answers with its state: by status in the order of `first`, then the preferred one."""
    found = []
    for service in services(bus):
        player = Player(bus, service)
        try:
            found.append((player, player.state()))
        except BusError:
            continue

    def rank(entry: tuple[Player, State]) -> tuple[int, bool]:
        player, state = entry
        order = first.index(state.status) if state.status in first else len(first)
        return order, player.short.casefold() != preferred.casefold()

    return sorted(found, key=rank)


def by_service(bus: Any, service: str) -> Player:
    """Return the player of that name; `ToolError` where it is gone."""
    if service not in services(bus):
        raise ToolError("The player has been closed since, so this cannot be undone.")
    return Player(bus, service)


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are the same however they are written."""
    return one == other or (bool(one) and _place(one) == _place(other))


def _place(url: str) -> tuple[str, str]:
    if url.startswith("/"):
        return "", url
    parts = urlsplit(url)
    if parts.scheme == "file":
        return "", unquote(parts.path)
    return parts.netloc.lower(), f"{parts.scheme}:{parts.path}?{parts.query}"


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def _text(value: Any) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(_line(part) for part in parts[:4] if isinstance(part, str) and part.strip())[:300]


def _line(text: str) -> str:
    return "".join(c for c in " ".join(text[:2000].split()) if c.isprintable())[:200]
