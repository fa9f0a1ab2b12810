"""A private PulseAudio: its loudspeaker can be recorded, its microphone can be spoken into."""

import os
import subprocess
import threading
import time
import wave
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from components import end

RATE = 16_000
SINKS = ("loudspeaker", "headset", "room")

# The loudspeaker is a null sink, recorded at its monitor. What is played into the null sink "room" comes out of the
# source "microphone", which is what a program sees.
SCRIPT = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=loudspeaker rate=48000 channels=2 sink_properties=device.description=Loudspeaker
load-module module-null-sink sink_name=headset rate=48000 channels=2 sink_properties=device.description=Headset
load-module module-null-sink sink_name=room rate=16000 channels=1 sink_properties=device.description=Room
load-module module-remap-source source_name=microphone master=room.monitor remix=no \
source_properties=device.description=Microphone
set-default-sink loudspeaker
set-default-source microphone
"""

# The whole configuration of ALSA: a machine's own cards stay out of the tests.
ALSA = """
pcm.default { type pulse }
ctl.default { type pulse }
pcm.pulse { type pulse }
ctl.pulse { type pulse }
"""


class SoundServer:
    """A PulseAudio of our own; `environment` is what a program needs in order to use it and nothing else."""

    def __init__(self, home: Path):
        self.home = home
        self.socket = home / "native"
        self.process = None
        self._awake = []
        self.alsa = home / "alsa.conf"
        self._versions = 0
        self.configure_alsa()
        (home / "client.conf").write_text("autospawn = no\nenable-shm = no\n")
        (home / "server.pa").write_text(SCRIPT.format(socket=self.socket))
        self.environment = {
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_COOKIE": str(home / "cookie"),
            "PULSE_CLIENTCONFIG": str(home / "client.conf"),
            "PULSE_RUNTIME_PATH": str(home / "run"),
            "XDG_RUNTIME_DIR": str(home),
            "ALSA_CONFIG_PATH": str(self.alsa),
            "JACK_NO_START_SERVER": "1",
        }

    def configure_alsa(self, more=""):
        """Give ALSA these devices too. It looks at a file's whole seconds only, so each version has its own."""
        self._versions += 1
        new = self.home / "alsa.new"
        new.write_text(ALSA + more)
        os.utime(new, (self._versions, self._versions))
        new.replace(self.alsa)

    @property
    def child_environment(self):
        """For a program of its own: with a home folder too."""
        return {
            **os.environ,
            **self.environment,
            "HOME": str(self.home),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
        }

    def start(self):
        """Start it where it does not run; returns when it can be used."""
        if self.process is not None and self.process.poll() is None:
            return
        self.socket.unlink(missing_ok=True)
        with (self.home / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
                 "--disable-shm=yes", "--high-priority=no", "--realtime=no", "-F", str(self.home / "server.pa")],
                env=self.child_environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        until = time.monotonic() + 20
        while self._default_source() != "microphone":
            log = (self.home / "log").read_text()
            assert self.process.poll() is None and time.monotonic() < until, log
            time.sleep(0.05)
        # A null sink on which nobody insists sleeps for two seconds at a time.
        self._awake = [self._record(sink, subprocess.DEVNULL) for sink in SINKS]
        for sink in SINKS:
            first = self.record(sink)
            assert first.stdout.read(1), f"{sink} cannot be recorded"
            end(first)
            first.stdout.close()

    def _record(self, sink, stdout):
        return subprocess.Popen(
            ["parec", f"--device={sink}.monitor", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=10"],
            env=self.child_environment, stdout=stdout, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def record(self, sink):
        """Start recording what a sink plays, int16 at 16 kHz on the process's standard output."""
        return self._record(sink, subprocess.PIPE)

    def _default_source(self):
        if not self.socket.exists():
            return ""
        asked = subprocess.run(
            ["pactl", "get-default-source"],
            env=self.child_environment,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return asked.stdout.strip()

    def pactl(self, *arguments):
        """Run `pactl` on it and return what it says."""
        done = subprocess.run(
            ["pactl", *arguments], env=self.child_environment, capture_output=True, text=True, timeout=20
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def kill(self):
        """Let it die as in a crash: every client loses its connection."""
        self.process.kill()
        self.process.wait()
        self._drop()

    def stop(self):
        """End it properly."""
        if self.process is not None:
            end(self.process)
        self._drop()

    def _drop(self):
        for process in self._awake:
            end(process)
        self._awake = []


class Recording:
    """What a sink played since; `samples` int16 [n] at 16 kHz."""

    def __init__(self, process):
        self._process = process
        self._bytes = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while chunk := self._process.stdout.read1(65536):
            self._bytes += chunk

    @property
    def samples(self):
        data = bytes(self._bytes)
        return np.frombuffer(data[: len(data) // 2 * 2], dtype=np.int16)

    @property
    def loud(self):
        """Seconds between the first and the last sample that can be heard."""
        heard = np.flatnonzero(np.abs(self.samples.astype(np.int32)) > 200)
        return (heard[-1] - heard[0] + 1) / RATE if len(heard) else 0.0

    def finish(self):
        end(self._process)
        self._thread.join(10)
        self._process.stdout.close()


class Desk:
    """A person's desk: speak into the microphone, record the loudspeaker."""

    def __init__(self, server: SoundServer, scratch: Path):
        self.server = server
        self.environment = server.environment
        self._scratch = scratch
        self._started = []

    def say(self, what, rate=RATE):
        """Play a wav file or int16 samples into the microphone; returns the running process, `wait()` for its end."""
        if not isinstance(what, str | os.PathLike):
            path = self._scratch / f"said-{len(self._started)}.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(np.asarray(what, dtype=np.int16).tobytes())
            what = path
        process = subprocess.Popen(
            ["paplay", "--device=room", "--latency-msec=50", "--", str(what)],
            env=self.server.child_environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._started.append(process)
        return process

    @contextmanager
    def recording(self, sink="loudspeaker"):
        """Record what the sink plays within the block."""
        process = self.server.record(sink)
        recording = Recording(process)
        try:
            until = time.monotonic() + 20
            while not len(recording.samples):
                assert process.poll() is None and time.monotonic() < until, "parec records nothing"
                time.sleep(0.02)
            yield recording
            time.sleep(0.2)  # what was played last is still on its way
        finally:
            recording.finish()

    def close(self):
        for process in self._started:
            if process.poll() is None:
                end(process)
