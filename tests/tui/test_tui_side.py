"""The side: a tab a panel, opened and hidden by name; what is hidden reads nothing."""

import asyncio
import subprocess
import sys

from panel_stage import Beside, Home
from tui_stage import until

from tinyagent.tui.panels import NAMES, Side

HEAVY = {"dateutil", "faiss", "icalendar", "llama_cpp", "numpy", "onnxruntime", "pint", "psutil", "rapidfuzz"}


def test_every_panel_opens_with_the_keyboard_in_it(tmp_path):
    side = Side(Home(tmp_path).settings)

    async def run():
        app = Beside(side)
        async with app.run_test(size=(36, 24)) as pilot:
            for name in (*NAMES, *reversed(NAMES)):
                side.open(name)
                await until(pilot, lambda name=name: app.focused is side.panels[name].first)
                assert side.shown == name
                await side.refresh_data()

    asyncio.run(run())


def test_the_same_again_hides_the_side(tmp_path):
    side = Side(Home(tmp_path).settings)
    side.display = False

    async def run():
        app = Beside(side)
        async with app.run_test(size=(80, 24)) as pilot:
            assert side.shown == ""
            assert side.toggle("tools")
            await until(pilot, lambda: app.focused is side.tools.rows)
            assert side.toggle("today")
            await until(pilot, lambda: "No events today." in app.text)
            assert not side.toggle("today")
            await until(pilot, lambda: app.text == "")
            assert app.focused is None

    asyncio.run(run())


def test_what_is_hidden_reads_nothing(tmp_path):
    side = Side(Home(tmp_path).settings)
    side.display = False
    read = []
    for panel in side.panels.values():
        panel.mark = lambda panel=panel: read.append(panel)

    async def run():
        app = Beside(side)
        async with app.run_test(size=(80, 24)) as pilot:
            for panel in side.panels.values():
                panel._look()
            await side.refresh_data()
            await pilot.pause()
            assert read == []
            side.open("models")
            await until(pilot, lambda: read)
            assert set(read) == {side.models}

    asyncio.run(run())


def test_importing_the_panels_loads_nothing_heavy():
    code = "import sys, tinyagent.tui.panels; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert not HEAVY & set(done.stdout.split())
