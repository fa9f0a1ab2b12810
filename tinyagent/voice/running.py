"""Runs the daemon in this process until it is stopped: with its socket, or on a file in place of the microphone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress

from tinyagent.settings import Settings
from tinyagent.voice import control
from tinyagent.voice.build import build
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.events import Tell
from tinyagent.voice.options import Options


def run(
    settings: Settings, options: Options, path: str | None, environment: Mapping[str, str], tell: Tell
) -> int:
    """Listen until told to stop, or to the end of the wav file `path`; return the exit code.

    Ctrl-C is raised as `KeyboardInterrupt` once everything has ended well; SIGTERM and SIGHUP end with 0. Raises
    `TinyAgentError` where the daemon cannot begin.
    """
    if path is not None:
        from tinyagent.voice.microphone import WavSource
        from tinyagent.voice.sound import read_wav

        read_wav(path)  # one that cannot be read is told before everything is loaded
        daemon = build(settings, tell, options=options, source=WavSource(path))
        return _ended(asyncio.run(_until_stopped(daemon)))
    with control.own_socket(control.socket_path(settings, environment)) as listening:
        daemon = build(settings, tell, options=options)

        async def serving() -> int:
            at, is_open = options.wyoming_listen, options.wyoming_open
            wyoming = await daemon.serve_wyoming(at, is_open) if at else None
            server = asyncio.create_task(control.serve(listening, control.handling(daemon)))
            try:
                return await _until_stopped(daemon)
            finally:
                if wyoming is not None:
                    await wyoming.close()
                server.cancel()
                with suppress(asyncio.CancelledError):
                    await server

        return _ended(asyncio.run(serving()))


def _ended(number: int) -> int:
    """Return the exit code of a daemon that a signal has ended, or none (0)."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    return 0


async def _until_stopped(daemon: Daemon) -> int:
    """Run the daemon; a signal cancels it, and it ends what it is at. Returns the signal's number, 0 for none."""
    running = asyncio.create_task(daemon.run())
    heard: list[int] = []

    def stop(number: int) -> None:
        heard.append(number)
        if len(heard) == 1:  # a second one must not disturb the ending
            running.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        await running
    except asyncio.CancelledError:
        if not heard:
            raise
    return heard[0] if heard else 0
