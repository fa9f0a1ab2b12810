"""The machine's own things: a real PulseAudio with a null sink, a real X server, a logind and a portal on a bus."""

import json
import os
import shutil
import subprocess
import threading
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest
from components import end, need
from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import DBusAddress

from tinyagent.errors import ToolError
from tinyagent.settings import load
from tinyagent.tools import system
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.system import get_system_status, lock_screen, set_brightness, set_volume, take_screenshot

NOW = datetime(2026, 3, 2, 9)


@pytest.fixture
def ctx(tmp_path):
    tables = {"system": {"screenshots": str(tmp_path / "pictures"), "backlight": str(tmp_path / "backlight")}}
    return Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path), tools=tables)


@pytest.fixture(autouse=True)
def no_desktop(tmp_path, monkeypatch):
    """Hide the desktop of whoever runs the tests."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_ID"):
        monkeypatch.delenv(name, raising=False)
    nowhere = f"unix:path={tmp_path}/nowhere"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", nowhere)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", nowhere)
    monkeypatch.setenv("PULSE_SERVER", nowhere.replace("path=", ""))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


# Sound


@pytest.fixture(scope="module")
def pulse_server(tmp_path_factory):
    need("pulseaudio", "pulseaudio")
    home = tmp_path_factory.mktemp("pulse")
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PULSE_RUNTIME_PATH": str(home / "run"),
                   "PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}  # fmt: skip
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
             "-L", "module-null-sink sink_name=quiet", "-L", "module-null-sink sink_name=other",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={home}/native"],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    until = time.monotonic() + 20
    while not (home / "native").exists():
        assert process.poll() is None and time.monotonic() < until, (home / "log").read_text()
        time.sleep(0.05)
    yield f"unix:{home}/native"
    end(process)


@pytest.fixture
def pulse(pulse_server, monkeypatch):
    """Give a second client of the server that looks at what the tool did; the sink starts at 40 %."""
    import pulsectl

    monkeypatch.setenv("PULSE_SERVER", pulse_server)
    with pulsectl.Pulse("test", server=pulse_server) as client:
        client.sink_default_set("quiet")

        def sink(name="quiet"):
            return client.get_sink_by_name(name)

        client.mute(sink(), False)
        client.volume_set_all_chans(sink(), 0.4)
        sink.client = client
        yield sink


def heard(sink):
    return [round(value * 100) for value in sink().volume.values], bool(sink().mute)


@pytest.mark.parametrize(
    ("arguments", "level", "answer"),
    [
        ({"level": 70}, 70, "The volume is now at 70%."), ({"change": "up"}, 50, "The volume is now at 50%."),
        ({"change": "down"}, 30, "The volume is now at 30%."), ({"level": 40}, 40, "The volume is already at 40%."),
        ({"level": 0}, 0, "The volume is now at 0%."), ({"level": 100}, 100, "The volume is now at 100%."),
        ({"level": 60, "change": "up"}, 60, "The volume is now at 60%."),
        ({"level": 10, "change": "up"}, 50, "The volume is now at 50%."),
        ({"level": 10, "change": "down"}, 10, "The volume is now at 10%."),
    ],
)  # fmt: skip
def test_volume_and_back(ctx, pulse, arguments, level, answer):
    outcome = set_volume(ctx, **arguments)
    assert heard(pulse) == ([level] * 2, False)
    assert (outcome.answer, outcome.value) == (answer, {"level": level, "mute": False})
    if outcome.undo is None:
        assert level == 40
        return
    system._undo_volume(ctx, json.loads(json.dumps(outcome.undo)))
    assert heard(pulse) == ([40] * 2, False)


def test_mute_and_unmute(ctx, pulse):
    first = set_volume(ctx, change="mute")
    assert heard(pulse) == ([40] * 2, True) and first.answer == "The sound is off, at 40%."
    assert set_volume(ctx, change="mute").answer == "The sound is already off, at 40%."
    assert set_volume(ctx, change="unmute").answer == "The volume is now at 40%."
    assert heard(pulse) == ([40] * 2, False)
    set_volume(ctx, change="mute")
    louder = set_volume(ctx, change="up")
    assert heard(pulse) == ([50] * 2, False)
    system._undo_volume(ctx, louder.undo)
    assert heard(pulse) == ([40] * 2, True)
    assert set_volume(ctx, change="down").answer == "The sound is off, at 30%."


def test_the_balance_stays_and_louder_than_full_is_not_made_louder(ctx, pulse):
    sink = pulse()
    volume = sink.volume
    volume.values = [0.4, 0.2]
    pulse.client.volume_set(sink, volume)
    undo = set_volume(ctx, level=80).undo
    assert heard(pulse) == ([80, 40], False)
    system._undo_volume(ctx, undo)
    assert heard(pulse) == ([40, 20], False)
    pulse.client.volume_set_all_chans(pulse(), 1.3)
    assert set_volume(ctx, change="up").answer == "The volume is already at 130%."
    pulse.client.volume_set_all_chans(pulse(), 0.97)
    set_volume(ctx, change="up")
    assert heard(pulse)[0] == [100, 100]


def test_an_undo_that_came_too_late(ctx, pulse):
    undo = set_volume(ctx, level=70).undo
    pulse.client.volume_set_all_chans(pulse(), 0.2)
    with pytest.raises(ToolError, match="changed since"):
        system._undo_volume(ctx, undo)
    with pytest.raises(ToolError, match="The sound output gone is gone"):
        system._undo_volume(ctx, {"before": undo["before"] | {"sink": "gone"}, "after": undo["after"]})
    assert heard(pulse)[0] == [20, 20]


def test_the_default_output_is_meant(ctx, pulse):
    pulse.client.sink_default_set("other")
    pulse.client.volume_set_all_chans(pulse("other"), 0.5)
    undo = set_volume(ctx, level=90).undo
    assert heard(pulse)[0] == [40, 40] and undo["after"]["sink"] == "other"
    pulse.client.sink_default_set("quiet")
    system._undo_volume(ctx, undo)
    assert round(pulse("other").volume.value_flat * 100) == 50


def test_without_a_sound_server(ctx):
    with pytest.raises(ToolError, match=r"no sound server to talk to .*: start PipeWire"):
        set_volume(ctx, level=10)
    with pytest.raises(ToolError, match="How loud"):
        set_volume(ctx)


def test_no_level(ctx, pulse):
    with pytest.raises(ToolError, match="no level from 0 to 100"):
        set_volume(ctx, level=101)
    assert heard(pulse)[0] == [40, 40]


# The bus


class Service(threading.Thread):
    """A service on a bus: `answers` maps member to a function of the body that returns (signature, body)."""

    def __init__(self, address, name, answers):
        super().__init__(daemon=True)
        self.answers, self.calls, self.ending = answers, [], False
        self.connection = open_dbus_connection(address)
        assert self.connection.send_and_get_reply(message_bus.RequestName(name)).body == (1,)

    def run(self):
        while not self.ending:
            try:
                message = self.connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is not MessageType.method_call:
                continue
            fields = message.header.fields
            member = fields[HeaderFields.member]
            self.calls.append((fields[HeaderFields.path], member, message.body))
            if member in self.answers:
                signature, body = self.answers[member](message)
                self.connection.send(new_method_return(message, signature, body))
            else:
                name = "org.freedesktop.DBus.Error.UnknownMethod"
                self.connection.send(new_error(message, name, "s", ("no such method",)))
            for signal in self.answers.get("signals", lambda m: [])(message):
                self.connection.send(signal)
        self.connection.close()


@pytest.fixture
def bus(tmp_path, monkeypatch):
    """Start a private bus that is both session and system bus; gives a function that puts a service on it."""
    need("dbus-daemon", "dbus")
    process = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address=unix:path={tmp_path}/bus"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = process.stdout.readline().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    services = []

    def add(name, answers):
        services.append(Service(address, name, answers))
        services[-1].start()
        return services[-1]

    yield add
    for service in services:
        service.ending = True
        service.join()
    end(process)
    process.stdout.close()


@pytest.fixture
def logind(bus):
    """Answer as logind does; the screen is locked by what the test says."""
    state = {"locked": False, "locks": True}

    def lock(message):
        state["locked"] = state["locks"]
        return "", ()

    service = bus("org.freedesktop.login1", {
        "Lock": lock,
        "Get": lambda message: ("v", (("b", state["locked"]),)),
        "GetSession": lambda message: ("o", (f"/org/freedesktop/login1/session/_{message.body[0]}",)),
        "SetBrightness": lambda message: (state["write"](message.body), ("", ()))[1],
    })  # fmt: skip
    service.state = state
    return service


def test_the_screen_is_locked(ctx, logind):
    outcome = lock_screen(ctx)
    assert (outcome.answer, outcome.value, outcome.undo) == ("The screen is locked.", {"locked": True}, None)
    assert ("/org/freedesktop/login1/session/auto", "Lock", ()) in logind.calls
    with pytest.raises(ToolError, match="unlocked by its owner"):
        system._undo_lock(ctx, None)


def test_a_lock_that_nobody_confirms_in_a_session_of_its_own(ctx, logind, monkeypatch):
    monkeypatch.setenv("XDG_SESSION_ID", "c7")
    logind.state["locks"] = False
    outcome = lock_screen(ctx)
    assert outcome.answer == "I asked the desktop to lock the screen; it did not confirm it."
    assert ("/org/freedesktop/login1/session/_c7", "Lock", ()) in logind.calls


def test_no_bus_and_no_logind(ctx, bus, monkeypatch):
    with pytest.raises(ToolError, match=r"org\.freedesktop\.login1 refused it"):
        lock_screen(ctx)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(ToolError, match="There is no D-Bus system bus here"):
        lock_screen(ctx)


# Brightness


@pytest.fixture
def light(tmp_path):
    """Make the kernel's folder of a backlight of 960 steps at half, beside a raw one that comes second."""
    for name, kind, most, value in (
        ("intel_backlight", "raw", 100, 10),
        ("acpi_video0", "firmware", 960, 480),
    ):
        folder = tmp_path / "backlight" / name
        folder.mkdir(parents=True)
        for file, content in (("type", kind), ("max_brightness", most), ("brightness", value)):
            (folder / file).write_text(f"{content}\n")
    return tmp_path / "backlight" / "acpi_video0" / "brightness"


@pytest.mark.parametrize(
    ("arguments", "steps", "answer"),
    [
        ({"level": 75}, 720, "The brightness is now 75%."), ({"change": "up"}, 576, "The brightness is now 60%."),
        ({"change": "down"}, 384, "The brightness is now 40%."), ({"level": 0}, 1, "The brightness is now 0%."),
        ({"level": 50}, 480, "The brightness is already 50%."),
        ({"level": 20, "change": "up"}, 672, "The brightness is now 70%."),
        ({"level": 100}, 960, "The brightness is now 100%."),
    ],
)  # fmt: skip
def test_brightness_and_back(ctx, light, arguments, steps, answer):
    outcome = set_brightness(ctx, **arguments)
    assert (int(light.read_text()), outcome.answer) == (steps, answer)
    if outcome.undo:
        system._undo_brightness(ctx, json.loads(json.dumps(outcome.undo)))
    assert int(light.read_text()) == 480


def test_an_undo_of_brightness_that_came_too_late(ctx, light):
    undo = set_brightness(ctx, level=10).undo
    light.write_text("3\n")
    with pytest.raises(ToolError, match="changed since"):
        system._undo_brightness(ctx, undo)
    with pytest.raises(ToolError, match="no backlight"):
        system._undo_brightness(ctx, undo | {"device": "../../etc"})


def test_logind_writes_what_we_may_not(ctx, light, logind, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.backlight.os.access", lambda path, mode: False)
    logind.state["write"] = lambda body: light.write_text(f"{body[2]}\n")
    outcome = set_brightness(ctx, level=25)
    call = ("/org/freedesktop/login1/session/auto", "SetBrightness", ("backlight", "acpi_video0", 240))
    assert call in logind.calls and outcome.answer == "The brightness is now 25%."
    system._undo_brightness(ctx, outcome.undo)
    assert logind.calls[-1][2] == ("backlight", "acpi_video0", 480)


def test_brightness_that_nobody_can_set(ctx, light, tmp_path, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.backlight.os.access", lambda path, mode: False)
    with pytest.raises(
        ToolError, match=r"may not be written and logind did not help .*: log in to a desktop"
    ):
        set_brightness(ctx, level=25)
    with pytest.raises(ToolError, match="How bright"):
        set_brightness(ctx)
    shutil.rmtree(tmp_path / "backlight")
    with pytest.raises(ToolError, match="has no backlight"):
        set_brightness(ctx, level=25)
    (tmp_path / "backlight" / "odd").mkdir(parents=True)
    with pytest.raises(ToolError, match="has no backlight"):
        set_brightness(ctx, change="up")


# Screenshots


@pytest.fixture(scope="module")
def x_server():
    """Start an X server on a display that the server itself finds free."""
    need("Xvfb", "xvfb")
    need("scrot", "scrot")
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-nolisten", "tcp"],
        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as stream:
        number = stream.readline().strip()
    assert number, "Xvfb does not start"
    yield f":{number}"
    end(process)


def size(path):
    data = Path(path).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_a_picture_of_a_real_screen_and_back(ctx, x_server, monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", x_server)
    monkeypatch.delenv("XAUTHORITY", raising=False)
    first, second = take_screenshot(ctx), take_screenshot(ctx)
    path = tmp_path / "pictures" / "Screenshot 2026-03-02 09-00-00.png"
    assert first.value == {"path": str(path), "by": "scrot"} and size(path) == (320, 200)
    assert first.answer == f"I took a screenshot: {path}"
    assert Path(second.value["path"]).name == "Screenshot 2026-03-02 09-00-00 (2).png"
    system._undo_screenshot(ctx, json.loads(json.dumps(first.undo)))
    system._undo_screenshot(ctx, first.undo)
    assert [p.name for p in path.parent.iterdir()] == [Path(second.value["path"]).name]
    Path(second.value["path"]).write_text("edited")
    with pytest.raises(ToolError, match="changed since"):
        system._undo_screenshot(ctx, second.undo)
    with pytest.raises(ToolError, match="is not in"):
        system._undo_screenshot(ctx, {"path": "/etc/passwd", "sha256": ""})


def test_a_display_that_does_not_answer(ctx, monkeypatch, tmp_path):
    need("scrot", "scrot")
    monkeypatch.setenv("DISPLAY", ":93210")
    with pytest.raises(ToolError, match="scrot did not take the picture"):
        take_screenshot(ctx)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_no_screen_at_all(ctx, monkeypatch):
    with pytest.raises(ToolError, match="There is no screen"):
        take_screenshot(ctx)
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolError, match="install xdg-desktop-portal"):
        take_screenshot(ctx)


@pytest.fixture
def portal(bus, tmp_path):
    """Answer as the desktop portal does: a picture, or whatever status the test says."""
    state = {"status": 0, "picture": tmp_path / "from the portal.png"}
    state["picture"].write_bytes(b"\x89PNG picture")

    def handle(message):
        sender = message.header.fields[HeaderFields.sender][1:].replace(".", "_")
        return f"/org/freedesktop/portal/desktop/request/{sender}/{message.body[1]['handle_token'][1]}"

    def signals(message):
        where = DBusAddress(handle(message), interface="org.freedesktop.portal.Request")
        results = {} if state["status"] else {"uri": ("s", state["picture"].as_uri())}
        return [new_signal(where, "Response", "ua{sv}", (state["status"], results))]

    service = bus(
        "org.freedesktop.portal.Desktop",
        {"Screenshot": lambda message: ("o", (handle(message),)), "signals": signals},
    )
    service.state = state
    return service


def test_the_portal_takes_it(ctx, portal, tmp_path):
    outcome = take_screenshot(ctx)
    assert outcome.value["by"] == "portal" and Path(outcome.value["path"]).read_bytes() == b"\x89PNG picture"
    assert not portal.state["picture"].exists()
    assert portal.calls[0][2][1]["interactive"] == ("b", False)
    system._undo_screenshot(ctx, outcome.undo)
    assert list((tmp_path / "pictures").iterdir()) == []


def test_the_person_says_no_to_the_portal(ctx, portal, x_server, monkeypatch):
    monkeypatch.setenv("DISPLAY", x_server)
    portal.state["status"] = 1
    with pytest.raises(ToolError, match="told not to take the picture"):
        take_screenshot(ctx)
    portal.state["status"] = 2  # it failed: then the program of the X server takes it
    assert take_screenshot(ctx).value["by"] == "scrot"


# Status


@pytest.mark.parametrize(
    ("battery", "answer"),
    [
        (None, "This machine has no battery."),
        ((81.4, 7530, False), "The battery is at 81%, with about 2 hours and 5 minutes left."),
        ((100, psutil.POWER_TIME_UNLIMITED, True), "The battery is at 100% and full."),
        ((55, psutil.POWER_TIME_UNKNOWN, True), "The battery is at 55% and plugged in."),
        ((9, psutil.POWER_TIME_UNKNOWN, None), "The battery is at 9%."),
    ],
)
def test_battery(ctx, monkeypatch, battery, answer):
    found = battery and psutil._common.sbattery(*battery) if hasattr(psutil._common, "sbattery") else battery
    if battery and not hasattr(found, "percent"):
        found = type("Battery", (), dict(zip(("percent", "secsleft", "power_plugged"), battery, strict=True)))
    monkeypatch.setattr(psutil, "sensors_battery", lambda: found, raising=False)
    assert get_system_status(ctx, "battery").answer == answer


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("memory", r"[\d.]+ GiB of [\d.]+ GiB of memory are in use \(\d+%\)\."),
        ("disk", r"[\d.]+ GiB of [\d.]+ GiB.* are free\."),
        ("cpu", r"The processor is \d+% busy \(\d+ cores?, load [\d.]+\)\."),
        ("network", r"You are (not )?connected to a network.*\."),
        (None, r"(?s).*battery.*memory.*free.*processor.*network.*"),
    ],
)
def test_status(ctx, what, pattern):
    import re

    outcome = get_system_status(ctx, what)
    assert re.fullmatch(pattern, outcome.answer), outcome.answer
    assert json.loads(json.dumps(outcome.value)) == outcome.value
    if what is None:
        assert set(outcome.value) == {"battery", "memory", "disk", "cpu", "network"}


def test_a_machine_that_does_not_tell(ctx, monkeypatch):
    def never():
        raise NotImplementedError

    monkeypatch.setattr(psutil, "virtual_memory", never)
    with pytest.raises(ToolError, match="does not tell that"):
        get_system_status(ctx, "memory")
    assert "memory" not in get_system_status(ctx).value


# What works here


TOOLS = ("get_system_status", "set_volume", "set_brightness", "take_screenshot", "lock_screen")


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    config.write_text(f'[system]\nbacklight = "{tmp_path}/none"\n')
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(config)})
    status, *missing = (system.tool_available(settings, name) for name in TOOLS)
    assert status is None
    assert all(": " in sentence and sentence.endswith((".", ")")) for sentence in missing)


def test_what_is_there_is_found(tmp_path, monkeypatch, pulse, light, logind, portal):
    config = tmp_path / "config.toml"
    config.write_text(f'[system]\nbacklight = "{tmp_path}/backlight"\n')
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(config)})
    assert [system.tool_available(settings, name) for name in TOOLS] == [None] * 5
