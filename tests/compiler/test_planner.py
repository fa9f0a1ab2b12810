"""Planning step by step: references make edges, a question keeps what was said, pronouns mean what came before."""

from dataclasses import replace
from datetime import datetime

import pytest
from scripted_path import Models

from tinyagent.calls import Candidate, Effect, Parameter, Tool
from tinyagent.compiler import planner
from tinyagent.compiler.resume import LEFT, given_up, resume
from tinyagent.draft import Draft
from tinyagent.events import Asked, Planned, Selected, Shortlisted
from tinyagent.grounding.base import World
from tinyagent.retrieval.parts import Part
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.tools.registry import Catalogue

WORLD = World(datetime(2026, 3, 2, 9), ("Ana Lima", "Ana Roth", "Sid Rao", "Bo Chan"), ("shopping",))


def tool(name, toolset, effect, parameters=(), results=None):
    return Tool(name, toolset, "", Effect(effect), tuple(parameters), print, results=results or {})


TOOLS = Catalogue(
    {
        one.name: one
        for one in (
            tool("sum_up", "files", "read", [Parameter("file_name", "text")], {"": "text"}),
            tool("number", "contacts", "read", [Parameter("name", "person")], {"": "text", "phone": "text"}),
            tool("mail", "mail", "outgoing", [Parameter("to", "persons"), Parameter("body", "text")]),
            tool(
                "text", "messages", "outgoing", [Parameter("to", "persons"), Parameter("body", "text", False)]
            ),
            tool("timer", "clock", "write", [Parameter("duration", "duration")]),
            tool("alarm", "clock", "write", [Parameter("time", "when", prefer="next")]),
            tool("event", "calendar", "write", [Parameter("title", "text"), Parameter("start", "when")]),
            tool("move", "calendar", "write", [Parameter("query", "text"), Parameter("start", "when")]),
            tool("lock", "system", "write"),
        )
    }
)


def go(text, wanted, obstacle=None, end="done", **options):
    """Plan a command with a model that wants these calls; return the plan and the events."""
    draft = Draft(text, WORLD)
    events = list(planner.steps(draft, Models(TOOLS, wanted, end, **options), obstacle))
    return draft.plan(), events


def kinds(events):
    return [type(event).__name__ for event in events]


SUM_AND_MAIL = "sum up the lease and mail it to Sid, then set a ten minutes timer"
STEPS = [
    ("sum_up", {"file_name": "the lease"}),
    ("mail", {"to": "Sid", "body": "$1"}),
    ("timer", {"duration": "ten minutes"}),
]


def test_several_steps_and_what_depends_on_what():
    plan, events = go(SUM_AND_MAIL, STEPS)
    assert [(call.tool, call.args) for call in plan.calls] == [
        ("sum_up", {"file_name": "the lease"}),
        ("mail", {"to": ["Sid Rao"], "body": "$1"}),
        ("timer", {"duration": "PT10M"}),
    ]
    assert plan.depends == ((1, 0),)
    assert (plan.end, plan.reason, plan.question) == ("done", "", None)
    assert kinds(events) == ["Shortlisted", *["Selected", "Planned"] * 3]
    assert [event.needs for event in events if isinstance(event, Planned)] == [(), (0,), ()]
    assert [event.index for event in events if isinstance(event, Planned)] == [0, 1, 2]
    assert all(call.probability > 0.9 for call in plan.calls)


def test_what_is_taken_from_the_part_of_another_wish_is_its_result():
    text = "text Sid what the lease says"
    literal = {"to": "Sid", "body": "what the lease says", "file_name": "the lease"}
    models = Models(TOOLS, [("text", literal), ("text", {"to": "Sid", "body": "$1"})])
    parts = (Part("text", 0, 8, 0.9, (("text", 0.9),)), Part("sum_up", 9, len(text), 0.9, (("sum_up", 0.9),)))

    def planned(parts):
        models.retriever.found = replace(models.retriever.found, parts=parts)
        draft = Draft(text, WORLD)
        assert list(planner.steps(draft, models))
        return draft.plan()

    plan = planned(parts)
    assert [(call.tool, call.words) for call in plan.calls] == [
        ("sum_up", {"file_name": "the lease"}),
        ("text", {"to": "Sid", "body": "$1"}),
    ]
    assert plan.depends == ((1, 0),)
    # As one wish it is what the person said, word for word.
    models.engine.wanted[1:] = []
    whole = planned((Part("text", 0, len(text), 0.9, (("text", 0.9),)),))
    assert [(call.tool, call.words["body"]) for call in whole.calls] == [("text", "what the lease says")]


def test_each_step_is_given_out_before_the_next_is_thought_about():
    models = Models(TOOLS, STEPS)
    steps = planner.steps(Draft(SUM_AND_MAIL, WORLD), models)
    assert isinstance(next(steps), Shortlisted)
    assert models.engine.state == []
    assert isinstance(next(steps), Selected)
    assert isinstance(next(steps), Planned)
    assert "\nmail" not in models.engine.text([token for token, _ in models.engine.state])


def test_references_count_the_calls_that_can_be_done():
    """With the second step out of reach the third call of the plan is the second, and refers to it by that."""
    steps = [("lock", {}), ("timer", {"duration": "ten minutes"}), ("sum_up", {"file_name": "the lease"}),
             ("mail", {"to": "Sid", "body": "$3"})]  # fmt: skip
    text = "lock, set a ten minutes timer, sum up the lease and mail it to Sid"
    plan, _ = go(text, steps, lambda t: "No clock here." if t.toolset == "clock" else None)
    assert [call.tool for call in plan.calls] == ["lock", "sum_up", "mail"]
    assert plan.calls[2].args["body"] == plan.calls[2].words["body"] == "$2"
    assert plan.depends == ((2, 1),)
    assert plan.reason == "No clock here."


def test_what_needs_a_step_that_cannot_be_done_is_left_out():
    plan, events = go(SUM_AND_MAIL, STEPS, lambda t: "No reader here." if t.name == "sum_up" else None)
    assert [call.tool for call in plan.calls] == ["timer"]
    assert (plan.depends, plan.end, plan.reason) == ((), "done", "No reader here.")
    assert [event.index for event in events if isinstance(event, Planned)] == [0]


def test_where_nothing_can_be_done_the_reason_is_all():
    plan, events = go("lock it", [("lock", {})], lambda t: "No screen here.")
    assert (plan.calls, plan.end, plan.reason) == ((), "none", "No screen here.")
    assert kinds(events) == ["Shortlisted", "Selected"]
    plan, _ = go("hello there", [], end="none")
    assert (plan.calls, plan.end, plan.reason) == ((), "none", "")


def test_a_question_in_the_middle_keeps_the_calls_and_the_words():
    text = "sum up the lease and mail it to Ana and Bo, then set a ten minutes timer"
    steps = [STEPS[0], ("mail", {"to": "Ana and Bo", "body": "$1"}), STEPS[2]]
    plan, events = go(text, steps)
    assert [call.tool for call in plan.calls] == ["sum_up"]
    assert plan.end == "ask"
    assert plan.question.text == "Which Ana: Ana Lima or Ana Roth?"
    assert (plan.question.tool, plan.question.parameter) == ("mail", "to")
    assert plan.question.options == ("Ana Lima", "Ana Roth")
    assert plan.question.words == {"to": "Ana and Bo", "body": "$1"}
    assert isinstance(events[-1], Asked)
    draft, answered = resume(plan, "the second one", TOOLS, WORLD)
    assert answered.words == {"to": "Ana Roth and Bo", "body": "$1"}
    assert answered.references == {"body"}
    rest = list(
        planner.steps(draft, Models(TOOLS, [*steps[:1], ("mail", answered.words), steps[2]]), None, answered)
    )
    assert kinds(rest) == ["Shortlisted", *["Selected", "Planned"] * 2]
    whole = draft.plan()
    assert [(call.tool, call.args) for call in whole.calls] == [
        ("sum_up", {"file_name": "the lease"}),
        ("mail", {"to": ["Ana Roth", "Bo Chan"], "body": "$1"}),
        ("timer", {"duration": "PT10M"}),
    ]
    assert whole.depends == ((1, 0),)
    assert (whole.text, whole.end, whole.question) == (text, "done", None)


def test_a_question_after_an_unavailable_step_refers_to_calls():
    steps = [("lock", {}), STEPS[0], ("mail", {"to": "Ana", "body": "$2"})]
    text = "lock, sum up the lease and mail it to Ana"
    plan, _ = go(text, steps, lambda t: "No screen." if t.name == "lock" else None)
    assert plan.question.words["body"] == "$1"
    draft, answered = resume(plan, "Lima", TOOLS, WORLD)
    list(planner.steps(draft, Models(TOOLS, [steps[1], ("mail", answered.words)]), None, answered))
    assert draft.plan().calls[1].args == {"to": ["Ana Lima"], "body": "$1"}
    assert draft.plan().depends == ((1, 0),)


@pytest.mark.parametrize("answer", ["Sid", "purple", "the fifth", "3"])
def test_an_answer_that_says_nothing_is_asked_again(answer):
    plan, _ = go("mail Ana hello", [("mail", {"to": "Ana", "body": "hello"})])
    draft, answered = resume(plan, answer, TOOLS, WORLD)
    events = list(planner.steps(draft, Models(TOOLS, []), None, answered))
    assert draft.plan().question == plan.question
    assert isinstance(events[-1], Asked)


def test_a_day_that_was_said_stays_when_the_time_is_asked_for():
    plan, _ = go("wake me tomorrow", [("alarm", {"time": "tomorrow"})])
    assert plan.question.text == "At what time?"
    draft, answered = resume(plan, "at half past six", TOOLS, WORLD)
    list(planner.steps(draft, Models(TOOLS, [("alarm", answered.words)]), None, answered))
    assert draft.plan().calls[0].args == {"time": "2026-03-03T06:30:00"}


def test_a_wish_taken_back_leaves_what_was_done():
    plan, _ = go("sum up the lease and mail it to Ana", [STEPS[0], ("mail", {"to": "Ana", "body": "$1"})])
    over = given_up(plan, "never mind", TOOLS)
    assert (over.calls, over.end, over.question, over.reason) == (plan.calls, "done", None, LEFT)
    assert given_up(plan, "Ana Lima", TOOLS) is None
    alone, _ = go("mail Ana hello", [("mail", {"to": "Ana", "body": "hello"})])
    assert given_up(alone, "forget it", TOOLS).end == "none"


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("mail Sid hello and text him too",
         [("mail", {"to": "Sid", "body": "hello"}), ("text", {"to": "him"})], ["Sid Rao"]),
        ("mail Sid and Bo hello and text them too",
         [("mail", {"to": "Sid and Bo", "body": "hello"}), ("text", {"to": "them"})], ["Sid Rao", "Bo Chan"]),
        ("mail Sid hello, mail Bo bye and text him too",
         [("mail", {"to": "Sid", "body": "hello"}), ("mail", {"to": "Bo", "body": "bye"}), ("text", {"to": "him"})],
         ["Bo Chan"]),
        ("set a ten minutes timer to call Sid and text him now",
         [("timer", {"duration": "ten minutes"}), ("text", {"to": "him"})], ["Sid Rao"]),
        ("look up Sid and text him his number",
         [("number", {"name": "Sid"}), ("text", {"to": "him", "body": "$1.phone"})], ["Sid Rao"]),
    ],
)  # fmt: skip
def test_a_pronoun_means_who_came_before(text, steps, expected):
    plan, _ = go(text, steps)
    assert plan.question is None
    assert plan.calls[-1].args["to"] == expected


def test_a_thing_of_the_same_toolset_is_meant_by_it():
    text = "put lunch at noon tomorrow in the calendar, no, move it to one pm tomorrow"
    steps = [
        ("event", {"title": "lunch", "start": "noon tomorrow"}),
        ("move", {"query": "it", "start": "one pm tomorrow"}),
    ]
    plan, _ = go(text, steps)
    assert plan.calls[1].args == {"query": "lunch", "start": "2026-03-03T13:00:00"}


def test_a_pronoun_for_nobody_is_a_question():
    plan, _ = go("text him hello", [("text", {"to": "him", "body": "hello"})])
    assert (plan.end, plan.question.text, plan.question.options) == ("ask", "Who?", ())
    draft, answered = resume(plan, "Sid", TOOLS, WORLD)
    list(planner.steps(draft, Models(TOOLS, [("text", answered.words)]), None, answered))
    assert draft.plan().calls[0].args == {"to": ["Sid Rao"], "body": "hello"}


def test_the_same_call_is_not_planned_twice():
    plan, _ = go("set a ten minutes timer", [STEPS[2]] * 4)
    assert [call.tool for call in plan.calls] == ["timer"]
    assert plan.end == "done"


def test_a_plan_ends_somewhere_and_says_so():
    numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    text = "set timers for " + " and ".join(f"{number} minutes" for number in numbers)
    plan, _ = go(text, [("timer", {"duration": f"{number} minutes"}) for number in numbers])
    assert len(plan.calls) == planner.MAX_CALLS
    assert plan.reason == planner.TOO_MANY
    plan, _ = go(
        text, [("timer", {"duration": f"{number} minutes"}) for number in numbers[: planner.MAX_CALLS]]
    )
    assert (len(plan.calls), plan.reason) == (planner.MAX_CALLS, "")


def test_when_the_head_is_sure_there_is_one_step_also_after_a_question():
    models = Models(TOOLS, [("timer", {"duration": "ten minutes"}), ("lock", {})])
    sure = Retrieved((Candidate("timer", 0.97), Candidate("none", 0.01)), (0.0, 0.9, 0.1))
    models.retriever.found = sure
    draft = Draft("set a timer", WORLD)
    list(planner.steps(draft, models))
    plan = draft.plan()
    assert (plan.end, plan.early_exit, plan.question.parameter) == ("ask", True, "duration")
    draft, answered = resume(plan, "ten minutes", TOOLS, WORLD)
    events = list(planner.steps(draft, models, None, answered))
    assert [call.args for call in draft.plan().calls] == [{"duration": "PT10M"}]
    assert kinds(events) == ["Shortlisted", "Selected", "Planned"]
