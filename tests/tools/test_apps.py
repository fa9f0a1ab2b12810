"""Applications really started and ended: small programs behind fake entries, and X clients under Xvfb."""

import os
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest

from tinyagent.errors import NotFoundError, SettingsError, ToolError
from tinyagent.settings import load
from tinyagent.tools import apps
from tinyagent.tools.apps import AppNames, _undo_close, _undo_open, close_app, open_app
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import _tools

NOW = datetime(2026, 3, 2, 9)


@pytest.fixture
def entries(tmp_path, monkeypatch):
    """Give a function that writes an entry into folders of our own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    monkeypatch.setenv("DISPLAY", os.environ.get("DISPLAY") or ":987")

    def write(name, command, *lines):
        folder = tmp_path / "share" / "applications"
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n".join(["[Desktop Entry]", "Type=Application", f"Name={name}", f"Exec={command}", *lines])
        (folder / f"{name.lower().replace(' ', '-')}.desktop").write_text(text + "\n")

    return write


@pytest.fixture
def program(tmp_path):
    """Give a function that makes a program of its own name that waits; all of them are ended afterwards."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(name, like="sleep"):
        return str(shutil.copy(shutil.which(like), folder / name))

    yield make
    for process in psutil.process_iter(["cmdline", "exe"]):
        if any(
            str(tmp_path) in part for part in [process.info["exe"] or "", *(process.info["cmdline"] or [])]
        ):
            process.kill()


@pytest.fixture
def ctx(tmp_path):
    (tmp_path / "home").mkdir()
    return Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path))


def state(pid):
    try:
        return psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return "gone"


def gone(pid, seconds=3):
    until = time.monotonic() + seconds
    while state(pid) not in ("gone", psutil.STATUS_ZOMBIE):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_open_and_close_and_both_undone(ctx, entries, program, tmp_path):
    entries("Tiny Calc", f'"{program("tinycalc")}" 300 %U', "GenericName=Calculator")
    outcome = open_app(ctx, "the calculator")
    assert outcome.answer == "I opened Tiny Calc."
    pid = outcome.value["pid"]
    process = psutil.Process(pid)
    assert process.cmdline() == [str(tmp_path / "bin/tinycalc"), "300"] and process.cwd() == str(
        tmp_path / "home"
    )
    assert os.getsid(pid) == pid, "not detached"
    _undo_open(ctx, outcome.undo)
    assert gone(pid)
    with pytest.raises(ToolError, match="Tiny Calc has been closed already"):
        _undo_open(ctx, outcome.undo)

    first, second = open_app(ctx, "tiny calc"), open_app(ctx, "tinycalc")
    closed = close_app(ctx, "Tiny Calc")
    assert closed.answer == "I closed Tiny Calc (tinycalc, 2 processes)."
    assert {one["pid"] for one in closed.value["closed"]} == {first.value["pid"], second.value["pid"]}
    assert gone(first.value["pid"]) and gone(second.value["pid"])
    _undo_close(ctx, closed.undo)
    with pytest.raises(ToolError, match="open again already"):
        _undo_close(ctx, closed.undo)
    assert close_app(ctx, "calculator").answer == "I closed Tiny Calc (tinycalc)."
    with pytest.raises(NotFoundError, match="Tiny Calc is not running"):
        close_app(ctx, "calculator")


def test_undoing_an_open_leaves_what_ran_before(ctx, entries, program):
    entries("Waiter", f"{program('waiter')} 300")
    before = open_app(ctx, "waiter").value["pid"]
    time.sleep(0.05)
    outcome = open_app(ctx, "waiter")
    _undo_open(ctx, outcome.undo)
    assert gone(outcome.value["pid"]) and state(before) != "gone"


def test_scripts_are_told_from_their_interpreter(ctx, entries, program, tmp_path):
    script = tmp_path / "bin" / "mailer"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(300)\n")
    script.chmod(0o755)
    other = tmp_path / "other.py"
    other.write_text("import time\ntime.sleep(300)\n")
    entries("Mailer", str(script))
    entries("Snake", f"env A=1 {sys.executable} {other} --go")
    mailer, snake = open_app(ctx, "mailer").value["pid"], open_app(ctx, "snake").value["pid"]
    bystander = subprocess.Popen([sys.executable, str(other)])
    try:
        close_app(ctx, "mailer")
        assert gone(mailer) and state(snake) != "gone"
        close_app(ctx, "snake")
        assert gone(snake) and bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_flatpak_is_told_by_its_environment(ctx, entries, program):
    entries("Painter", "flatpak run org.example.Painter", "X-Flatpak=org.example.Painter")
    inside = {**os.environ, "FLATPAK_ID": "org.example.Painter"}
    with (
        subprocess.Popen([program("painter-bin"), "300"], env=inside) as one,
        subprocess.Popen([program("painter"), "300"]) as other,
    ):
        try:
            assert close_app(ctx, "painter").value["closed"] == [{"pid": one.pid, "name": "painter-bin"}]
            one.wait(3)
            assert other.poll() is None
        finally:
            other.kill()
            one.kill()


def test_a_program_that_does_not_end_is_not_killed(ctx, entries, program, tmp_path, monkeypatch):
    script = tmp_path / "bin" / "stubborn"
    script.parent.mkdir(exist_ok=True)
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('up', 'w')\ntime.sleep(300)\n"
    script.write_text(f"#!{sys.executable}\n{code}")
    script.chmod(0o755)
    entries("Stubborn", str(script), f"Path={tmp_path}")
    monkeypatch.setattr("tinyagent.tools.app_processes.PATIENCE", 0.3)
    outcome = open_app(ctx, "stubborn")
    until = time.monotonic() + 5
    while not (tmp_path / "up").exists() and time.monotonic() < until:
        time.sleep(0.02)
    closed = close_app(ctx, "stubborn")
    assert closed.answer == "I asked Stubborn to close, but it still runs: it may ask about unsaved work."
    assert closed.undo is None and closed.value["closed"] == []
    with pytest.raises(ToolError, match="still runs: look whether"):
        _undo_open(ctx, outcome.undo)
    assert psutil.pid_exists(outcome.value["pid"])


def test_what_we_run_in_is_not_closed(ctx, entries, tmp_path):
    script = tmp_path / "inside"
    script.write_text(
        f"""#!{sys.executable}
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from tinyagent.tools.apps import close_app
from tinyagent.tools.context import Context, Folders
ctx = Context(datetime(2026, 3, 2, 9), ZoneInfo("UTC"), Folders.under(Path({str(tmp_path)!r})))
try:
    close_app(ctx, "inside")
except Exception as error:
    print(error)
"""
    )
    script.chmod(0o755)
    entries("Inside", str(script))
    own = {**os.environ, "PYTHONPATH": str(Path(apps.__file__).parents[2])}
    said = subprocess.run([script], capture_output=True, text=True, env=own, check=True)
    assert said.stdout == "I run inside Inside, so closing it would end me too: close it by hand.\n"


def test_no_shell_sees_the_arguments(ctx, entries, tmp_path):
    script = tmp_path / "show"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/seen"\n')
    script.chmod(0o755)
    entries("Show", f'{script} "a; touch {tmp_path}/pwned" $(x) %c `y`')
    outcome = open_app(ctx, "show")
    assert (tmp_path / "seen").read_text().splitlines() == [f"a; touch {tmp_path}/pwned", "$(x)", "`y`"]
    assert not (tmp_path / "pwned").exists()
    assert outcome.undo is None and outcome.value["pid"] is None


def test_what_cannot_be_started(ctx, entries, tmp_path):
    entries("Broken", "/nowhere/at/all")
    entries("Failing", "false")
    with pytest.raises(ToolError, match="Broken cannot be started"):
        open_app(ctx, "broken")
    with pytest.raises(ToolError, match="Failing ended at once with code 1"):
        open_app(ctx, "failing")
    with pytest.raises(NotFoundError, match="no application “photoshop” here"):
        open_app(ctx, "the photoshop app")
    for bad in ("", " \n", "../../bin/sh", "/bin/sh", "-x", "\0"):
        with pytest.raises(ToolError):
            open_app(ctx, bad)
    entries("Editor One", "true")
    entries("Editor Two", "true")
    with pytest.raises(ToolError, match="Which “editor”: Editor One or Editor Two"):
        open_app(ctx, "editor")
    (tmp_path / "share/applications/broken.desktop").unlink()
    with pytest.raises(ToolError, match="Broken is not installed any more"):
        _undo_close(ctx, {"id": "broken", "name": "Broken"})


def test_settings(ctx, entries, tmp_path, monkeypatch):
    entries("Kate", "true")
    own = Context(
        NOW, ctx.timezone, ctx.folders, tools={"apps": {"names": {"my notebook": "kate", "x": "gone"}}}
    )
    assert open_app(own, "my notebook").value["app"] == "Kate"
    names = AppNames(ctx.folders.home, own.tools)
    assert (
        list(names) == ["Kate", "my notebook\tKate", "true\tKate"] and names[0] == "Kate" and len(names) == 3
    )
    with pytest.raises(SettingsError, match=r"\[apps\].*unknown setting 'shell'"):
        open_app(Context(NOW, ctx.timezone, ctx.folders, tools={"apps": {"shell": "x"}}), "kate")
    entries("Console", "true", "Terminal=true")
    with pytest.raises(ToolError, match="correct terminal in the table"):
        open_app(
            Context(NOW, ctx.timezone, ctx.folders, tools={"apps": {"terminal": ["no-such"]}}), "console"
        )

    settings = load({"TINYAGENT_HOME": str(tmp_path / "x"), "HOME": str(tmp_path)})
    assert apps.available(settings) is None
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert apps.available(settings).startswith("There is no desktop")
    with pytest.raises(ToolError, match="There is no desktop"):
        open_app(ctx, "kate")


def test_a_mac_opens_a_bundle(ctx, tmp_path, monkeypatch):
    (tmp_path / "home/Applications/Notes.app/Contents/MacOS").mkdir(parents=True)
    binary = tmp_path / "home/Applications/Notes.app/Contents/MacOS/Notes"
    shutil.copy(shutil.which("sleep"), binary)
    (tmp_path / "tools").mkdir()
    opener = tmp_path / "tools/open"
    opener.write_text(
        f'#!/bin/sh\n[ "$1" = -a ] && "$2/Contents/MacOS/Notes" 300 & echo "$@" > {tmp_path}/asked\n'
    )
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/tools:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert open_app(ctx, "notes").answer == "I opened Notes."
    assert (tmp_path / "asked").read_text() == f"-a {tmp_path}/home/Applications/Notes.app\n"
    until = time.monotonic() + 60
    while not any(p.info["exe"] == str(binary) for p in psutil.process_iter(["exe"])):
        assert time.monotonic() < until, "the program of the test did not start"
        time.sleep(0.01)
    assert close_app(ctx, "the notes app").answer == "I closed Notes (Notes)."


@pytest.fixture
def screen(monkeypatch):
    for name, package in (
        ("Xvfb", "xvfb"),
        ("xclock", "x11-apps"),
        ("xterm", "xterm"),
        ("xwininfo", "x11-utils"),
    ):
        if not shutil.which(name):
            pytest.fail(f"{name} is missing: apt-get install -y --no-install-recommends {package}")
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-nolisten", "tcp", "-screen", "0", "640x480x24"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as stream:
        monkeypatch.setenv("DISPLAY", f":{stream.readline().strip()}")
    yield
    process.terminate()
    process.wait()


def windows():
    return subprocess.run(["xwininfo", "-root", "-tree"], capture_output=True, text=True).stdout


def seen(text, there=True):
    until = time.monotonic() + 10
    while (text in windows()) != there:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_windows_on_a_real_screen(ctx, screen, entries, program):
    entries("Clock", f"{program('tinyxclock', 'xclock')} -title TinyClock", "GenericName=Time")
    opened = open_app(ctx, "the clock app")
    assert seen("TinyClock")
    assert close_app(ctx, "clock").answer == "I closed Clock (tinyxclock)."
    assert seen("TinyClock", there=False)
    again = open_app(ctx, "the clock")
    assert seen("TinyClock")
    _undo_open(ctx, again.undo)
    assert seen("TinyClock", there=False) and gone(opened.value["pid"])


def test_an_application_for_the_terminal(ctx, screen, entries, program):
    entries("Console Game", f"{program('consgame')} 300", "Terminal=true")
    own = Context(
        NOW, ctx.timezone, ctx.folders, tools={"apps": {"terminal": ["xterm", "-T", "TinyTerm", "-e"]}}
    )
    opened = open_app(own, "console game")
    assert seen("TinyTerm")
    _undo_open(own, opened.undo)
    assert seen("TinyTerm", there=False) and gone(opened.value["pid"])


def test_the_entries_of_this_machine():
    home = Path.home()
    names = list(AppNames(home, {}))
    assert names == list(dict.fromkeys(names))
    assert all(isinstance(name, str) and name for name in names)


def test_the_catalogue_holds():
    assert [(p.name, p.type, p.required) for p in _tools["open_app"].parameters] == [("name", "app", True)]
    assert [(p.name, p.type, p.required) for p in _tools["close_app"].parameters] == [("name", "app", True)]
    assert _tools["open_app"].undo and _tools["close_app"].undo
