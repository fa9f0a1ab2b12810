"""Sound for the voice tests: a private PulseAudio, its loudspeaker to be recorded, its microphone to be spoken into.

`sound_server` is the server itself, once a session; `desk` is what a test takes: it points this process at the server.
"""

import pytest
from components import need
from sound_desk import Desk, SoundServer


@pytest.fixture(scope="session")
def sound_server(tmp_path_factory):
    """The private PulseAudio, running."""
    need("pulseaudio", "pulseaudio")
    need("pactl", "pulseaudio-utils")
    server = SoundServer(tmp_path_factory.mktemp("sound"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(sound_server, tmp_path, monkeypatch):
    """The server as this process's sound system; a test may `desk.server.kill()` it, the next one finds it running."""
    sound_server.configure_alsa()
    sound_server.start()
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    made = Desk(sound_server, tmp_path)
    yield made
    made.close()
    sound_server.start()
