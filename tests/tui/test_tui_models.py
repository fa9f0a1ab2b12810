"""The panel of the models: it never loads any, and tells of those that are loaded."""

from datetime import datetime

import pytest
from panel_stage import Home, watch
from tui_stage import until

from tinyagent.assistant import Assistant
from tinyagent.calls import Plan
from tinyagent.tui.panels.models import Models

NOW = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize("size", [(36, 24), (80, 24)])
def test_looking_loads_nothing(tmp_path, size):
    assistant = Assistant(Home(tmp_path).settings)
    models = Models()

    async def act(app, pilot):
        rows = " ".join(app.text.split())
        assert "name smollm2-135m" in rows
        assert "state not loaded yet" in rows
        assert "in memory none" in rows
        assert "MB for the whole program" in rows
        models.show(assistant)
        await models.refresh_data()
        assert "engine" not in vars(assistant)
        assert not assistant.settings.cache.exists()

    watch(act, models, size)


def test_the_work_of_the_real_model(assistant):
    models = Models()
    engine = assistant.engine

    async def act(app, pilot):
        models.show(assistant)
        before = engine.evaluated
        plan = assistant.plan("set an alarm for seven and a timer for ten minutes called tea", now=NOW)
        tokens = engine.evaluated - before
        assert tokens > 0
        models.show(assistant, plan)
        await models.refresh_data()
        await pilot.pause()
        assert "state loaded" in " ".join(app.text.split())
        assert f"{engine.evaluated} evaluated since the start" in app.text
        assert f"{tokens} tokens, " in app.text
        assert " a second" in app.text
        assert f"{len(engine.state)} of {engine.context} tokens" in app.text
        assert f"{engine.swaps} changes of adapter" in app.text
        for name in engine.pool.loaded:
            assert name in app.text
        # Told again without another command, it stays what that one cost.
        models.show(assistant, plan)
        await models.refresh_data()
        assert f"{tokens} tokens, " in app.text

    watch(act, models, (80, 60))


def test_a_plan_made_before_anybody_counted(assistant):
    models = Models()

    async def act(app, pilot):
        models.show(assistant, Plan("hello", NOW))
        await until(pilot, lambda: "counted from the next one on" in app.text)

    assert assistant.engine
    watch(act, models, (80, 60))


def test_products_that_are_missing_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("TINYAGENT_PRODUCTS", str(tmp_path))

    async def act(app, pilot):
        assert "is missing or damaged: reinstall tinyagent." in " ".join(app.text.split())
        assert "MB for the whole program" in app.text

    watch(act, Models(), (80, 24))
