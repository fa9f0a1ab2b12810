"""What a toolset says of itself, as the rest asks for it: kept for a while, never late, never an error."""

import os
import subprocess
import sys
import threading
import time
import types

import pytest

from tinyagent.calls import Effect, Tool
from tinyagent.errors import ToolError
from tinyagent.settings import load
from tinyagent.tools.availability import FRESH, Availability
from tinyagent.tools.background import Background
from tinyagent.tools.registry import catalogue


@pytest.fixture
def settings(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[configured]\nby = 'hand'\n")
    return load(
        {"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(config), "HOME": str(tmp_path)}
    )


@pytest.fixture
def tool_of(monkeypatch):
    """Make a tool in a module of its own that answers as `answers` say."""

    def tool_of(toolset="things", name="do_it", **answers):
        module = types.ModuleType(f"toolset_of_{toolset}")
        for key, value in answers.items():
            setattr(module, key, value)
        monkeypatch.setitem(sys.modules, module.__name__, module)

        def function(ctx):
            """Do."""

        function.__module__ = module.__name__
        return Tool(name, toolset, "Do it.", Effect.READ, (), function)

    return tool_of


def fails(settings):
    raise ZeroDivisionError


def refuses(settings):
    raise ToolError("There is none: get one.")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({}, None),
        ({"available": lambda settings: None}, None),
        ({"available": lambda settings: "There is none: get one."}, "There is none: get one."),
        ({"available": refuses}, "There is none: get one."),
        ({"available": fails}, None),
        ({"available": True}, None),
        ({"available": lambda settings: True}, None),
        ({"tool_available": lambda settings, name: f"No {name}: get it."}, "No do_it: get it."),
    ],
)
def test_what_the_module_says(settings, tool_of, answers, reason):
    assert Availability(settings).reason(tool_of(**answers)) == reason


def test_tools_of_one_module_are_asked_for_once_or_one_by_one(settings, tool_of):
    asked = []
    one = tool_of(available=asked.append)
    availability = Availability(settings)
    for _ in range(3):
        assert availability.reason(one) is None
    assert asked == [settings]
    names = []
    several = [
        tool_of("more", name, tool_available=lambda settings, name: names.append(name)) for name in "abab"
    ]
    assert Availability(settings).reasons(several) == {"a": None, "b": None}
    assert sorted(names) == ["a", "b"]


def test_an_answer_is_kept_for_a_minute(settings, tool_of):
    now, asked = [0.0], []
    one = tool_of(available=asked.append)
    availability = Availability(settings, clock=lambda: now[0])
    for moment, times in ((0.0, 1), (FRESH - 1, 1), (FRESH, 2), (2 * FRESH - 1, 2)):
        now[0] = moment
        availability.reason(one)
        assert len(asked) == times


def test_what_hangs_is_waited_for_once(settings, tool_of):
    free = threading.Event()
    tools = [
        tool_of(f"t{n}", f"tool{n}", available=lambda settings: free.wait(30) and None) for n in range(5)
    ]
    availability = Availability(settings, patience=0.2)
    began = time.monotonic()
    reasons = availability.reasons(tools)
    assert 0.2 <= time.monotonic() - began < 0.6
    assert reasons["tool0"].startswith("What tool0 needs does not answer: ")
    began = time.monotonic()
    assert availability.reason(tools[0])
    assert time.monotonic() - began < 0.1
    free.set()


def test_what_the_person_has_set_up_is_a_choice_all_the_same(settings, tool_of):
    availability = Availability(settings)
    for toolset, obstacle in (("other", "None here: get one."), ("configured", None)):
        one = tool_of(toolset, available=lambda settings: "None here: get one.")
        assert availability.reason(one) == "None here: get one."
        assert availability.obstacle(one) == obstacle


def test_the_built_in_toolsets_answer_at_once(settings, tmp_path, monkeypatch):
    """On a machine without anything: sentences with a cure, the second time for next to nothing."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "XDG_SESSION_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"):
        monkeypatch.setenv(name, f"unix:path={tmp_path}/nowhere")
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nowhere")
    availability = Availability(settings)
    reasons = availability.reasons(catalogue())
    assert reasons["create_reminder"] is reasons["get_system_status"] is reasons["get_weather"] is None
    for name in ("play_media", "set_volume", "lock_screen", "open_app", "web_search", "send_sms", "set_light",
                 "compose_new_email", "open_and_get_file_path"):  # fmt: skip
        assert ": " in reasons[name], name
    began = time.perf_counter()
    assert availability.reasons(catalogue()) == reasons
    assert time.perf_counter() - began < 0.05


def test_background_work_gives_its_result_or_its_error():
    assert Background(lambda: 7).result(5) == 7
    with pytest.raises(ZeroDivisionError):
        Background(lambda: 1 / 0).result(5)
    with pytest.raises(TimeoutError):
        Background(lambda: time.sleep(1)).result(0.01)


def test_work_that_hangs_does_not_keep_the_program_alive():
    code = (
        "import time; from tinyagent.tools.background import Background; Background(lambda: time.sleep(60))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], timeout=30, env=os.environ, check=False).returncode == 0
    )
