"""The control socket, with real sockets and a real daemon behind it."""

import asyncio
import json
import os
import socket
import stat
from contextlib import suppress

import pytest
from daemon_stage import Stage, running

from tinyagent.errors import VoiceError
from tinyagent.settings import load
from tinyagent.voice import control
from tinyagent.voice.events import State

WORDS = {1: "remember to call Sid at three"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.sock"


def served(path, tmp_path, script):
    """Run `script(ask, stage)` on a thread beside a daemon with its socket."""

    async def main():
        stage = Stage(tmp_path / "home", WORDS)
        with control.own_socket(path) as listening:
            async with running(stage):
                server = asyncio.create_task(control.serve(listening, control.handling(stage.daemon)))
                try:
                    await script(lambda wish: asyncio.to_thread(control.ask, path, wish), stage)
                finally:
                    server.cancel()
                    await asyncio.gather(server, return_exceptions=True)
        return stage

    return asyncio.run(main())


def test_the_key_the_status_and_what_was_understood(path, tmp_path):
    async def script(ask, stage):
        status = await ask("status")
        assert (status["state"], status["muted"], status["running"]) == ("waiting", False, [])
        assert status["pid"] == os.getpid()
        assert (await ask("transcripts"))["transcripts"] == []
        await ask("toggle")
        await stage.state(State.LISTENING)
        stage.mic.hear(1)
        await stage.state(State.IDLE)
        assert (await ask("transcripts"))["transcripts"] == [
            {
                "heard": "remember to call Sid at three",
                "text": "remember to call Sid at three",
                "answer": "Done: remember, call Sid, 2026-03-02 15:00:00.",
            }
        ]
        assert (await ask("mute"))["muted"] is True
        with pytest.raises(VoiceError, match="muted"):
            await ask("toggle")
        assert (await ask("unmute"))["muted"] is False

    assert served(path, tmp_path, script).ran == ["remember"]


def test_transcripts_are_bounded_and_nowhere_on_the_disk(path, tmp_path):
    async def script(ask, stage):
        for _ in range(25):
            await ask("toggle")
            await stage.state(State.LISTENING)
            stage.mic.hear(1)
            await stage.state(State.IDLE)
        assert len((await ask("transcripts"))["transcripts"]) == 20

    served(path, tmp_path, script)
    assert not [found for found in tmp_path.rglob("*") if found.suffix in (".wav", ".txt", ".log")]


def test_stop_ends_the_daemon(path, tmp_path):
    async def main():
        stage = Stage(tmp_path / "home", WORDS)
        with control.own_socket(path) as listening:
            server = asyncio.create_task(control.serve(listening, control.handling(stage.daemon)))
            daemon = asyncio.create_task(stage.daemon.run())
            await stage.state(State.IDLE)
            await asyncio.to_thread(control.ask, path, "stop")
            await asyncio.wait_for(daemon, 20)
            server.cancel()
            await asyncio.gather(server, return_exceptions=True)

    asyncio.run(main())
    assert not path.exists()


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b"{}\n",
        b'{"do": "rm"}\n',
        b'["do"]\n',
        b'{"do": ["toggle"]}\n',
        b'{"do": null}\n',
        b"\xff\n",
    ],
)
def test_nonsense_is_refused_and_harmless(path, tmp_path, line):
    async def script(ask, stage):
        def say():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(20)
                connection.connect(str(path))
                connection.sendall(line + b'{"do": "status"}\n')
                with connection.makefile("rb") as stream:
                    return json.loads(stream.readline()), json.loads(stream.readline())

        refused, status = await asyncio.to_thread(say)
        assert refused["ok"] is False and "toggle" in refused["error"]
        assert status["state"] == "waiting"

    assert served(path, tmp_path, script).daemon.state is State.IDLE


def test_a_line_without_end_is_cut_off(path, tmp_path):
    async def script(ask, stage):
        def say():
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(20)
                connection.connect(str(path))
                try:
                    connection.sendall(b"x" * 100_000)
                    return connection.recv(100)
                except OSError:  # it is already gone
                    return b""

        assert await asyncio.to_thread(say) == b""
        assert (await ask("status"))["ok"]

    served(path, tmp_path, script)


def test_only_the_owner_can_open_it(path):
    with control.own_socket(path):
        assert stat.S_IMODE(path.lstat().st_mode) == 0o600


def test_both_ends_know_whose_the_other_one_is(path):
    with control.own_socket(path) as listening, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        accepted, _ = listening.accept()
        with accepted:
            assert control.peer(connection) == control.peer(accepted) == os.getuid()


def test_somebody_else_is_not_answered(path, monkeypatch):
    async def main():
        with control.own_socket(path) as listening:
            server = asyncio.create_task(control.serve(listening, lambda wish: {"secret": 1}))
            monkeypatch.setattr(control, "peer", lambda connection: os.getuid() + 1)
            reader, writer = await asyncio.open_unix_connection(str(path))
            with suppress(ConnectionError):  # it may be gone before it is told anything
                writer.write(b'{"do": "transcripts"}\n')
                assert await asyncio.wait_for(reader.read(), 20) == b""
            writer.close()
            with pytest.raises(VoiceError, match="belongs to somebody else"):
                await asyncio.to_thread(control.ask, path, "status")
            server.cancel()
            await asyncio.gather(server, return_exceptions=True)

    asyncio.run(main())


def test_one_daemon_at_a_time(path):
    with control.own_socket(path):
        with pytest.raises(VoiceError, match="runs already"), control.own_socket(path):
            pass
        assert path.exists()
    with control.own_socket(path):
        pass
    assert not path.exists()


def test_a_socket_that_was_left_behind_is_replaced(path):
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(path))
    with pytest.raises(control.NoDaemonError, match="tinyagent listen"):
        control.ask(path, "status")
    with control.own_socket(path) as listening:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
        assert listening.getsockname() == str(path)


def test_a_file_of_that_name_is_left_alone(path):
    path.write_text("mine")
    with pytest.raises(VoiceError, match="in the way"), control.own_socket(path):
        pass
    assert path.read_text() == "mine"


def test_no_daemon(path):
    with pytest.raises(control.NoDaemonError, match="does not run"):
        control.ask(path, "status")


def test_a_daemon_that_hangs(path):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(VoiceError, match="does not answer"):
            control.ask(path, "status", timeout=0.1)


def test_where_it_lies(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path / "home")})
    runtime = tmp_path / "run"
    runtime.mkdir()
    assert control.socket_path(settings, {"XDG_RUNTIME_DIR": str(runtime)}) == runtime / control.NAME
    for environment in ({}, {"XDG_RUNTIME_DIR": "run"}, {"XDG_RUNTIME_DIR": str(tmp_path / "gone")}):
        assert control.socket_path(settings, environment) == settings.state / control.NAME
    deep = load({"TINYAGENT_HOME": str(tmp_path / ("x" * 90))})
    with pytest.raises(VoiceError, match="too long"):
        control.socket_path(deep, {})


def test_a_conversation_that_is_cut_off_leaves_no_traceback(path, tmp_path):
    async def main():
        complaints = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        with control.own_socket(path) as listening:
            server = asyncio.create_task(control.serve(listening, lambda wish: {}))
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(b'{"do": "status"}\n')
            assert json.loads(await asyncio.wait_for(reader.readline(), 20)) == {"ok": True}
            others = asyncio.all_tasks() - {asyncio.current_task(), server}
            for task in others | {server}:  # what `asyncio.run` does at the end
                task.cancel()
            await asyncio.gather(server, *others, return_exceptions=True)
            await asyncio.sleep(0.01)
            writer.close()
        return complaints

    assert asyncio.run(main()) == []
