"""Whole screens as they looked: a real assistant on a fixed clock, its models following a script."""

import time

import pytest

from tinyagent.tui.screenshots import (
    Scene,
    confirmation,
    done,
    hints,
    panel,
    planning,
    posed,
    question,
    welcome,
)

SIZES = [(80, 24), (120, 40)]
STATES = {
    "empty": welcome,
    "hints": hints,
    "running": planning,
    "done": done,
    "confirm": confirmation,
    "question": question,
    "today": panel("f2"),
    "activity": panel("f3"),
}


@pytest.fixture(autouse=True)
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x40"])
@pytest.mark.parametrize("state", STATES)
def test_the_screen_looks_as_it_did(snap_compare, tmp_path, state, size):
    app, script = posed(tmp_path, "night")

    async def before(pilot):
        await Scene(app, pilot, script).come_to_rest(STATES[state])

    try:
        assert snap_compare(app, terminal_size=size, run_before=before)
    finally:
        script.gate.set()
        app.session.close()
