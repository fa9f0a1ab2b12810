"""`Assistant.stream`: what happens as it happens, what an interruption leaves, and how an answer goes on."""

import threading
import time
from datetime import datetime

import pytest
from scripted_path import Models

from tinyagent.assistant import Assistant
from tinyagent.calls import Answer, Effect, Outcome, Parameter, Tool
from tinyagent.errors import ModelError, NotFoundError, ToolError
from tinyagent.events import Answered, Asked, Finished, Planned, Selected, Shortlisted, Started
from tinyagent.grounding.base import World
from tinyagent.settings import load
from tinyagent.tools.registry import Catalogue

NOW = datetime(2026, 3, 2, 9)
WORLD = World(NOW, ("Ana Lima", "Ana Roth", "Sid Rao"))


class Shop:
    """An assistant with tools that remember what they did, on a home of its own."""

    def __init__(self, home):
        self.ran, self.gates = [], {}
        made = [
            self._tool("sum_up", "read", [Parameter("file_name", "text")], {"": "text"}),
            self._tool("mail", "outgoing", [Parameter("to", "persons"), Parameter("body", "text")]),
            self._tool("timer", "write", [Parameter("duration", "duration")]),
            self._tool("lock", "write", []),
            self._tool("broken", "write", []),
            self._tool("delete_event", "write", [Parameter("query", "text")], toolset="events"),
            self._tool("find_events", "read", [Parameter("query", "text")], toolset="events"),
        ]
        self.tools = Catalogue({tool.name: tool for tool in made})
        settings = load({"TINYAGENT_HOME": str(home), "TINYAGENT_TIMEZONE": "UTC"})
        self.assistant = Assistant(settings, tools=self.tools, availability=None)
        self.assistant.world = lambda now=None: WORLD

    def _tool(self, name, effect, parameters, results=None, toolset=None):
        def run(ctx, **given):
            if name in self.gates:
                assert self.gates[name].wait(20)
            if name == "broken":
                raise ToolError("It is broken.")
            if name == "delete_event":
                raise NotFoundError(f"There is no event called {given['query']}.")
            self.ran.append((name, given))
            return Outcome(f"{name} is done.", {"text": f"text of {name}"} if results else None)

        made = tuple(parameters)
        return Tool(name, toolset or name, "", Effect(effect), made, run, results=results or {})

    def wants(self, *wanted, **options):
        return Models(self.tools, wanted, **options).into(self.assistant)

    def statuses(self):
        return {entry.tool: entry.status for entry in self.assistant.journal.entries()}


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def yes(tool, call):
    return True


TEXT = "sum up the lease and mail it to Sid, then set a ten minutes timer"
SUM = ("sum_up", {"file_name": "the lease"})
MAIL = ("mail", {"to": "Sid", "body": "$1"})
TIMER = ("timer", {"duration": "ten minutes"})


def test_the_order_of_events(shop):
    events = list(shop.wants(SUM, MAIL, TIMER).stream(TEXT, confirm=yes, now=NOW))
    assert isinstance(events[0], Shortlisted)
    assert isinstance(events[-1], Answered)
    assert [type(e) for e in events if isinstance(e, Selected | Planned)] == [Selected, Planned] * 3
    for index in range(3):
        of_call = [type(e) for e in events if getattr(e, "index", None) == index]
        assert of_call == [Planned, Started, Finished]
    # It is asked for last of all, and waits for what it takes.
    started = [e.index for e in events if isinstance(e, Started)]
    assert sorted(started[:2]) == [0, 2]
    assert started[2] == 1
    answer = events[-1].answer
    assert [result.status for result in answer.results] == ["done"] * 3
    assert answer.text == "sum_up is done.\nmail is done.\ntimer is done."
    assert ("mail", {"to": ["Sid Rao"], "body": "text of sum_up"}) in shop.ran
    assert shop.statuses() == {"sum_up": "done", "mail": "done", "timer": "done"}


def test_a_call_starts_while_later_ones_are_planned(shop):
    shop.gates["sum_up"] = threading.Event()
    seen = []
    for event in shop.wants(SUM, MAIL, TIMER).stream(TEXT, confirm=yes, now=NOW):
        seen.append(event)
        if isinstance(event, Planned) and event.index == 2:
            assert any(isinstance(e, Started) and e.index == 0 for e in seen)
            shop.gates["sum_up"].set()
    assert [result.status for result in seen[-1].answer.results] == ["done"] * 3


def test_run_and_stream_and_plan_agree(shop, tmp_path):
    streamed = list(shop.wants(SUM, MAIL, TIMER).stream(TEXT, confirm=yes, now=NOW))[-1].answer
    other = Shop(tmp_path / "other")
    answer = other.wants(SUM, MAIL, TIMER).run(TEXT, confirm=yes, now=NOW)
    plan = other.wants(SUM, MAIL, TIMER).plan(TEXT, now=NOW)
    assert answer.plan.calls == streamed.plan.calls == plan.calls
    assert answer.plan.depends == plan.depends == ((1, 0),)
    assert answer.text == streamed.text
    again = other.assistant.run(plan, confirm=yes)
    assert [result.status for result in again.results] == ["done"] * 3


def test_a_plan_is_streamed_and_run_through_the_same_door(shop):
    plan = shop.wants(SUM, MAIL, TIMER).plan(TEXT, now=NOW)
    assert shop.ran == []
    events = list(shop.assistant.stream(plan, confirm=yes))
    assert events[:3] == [
        Planned(0, plan.calls[0]),
        Planned(1, plan.calls[1], (0,)),
        Planned(2, plan.calls[2]),
    ]
    for index in range(3):
        of_call = [type(e) for e in events if getattr(e, "index", None) == index]
        assert of_call == [Planned, Started, Finished]
    answer = events[-1].answer
    assert answer.text == "sum_up is done.\nmail is done.\ntimer is done."
    assert answer.plan == plan
    again = shop.assistant.run(plan, confirm=yes)
    assert again.text == answer.text
    assert len(shop.ran) == 6
    assert shop.assistant.run(plan, dry_run=True).text == ""
    assert len(shop.ran) == 6


def test_what_was_not_found_is_searched_for_in_a_command_and_in_a_plan(shop):
    wanted = ("delete_event", {"query": "lunch"})
    text = "delete lunch and then lock it"
    plan = shop.wants(wanted, ("lock", {})).plan(text, now=NOW)
    assert [call.tool for call in plan.calls] == ["delete_event", "lock"]
    for given in (text, plan):
        shop.ran.clear()
        events = list(shop.wants(wanted, ("lock", {})).stream(given, confirm=yes, now=NOW))
        answer = events[-1].answer
        assert [result.call.tool for result in answer.results] == ["delete_event", "lock", "find_events"]
        assert answer.plan.calls[2].args == {"query": "lunch"}
        assert [type(e) for e in events[-4:]] == [Planned, Started, Finished, Answered]
        assert answer.text.splitlines() == [
            "Not done: deleting the event “lunch”. There is no event called lunch.",
            "lock is done.",
            "find_events is done.",
        ]
        assert sorted(name for name, _ in shop.ran) == ["find_events", "lock"]


def test_what_waits_for_a_call_starts_while_the_next_step_is_written(shop):
    """The step after it is only written once it has ended: with calls that start between steps nobody would end."""
    shop.gates["sum_up"] = threading.Event()
    ended = threading.Event()
    assistant = shop.wants(SUM, ("timer", {"duration": "ten minutes"}), ("lock", {}))
    select = assistant.selector.select

    def slowly(text, found, earlier=()):
        if len(earlier) == 1:
            shop.gates["sum_up"].set()
            assert ended.wait(20)
        return select(text, found, earlier)

    assistant.selector.select = slowly
    for event in assistant.stream(TEXT, now=NOW):
        if isinstance(event, Finished) and event.index == 0:
            ended.set()
    assert [result.status for result in event.answer.results] == ["done"] * 3


def test_a_no_and_a_failure_are_told(shop):
    wanted = (SUM, MAIL, ("broken", {}), TIMER)
    answer = shop.wants(*wanted).run(TEXT, now=NOW)
    assert [result.status for result in answer.results] == ["done", "declined", "failed", "done"]
    assert answer.text.splitlines() == [
        "sum_up is done.",
        "Not done: mailing to Sid Rao was not confirmed.",
        "Not done: “broken”. It is broken.",
        "timer is done.",
    ]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, GeneratorExit])
def test_an_interruption_lets_running_calls_end_and_starts_nothing_more(shop, stop):
    shop.gates["sum_up"] = threading.Event()
    stream = shop.wants(SUM, MAIL, TIMER).stream(TEXT, confirm=yes, now=NOW)
    for event in stream:
        if isinstance(event, Started):
            break
    threading.Timer(0.1, shop.gates["sum_up"].set).start()
    if stop is GeneratorExit:
        stream.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            stream.throw(KeyboardInterrupt())
    assert [name for name, _ in shop.ran] == ["sum_up"]
    assert shop.statuses() == {"sum_up": "done"}
    assert list(stream) == []


def test_ctrl_c_at_the_question_whether_to_go_on(shop):
    def stop(tool, call):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.wants(TIMER, ("mail", {"to": "Sid", "body": "the lease"})).run(TEXT, confirm=stop, now=NOW)
    assert shop.statuses() == {"timer": "done"}


def test_planning_that_breaks_lets_running_calls_end(shop):
    """A damaged model in the middle of a command: what has begun is whole, and in the journal."""
    shop.gates["sum_up"] = threading.Event()
    shop.wants(SUM, MAIL)
    fill = shop.assistant.filler.fill

    def broken(text, tool, *more):
        if tool.name == "mail":
            threading.Timer(0.05, shop.gates["sum_up"].set).start()
            raise ModelError("The model is damaged: run `tinyagent doctor`.")
        return fill(text, tool, *more)

    shop.assistant.filler.fill = broken
    with pytest.raises(ModelError):
        shop.assistant.run(TEXT, confirm=yes, now=NOW)
    assert shop.statuses() == {"sum_up": "done"}


def test_a_tool_that_hangs_holds_nobody_up(shop):
    shop.gates["sum_up"] = threading.Event()
    stream = shop.wants(SUM).stream(TEXT, now=NOW)
    for event in stream:
        if isinstance(event, Started):
            break
    started = time.monotonic()
    stream.close()
    assert time.monotonic() - started < 10
    assert shop.statuses() == {"sum_up": "started"}
    shop.gates["sum_up"].set()


ASK = "sum up the lease and mail it to Ana, then set a ten minutes timer"


def asked(shop):
    """A command that ends in the question which Ana."""
    answer = shop.wants(SUM, ("mail", {"to": "Ana", "body": "$1"}), TIMER).run(ASK, confirm=yes, now=NOW)
    assert answer.plan.end == "ask"
    assert answer.text.endswith("Which Ana: Ana Lima or Ana Roth?")
    assert [name for name, _ in shop.ran] == ["sum_up"]
    return answer


@pytest.mark.parametrize(
    ("said", "who"),
    [("Ana Roth", "Ana Roth"), ("roth", "Ana Roth"), ("the first one", "Ana Lima"), ("2", "Ana Roth"),
     ("the second please", "Ana Roth"), ("lima, please", "Ana Lima"), ("the last", "Ana Roth")],
)  # fmt: skip
def test_an_answer_goes_on_where_the_question_stopped(shop, said, who):
    before = asked(shop)
    shop.wants(SUM, ("mail", {"to": who, "body": "$1"}), TIMER)
    events = list(shop.assistant.stream(said, confirm=yes, asked=before))
    answer = events[-1].answer
    assert [name for name, _ in shop.ran].count("sum_up") == 1
    # Both run at once, each on a thread of its own: which ends first is nobody's promise.
    assert sorted(name for name, _ in shop.ran[1:]) == ["mail", "timer"]
    assert ("mail", {"to": [who], "body": "text of sum_up"}) in shop.ran
    assert [result.call.tool for result in answer.results] == ["sum_up", "mail", "timer"]
    assert [result.status for result in answer.results] == ["done"] * 3
    assert (answer.plan.text, answer.plan.end, answer.plan.depends) == (ASK, "done", ((1, 0),))
    assert answer.text == "mail is done.\ntimer is done."  # the first was said before
    assert [e.index for e in events if isinstance(e, Started)] == [2, 1]


def test_an_answer_that_does_not_help_is_asked_again_and_the_next_helps(shop):
    before = asked(shop)
    again = shop.assistant.run("the purple one", confirm=yes, asked=before)
    assert again.plan.question == before.plan.question
    assert again.text == "Which Ana: Ana Lima or Ana Roth?"
    assert [result.status for result in again.results] == ["done"]
    shop.wants(SUM, ("mail", {"to": "Ana Lima", "body": "$1"}), TIMER)
    last = shop.assistant.run("lima", confirm=yes, asked=again)
    assert [result.status for result in last.results] == ["done"] * 3
    assert [name for name, _ in shop.ran].count("sum_up") == 1
    assert ("mail", {"to": ["Ana Lima"], "body": "text of sum_up"}) in shop.ran


@pytest.mark.parametrize("said", ["never mind", "no", "forget it", "Cancel that."])
def test_giving_up_does_nothing_more(shop, said):
    before = asked(shop)
    answer = shop.assistant.run(said, confirm=yes, asked=before)
    assert [name for name, _ in shop.ran] == ["sum_up"]
    assert (answer.plan.end, answer.plan.question) == ("done", None)
    assert answer.text == "All right, I leave that."
    assert [result.status for result in answer.results] == ["done"]


def test_an_answer_in_words(shop):
    before = shop.wants(("timer", {}), several=0.0).run("set a timer", now=NOW)
    assert (before.plan.end, before.text) == ("ask", "For how long?")
    answer = shop.assistant.run("for ten minutes", now=NOW, asked=before)
    assert [result.call.args for result in answer.results] == [{"duration": "PT10M"}]
    assert answer.text == "timer is done."


def test_of_a_plan_nothing_was_run_yet(shop):
    shop.wants(SUM, ("mail", {"to": "Ana", "body": "$1"}), TIMER)
    plan = shop.assistant.plan(ASK, now=NOW)
    assert shop.ran == []
    shop.wants(SUM, ("mail", {"to": "Ana Lima", "body": "$1"}), TIMER)
    whole = shop.assistant.plan("lima", asked=plan)
    assert [call.tool for call in whole.calls] == ["sum_up", "mail", "timer"]
    assert shop.ran == []
    dry = shop.assistant.run("lima", asked=plan, dry_run=True)
    assert [result.status for result in dry.results] == ["planned"] * 3
    answer = shop.assistant.run("lima", asked=plan, confirm=yes)
    assert [result.status for result in answer.results] == ["done"] * 3
    assert len(shop.ran) == 3
    assert answer.text.splitlines() == ["sum_up is done.", "mail is done.", "timer is done."]


def test_of_a_plan_only_what_is_not_known_is_run(shop):
    shop.wants(SUM, MAIL, TIMER)
    refused = shop.assistant.run("sum up the lease, mail it to Sid, ten minutes", now=NOW)
    assert [result.status for result in refused.results] == ["done", "declined", "done"]
    known = {0: refused.results[0], 2: refused.results[2]}
    events = list(shop.assistant.stream(refused.plan, confirm=yes, known=known))
    assert [event.index for event in events if isinstance(event, Started)] == [1]
    assert [name for name, _ in shop.ran] == ["sum_up", "timer", "mail"]
    assert shop.ran[2] == ("mail", {"to": ["Sid Rao"], "body": "text of sum_up"})
    assert [result.status for result in events[-1].answer.results] == ["done"] * 3
    assert events[-1].answer.text == "mail is done."


def test_a_question_is_an_event(shop):
    events = list(shop.wants(("timer", {})).stream("set a timer", now=NOW))
    assert [type(e) for e in events] == [Shortlisted, Selected, Asked, Answered]
    assert events[2].question == events[3].answer.plan.question


def test_an_answer_to_nothing_is_a_command(shop):
    done = shop.wants(("lock", {})).run("lock it", now=NOW)
    answer = shop.wants(TIMER).run("set a ten minutes timer", now=NOW, asked=done)
    assert [call.tool for call in answer.plan.calls] == ["timer"]
    assert isinstance(answer, Answer)
