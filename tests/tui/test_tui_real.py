"""The app with the real model: from a start with nothing loaded to what stands in the person's own files."""

import asyncio
import time

from tinyagent.settings import load
from tinyagent.tui.app import TinyAgentApp
from tinyagent.tui.card import Card
from tinyagent.tui.session import Session

PATIENCE = 300


def test_a_command_typed_while_the_model_loads_is_done(tmp_path, cache):
    own = {"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CACHE": str(cache), "TINYAGENT_TIMEZONE": "UTC"}
    session = Session(load(own))
    app = TinyAgentApp(session)
    app.animation_level = "none"

    async def main():
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press(*"add", "space", *"milk", "space", *"to", "space", *"my", "space")
            await pilot.press(*"shopping", "space", *"list", "enter")
            end = time.monotonic() + PATIENCE
            while app.cards.working:
                assert time.monotonic() < end
                await pilot.pause(0.05)
            await pilot.pause()
            card = app.query_one(Card)
            assert (card.text, card.state) == ("add milk to my shopping list", "done"), card.plan
            assert [call.tool for call in card.plan.calls] == ["add_to_list"]
            assert app.status.ready
            assert session.assistant.engine is not None

    try:
        asyncio.run(main())
    finally:
        session.close()
    assert any("milk" in path.read_text("utf-8") for path in tmp_path.rglob("*.md"))
