import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Keep every command of these tests inside a folder of its own."""
    for name in [name for name in os.environ if name.startswith("TINYAGENT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TINYAGENT_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture(scope="session")
def session_bus(tmp_path_factory):
    """Start a D-Bus session daemon of the tests' own; gives its address."""
    program = shutil.which("dbus-daemon")
    assert program, "dbus-daemon is missing: run `sudo apt-get install dbus`"
    socket = tmp_path_factory.mktemp("bus") / "socket"
    config = socket.with_name("session.conf")
    config.write_text(
        "<busconfig><type>session</type>"
        f"<listen>unix:path={socket}</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*"/><allow own="*"/>'
        '<allow receive_sender="*"/><allow eavesdrop="false"/></policy></busconfig>'
    )
    command = [program, f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()
