"""A value that is a result of the turn before: nobody has said it, so no rule of the person's lets it out unasked."""

import json

import pytest

from tinyagent.calls import Call, Effect, Outcome, Parameter, Plan, Tool
from tinyagent.compiler.executor import execute
from tinyagent.compiler.plan_file import PlanError, read_plan
from tinyagent.policy import read_policy
from tinyagent.settings import load
from tinyagent.tools.registry import Catalogue

RULES = '[[rule]]\ntool = "mail"\ndecide = "allow"\n'


@pytest.mark.parametrize(("taken", "asked"), [((), 0), (("body",), 1)])
def test_a_rule_that_allows_does_not_cover_it(tmp_path, taken, asked):
    settings = load({"TINYAGENT_HOME": str(tmp_path)})
    (tmp_path / "policy.toml").write_text(RULES)
    sent, questions = [], []

    def run(ctx, body):
        sent.append(body)
        return Outcome("Sent.")

    mail = Tool("mail", "mail", "", Effect.OUTGOING, (Parameter("body", "text"),), run)

    def confirm(tool, call):
        questions.append(call)
        return False

    context = settings.context()
    plan = Plan("mail it", context.now, (Call("mail", {"body": "x"}, {"body": "$1"}, taken=taken),))
    policy = read_policy(tmp_path / "policy.toml")
    execute(plan, Catalogue({"mail": mail}), context, confirm, policy=policy)
    assert (len(questions), sent) == (asked, [] if asked else ["x"])


def plan_text(**more):
    call = {"tool": "create_note", "args": {"name": "a"}, "words": {"name": "a"}, **more.pop("call", {})}
    return json.dumps({"text": "x", "now": "2026-03-02T09:00:00", "calls": [call], **more}).encode()


def test_a_plan_file_keeps_what_was_taken():
    from tinyagent.tools.registry import catalogue

    assert read_plan(plan_text(call={"taken": ["name"]}), catalogue()).calls[0].taken == ("name",)
    with pytest.raises(PlanError, match="none of its arguments"):
        read_plan(plan_text(call={"taken": ["body"]}), catalogue())
    with pytest.raises(PlanError, match="takes something back"):
        read_plan(plan_text(undoes=[3]), catalogue())
