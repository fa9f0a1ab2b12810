"""Go on with a plan that ended in a question: the person's answer becomes the words of the argument it was about."""

from __future__ import annotations

from dataclasses import replace

from tinyagent.calls import Answer, Plan, Result
from tinyagent.compiler.results import REFERENCE
from tinyagent.draft import Draft
from tinyagent.dualtune.arguments import Filled
from tinyagent.dualtune.references import fitting
from tinyagent.grounding.answers import gives_up, words_of
from tinyagent.grounding.base import World
from tinyagent.tools.registry import Catalogue

LEFT = "All right, I leave that."


def is_open(plan: Plan | None) -> bool:
    """Whether the plan waits for an answer that it can go on with."""
    return plan is not None and plan.question is not None and bool(plan.question.tool)


def given_up(plan: Plan, answer: str, tools: Catalogue) -> Plan | None:
    """Return the plan without what was asked about where the answer takes that back, None where it does not."""
    assert plan.question is not None
    parameter = tools[plan.question.tool].parameter(plan.question.parameter)
    if not gives_up(answer, parameter):
        return None
    return replace(plan, question=None, end="done" if plan.calls else "none", reason=LEFT)


def answers(plan: Plan, text: str, tools: Catalogue, world: World) -> bool:
    """Whether the text says anything that the question of the plan can be answered with, or takes the wish back."""
    assert plan.question is not None
    parameter = tools[plan.question.tool].parameter(plan.question.parameter)
    return gives_up(text, parameter) or words_of(text, plan.question, parameter, world) is not None


def resume(plan: Plan, answer: str, tools: Catalogue, world: World) -> tuple[Draft, Filled]:
    """Return the plan as a draft that goes on, and the words of the call it asked about with the answer among them.

    An answer that says nothing the argument could be leaves the words as they were: the same is asked again.
    """
    draft, question = Draft.of(plan, tools, world), plan.question
    assert question is not None
    tool = tools[question.tool]
    parameter = tool.parameter(question.parameter)
    said = words_of(answer, question, parameter, draft.world)
    words = dict(question.words) if said is None else {**question.words, parameter.name: said}
    before = [step for step, _ in draft.steps]
    references = {
        p.name
        for p in tool.parameters
        if p.name != parameter.name
        and REFERENCE.fullmatch(words.get(p.name, ""))
        and words[p.name] in fitting(p, before, plan.text)
    }
    lacking = tuple(p for p in tool.parameters if p.required and p.name not in words)
    return draft, Filled(words, lacking, 1.0, frozenset(references))


def results_of(asked: Plan | Answer | None) -> dict[int, Result]:
    """Return by index the results of the calls that have been run already."""
    if not isinstance(asked, Answer):
        return {}
    return {index: result for index, result in enumerate(asked.results) if result.status != "planned"}
