"""Real players: mpv with mpv-mpris on a session bus of our own, playing real files to no sound card."""

import http.server
import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from media_samples import needs, put, stock, tones

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.settings import load
from tinyagent.tools import media
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.dbus import connected
from tinyagent.tools.media import _undo_control, _undo_play, control_media, now_playing, play_media
from tinyagent.tools.mpris import Player, players, same_place, services
from tinyagent.tools.registry import _tools

MPV = ["mpv", "--no-config", "--idle", "--no-video", "--ao=null", "--no-terminal", "--ytdl=no",
       "--script=/usr/lib/mpv-mpris/mpris.so"]  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """A session bus of our own; what is still on it at the end is ended."""
    needs(("dbus-daemon", "dbus"), ("mpv", "mpv mpv-mpris"))
    if not os.path.exists("/usr/lib/mpv-mpris/mpris.so"):
        pytest.fail("mpv-mpris is missing: apt-get install -y --no-install-recommends mpv-mpris")
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={tmp_path}/bus"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    address = process.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    yield
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with connected("session") as connection:
        for service in services(connection):
            Player(connection, service).quit()
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def here(tmp_path, samples, bus):
    paths = stock(samples, tmp_path / "home")
    ctx = Context(
        datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(tmp_path), tools={"media": {"command": MPV}}
    )
    return ctx, paths


@pytest.fixture
def mpv(bus):
    """Start an mpv that nobody told anything yet, as a person's own player."""
    process = subprocess.Popen(
        [*MPV], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 10
    with connected("session") as connection:
        while not services(connection):
            assert time.monotonic() < until
            time.sleep(0.05)
    yield process
    process.terminate()
    process.wait()


def state():
    with connected("session") as connection:
        found = players(connection)
        return found[0][1] if found else None


def plays(path):
    return same_place(state().url, path)


def test_a_song_in_a_player_that_is_started_and_ended_by_undo(here):
    ctx, paths = here
    assert now_playing(ctx).answer == "Nothing is playing."
    outcome = play_media(ctx, "copper river", "song")
    assert outcome.answer == "Playing “Copper River” by Ada Flint in mpv."
    assert plays(paths["Copper River"]) and state().status == "Playing"
    said = now_playing(ctx)
    assert said.answer.startswith("This is “Copper River” by Ada Flint, from Small Hours, in mpv (0:0")
    assert said.value["length"] == 30 and said.value["status"] == "playing"
    _undo_play(ctx, outcome.undo)
    until = time.monotonic() + 5
    while state() is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert state() is None
    with pytest.raises(ToolError, match="closed since, so this cannot be undone"):
        _undo_play(ctx, outcome.undo)


def test_pause_and_resume_and_their_undo(here, mpv):
    ctx, paths = here
    play_media(ctx, "kerosene sky")
    paused = control_media(ctx, "pause")
    assert paused.answer == "Paused “Kerosene Sky” by Ada Flint." and state().status == "Paused"
    assert now_playing(ctx).answer.startswith("Paused at “Kerosene Sky”")
    assert (
        control_media(ctx, "pause").answer == "It is paused already."
        and control_media(ctx, "pause").undo is None
    )
    _undo_control(ctx, paused.undo)
    assert state().status == "Playing"
    control_media(ctx, "pause")
    resumed = control_media(ctx, "resume")
    assert resumed.answer == "Playing “Kerosene Sky” by Ada Flint again." and state().status == "Playing"
    assert control_media(ctx, "resume").answer == "It is playing already."
    _undo_control(ctx, resumed.undo)
    assert state().status == "Paused" and plays(paths["Kerosene Sky"])


def test_an_album_next_previous_and_their_undo(here, mpv):
    ctx, paths = here
    answer = play_media(ctx, "small hours", "album").answer
    assert answer == "Playing the album Small Hours by Ada Flint, 3 tracks in mpv."
    assert plays(paths["Paper Lanterns"])
    following = control_media(ctx, "next")
    assert following.answer == "Now playing “Harbour Lights” by Ada Flint." and plays(paths["Harbour Lights"])
    _undo_control(ctx, following.undo)
    assert plays(paths["Paper Lanterns"])
    control_media(ctx, "next")
    back = control_media(ctx, "previous")
    assert back.answer == "Now playing “Paper Lanterns” by Ada Flint."
    _undo_control(ctx, back.undo)
    assert plays(paths["Harbour Lights"])
    control_media(ctx, "next")
    with pytest.raises(ToolError, match="There is no next track in mpv"):
        control_media(ctx, "next")


def test_stop_and_its_undo_keep_the_rest_of_the_album(here, mpv):
    ctx, paths = here
    play_media(ctx, "small hours")
    control_media(ctx, "next")
    with connected("session") as connection:
        player = players(connection)[0][0]
        player.do("SetPosition", "ox", (player.state().track, 12_000_000))
        player.until(lambda now: now.position >= 12_000_000)
    stopped = control_media(ctx, "stop")
    assert stopped.answer == "Stopped “Harbour Lights” by Ada Flint." and state().status == "Stopped"
    assert control_media(ctx, "stop").answer == "It is stopped already."
    with pytest.raises(ToolError, match="nothing to resume in mpv: say what to play"):
        control_media(ctx, "resume")
    _undo_control(ctx, stopped.undo)
    assert plays(paths["Harbour Lights"]) and state().status == "Playing" and state().position > 11_000_000
    control_media(ctx, "next")
    assert plays(paths["Copper River"])


def test_playing_is_undone_to_what_played_before(here, mpv):
    ctx, paths = here
    play_media(ctx, "small hours")
    control_media(ctx, "next")
    control_media(ctx, "pause")
    second = play_media(ctx, "midnight tram")
    assert plays(paths["Untagged"]) and state().status == "Playing"
    _undo_play(ctx, second.undo)
    assert plays(paths["Harbour Lights"]) and state().status == "Paused"
    third = play_media(ctx, "hello by the copper owls")
    play_media(ctx, "kerosene sky")
    with pytest.raises(ToolError, match="plays something else since"):
        _undo_play(ctx, third.undo)
    assert plays(paths["Kerosene Sky"])


def test_shuffle_and_repeat(here, mpv, samples):
    ctx, _ = here
    music = ctx.folders.home / "Music"
    names = [f"s{number:02}.mp3" for number in range(12)]
    for name in names:
        put(samples, music / name, title=f"Number {name}")
    (music / "Many.m3u").write_text("\n".join(names))

    def order():
        found = [state().url.rpartition("/")[2]]
        while True:
            try:
                control_media(ctx, "next")
            except ToolError as error:
                assert "no next track" in str(error)
                return found
            found.append(state().url.rpartition("/")[2])

    play_media(ctx, "many", "playlist")
    shuffled = control_media(ctx, "shuffle")
    assert shuffled.answer == "Shuffled what mpv plays."
    mixed = order()
    assert mixed[0] == names[0] and sorted(mixed) == names and mixed != names
    play_media(ctx, "many", "playlist")
    _undo_control(ctx, control_media(ctx, "shuffle").undo)
    assert order() == names
    with connected("session") as connection:
        players(connection)[0][0].do("OpenUri", "s", ("file:///nowhere.mp3",))
        players(connection)[0][0].until(lambda now: not now.url)
    with pytest.raises(ToolError, match="can only shuffle what I played in it"):
        control_media(ctx, "shuffle")
    with pytest.raises(ToolError, match="something else since"):
        _undo_control(ctx, shuffled.undo)
    play_media(ctx, "ada flint")
    repeated = control_media(ctx, "repeat")
    assert repeated.answer.startswith("Repeating “") and state().loop == "Track"
    _undo_control(ctx, repeated.undo)
    assert state().loop == "None"
    with connected("session") as connection:
        player = players(connection)[0][0]
        player.do("SetPosition", "ox", (player.state().track, 20_000_000))
        player.until(lambda now: now.position >= 20_000_000)
    again = control_media(replace(ctx, words={"action": "once more"}), "repeat")
    assert again.answer.endswith("once more.") and state().loop == "None"
    with connected("session") as connection:
        assert players(connection)[0][0].until(lambda now: now.position < 5_000_000).position < 5_000_000
    _undo_control(ctx, again.undo)
    assert state().position >= 19_000_000


def test_the_volume_is_never_touched(here, mpv):
    ctx, _ = here
    with connected("session") as connection:
        player = players(connection)[0][0]
        player.set("Volume", "d", 0.35)
        undo = [play_media(ctx, "small hours").undo]
        for action in ("next", "pause", "resume", "previous", "shuffle", "repeat", "stop"):
            undo.append(control_media(ctx, action).undo)
        for data in reversed(undo[1:]):
            _undo_control(ctx, data)
        assert player._all("org.mpris.MediaPlayer2.Player")["Volume"] == pytest.approx(0.35, abs=0.01)


def test_playlists_podcasts_and_books(here, mpv):
    ctx, paths = here
    assert play_media(ctx, "workout", "playlist").answer == "Playing the playlist Workout, 2 tracks in mpv."
    assert plays(paths["Kerosene Sky"])
    control_media(ctx, "next")
    assert plays(paths["Harbour Lights"])
    assert play_media(ctx, "two bees").answer == "Playing “Wax”, the newest episode of Two Bees in mpv."
    assert plays(paths["Episode 2"])
    assert play_media(ctx, "the salt roads").answer == "Playing the audiobook The Salt Roads, 3 parts in mpv."
    assert plays(paths["Chapter 1"])
    for _ in range(2):
        control_media(ctx, "next")
    assert plays(paths["Chapter 10"])


def test_awkward_names(here, mpv):
    ctx, paths = here
    source = Path(paths["Kerosene Sky"])
    for name in ("100% Ünsafe #1 (a&b); $(x).mp3", "-o=x.mp3", "a?b=c.mp3"):
        shutil.copy(source, source.parent / name)
    os.remove(source)
    for name in ("100% Ünsafe #1 (a&b); $(x).mp3", "-o=x.mp3", "a?b=c.mp3"):
        copy = source.parent / name
        for other in source.parent.glob("*.mp3"):
            if other != copy and other.name != "link.mp3":
                other.rename(other.with_suffix(".away"))
        play_media(ctx, "kerosene sky")
        assert plays(str(copy))
        copy.rename(copy.with_suffix(".away"))
        for other in source.parent.glob("*.away"):
            other.rename(other.with_suffix(".mp3"))


def test_another_player_is_paused_and_goes_on(here, mpv):
    ctx, paths = here
    second = subprocess.Popen(
        [*MPV, paths["Hello"]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        with connected("session") as connection:
            until = time.monotonic() + 10
            while len(services(connection)) < 2 or not any(
                s.status == "Playing" for _, s in players(connection)
            ):
                assert time.monotonic() < until
                time.sleep(0.05)
            first, other = services(connection)
            Player(connection, other).do("Pause")
            Player(connection, first).do("OpenUri", "s", (Path(paths["Untagged"]).as_uri(),))
            Player(connection, first).until(lambda now: now.status == "Playing")
            Player(connection, other).do("Play")
            Player(connection, other).until(lambda now: now.status == "Playing")
            outcome = play_media(ctx, "copper river")
            assert Player(connection, first).state().what.startswith("“Copper River”")
            assert Player(connection, other).state().status == "Paused"
            _undo_play(ctx, outcome.undo)
            assert Player(connection, other).until(lambda now: now.status == "Playing").status == "Playing"
            assert same_place(Player(connection, first).state().url, paths["Untagged"])
            chosen = replace(ctx, tools={"media": {"command": MPV, "player": "mpv"}})
            assert now_playing(chosen).value["player"] == "mpv"
    finally:
        second.kill()
        second.wait()


@pytest.fixture
def radio(samples):
    """A radio station on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/live":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "audio/mpeg")
            self.end_headers()
            self.wfile.write((samples / "tone.mp3").read_bytes())

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_radio_station(here, radio):
    ctx, paths = here
    stations = {"Harbour FM": f"{radio}/live", "Gone FM": f"{radio}/gone"}
    tuned = replace(ctx, tools={"media": {"command": MPV, "stations": stations}})
    outcome = play_media(tuned, "harbour fm", "radio")
    assert outcome.answer == "Playing Harbour FM in mpv." and state().url == f"{radio}/live"
    with pytest.raises(ToolError, match=r"mpv could not play it: is the address right"):
        play_media(tuned, "gone fm")
    play_media(tuned, "midnight tram")
    assert plays(paths["Untagged"])


def test_a_file_that_is_none(here, mpv):
    ctx, paths = here
    (ctx.folders.home / "Music/Noise.mp3").write_bytes(b"\0" * 2000)
    with pytest.raises(ToolError, match="mpv could not play it: is the file whole"):
        play_media(ctx, "noise")
    with pytest.raises(ToolError, match="mpv could not play it: is the file whole"):
        play_media(ctx, "noise", "song")
    play_media(ctx, "copper river")
    assert plays(paths["Copper River"])


def test_without_a_player(here, monkeypatch, tmp_path):
    ctx, _ = here
    for action in ("pause", "next", "shuffle"):
        with pytest.raises(ToolError, match=f"No media player is running, so there is nothing to {action}"):
            control_media(ctx, action)
    silent = replace(ctx, tools={"media": {"command": ["sleep", "100"]}})
    monkeypatch.setattr("tinyagent.tools.media_player.START", 0.3)
    with pytest.raises(ToolError, match="sleep was started but does not speak MPRIS"):
        play_media(silent, "copper river")
    none = replace(ctx, tools={"media": {"command": ["no-such-player"]}})
    with pytest.raises(ToolError, match="no media player to start: correct command in the table"):
        play_media(none, "copper river")
    with pytest.raises(NotFoundError, match="I find no “taylor swift”"):
        play_media(none, "taylor swift")


def test_availability(here, monkeypatch, tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path / "x"), "HOME": str(tmp_path / "home")})
    assert media.available(settings) is None
    assert "correct command" in media.available(replace(settings, tools={"media": {"command": "no-such"}}))
    assert "unknown setting" in media.available(replace(settings, tools={"media": {"x": 1}}))
    monkeypatch.setattr("tinyagent.tools.media_player.PLUGINS", ())
    assert "install mpv-mpris" in media.available(settings)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert media.available(settings).startswith("There is no D-Bus session bus here")
    ctx, _ = here
    for call in (
        lambda: play_media(ctx, "hello"),
        lambda: control_media(ctx, "stop"),
        lambda: now_playing(ctx),
    ):
        with pytest.raises(ToolError, match="no D-Bus session bus"):
            call()


def test_the_catalogue_holds():
    shown = {name: [(p.name, p.type, p.required) for p in _tools[name].parameters] for name in _tools}
    assert shown["play_media"] == [("query", "text", True), ("kind", "enum", False)]
    assert shown["control_media"] == [("action", "enum", True)] and shown["now_playing"] == []
    kinds = "song artist album genre playlist podcast radio audiobook".split()
    assert sorted(_tools["play_media"].parameter("kind").choices) == sorted(kinds)
    actions = "pause resume next previous stop shuffle repeat".split()
    assert list(_tools["control_media"].parameter("action").choices) == actions
