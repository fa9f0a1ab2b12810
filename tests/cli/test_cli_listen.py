"""`tinyagent listen` as a program: what it refuses, the service, and a daemon that is asked things and ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pseudo_terminal import Terminal

from tinyagent.cli import main

PROGRAM = "import sys; from tinyagent.cli import main; sys.exit(main())"
SCRIPTED = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import scripted
import tinyagent.voice.build
tinyagent.voice.build._assistant = scripted.ScriptedAssistant
{PROGRAM}
"""


@pytest.fixture
def run(capfd, own_home, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own_home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own_home / "config"))

    def run(*words):
        code = main(["listen", *words])
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def unit(own_home):
    return own_home / "config" / "systemd" / "user" / "tinyagent-voice.service"


@pytest.mark.parametrize("wish", ["toggle", "cancel", "status", "mute", "unmute", "transcripts", "stop"])
def test_without_a_daemon(run, wish):
    code, out, err = run(f"--{wish}")
    assert (code, out) == (1, "")
    assert err == "Error: The voice daemon does not run: start it with `tinyagent listen`.\n"


@pytest.mark.parametrize(
    "words", [["--yes"], ["--wake", "alexa"], ["--toggle", "--doctor"], ["--input", "a", "--stop"]]
)
def test_wrong_usage(run, words):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "Error: " in err


def test_a_file_that_is_not_there(run, own_home):
    code, _, err = run("--input", str(own_home / "none.wav"))
    assert code == 1
    assert "none.wav" in err and "Traceback" not in err


def test_wrong_settings(run, own_home):
    config = own_home / "home" / "config"
    config.mkdir(parents=True)
    (config / "config.toml").write_text("[voice]\nmicrofone = 'x'\n")
    code, _, err = run("--install-service")
    assert code == 2
    assert "unknown setting 'microfone'" in err


def test_the_service_is_written_and_removed(run, unit):
    code, out, _ = run("--install-service", "--wake", "pocketsphinx")
    assert code == 0
    assert "systemctl --user enable --now tinyagent-voice.service" in out
    assert '"--wake" "pocketsphinx"' in unit.read_text()
    assert f"TINYAGENT_HOME={os.environ['TINYAGENT_HOME']}" in unit.read_text()
    code, out, _ = run("--uninstall-service")
    assert (code, unit.exists()) == (0, False)
    assert "systemctl --user disable --now" in out
    assert run("--uninstall-service") == (0, "There is no such service.\n", "")


def test_the_key_is_named_where_there_is_no_wake_word(run):
    assert "tinyagent listen --toggle" in run("--install-service")[1]


@pytest.mark.parametrize("words", [["--install-service"], []])
def test_nobody_accepts_the_licence_off_a_terminal(run, unit, words):
    code, _, err = run("--wake", "openwakeword", *words)
    assert code == 1
    assert "licence" in err
    assert not unit.exists()


@pytest.mark.parametrize(("answer", "code"), [("yes", 0), ("y", 1), ("", 1)])
def test_the_licence_is_shown_and_accepted(run, unit, answer, code):
    terminal = Terminal("-c", PROGRAM, "listen", "--install-service", "--wake", "openwakeword")
    assert "CC BY-NC-SA 4.0" in terminal.wait_for("Type yes: ")
    terminal.type(f"{answer}\n")
    assert terminal.end() == code
    assert unit.exists() == (code == 0)
    if code == 0:
        assert run("--install-service", "--wake", "openwakeword")[0] == 0  # is not asked again


class Process:
    """A daemon in a process of its own, with the scripted assistant and real ears."""

    def __init__(self, run):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", SCRIPTED, "listen"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 120
        while not run("--status")[1].startswith("waiting"):
            assert self.process.poll() is None and time.monotonic() < until, self.process.communicate()
            time.sleep(0.05)


@pytest.fixture
def daemon(run):
    started = Process(run)
    yield started.process
    started.process.kill()
    started.process.communicate()


def test_a_daemon_is_asked_and_stopped(run, daemon, own_home):
    assert run("--status")[1] == "waiting, microphone on\n"
    assert run("--mute")[0] == 0
    assert run("--status")[1] == "waiting, microphone muted\n"
    assert "--unmute" in run("--toggle")[2]
    code, _, err = run()
    assert (code, err) == (1, "Error: The voice daemon runs already: `tinyagent listen --stop` ends it.\n")
    assert run("--stop")[0] == 0
    out, err = daemon.communicate(timeout=60)
    assert (daemon.returncode, err) == (0, "")
    assert "[waiting]" in out
    assert not (own_home / "tinyagent-voice.sock").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_well(run, daemon, own_home, number, code):
    daemon.send_signal(number)
    _, err = daemon.communicate(timeout=60)
    assert daemon.returncode == code
    assert err.strip() == ("Stopped." if code else "")
    assert not (own_home / "tinyagent-voice.sock").exists()
