"""The checks of `tinyagent listen --doctor`, on real devices, engines and sockets."""

import socket
from dataclasses import replace

import pytest

from tinyagent.errors import VoiceError
from tinyagent.settings import load
from tinyagent.voice import control, doctor


@pytest.fixture
def settings(tmp_path, cache, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nowhere")
    return load({"TINYAGENT_HOME": str(tmp_path / "h"), "TINYAGENT_CACHE": str(cache)})


def found(settings, *names):
    """Run the checks of these names only; the settings are always looked at."""
    wanted = [pair for pair in doctor._CHECKS if pair[0] in names]
    before, doctor._CHECKS = doctor._CHECKS, tuple(wanted)
    try:
        return {finding.name: finding for finding in doctor.run_checks(settings)}
    finally:
        doctor._CHECKS = before


def with_table(settings, **table):
    return replace(settings, tools={"voice": table})


def test_every_stage_has_a_check():
    assert [name for name, _ in doctor._CHECKS] == [
        "microphone",
        "loudspeaker",
        "voice",
        "speech detector",
        "wake word",
        "speech to text",
        "notifications",
        "control socket",
    ]


def test_the_engines_work(settings):
    names = ("voice", "speech detector", "wake word", "speech to text")
    results = found(with_table(settings, wake="pocketsphinx"), *names)
    assert all(finding.ok for finding in results.values()), results
    assert "checksum right" in results["speech to text"].detail
    assert "timer" in results["speech to text"].detail


def test_devices(desk, settings):
    results = found(settings, "microphone", "loudspeaker")
    assert results["loudspeaker"].ok, results
    # Nobody speaks into the microphone of the tests: it gives zeros.
    assert not results["microphone"].ok and "silent" in results["microphone"].detail
    desk.say(__import__("synthesised").noise(3, 2000))
    assert found(settings, "microphone")["microphone"].ok


def test_a_device_that_is_not_there(desk, settings):
    results = found(
        with_table(settings, microphone="no such thing", speaker="neither"), "microphone", "loudspeaker"
    )
    for name in ("microphone", "loudspeaker"):
        assert not results[name].ok
        assert results[name].cure


def test_wrong_settings_are_told_and_the_rest_is_looked_at(settings):
    results = found(with_table(settings, wake="alexa"), "speech detector")
    assert not results["settings"].ok and "wake" in results["settings"].detail
    assert results["speech detector"].ok


def test_the_licence_is_asked_for(settings):
    results = found(with_table(settings, wake="openwakeword"), "wake word")
    assert "not accepted" in results["wake word"].detail


def test_no_desktop(settings):
    finding = found(settings, "notifications")["notifications"]
    assert not finding.ok and finding.cure


def test_the_socket(settings, tmp_path):
    path = tmp_path / control.NAME
    assert found(settings, "control socket")["control socket"].ok
    assert not path.exists()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    assert found(settings, "control socket")["control socket"].ok
    path.unlink(missing_ok=True)
    path.write_text("")
    finding = found(settings, "control socket")["control socket"]
    assert not finding.ok and "move it away" in finding.cure


def test_a_check_that_breaks_does_not_end_the_others(settings, monkeypatch):
    def broken(*given):
        raise ZeroDivisionError("secret")

    def fails(*given):
        raise VoiceError("It is broken: mend it.")

    monkeypatch.setattr(doctor, "_CHECKS", (("one", broken), ("two", fails), doctor._CHECKS[3]))
    _, one, two, three = doctor.run_checks(settings)
    assert (one.ok, two.ok, three.ok) == (False, False, True)
    assert (two.detail, two.cure) == ("It is broken", "mend it.")
