"""The rule when the scheduler has to run."""

from datetime import datetime

import pytest

from tinyagent.calls import Answer, Call, Plan, Result
from tinyagent.errors import StoreError, TinyAgentError
from tinyagent.scheduler import ringing
from tinyagent.tools.registry import catalogue


def answer(tool="set_timer", status="done", undoes=()):
    plan = Plan("words", datetime(2026, 3, 2, 9), undoes=undoes)
    return Answer(plan, (Result(Call(tool, {}), status),), "")


@pytest.mark.parametrize(
    ("given", "rings"),
    [
        (answer(), True),
        (answer(status="failed"), False),
        (answer(status="planned"), False),
        (answer("add_contact"), False),
        (answer("add_contact", undoes=(3,)), True),
    ],
)
def test_it_starts_for_what_has_its_time(monkeypatch, given, rings):
    started = []
    monkeypatch.setattr(ringing, "ensure_running", lambda settings: started.append(settings) or True)
    ringing.ring_for("settings", given)
    assert started == (["settings"] if rings else [])


def test_failing_is_a_sentence(monkeypatch):
    def fails(settings):
        raise StoreError("/x cannot be created.")

    for start, why in ((lambda settings: False, "it ended at once"), (fails, "/x cannot be created")):
        monkeypatch.setattr(ringing, "ensure_running", start)
        with pytest.raises(TinyAgentError, match=why):
            ringing.ensure_ringing("settings")


def test_the_tools_exist_and_belong_to_the_toolsets():
    tools = catalogue()
    assert all(ringing.may_ring_again(tools[name]) for name in ringing.TIMED)
    assert not ringing.may_ring_again(tools["add_contact"])
