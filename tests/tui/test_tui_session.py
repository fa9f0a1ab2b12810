"""The session: one assistant on its own thread, told from the outside what to do, and never in the way."""

import threading
from queue import Queue

import pytest
from scripted_path import Models
from test_stream import ASK, MAIL, SUM, TEXT, TIMER, Shop

from tinyagent.calls import Call, Plan
from tinyagent.errors import ModelError
from tinyagent.events import Answered, Asked, Finished, Shortlisted, Started
from tinyagent.settings import load
from tinyagent.tui import services
from tinyagent.tui.session import Broken, Session
from tinyagent.tui.turn import State

PATIENCE = 60
SEND = ("mail", {"to": "Sid", "body": "the lease"})


class Desk:
    """A session over a shop, and what it said; confirmations are answered by `says`, and kept in `asked`."""

    def __init__(self, shop):
        shop.wants(TIMER)
        self.shop, self.session = shop, Session(shop.assistant.settings, assistant=shop.assistant)
        self.states, self.heard, self.asked = Queue(), Queue(), []
        self.says = lambda tool, call, taken_over: True

    def start(self):
        self.session.start(self.states.put)
        while self.states.get(timeout=PATIENCE).stage != "ready":
            pass
        return self

    def confirm(self, tool, call, taken_over):
        self.asked.append((tool.name, taken_over))
        return self.says(tool, call, taken_over)

    def submit(self, text, number=1, reply=False):
        self.session.submit(number, text, lambda *heard: self.heard.put(heard), self.confirm, reply)

    def until(self, kind):
        """Return the next event of this kind."""
        while True:
            _, event = self.heard.get(timeout=PATIENCE)
            if isinstance(event, kind):
                return event

    def does(self, text, *wanted, **more):
        """Return the last word on a command for which the model wants these calls."""
        self.shop.wants(*wanted)
        self.submit(text, **more)
        return self.until((Answered, Broken))


@pytest.fixture
def desk(tmp_path):
    desk = Desk(Shop(tmp_path))
    yield desk.start()
    for gate in desk.shop.gates.values():
        gate.set()
    desk.session.close()


def statuses(last):
    return [result.status for result in last.answer.results]


def test_it_says_how_far_loading_is(tmp_path):
    desk = Desk(Shop(tmp_path))
    desk.shop.wants(TIMER)
    desk.session.start(desk.states.put)
    stages = []
    while not stages or stages[-1].stage != "ready":
        stages.append(desk.states.get(timeout=PATIENCE))
    assert [state.stage for state in stages] == ["embedder", "index", "model", "adapters", "ready"]
    assert [state.done for state in stages] == sorted(state.done for state in stages)
    assert desk.session.assistant is desk.shop.assistant
    desk.session.close()


def test_every_event_is_heard_and_the_answer_is_last(desk):
    desk.shop.wants(SUM, MAIL, TIMER)
    desk.submit(TEXT, number=7)
    heard = [desk.heard.get(timeout=PATIENCE)]
    while not isinstance(heard[-1][1], Answered):
        heard.append(desk.heard.get(timeout=PATIENCE))
    assert {number for number, _ in heard} == {7}
    assert isinstance(heard[0][1], Shortlisted)
    assert sum(isinstance(event, Finished) for _, event in heard) == 3
    assert statuses(heard[-1][1]) == ["done"] * 3
    assert not desk.session.busy


def test_what_another_call_found_is_said_to_be_taken_over(desk):
    desk.session.always.add("mail")
    desk.does(TEXT, SUM, MAIL)
    assert desk.asked == [("mail", True)]


def test_what_is_always_allowed_is_not_asked_again(desk):
    desk.does("mail the lease to Sid", SEND)
    desk.session.always.add("mail")
    assert statuses(desk.does("mail the lease to Sid", SEND)) == ["done"]
    assert desk.asked == [("mail", False)]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("The model is damaged: run `tinyagent doctor`."), "The model is damaged"),
        (FileNotFoundError(2, "No such file or directory", "model.gguf"), "model.gguf: No such file"),
        (ZeroDivisionError("a secret"), "Something went wrong that should not (ZeroDivisionError)"),
        (SystemExit(3), "Something went wrong that should not (SystemExit)"),
    ],
)
def test_what_breaks_is_one_sentence_and_the_next_command_works(desk, error, said):
    def broken(*_):
        raise error

    desk.shop.wants(TIMER)
    desk.shop.assistant.filler.fill = broken
    desk.submit("set a ten minutes timer")
    last = desk.until((Answered, Broken))
    assert last.sentence.startswith(said)
    assert "secret" not in last.sentence
    assert statuses(desk.does("set a ten minutes timer", TIMER)) == ["done"]


def test_a_tool_that_hangs_is_left_behind(desk):
    gate = desk.shop.gates["sum_up"] = threading.Event()
    desk.shop.wants(SUM, MAIL)
    desk.submit(TEXT)
    desk.submit("set a ten minutes timer", number=2)
    desk.until(Started)
    desk.session.cancel()
    desk.session.cancel()
    assert "sum_up had begun already" in desk.until(Broken).sentence
    # The next one in the queue, with the models of the one that hangs: nothing of that one is left in them.
    desk.until(Answered)
    assert statuses(desk.does("set a ten minutes timer", TIMER, number=3)) == ["done"]
    assert desk.shop.statuses()["sum_up"] == "started"
    gate.set()
    assert statuses(desk.does("set a ten minutes timer", TIMER, number=4)) == ["done"]
    assert desk.heard.empty()
    assert ("mail", {"to": ["Sid Rao"], "body": "text of sum_up"}) not in desk.shop.ran


def test_stopped_at_the_question_whether_to_go_on_nothing_is_sent(desk):
    def stop(tool, call, taken_over):
        desk.session.cancel()
        return True

    desk.says = stop
    assert desk.does("mail the lease to Sid", SEND).sentence == "Stopped."
    assert desk.shop.ran == []
    assert desk.shop.statuses() == {}


def test_stopping_where_nothing_runs_does_nothing(desk):
    desk.session.cancel()
    assert statuses(desk.does("set a ten minutes timer", TIMER)) == ["done"]


def test_a_question_is_answered_by_its_own_card(desk):
    ana = ("mail", {"to": "Ana", "body": "$1"})
    assert desk.does(ASK, SUM, ana, TIMER).answer.plan.end == "ask"
    lapsed = desk.does("Ana Roth", SUM, ana, TIMER, number=2, reply=True)
    assert "lapsed" in lapsed.sentence
    last = desk.does("Ana Roth", SUM, ("mail", {"to": "Ana Roth", "body": "$1"}), TIMER, reply=True)
    assert statuses(last) == ["done"] * 3
    assert [name for name, _ in desk.shop.ran].count("sum_up") == 1


def test_a_question_lapses_with_the_next_command(desk):
    ana = ("mail", {"to": "Ana", "body": "$1"})
    desk.does(ASK, SUM, ana, TIMER)
    last = desk.does("set a ten minutes timer", TIMER, number=2)
    assert [result.call.tool for result in last.answer.results] == ["timer"]
    assert "lapsed" in desk.does("Ana Roth", SUM, ana, reply=True).sentence


def test_a_plan_is_not_run_until_it_is(desk):
    desk.shop.wants(SUM, MAIL)
    plans = Queue()
    desk.session.plan(3, TEXT, lambda *heard: plans.put(heard))
    number, plan = plans.get(timeout=PATIENCE)
    assert (number, [call.tool for call in plan.calls], desk.shop.ran) == (3, ["sum_up", "mail"], [])
    calls = (Call("sum_up", {"file_name": "the contract"}), plan.calls[1])
    edited = Plan(plan.text, plan.now, calls, plan.depends)
    desk.session.run_plan(3, edited, lambda *heard: desk.heard.put(heard), desk.confirm)
    assert statuses(desk.until((Answered, Broken))) == ["done"] * 2
    assert desk.shop.ran[0] == ("sum_up", {"file_name": "the contract"})
    assert desk.asked == [("mail", True)]
    assert desk.shop.statuses() == {"sum_up": "done", "mail": "done"}


def test_an_edited_plan_with_a_mistake_fails_in_a_sentence(desk):
    plan = Plan("x", desk.shop.assistant.world().now, (Call("timer", {"duration": "soon"}),))
    desk.session.run_plan(1, plan, lambda *heard: desk.heard.put(heard), desk.confirm)
    last = desk.until((Answered, Broken))
    assert statuses(last) == ["failed"]
    assert "'soon' is not a value for duration" in last.answer.text


def test_a_plan_that_asks_goes_on_with_the_answer(desk):
    plans = Queue()
    desk.shop.wants(SUM, ("mail", {"to": "Ana", "body": "$1"}), TIMER)
    desk.session.plan(1, ASK, lambda *heard: plans.put(heard))
    asked = plans.get(timeout=PATIENCE)[1]
    assert asked.end == "ask"
    desk.shop.wants(SUM, ("mail", {"to": "Ana Lima", "body": "$1"}), TIMER)
    desk.session.plan(1, "lima", lambda *heard: plans.put(heard), asked=asked)
    assert [call.tool for call in plans.get(timeout=PATIENCE)[1].calls] == ["sum_up", "mail", "timer"]
    assert desk.shop.ran == []


def test_only_the_newest_hint_is_given_and_none_while_a_command_runs(desk):
    desk.shop.wants(SUM)
    desk.shop.gates["sum_up"] = threading.Event()
    hints = Queue()
    retriever = desk.shop.assistant.retriever
    held = threading.Event()
    retrieve = retriever.retrieve

    def slowly(text):
        assert held.wait(PATIENCE)
        return retrieve(text)

    retriever.retrieve = slowly
    for text in ("s", "su", "sum", "sum up", " ", "x" * 10_000):
        desk.session.hint(text, lambda *found: hints.put(found))
    held.set()
    heard = [hints.get(timeout=PATIENCE)]
    if heard[0][0] != "sum up":  # the first was taken up before the others came
        heard.append(hints.get(timeout=PATIENCE))
    text, candidates, early = heard[-1]
    assert (text, early) == ("sum up", False)
    assert {candidate.tool for candidate in candidates} == {
        "sum_up",
        "mail",
        "timer",
        "lock",
        "broken",
        "delete_event",
        "find_events",
        "none",
    }
    desk.submit("sum up the lease")
    desk.until(Started)
    desk.session.hint("never", lambda *found: hints.put(found))
    desk.shop.gates["sum_up"].set()
    desk.until(Answered)
    assert hints.empty()


def test_a_change_is_taken_back(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})
    assistant = services.make(settings, ())
    Models(assistant.catalogue, [("create_list", {"list_name": "garden"})], several=0).into(assistant)
    session, said = Session(settings, assistant=assistant), Queue()
    session.start(lambda state: None)
    session.submit(1, "make a list called garden", lambda _, event: said.put(event), lambda *_: False)
    while not isinstance(event := said.get(timeout=PATIENCE), Answered | Broken):
        pass
    assert (settings.notes / "garden.md").exists() or list(settings.notes.rglob("garden.md")), event
    session.undo(None, lambda *heard: said.put(heard))
    assert said.get(timeout=PATIENCE) == ("Undone: create_list, of “make a list called garden”.", True)
    assert not list(settings.notes.rglob("garden.md"))
    session.undo(None, lambda *heard: said.put(heard))
    assert said.get(timeout=PATIENCE) == ("There is nothing to undo.", False)
    session.close()


def test_a_tool_that_is_switched_off_is_not_used(tmp_path):
    session = Session(load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"}))
    assistant = services.make(session.settings, session.off)
    Models(assistant.catalogue, [("calculate", {"expression": "two plus two"})], several=0).into(assistant)
    session.switch("calculate", False)
    off = assistant.plan("what is two plus two")
    assert off.calls == ()
    assert off.reason.startswith("calculate is switched off")
    session.switch("calculate", True)
    assert [call.tool for call in assistant.plan("what is two plus two").calls] == ["calculate"]


def test_a_model_that_is_missing_is_told_and_loaded_once_it_is_there(tmp_path, monkeypatch):
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})
    monkeypatch.setenv("TINYAGENT_PRODUCTS", str(tmp_path / "gone"))
    session, states, heard = Session(settings), Queue(), Queue()
    session.start(states.put)
    while not (state := states.get(timeout=PATIENCE)).error:
        pass
    assert state.stage != "ready"
    assert "run `" in state.error
    session.submit(1, "set a timer", lambda _, event: heard.put(event), lambda *_: False)
    assert heard.get(timeout=PATIENCE) == Broken(state.error)
    shop = Shop(tmp_path)
    shop.wants(TIMER)
    session._given = shop.assistant  # the file is there again
    session.submit(2, "set a ten minutes timer", lambda _, event: heard.put(event), lambda *_: False)
    while not isinstance(last := heard.get(timeout=PATIENCE), Answered | Broken):
        pass
    assert statuses(last) == ["done"]
    assert State("ready", 1.0) in list(states.queue)
    session.close()


def test_closing_lets_a_running_write_end_and_begins_nothing_more(desk, monkeypatch):
    monkeypatch.setattr("tinyagent.tui.session.GRACE", PATIENCE)
    gate = desk.shop.gates["timer"] = threading.Event()
    desk.shop.wants(TIMER)
    desk.submit("set a ten minutes timer")
    desk.submit("set a ten minutes timer", number=2)
    desk.until(Started)
    threading.Timer(0.2, gate.set).start()
    desk.session.close()
    assert [name for name, _ in desk.shop.ran] == ["timer"]
    assert desk.shop.statuses() == {"timer": "done"}


def test_a_listener_that_is_gone_is_no_trouble(desk):
    def gone(number, event):
        raise RuntimeError("the loop is closed")

    desk.shop.wants(TIMER)
    desk.session.submit(1, "set a ten minutes timer", gone, desk.confirm)
    assert statuses(desk.does("set a ten minutes timer", TIMER)) == ["done"]


def test_an_asked_event_says_what_is_asked(desk):
    desk.shop.wants(("timer", {}))
    desk.submit("set a timer")
    assert desk.until(Asked).question.text == "For how long?"


def test_what_an_earlier_command_found_is_taken_over_too(desk):
    desk.session.always.add("mail")
    desk.does("sum up the lease", SUM)
    last = desk.does("mail it to Sid", ("mail", {"to": "Sid", "body": "$1"}), number=2)
    assert last.answer.plan.calls[0].taken == ("body",)
    assert desk.asked == [("mail", True)]
    desk.session.run_plan(2, last.answer.plan, lambda *heard: desk.heard.put(heard), desk.confirm)
    assert statuses(desk.until((Answered, Broken))) == ["done"]
    assert desk.asked == [("mail", True)] * 2


def test_a_plan_of_a_second_turn_takes_back_what_was_done_before(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path / "own"), "TINYAGENT_TIMEZONE": "UTC"})
    assistant = services.make(settings, ())
    session, heard = Session(settings, assistant=assistant), Queue()
    Models(assistant.catalogue, [("create_list", {"list_name": "garden"})], several=0).into(assistant)

    def last():
        while not isinstance(event := heard.get(timeout=PATIENCE), Answered | Plan | Broken):
            pass
        return event

    def tell(_, event):
        heard.put(event)

    session.start(lambda state: None)
    session.submit(1, "make a list called garden", tell, lambda *_: False)
    entry = last().answer.results[0].entry
    Models(assistant.catalogue, [], several=0, follow="undo").into(assistant)
    session.plan(2, "undo that", tell)
    plan = last()
    assert (plan.follows, plan.undoes, plan.calls) == ("undo", (entry,), ())
    assert list(settings.notes.rglob("garden.md"))
    session.run_plan(2, plan, tell, lambda *_: False)
    assert last().answer.text.startswith("Undone:")
    assert not list(settings.notes.rglob("garden.md"))
    session.close()
