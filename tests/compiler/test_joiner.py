"""What the person is told at the end: mixtures of what was done and what was not, each with why."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Call, Effect, Parameter, Plan, Question, Result, Tool
from tinyagent.compiler.joiner import answered, cause, forbidden, left_out, not_done, phrase
from tinyagent.tools.registry import Catalogue

NOW = datetime(2026, 3, 2, 9)


def tool(name, *parameters):
    return Tool(name, name, "", Effect.WRITE, tuple(Parameter(*one) for one in parameters), lambda ctx: None)


TOOLS = Catalogue(
    {
        one.name: one
        for one in (
            tool("summarize_pdf", ("pdf_path", "file")),
            tool("compose_new_email", ("recipients", "persons"), ("body", "text")),
            tool("set_timer", ("duration", "duration"), ("label", "text", False)),
            tool("delete_calendar_event", ("query", "text", False), ("span", "span", False)),
            tool("get_phone_number", ("name", "person")),
            tool("lock_screen"),
            tool("move_file", ("file_name", "file"), ("destination", "folder")),
        )
    }
)
SUMMARY = Call("summarize_pdf", {"pdf_path": "/home/x/lease.pdf"}, {"pdf_path": "the lease"})
MAIL = Call(
    "compose_new_email", {"recipients": ["Ana Lima"], "body": "$1"}, {"recipients": "ana", "body": "$1"}
)
TIMER = Call("set_timer", {"duration": "PT10M"}, {"duration": "ten minutes"})
LUNCH = Call("delete_calendar_event", {"query": "lunch"}, {"query": "lunch"})
LOCK = Call("lock_screen", {})
NO_LEASE = "There is no file called the lease."
NO_YES = not_done(LUNCH, TOOLS, " was not confirmed.")
NO_WAY = forbidden(LUNCH, TOOLS, "a rule says so")


def plan(*calls, depends=(), end="done", question=None, reason=""):
    return Plan(
        "say", NOW, calls, tuple(depends), end, Question(question) if question else None, reason=reason
    )


def done(call, answer="Done it."):
    return Result(call, "done", answer)


def failed(call, answer, status="failed"):
    return Result(call, status, answer)


def told(a_plan, *results, said=()):
    return answered(a_plan, results, TOOLS, said)


def test_all_done_is_told_as_the_results_tell_it():
    assert told(plan(SUMMARY, TIMER), done(SUMMARY, "It is long."), done(TIMER, "Set.")) == [
        "It is long.",
        "Set.",
    ]
    assert told(plan(LOCK, LOCK), done(LOCK, "Locked."), done(LOCK, "Locked.")) == ["Locked.", "Locked."]
    assert told(plan(LOCK, TIMER), done(LOCK, ""), done(TIMER, "Set.")) == ["Set."]


def test_one_call_is_told_by_its_own_sentence():
    assert told(plan(LUNCH), failed(LUNCH, "There is no event called lunch.")) == [
        "There is no event called lunch."
    ]
    assert told(plan(LUNCH), failed(LUNCH, NO_YES, "declined")) == [
        "Not done: deleting the calendar event “lunch” was not confirmed."
    ]


def test_nothing_to_do_and_a_dry_run():
    assert told(plan(end="none")) == ["I have no tool for that, so I did nothing."]
    assert told(plan(end="none", reason="No lights are set up.")) == ["No lights are set up."]
    assert told(plan(TIMER, LOCK), Result(TIMER, "planned"), Result(LOCK, "planned")) == []
    assert told(plan(end="ask", question="Which \x1b[31mAna?")) == [r"Which \x1b[31mAna?"]


def test_what_fails_beside_something_done_says_what_it_was():
    assert told(plan(SUMMARY, TIMER), failed(SUMMARY, NO_LEASE), done(TIMER, "Set.")) == [
        "Not done: summarizing the PDF “the lease”. There is no file called the lease.",
        "Set.",
    ]


def test_what_needs_what_failed_is_left_out_for_that():
    results = failed(SUMMARY, NO_LEASE), failed(MAIL, "…"), done(TIMER, "Set.")
    assert told(plan(SUMMARY, MAIL, TIMER, depends=[(1, 0)]), *results) == [
        "Not done: summarizing the PDF “the lease”. There is no file called the lease.",
        "Not done: writing the email to Ana Lima, because summarizing the PDF “the lease” failed.",
        "Set.",
    ]


def test_what_is_left_out_for_one_reason_is_told_together_and_the_reason_is_the_first():
    move = Call(
        "move_file", {"file_name": "$2", "destination": "Old"}, {"file_name": "$2", "destination": "old"}
    )
    a_plan = plan(SUMMARY, MAIL, move, LOCK, depends=[(1, 0), (2, 1), (3, 2)])
    left = [failed(call, "…") for call in (MAIL, move, LOCK)]
    assert told(a_plan, failed(SUMMARY, NO_LEASE), *left)[1:] == [
        "Not done: writing the email to Ana Lima, moving the file “old” and locking the screen, because summarizing "
        "the PDF “the lease” failed."
    ]


@pytest.mark.parametrize(
    ("answer", "why"),
    [(NO_YES, "deleting the calendar event “lunch” was not confirmed."),
     (NO_WAY, "deleting the calendar event “lunch” is forbidden.")],
)  # fmt: skip
def test_what_needs_what_was_refused(answer, why):
    lines = told(plan(LUNCH, LOCK, depends=[(1, 0)]), failed(LUNCH, answer, "declined"), failed(LOCK, "…"))
    assert lines == [answer, f"Not done: locking the screen, because {why}"]


def test_the_same_failure_of_two_calls_is_told_once():
    busy = "The calendar is in use: try again."
    other = Call("delete_calendar_event", {"query": "dinner"}, {"query": "dinner"})
    assert told(plan(LUNCH, TIMER, other), failed(LUNCH, busy), done(TIMER, "Set."), failed(other, busy)) == [
        "Not done: deleting the calendar event “lunch” and deleting the calendar event “dinner”. "
        "The calendar is in use: try again.",
        "Set.",
    ]
    assert told(plan(LUNCH, LUNCH), failed(LUNCH, busy), failed(LUNCH, busy)) == [
        "Not done: deleting the calendar event “lunch”. The calendar is in use: try again."
    ]


def test_what_cannot_be_done_here_and_a_question_are_told_with_the_rest():
    a_plan = plan(TIMER, end="ask", question="Which Ana?", reason="No lights are set up.")
    assert told(a_plan, done(TIMER, "Set.")) == ["Set.", "No lights are set up.", "Which Ana?"]
    assert told(a_plan, failed(TIMER, "The clock stands.")) == [
        "Not done: setting the timer “ten minutes”. The clock stands.",
        "No lights are set up.",
        "Which Ana?",
    ]


def test_what_was_told_before_is_not_told_again_but_still_is_a_reason():
    a_plan = plan(SUMMARY, LOCK, MAIL, depends=[(2, 0)])
    results = failed(SUMMARY, NO_LEASE), done(LOCK, "Locked."), failed(MAIL, "own words")
    assert told(a_plan, *results, said={0, 1, 2}) == []
    assert told(a_plan, *results, said={0, 1}) == ["own words"]
    assert told(a_plan, *results, said={0}) == [
        "Locked.",
        "Not done: writing the email to Ana Lima, because summarizing the PDF “the lease” failed.",
    ]


def test_a_failure_that_says_nothing_and_a_tool_that_is_gone():
    gone = Call("weather_lookup", {"place": "Rome"}, {"place": "rome"})
    assert told(plan(gone, LOCK), failed(gone, ""), done(LOCK, "Locked.")) == [
        "Not done: “weather lookup”.",
        "Locked.",
    ]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (SUMMARY, "summarizing the PDF “the lease”"),
        (Call("summarize_pdf", {"pdf_path": "/home/x/lease.pdf"}), "summarizing the PDF “lease.pdf”"),
        (Call("summarize_pdf", {"pdf_path": "$1"}, {"pdf_path": "$1"}), "summarizing the PDF"),
        (Call("summarize_pdf", {"pdf_path": "$1"}), "summarizing the PDF"),
        (Call("summarize_pdf", {"pdf_path": "/x/lease.pdf"}, {"pdf_path": "it"}), "summarizing the PDF “lease.pdf”"),
        (MAIL, "writing the email to Ana Lima"),
        (Call("compose_new_email", {"recipients": ["A", "B", "C"]}), "writing the email to A, B and C"),
        (Call("compose_new_email", {"recipients": ["$1"], "body": "$1"}), "writing the email"),
        (Call("compose_new_email", {"recipients": 5, "body": None}), "writing the email"),
        (Call("get_phone_number", {"name": "Sid Rao"}, {"name": "sid"}), "getting the phone number of Sid Rao"),
        (Call("set_timer", {"duration": "PT10M", "label": "eggs"}), "setting the timer “eggs”"),
        (Call("set_timer", {"duration": "PT10M"}), "setting the timer"),
        (Call("delete_calendar_event", {"span": "a/b"}, {"span": "tomorrow"}),
         "deleting the calendar event “tomorrow”"),
        (Call("delete_calendar_event", {"query": "\x1b[31mred\n\n"}), r"deleting the calendar event “\x1b[31mred”"),
        (Call("delete_calendar_event", {"query": " "}), "deleting the calendar event"),
    ],
)  # fmt: skip
def test_a_call_is_named_by_what_the_person_said(call, said):
    assert phrase(call, TOOLS) == said


def test_an_endless_name_of_a_call_is_cut():
    assert len(phrase(Call("delete_calendar_event", {"query": "lunch " * 99}), TOOLS)) < 80


def test_calls_that_wait_for_each_other_are_their_own_reason():
    results = {n: failed(LOCK, "…") for n in range(3)}
    assert cause(0, {0: [1], 1: [0]}, results) == 0
    assert cause(0, {0: [0]}, results) == 0
    assert cause(0, {0: [7]}, results) == 0
    assert cause(2, {2: [1, 0], 1: []}, results) == 0
    ends = " waits for a call that never ends."
    stuck = [failed(call, not_done(call, TOOLS, ends)) for call in (LOCK, TIMER)]
    assert told(plan(LOCK, TIMER, depends=[(0, 1), (1, 0)]), *stuck) == [result.answer for result in stuck]


def test_the_reason_names_no_tool():
    assert left_out(SUMMARY, failed(SUMMARY, NO_LEASE), TOOLS) == (
        ", because summarizing the PDF “the lease” failed."
    )


@given(st.lists(st.sampled_from(["done", "failed", "declined"]), min_size=1, max_size=5), st.data())
def test_every_call_is_spoken_of_and_only_what_was_done_is_said_to_be(statuses, data):
    calls = [Call("delete_calendar_event", {"query": f"event{n}"}) for n in range(len(statuses))]
    depends = [
        (n, data.draw(st.integers(0, n - 1))) for n in range(1, len(calls)) if data.draw(st.booleans())
    ]
    results = []
    for n, (call, status) in enumerate(zip(calls, statuses, strict=True)):
        broken = any(results[i].status != "done" for later, i in depends if later == n)
        status = "failed" if broken else status
        answer = f"Deleted event{n}." if status == "done" else f"The store of event{n} is locked."
        results.append(
            Result(
                call, status, not_done(call, TOOLS, " was not confirmed.") if status == "declined" else answer
            )
        )
    lines = told(plan(*calls, depends=depends), *results)
    for n, result in enumerate(results):
        assert any(f"event{n}" in line for line in lines)
        assert (f"Deleted event{n}." in lines) == (result.status == "done")
    if len(results) > 1:
        assert all(line.startswith(("Not done: ", "Deleted ")) for line in lines)
    assert not any("_" in line for line in lines)
