"""The service files: read back by the parsers of the systems they are for."""

import plistlib
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tinyagent.errors import VoiceError
from tinyagent.settings import load
from tinyagent.voice import licence, service

STRANGE = "/home/ana/my own 100% $HOME/bin/tinyagent"


@pytest.fixture
def settings(tmp_path):
    return replace(load({"TINYAGENT_HOME": str(tmp_path / "t")}), home_folder=tmp_path)


def made(settings, platform="linux", environment=None, **options):
    return service.service_for(
        settings, environment or {}, platform=platform, **{"program": [STRANGE], **options}
    )


def unquoted(value):
    """Undo what systemd.syntax(7) asks for."""
    return shlex.split(value.replace("%%", "%"))


def test_the_unit_survives_strange_paths_and_values(settings):
    environment = {
        "TINYAGENT_HOME": 'a "b" 5% $x\\y',
        "TINYAGENT_TIMEZONE": "Europe/Oslo",
        "PATH": "/bin",
        "SECRET": "1",
    }
    unit = made(settings, environment=environment, wake="pocketsphinx")
    lines = dict(
        line.partition("=")[::2] for line in unit.content.splitlines() if line.startswith("ExecStart")
    )
    assert unquoted(lines["ExecStart"]) == [STRANGE, "listen", "--wake", "pocketsphinx"]
    given = [line.partition("=")[2] for line in unit.content.splitlines() if line.startswith("Environment=")]
    assert [shlex.split(one.replace("%%", "%")) for one in given] == [
        ['TINYAGENT_HOME=a "b" 5% $x\\y'],
        ["TINYAGENT_TIMEZONE=Europe/Oslo"],
    ]
    assert "SECRET" not in unit.content
    assert unit.path == settings.home_folder / ".config/systemd/user/tinyagent-voice.service"


def test_systemd_takes_the_unit(settings, tmp_path):
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing: run `sudo apt-get install systemd`"
    tool = tmp_path / "the tool 5% $x"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    unit = made(settings, program=[str(tool)], environment={"TINYAGENT_HOME": 'a "b" 5% $x'})
    service.install(unit)
    done = subprocess.run(
        [program, "--user", "--man=no", "verify", str(unit.path)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    complaints = [line for line in done.stderr.splitlines() if service.UNIT in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


def test_a_program_that_systemd_would_refuse(settings):
    for program in ('/opt/"x"/tinyagent', "/opt/x\\y/tinyagent", "/opt/x\ny/tinyagent"):
        with pytest.raises(VoiceError, match="plainer path"):
            made(settings, program=[program])


def test_stopping_the_service_leaves_what_it_opened(settings):
    assert "KillMode=process" in made(settings).content.splitlines()


def test_the_agent_of_macos(settings):
    agent = made(settings, "darwin", {"TINYAGENT_HOME": "a <b> & c"}, wake="openwakeword")
    content = plistlib.loads(agent.content.encode())
    assert content["ProgramArguments"] == [STRANGE, "listen", "--wake", "openwakeword"]
    assert content["EnvironmentVariables"] == {"TINYAGENT_HOME": "a <b> & c"}
    assert agent.path == settings.home_folder / "Library/LaunchAgents/org.tinyagent.voice.plist"
    assert str(agent.path) in shlex.split(agent.start[0])


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_it_can_be_written_anew_and_removed(settings, platform):
    one = made(settings, platform)
    service.install(one)
    service.install(made(settings, platform, wake="pocketsphinx"))
    assert "pocketsphinx" in one.path.read_text()
    assert service.uninstall(one) is True
    assert not one.path.exists()
    assert service.uninstall(one) is False


def test_a_file_of_somebody_else_is_left_alone(settings):
    one = made(settings)
    one.path.parent.mkdir(parents=True)
    one.path.write_text("[Unit]\n")
    for change in (service.install, service.uninstall):
        with pytest.raises(VoiceError, match="not written by tinyagent"):
            change(one)
    assert one.path.read_text() == "[Unit]\n"


def test_the_program_is_the_installed_one(settings):
    (program,) = service.installed()
    assert Path(program).is_absolute()
    done = subprocess.run([program, "listen", "--help"], capture_output=True, text=True, timeout=60)
    assert "--install-service" in done.stdout


def test_the_licence_is_accepted_once_and_in_its_present_words(settings, monkeypatch):
    licence.require(settings, "pocketsphinx")
    with pytest.raises(VoiceError, match="not accepted"):
        licence.require(settings, "openwakeword")
    licence.accept(settings, settings.context().now)
    licence.require(settings, "openwakeword")
    monkeypatch.setattr(licence, "LICENCE", "Something else.")
    assert not licence.is_accepted(settings)
