"""The toolset media: plays the person's own recordings and radio stations, and controls whatever plays (MPRIS).

Settings, all optional:

    [media]
    music = ["~/Music"]                     # also podcasts, audiobooks
    player = "vlc"                          # preferred where several run
    command = ["mpv", "--idle", "--no-video"]   # what is started where none runs
    [media.stations]
    "radio paradise" = "https://stream.radioparadise.com/mp3-128"
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from tinyagent.calls import Outcome
from tinyagent.errors import TinyAgentError, ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.dbus import BusError, connected
from tinyagent.tools.ical import bounded
from tinyagent.tools.media_library import load, read_settings
from tinyagent.tools.media_player import (
    missing_player,
    open_items,
    player_for,
    put_back,
    remember,
    reorder,
    resume_all,
    shuffle,
)
from tinyagent.tools.media_search import search
from tinyagent.tools.media_words import ACTIONS, KINDS, ONCE_MORE
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
from tinyagent.tools.registry import Semantic, Text, tool

if TYPE_CHECKING:
    from tinyagent.settings import Settings

Kind = Annotated[str, Semantic("enum", choices=KINDS)]
Action = Annotated[str, Semantic("enum", choices=ACTIONS)]
_BACK = {"next": ("Previous", "Previous"), "previous": ("Next",), "stop": ("Play",)}
"""What leads back from an action; a player may take the first "previous" for the beginning of the track."""


def available(settings: Settings) -> str | None:
    """Return None where a player runs or can be started, else the sentence that says what is missing."""
    try:
        own = read_settings(settings.tools)
        with connected("session") as bus:
            return None if services(bus) else missing_player(own, settings.home_folder)
    except TinyAgentError as error:
        return str(error)


def _undo_play(ctx: Context, data: dict[str, Any]) -> None:
    """Have the player do what it did before; `ToolError` where it is gone or plays something else since."""
    with connected("session") as bus:
        player = by_service(bus, data["player"])
        now = player.state()
        if now.url and not any(same_place(now.url, item) for item in data["opened"]):
            raise ToolError(f"{player.name()} plays something else since, so this cannot be undone.")
        if data["started"]:
            player.quit()
        else:
            put_back(ctx, player, data)
        resume_all(bus, data["paused"])


def _undo_control(ctx: Context, data: dict[str, Any]) -> None:
    """Put the player back to what it did; `ToolError` where it is gone or cannot go back."""
    with connected("session") as bus:
        player = by_service(bus, data["player"])
        before = State(**data["state"])
        if data["action"] == "shuffle":
            if before.shuffle is None:
                reorder(ctx, player, data["order"])
            else:
                player.set("Shuffle", "b", before.shuffle)
        elif data["action"] == "repeat" and data["looped"]:
            player.set("LoopStatus", "s", before.loop)
        else:
            put_back(ctx, player, data, _BACK.get(data["action"], ()))


@tool(toolset="media", effect="write", undo=_undo_play)
def play_media(ctx: Context, query: Text, kind: Kind | None = None) -> Outcome:
    """Play music, a podcast, an audiobook or a radio station.

    Raises `NotFoundError` for what is not there, `ToolError` where several fit equally well and where there is
    no player.
    """
    settings = read_settings(ctx.tools)
    words = bounded(query, "name of what to play")
    with connected("session") as bus:
        library = load(ctx)
        found = search(words, kind, library, settings.stations)
        scheme = found.items[0].partition("://")[0] if found.kind == "radio" else "file"
        player, before, started = player_for(ctx, bus, settings, scheme)
        undo = remember(ctx, player, before) | {"opened": list(found.items[:500]), "started": started}
        paused = [
            one for one, state in players(bus) if state.status == PLAYING and one.service != player.service
        ]
        try:
            open_items(ctx, player, found.items)
        except TinyAgentError:
            if started:
                player.quit()
            else:
                with suppress(TinyAgentError):
                    put_back(ctx, player, undo)
            raise
        for one in paused:
            one.do("Pause")
        undo["paused"] = [one.service for one in paused]
        name = player.name()
    rest = "" if library.whole else " I have not read all of your music yet; the next time I know more of it."
    value = {"kind": found.kind, "what": found.called, "items": list(found.items[:50]), "player": name}
    return Outcome(f"Playing {found.called} in {name}.{rest}", value, undo)


@tool(toolset="media", effect="write", undo=_undo_control)
def control_media(ctx: Context, action: Action) -> Outcome:
    """Pause, resume, skip, stop, shuffle or repeat what is playing.

    Raises `ToolError` where no player runs or it cannot do that.
    """
    preferred = read_settings(ctx.tools).player
    order = (PAUSED, PLAYING) if action == "resume" else (PLAYING, PAUSED)
    with connected("session") as bus:
        found = players(bus, preferred, order)
        if not found:
            raise ToolError(
                f"No media player is running, so there is nothing to {action}: say what to play instead."
            )
        player, before = found[0]
        undo = remember(ctx, player, before) | {"action": action, "looped": False}
        if action in ("shuffle", "repeat"):
            answer = _mode(ctx, player, before, action, undo)
        else:
            answer = _step(player, before, action)
        value = _plain(player, player.state())
    return Outcome(answer or f"It is {value['status']} already.", value, undo if answer else None)


def _step(player: Player, before: State, action: str) -> str:
    """Do one of pause, resume, next, previous and stop; return the sentence, "" where it is so already."""
    wanted = {"pause": PAUSED, "resume": PLAYING, "stop": STOPPED}.get(action)
    if before.status == wanted or (action == "pause" and before.status == STOPPED):
        return ""
    member = {"pause": "Pause", "resume": "Play", "stop": "Stop", "next": "Next", "previous": "Previous"}[
        action
    ]
    player.do(member)
    name = player.name()
    if wanted:
        after = player.until(lambda state: state.status == wanted)
        if after.status != wanted:
            nothing = action == "resume" and not after.url
            raise ToolError(
                f"There is nothing to resume in {name}: say what to play."
                if nothing
                else f"{name} did not {action}: do it there."
            )
        what = f" {before.what}" if before.what else ""
        return {"pause": f"Paused{what}.", "resume": f"Playing{what} again.", "stop": f"Stopped{what}."}[
            action
        ]
    after = player.until(lambda state: state.other(before))
    if after.other(before):
        after = player.loaded()
        return f"Now playing {after.what}." if after.what else f"Went to the {action} track."
    if action == "next" and after.position < before.position:
        # mpv-mpris tells of a new track only by a new title; the time has begun anew all the same.
        return "Went to the next track."
    if action == "previous" and player.state().position < before.position:
        return f"Back at the beginning of {before.what or 'the track'}."
    raise ToolError(f"There is no {action} track in {name}.")


def _mode(ctx: Context, player: Player, before: State, action: str, undo: dict[str, Any]) -> str:
    """Shuffle or repeat; return the sentence."""
    name, what = player.name(), before.what or "the track"
    if (
        action == "repeat"
        and ctx.words.get("action", "").casefold() in ONCE_MORE
        and before.track.startswith("/")
    ):
        player.do("SetPosition", "ox", (before.track, 0))
        player.do("Play")
        return f"Playing {what} once more."
    if action == "shuffle" and before.shuffle is None:
        undo["order"] = shuffle(ctx, player, before)
        return f"Shuffled what {name} plays."
    if action == "repeat" and before.loop is None:
        raise ToolError(f"{name} cannot {action}: use another player.")
    try:
        if action == "shuffle":
            player.set("Shuffle", "b", True)
            after = player.until(lambda state: state.shuffle is True)
            done, answer = after.shuffle is True, f"Shuffle is on in {name}."
        else:
            undo["looped"] = True
            player.set("LoopStatus", "s", "Track")
            after = player.until(lambda state: state.loop == "Track")
            done, answer = after.loop == "Track", f"Repeating {what}."
    except BusError:
        done, answer = False, ""
    if not done:
        raise ToolError(f"{name} cannot {action}: use another player.")
    return answer


@tool(toolset="media", effect="read")
def now_playing(ctx: Context) -> Outcome:
    """Say what is playing.

    The value has title, artist, album, status, position and length in seconds; null where nothing plays.
    """
    with connected("session") as bus:
        found = players(bus, read_settings(ctx.tools).player)
        shown = [(player, state) for player, state in found if state.status != STOPPED]
        if not shown:
            return Outcome("Nothing is playing.")
        player, state = shown[0]
        value = _plain(player, state)
    album = f", from {state.album}" if state.album else ""
    what = f"{state.what or 'something without a name'}{album}"
    times = f" ({_clock(state.position)} of {_clock(state.length)})" if state.length else ""
    verb = "This is" if state.status == PLAYING else "Paused at"
    return Outcome(f"{verb} {what}, in {value['player']}{times}.", value)


def _plain(player: Player, state: State) -> dict[str, Any]:
    return {
        "player": player.name(), "status": state.status.lower(), "title": state.title or state.what.strip("“”"),
        "artist": state.artist, "album": state.album, "position": state.position // 1_000_000,
        "length": state.length // 1_000_000, "shuffle": state.shuffle, "repeat": state.loop,
    }  # fmt: skip


def _clock(microseconds: int) -> str:
    minutes, seconds = divmod(max(microseconds, 0) // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
