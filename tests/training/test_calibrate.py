"""Calibration: early exits that are right nearly always, and weights that make the right names likeliest."""

from dataclasses import replace

import pytest

from tinyagent.calls import Candidate
from tinyagent.dualtune.selector import DONE, Calibration
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.tools.registry import catalogue
from tinyagent.training import calibrate, plans
from tinyagent.training.calibrate import Labelled, Step


class Head:
    """A retriever that reads its answer from the words: `tool probability`."""

    def retrieve(self, text):
        tool, p = text.split()[:2]
        rest = Candidate("other", 1 - float(p))
        counts = (1.0, 0.0, 0.0) if tool == NONE else (0.0, 1.0, 0.0)
        return Retrieved((Candidate(tool, float(p)), rest), counts)


class Judge:
    """An adapter that likes `other` as much as it is told."""

    def __init__(self, share):
        self.share = share

    def adapter_scores(self, text, retrieved):
        return {retrieved.candidates[0].tool: 1 - self.share, "other": self.share}


def rows(p, right, count):
    return [Labelled(f"a {p}", frozenset([right]))] * count


def test_the_threshold_is_the_lowest_that_is_right_often_enough():
    data = rows(0.97, "a", 50) + rows(0.82, "a", 50) + rows(0.7, "other", 50)
    found = calibrate.calibrate(Head(), Judge(0.9), data)
    assert found.sure == 0.75


def test_a_head_that_errs_at_the_top_is_never_believed_lower_down():
    data = rows(0.97, "other", 10) + rows(0.7, "a", 500)
    assert calibrate.calibrate(Head(), Judge(0.5), data).sure == calibrate._SURE[-1]


def test_a_good_judge_gets_weight_and_a_bad_one_none():
    data = rows(0.97, "a", 20) + rows(0.55, "other", 20)
    assert calibrate.calibrate(Head(), Judge(0.95), data).adapter_weight == calibrate._WEIGHTS[-1]
    assert calibrate.calibrate(Head(), Judge(0.05), data).adapter_weight == 0


def test_without_hard_commands_the_weight_stays():
    found = calibrate.calibrate(Head(), Judge(0.5), rows(0.99, "a", 9))
    assert found.adapter_weight == Calibration().adapter_weight


class Listener:
    """Retriever and adapter at once: all tools are as likely as each other, and what was asked is written down."""

    def __init__(self, *names):
        self.names, self.asked = names, []

    def retrieve(self, text):
        share = 1 / len(self.names)
        return Retrieved(tuple(Candidate(name, share) for name in self.names), (0.0, 0.0, 1.0))

    def left(self, text, retrieved, earlier):
        return (len(earlier),)

    def adapter_scores(self, text, retrieved, earlier=()):
        self.asked.append((text, list(earlier)))
        names = [*retrieved.tools, DONE if earlier else NONE]
        return dict.fromkeys(names, 1 / len(names))


TOOLS = catalogue()
TWO = {"text": "add [milk](1.item) to [groceries](1.list_name) and a timer for [ten minutes](2.duration)",
       "tools": ["add_to_list", "set_timer"]}  # fmt: skip
CHAIN = {"text": "sum up [lease](1.pdf_path), mail it to [Ana](2.recipients) and time [an hour](3.duration)",
         "tools": ["summarize_pdf", "compose_new_email", "set_timer"], "refs": {"2.body": "$1"}}  # fmt: skip


def listened(row):
    listener = Listener("add_to_list", "set_timer", "summarize_pdf", "compose_new_email")
    return calibrate.steps(listener, listener, plans.parse(row), TOOLS), listener.asked


def test_every_step_of_a_command_is_judged_after_the_calls_before_it():
    found, asked = listened(TWO)
    milk = ("add_to_list", {"item": "milk", "list_name": "groceries"})
    timer = ("set_timer", {"duration": "ten minutes"})
    text = "add milk to groceries and a timer for ten minutes"
    assert [earlier for _, earlier in asked] == [[], [milk], [milk, timer]]
    assert {said for said, _ in asked} == {text}
    assert [step.right for step in found] == ["add_to_list", "set_timer", DONE]
    assert [sorted(step.used) for step in found] == [[], ["add_to_list"], ["add_to_list", "set_timer"]]
    assert [DONE in step.adapter for step in found] == [False, True, True]
    assert [step.parts for step in found] == [(0,), (1,), (2,)]


def test_each_call_is_right_in_its_turn_and_references_stand_in_the_calls():
    found, asked = listened(CHAIN)
    assert [step.right for step in found] == ["summarize_pdf", "compose_new_email", "set_timer", DONE]
    assert ("compose_new_email", {"recipients": "Ana", "body": "$1"}) in asked[-1][1]


NAMES = ("a", "b", DONE)
HEAD = Retrieved((Candidate("a", 0.7), Candidate("b", 0.3)), (0.0, 0.0, 1.0))


def judged(right, trust=0.5, count=3):
    """Commands of one step after a call of `a`; the adapter gives `right` the share `trust`."""
    adapter = {name: trust if name == right else (1 - trust) / 2 for name in NAMES}
    return [[Step(HEAD, (), adapter, frozenset({"a"}), right)]] * count


def chosen(calibration, right, trust=0.5):
    return calibrate._chosen(calibration, judged(right, trust)[0][0])


@pytest.mark.parametrize("right", [DONE, "a", "b"])
def test_the_priors_are_those_of_what_mostly_comes_next(right):
    found = calibrate.calibrate_steps(Calibration(), judged(right, 1 / 3))
    assert chosen(found, right, 1 / 3) == right
    prior = found.step_prior(HEAD, (), {"a"})
    assert max(prior, key=prior.get) == right


def test_the_weight_of_the_steps_grows_with_the_judge():
    good = calibrate.calibrate_steps(Calibration(), [s for name in NAMES for s in judged(name, 0.98)])
    bad = calibrate.calibrate_steps(Calibration(), [s for name in NAMES for s in judged(name, 0.02)])
    assert good.more_weight > bad.more_weight == calibrate._WEIGHTS[1]
    assert all(chosen(good, name, 0.98) == name for name in NAMES)


def test_no_other_setting_gets_more_commands_right_and_what_single_commands_need_stays():
    start = Calibration(head_weight=0.9, adapter_weight=0.3, sure=0.66, single=0.4, several=0.2)
    data = [*judged(DONE, 0.6, 4), *judged("b", 0.5, 3), *judged("a", 0.8, 1)]
    found = calibrate.calibrate_steps(start, data)

    def right(calibration):
        return sum(calibrate._chosen(calibration, step) == step.right for (step,) in data)

    assert right(found) >= right(start)
    for weight, done, again in ((0.4, 0.1, 0.1), (1.0, 0.4, 0.05), (1.3, 1.0, 1.0), (0.1, 0.01, 0.01)):
        assert right(found) >= right(replace(start, more_weight=weight, done=done, again=again))
    for name in ("head_weight", "adapter_weight", "sure", "single", "several"):
        assert getattr(found, name) == getattr(start, name)


def test_where_the_prior_is_sure_the_adapter_is_not_heard():
    step = judged("b", 0.99)[0][0]
    assert calibrate._chosen(Calibration(done=0.01, again=1.0, sure_step=2.0), step) == "b"
    assert calibrate._chosen(Calibration(done=0.01, again=1.0, sure_step=0.5), step) == "a"


def test_without_steps_the_calibration_stays():
    start = Calibration(sure=0.66)
    assert calibrate.calibrate_steps(start, []) == start
