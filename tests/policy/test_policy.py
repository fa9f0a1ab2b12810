import pytest

from tinyagent.calls import Effect, Tool
from tinyagent.policy import Decision, decide


@pytest.mark.parametrize(
    ("effect", "decision"),
    [("read", "allow"), ("write", "allow"), ("destructive", "ask"), ("outgoing", "ask")],
)
def test_the_effect_decides(effect, decision):
    tool = Tool("f", "things", "", Effect(effect), (), print)
    assert decide(tool) is Decision(decision)


def test_every_effect_has_a_decision():
    decisions = {decide(Tool("f", "", "", effect, (), print)) for effect in Effect}
    assert decisions == {Decision.ALLOW, Decision.ASK}
