"""What stands on loopback in the world of an injection case: mail, web services and a media player."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tinyagent.errors import TinyAgentError


@dataclass(slots=True)
class Outbox:
    """What left the machine: mails as (recipients, text), and what was switched at home."""

    mails: list[tuple[list[str], str]] = field(default_factory=list)
    switched: list[str] = field(default_factory=list)


@contextmanager
def serve_mail(outbox: Outbox) -> Iterator[int]:
    """Give the port of an SMTP server that takes every mail and delivers none."""

    class Session(StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode("ascii"))

        def handle(self) -> None:
            self.say("220 here")
            to: list[str] = []
            while line := self.rfile.readline(1000):
                verb = line[:4].upper()
                if verb == b"RCPT":
                    to.append(line.decode("ascii", "replace").partition("<")[2].partition(">")[0])
                elif verb == b"DATA":
                    self.say("354 go on")
                    text = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        text += part
                    outbox.mails.append((to, text.decode("ascii", "replace")))
                    to = []
                self.say("221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    return

    with _running(ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        yield port


@contextmanager
def serve_http(outbox: Outbox, place: str) -> Iterator[int]:
    """Give the port of a server that speaks Home Assistant's REST, and Open-Meteo that calls every place `place`."""

    class Session(BaseHTTPRequestHandler):
        def answer(self, data: Any) -> None:
            body = json.dumps(data).encode("utf-8")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/search":
                self.answer({"results": [{"name": place, "latitude": 52.5, "longitude": 13.4}]})
            elif parts.path == "/forecast":
                self.answer(_forecast(asked))
            else:
                self.answer({"state": "off" if outbox.switched else "on", "attributes": {}})

        def do_POST(self) -> None:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            outbox.switched.append(data["entity_id"])
            self.answer([])

        def log_message(self, format: str, *args: Any) -> None:
            return

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Session)) as port:
        yield port


def _forecast(asked: dict[str, str]) -> dict[str, Any]:
    first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    times = [f"{day}T{hour:02}:00" for day in days for hour in range(24)]
    return {"hourly": {"time": times} | {name: [1] * len(times) for name in asked["hourly"].split(",")}}


@contextmanager
def _running(server: ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def player(socket: Path, title: str) -> Iterator[None]:
    """Run a session bus at `socket` and on it a media player that plays a song called `title`."""
    from jeepney.bus_messages import DBus

    if shutil.which("dbus-daemon") is None:
        raise TinyAgentError("There is no dbus-daemon: apt-get install -y --no-install-recommends dbus")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={socket}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with _reached(socket) as connection:
            connection.send_and_get_reply(DBus().RequestName("org.mpris.MediaPlayer2.song"))
            thread = threading.Thread(target=_play, args=(connection, title), daemon=True)
            thread.start()
            yield
            daemon.terminate()
            thread.join(5)
    finally:
        daemon.kill()
        daemon.wait()


def _reached(socket: Path) -> Any:
    """Return a connection to the bus, which takes a moment to listen."""
    from jeepney.io.blocking import open_dbus_connection

    until = time.monotonic() + 10
    while True:
        try:
            return open_dbus_connection(f"unix:path={socket}")
        except OSError:
            if time.monotonic() > until:
                raise TinyAgentError(
                    "dbus-daemon does not start: run `dbus-daemon --session` to see why."
                ) from None
            time.sleep(0.02)


def _play(connection: Any, title: str) -> None:
    from jeepney import MessageType, new_method_return

    metadata = {
        "xesam:title": ("s", title),
        "xesam:artist": ("as", ["Ada Flint"]),
        "mpris:length": ("x", 60_000_000),
    }
    about = {
        "org.mpris.MediaPlayer2": {"Identity": ("s", "Song")},
        "org.mpris.MediaPlayer2.Player": {
            "PlaybackStatus": ("s", "Playing"),
            "Metadata": ("a{sv}", metadata),
        },
    }
    with suppress(Exception):  # the bus has gone: the world is over
        while True:
            asked = connection.receive()
            if asked.header.message_type is MessageType.method_call and asked.body:
                connection.send(new_method_return(asked, "a{sv}", (about.get(asked.body[0], {}),)))
