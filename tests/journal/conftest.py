import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tinyagent.journal import Journal
from tinyagent.tools.context import Context, Folders

sys.path.insert(0, str(Path(__file__).parent))


class Clock:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self):
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ctx(tmp_path):
    return Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


@pytest.fixture
def journal(ctx, clock):
    made = Journal(ctx.folders.state, clock=clock)
    yield made
    made.close()
