"""The panel of the tools: switches, what each can do, why one does not work."""

import pytest
from panel_stage import Home, watch
from tui_stage import until

from tinyagent.tools.availability import Availability
from tinyagent.tools.registry import catalogue
from tinyagent.tui.panels.tools import Tools


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def row(tools, name):
    return next(option.prompt.plain for option in tools.rows.options if option.id == name)


async def search(pilot, tools, words):
    """Leave one tool in the list, and the keyboard on it."""
    tools.take_focus()
    await until(pilot, lambda: tools.screen.focused is tools.rows)
    await pilot.press("escape", "slash", *words, "enter")
    await until(pilot, lambda: tools.screen.focused is tools.rows)


@pytest.mark.parametrize("size", [(36, 24), (80, 24)])
def test_every_tool_has_a_switch_below_its_toolset(home, size):
    tools = Tools(home.settings)

    async def act(app, pilot):
        options = tools.rows.options
        assert [option.id for option in options if option.id] == [tool.name for tool in catalogue()]
        toolsets = [option.prompt.plain for option in options if not option.id]
        assert toolsets == sorted({tool.toolset for tool in catalogue()})
        assert "[x] close_app" in app.text
        assert "Close an application." in app.text

    watch(act, tools, size)


def test_keys_switch_and_tell(home):
    tools = Tools(home.settings, off={"set_alarm"})

    async def act(app, pilot):
        assert row(tools, "set_alarm") == "[ ] set_alarm"
        await search(pilot, tools, "set_timer")
        await pilot.press("space")
        await until(pilot, lambda: "[ ] set_timer" in app.text)
        assert "set_timer, off" in app.text
        await pilot.press("enter")
        await until(pilot, lambda: "[x] set_timer" in app.text)
        await search(pilot, tools, "set_alarm")
        await pilot.press("space")
        await until(pilot, lambda: len(app.posted) == 3)
        told = [(message.tool, message.on) for message in app.posted]
        assert told == [("set_timer", False), ("set_timer", True), ("set_alarm", True)]

    watch(act, tools)


def test_a_click_on_the_box_switches_and_one_on_the_name_only_chooses(home):
    tools = Tools(home.settings)

    async def act(app, pilot):
        await search(pilot, tools, "set_timer")
        await pilot.click(tools.rows, offset=(6, 1))
        assert app.posted == []
        assert tools.rows.highlighted_option.id == "set_timer"
        await pilot.click(tools.rows, offset=(1, 1))
        await until(pilot, lambda: "[ ] set_timer" in app.text)
        assert [(message.tool, message.on) for message in app.posted] == [("set_timer", False)]

    watch(act, tools)


def test_what_the_chosen_tool_does_takes_and_is_asked_by(home):
    tools = Tools(home.settings)

    async def act(app, pilot):
        await search(pilot, tools, "delete_reminder")
        said = tools.describe("delete_reminder").plain
        assert "Delete a reminder, or all reminders of a day." in said
        assert "Effect: destructive, deletes or ends something, and asks first, and can be undone." in said
        assert "Takes: query (if said), span (if said)." in said
        examples = [line for line in said.splitlines() if line.startswith("  “")]
        assert len(examples) == 3
        assert not any("](" in line for line in examples)
        assert "Delete a reminder" in app.text

    watch(act, tools, (80, 30))


def test_why_a_tool_does_not_work_and_what_to_do(home):
    reasons = Availability(home.settings).reasons(catalogue())
    name, reason = next((name, reason) for name, reason in reasons.items() if reason)
    tools = Tools(home.settings)

    async def act(app, pilot):
        assert row(tools, name) == f"[x] {name}  unavailable"
        assert f"Does not work here: {reason}" in tools.describe(name).plain
        for works in (name for name, why in reasons.items() if not why):
            assert "Does not work here" not in tools.describe(works).plain

    watch(act, tools)


def test_the_list_is_searched_by_toolset_effect_and_description(home):
    tools = Tools(home.settings)

    async def act(app, pilot):
        await search(pilot, tools, "outgoing mail")
        found = {option.id for option in tools.rows.options if option.id}
        assert "reply_to_email" in found
        assert "search_email" not in found
        assert next(option.prompt.plain for option in tools.rows.options if not option.id) == "mail"

    watch(act, tools)
