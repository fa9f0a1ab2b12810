"""Opening by the real xdg-open: it finds the person's program, here one that writes down what it is given."""

import os
import shutil
import time

import pytest

from tinyagent.errors import ToolError
from tinyagent.tools import opener
from tinyagent.tools.opener import open_on_desktop, unavailable


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A home folder in which text files and web addresses belong to a program of ours; returns what it was given."""
    assert shutil.which("xdg-open"), "run: apt-get install -y --no-install-recommends xdg-utils"
    given, program = tmp_path / "given", tmp_path / "viewer"
    program.write_text(f'#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one" >> "{given}"; done\n')
    program.chmod(0o755)
    applications = tmp_path / "share" / "applications"
    applications.mkdir(parents=True)
    (applications / "viewer.desktop").write_text(
        f"[Desktop Entry]\nType=Application\nName=Viewer\nExec={program} %u\n"
        "MimeType=text/plain;x-scheme-handler/https;\n"
    )
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "mimeapps.list").write_text(
        "[Default Applications]\ntext/plain=viewer.desktop\nx-scheme-handler/https=viewer.desktop\n"
    )
    for name in (
        "DESKTOP_SESSION",
        "XDG_CURRENT_DESKTOP",
        "BROWSER",
        "WAYLAND_DISPLAY",
        "DBUS_SESSION_BUS_ADDRESS",
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("HOME", ""), ("XDG_DATA_HOME", "share"), ("XDG_CONFIG_HOME", "config")):
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setenv("DISPLAY", ":99")

    def opened():
        for _ in range(50):
            if given.exists():
                return given.read_text().splitlines()
            time.sleep(0.1)
        return []

    return opened


@pytest.mark.parametrize("name", ["plan.txt", "two words & $(touch x); 'quoted'.txt", "-v.txt"])
def test_a_file_is_opened_with_the_persons_program(desktop, tmp_path, name):
    path = tmp_path / name
    path.write_text("some text")
    open_on_desktop(str(path))
    assert [one.removeprefix("file://") for one in desktop()] == [str(path)]
    assert not (tmp_path / "x").exists()


def test_an_address_is_opened(desktop):
    open_on_desktop("https://example.org/a?b=c&d=$(e)")
    assert desktop() == ["https://example.org/a?b=c&d=$(e)"]


def test_a_file_that_is_not_there_is_a_sentence(desktop, tmp_path):
    with pytest.raises(ToolError, match="No program opens it"):
        open_on_desktop(str(tmp_path / "nothing.txt"))


@pytest.mark.parametrize(
    "target", ["-h", "plan.txt", "javascript:alert(1)", "file:///etc/passwd", "ssh://x", ""]
)
def test_other_targets_are_refused(desktop, target):
    with pytest.raises(ToolError, match="neither a path nor an address"):
        open_on_desktop(target)


def test_what_is_missing_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(opener.sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert unavailable() == "There is no desktop to open it on: log in to one."
    with pytest.raises(ToolError, match="no desktop"):
        open_on_desktop("/etc/hostname")
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert unavailable() == "There is no xdg-open: install the package xdg-utils."
    (tmp_path / "xdg-open").write_text("no program")
    os.chmod(tmp_path / "xdg-open", 0o755)
    with pytest.raises(ToolError, match="cannot be started"):
        open_on_desktop("/etc/hostname")


def test_a_program_that_stays_is_left_alone(monkeypatch, tmp_path):
    (tmp_path / "xdg-open").write_text("#!/bin/sh\nexec /bin/sleep 5\n")
    os.chmod(tmp_path / "xdg-open", 0o755)
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(opener, "_PATIENCE", 0.2)
    started = time.monotonic()
    open_on_desktop("/etc/hostname")
    assert time.monotonic() - started < 3
