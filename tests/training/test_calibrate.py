"""Calibration: early exits that are right nearly always, and a weight that makes the right names likeliest."""

from tinyagent.calls import Candidate
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.training import calibrate
from tinyagent.training.calibrate import Labelled


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
    from tinyagent.dualtune.selector import Calibration

    found = calibrate.calibrate(Head(), Judge(0.5), rows(0.99, "a", 9))
    assert found.adapter_weight == Calibration().adapter_weight
