"""Selecting: when retrieval alone decides, how the two judges are combined, and what is asked of the adapter."""

from dataclasses import replace

import pytest
from scripted_engine import ScriptedEngine

from tinyagent.calls import Candidate
from tinyagent.dualtune.selector import ADAPTER, DONE, Calibration, Selector
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.parts import Part
from tinyagent.retrieval.retriever import Retrieved

TEXT = "set a timer for ten minutes"
CALIBRATION = Calibration(head_weight=1.0, adapter_weight=0.5, sure=0.8, single=0.6, several=0.3)


def retrieved(*ranked, counts=(0.0, 1.0, 0.0), unseen=()):
    return Retrieved(tuple(Candidate(*pair) for pair in ranked), counts, frozenset(unseen))


def selector(script="", calibration=CALIBRATION):
    engine = ScriptedEngine(f"<|im_start|> {TEXT}\n{script}")
    return Selector(engine, calibration), engine


@pytest.mark.parametrize(
    ("best", "p", "counts", "unseen", "expected"),
    [
        ("set_timer", 0.9, (0.0, 0.9, 0.1), (), True),
        ("set_timer", 0.79, (0.0, 0.9, 0.1), (), False),
        ("set_timer", 0.9, (0.0, 0.5, 0.5), (), False),
        ("set_timer", 0.9, (0.9, 0.1, 0.0), (), False),
        ("set_timer", 0.99, (0.0, 1.0, 0.0), ("set_timer",), False),
        ("set_timer", 0.99, (0.0, 1.0, 0.0), ("set_lights",), True),
        (NONE, 0.9, (0.9, 0.1, 0.0), (), True),
        (NONE, 0.9, (0.1, 0.9, 0.0), (), False),
    ],
)
def test_the_early_exit(best, p, counts, unseen, expected):
    found = retrieved((best, p), ("set_alarm", 1 - p), counts=counts, unseen=unseen)
    assert selector()[0].sure(found) is expected


@pytest.mark.parametrize(
    ("several", "calls", "expected"),
    [(0.2, 1, False), (0.3, 1, True), (0.9, 1, True), (0.2, 2, True), (0.0, 3, True)],
)
def test_whether_more_calls_are_expected(several, calls, expected):
    found = retrieved(("set_timer", 1.0), counts=(0.0, 1 - several, several))
    earlier = [("set_timer", {"duration": "ten minutes"})] * calls
    assert selector()[0].expects_more(TEXT, found, earlier) is expected


def test_words_left_over_behind_a_joint_may_be_another_call():
    found = retrieved(("set_timer", 1.0), counts=(0.0, 1.0, 0.0))
    earlier = [("set_timer", {"duration": "ten minutes"})]
    assert selector()[0].expects_more(f"{TEXT} and one for the eggs", found, earlier)
    assert not selector()[0].expects_more(f"{TEXT} and that is it", found, earlier)


@pytest.mark.parametrize(("several", "expected"), [(0.29, [DONE]), (0.3, ["set_alarm", DONE, "set_timer"])])
def test_what_sounds_like_one_call_goes_on_only_where_that_is_sure(several, expected):
    found = retrieved(("set_alarm", 0.5), ("set_timer", 0.5), counts=(0.0, 1 - several, several))
    made, _ = selector()
    ranked = made.select(TEXT, found, [("set_timer", {"duration": "ten minutes"})])
    assert [c.tool for c in ranked] == expected


def test_the_judges_are_multiplied_by_their_weights():
    found = retrieved(("set_timer", 0.5), ("set_alarm", 0.3), (NONE, 0.2))
    made, engine = selector()  # without a script every branch is as likely as any other
    ranked = made.select(TEXT, found)
    # set_timer and set_alarm share the branch "set": a quarter each; none has a half.
    raw = {"set_timer": 0.5 * 0.25**0.5, "set_alarm": 0.3 * 0.25**0.5, NONE: 0.2 * 0.5**0.5}
    total = sum(raw.values())
    assert {c.tool: c.probability for c in ranked} == pytest.approx({k: v / total for k, v in raw.items()})
    assert [c.tool for c in ranked] == sorted(raw, key=raw.get, reverse=True)
    assert engine.owners == {(ADAPTER,)}


def test_a_sure_adapter_overrules_a_head_that_wavers():
    found = retrieved(("set_alarm", 0.5), ("set_timer", 0.45), (NONE, 0.05))
    ranked = selector("set_timer\n")[0].select(TEXT, found)
    assert ranked[0].tool == "set_timer"
    assert ranked[0].probability > 0.9
    assert (
        selector("set_timer\n", Calibration(adapter_weight=0.0))[0].select(TEXT, found)[0].tool == "set_alarm"
    )


def test_after_a_call_a_sure_adapter_is_heard_and_it_may_be_done():
    found = retrieved(("set_timer", 0.99), ("add_to_list", 0.01), (NONE, 0.0))
    earlier = [("set_timer", {"duration": "ten minutes"})]
    for wanted in (DONE, "add_to_list"):
        made, engine = selector(f"set_timer\nduration: ten minutes\n{wanted}\n")
        ranked = made.select(TEXT, found, earlier)
        assert ranked[0].tool == wanted
        assert NONE not in [c.tool for c in ranked]
        assert sum(c.probability for c in ranked) == pytest.approx(1)
        assert engine.text([token for token, _ in engine.state]).endswith(
            "set_timer\nduration: ten minutes\n"
        )


MORE = Calibration(
    head_weight=2.0,
    adapter_weight=0.5,
    several=0.3,
    more_weight=0.25,
    done=0.2,
    again=0.1,
    head_share=0.4,
    later=0.5,
)
TIMER = Part("set_timer", 0, 11, 0.9, (("set_timer", 0.9), (NONE, 0.1)))
LIST = Part("add_to_list", 15, 27, 0.8, (("add_to_list", 0.8), ("set_timer", 0.2)))


def shares(raw):
    return pytest.approx({name: p / sum(raw.values()) for name, p in raw.items()})


def test_a_prior_and_the_adapter_are_multiplied():
    prior, adapter = {"set_timer": 0.6, NONE: 0.1}, {"set_timer": 0.5, NONE: 0.5, "read_list": 0.0}
    raw = {"set_timer": 0.6 * 0.5**0.25, NONE: 0.1 * 0.5**0.25, "read_list": 1e-6 * 1e-6**0.25}
    assert MORE.combined(prior, adapter, 0.25) == shares(raw)


def test_without_parts_used_tools_and_the_end_have_priors_of_their_own():
    found = retrieved(("set_timer", 0.6), ("add_to_list", 0.3), (NONE, 0.1))
    raw = {"set_timer": 0.6 * 0.1, "add_to_list": 0.3, DONE: 0.2}
    assert MORE.step_prior(found, (), {"set_timer"}) == shares(raw)
    assert MORE.step_prior(found, (), ()) == shares({"set_timer": 0.6, "add_to_list": 0.3, NONE: 0.1})


def test_the_parts_that_are_left_say_what_comes_next():
    found = replace(retrieved(("set_timer", 0.6), ("add_to_list", 0.3), (NONE, 0.1)), parts=(TIMER, LIST))
    first = MORE.step_prior(found, (TIMER, LIST), ())
    # of the parts: 0.9 and half of 0.8, nothing left 0.1 times 0
    said = {"set_timer": 0.9 / 1.3, "add_to_list": 0.4 / 1.3, NONE: 0.0}
    head = {"set_timer": 0.6, "add_to_list": 0.3, NONE: 0.1}
    assert first == pytest.approx({name: 0.6 * said[name] + 0.4 * head[name] for name in said})
    last = MORE.step_prior(found, (), {"set_timer", "add_to_list"})
    assert last[DONE] > 0.6
    assert last[DONE] == pytest.approx(0.6 + 0.4 * 0.2 / (0.06 + 0.03 + 0.2))


def test_of_an_unseen_tool_the_parts_know_nothing():
    found = retrieved(("set_lights", 0.6), ("add_to_list", 0.4), unseen=["set_lights"])
    cut = replace(found, parts=(TIMER, LIST))
    assert MORE.step_prior(cut, (TIMER, LIST), ())["set_lights"] == pytest.approx(0.6)


@pytest.mark.parametrize(("sure", "expected"), [(0.6, "set_timer"), (0.9, None)])
def test_where_the_parts_are_sure_the_adapter_is_not_asked(sure, expected):
    found = replace(
        retrieved(("set_timer", 0.6), ("add_to_list", 0.4), counts=(0.0, 0.1, 0.9)), parts=(TIMER, LIST)
    )
    made, engine = selector(calibration=replace(MORE, sure_step=sure, head_share=0.1))
    step = made.without_adapter(TEXT, found)
    assert (step and step.tool) == expected
    done = made.without_adapter(TEXT, found, [("set_timer", {}), ("add_to_list", {})])
    assert done is not None and done.tool == DONE
    assert engine.owners == set()


@pytest.mark.parametrize(
    ("parts", "share", "expected"),
    [
        ((TIMER, LIST), 0.3, True),
        ((TIMER, LIST), 0.29, False),
        ((TIMER,), 0.59, False),
        ((TIMER,), 0.6, True),
        ((TIMER, Part(NONE, 15, 27, 0.8)), 0.59, False),
        ((), 0.3, True),
    ],
)
def test_a_command_in_one_part_has_to_sound_more_like_several(parts, share, expected):
    found = replace(retrieved(("set_timer", 0.9), (NONE, 0.1), counts=(0.0, 1 - share, share)), parts=parts)
    assert selector()[0].several(found) is expected


@pytest.mark.parametrize(("several", "expected"), [(0.29, False), (0.3, True)])
def test_the_count_head_says_whether_there_are_several(several, expected):
    found = retrieved(("set_timer", 0.6), ("add_to_list", 0.3), (NONE, 0.1), counts=(0, 1 - several, several))
    made, _ = selector("add_to_list\n", MORE)
    ranked = made.select(TEXT, found)
    scores = made.adapter_scores(TEXT, found)
    prior = {c.tool: c.probability for c in found.candidates}
    as_several = MORE.combined(prior, scores, MORE.more_weight)
    as_single = MORE.combined({name: p**2 for name, p in prior.items()}, scores, MORE.adapter_weight)
    assert {c.tool: c.probability for c in ranked} == pytest.approx(as_several if expected else as_single)
    assert as_several != pytest.approx(as_single)


def test_what_is_used_already_is_chosen_again_only_for_a_reason():
    """The head believes in one tool alone; after its call an adapter that wavers does not repeat it."""
    found = retrieved(("set_timer", 0.7), ("add_to_list", 0.28), (NONE, 0.02), counts=(0.0, 0.0, 1.0))
    earlier = [("set_timer", {"duration": "ten minutes"})]
    calibration = Calibration(done=0.05, again=0.1)
    ranked = selector(calibration=calibration)[0].select(TEXT, found, earlier)
    assert ranked[0].tool == "add_to_list"
    made, _ = selector("set_timer\nduration: ten minutes\nset_timer\n", calibration)
    assert made.select(TEXT, found, earlier)[0].tool == "set_timer"


def test_before_a_call_it_cannot_be_done():
    ranked = selector()[0].select(TEXT, retrieved(("set_timer", 0.9), (NONE, 0.1)))
    assert {c.tool for c in ranked} == {"set_timer", NONE}


def test_unseen_tools_are_shown_in_a_line():
    found = retrieved(("set_lights", 0.6), ("set_timer", 0.3), (NONE, 0.1), unseen=["set_lights"])
    made, engine = selector("? set_lights, set_timer\nset_lights\n")
    assert made.select(TEXT, found)[0].tool == "set_lights"
    assert engine.text([token for token, _ in engine.state]).endswith("\n? set_lights, set_timer\n")
    made, engine = selector()
    made.select(TEXT, retrieved(("set_timer", 0.9), (NONE, 0.1), unseen=["set_lights"]))
    assert "?" not in engine.text([token for token, _ in engine.state])


def test_a_shortlist_of_none_alone():
    assert selector()[0].select(TEXT, retrieved((NONE, 1.0))) == [Candidate(NONE, 1.0)]


def test_calibration_is_read_from_the_manifest():
    assert Calibration.of({}) == Calibration()
    made = Calibration.of({"sure": 0.7, "single": "0.4", "tool2vec_temperature": 0.1})
    assert (made.sure, made.single, made.several) == (0.7, 0.4, Calibration().several)


def test_the_adapter_alone_for_calibration():
    scores = selector("set_timer\n")[0].adapter_scores(
        TEXT, retrieved(("set_timer", 0.1), ("set_alarm", 0.9))
    )
    assert set(scores) == {"set_timer", "set_alarm", NONE}
    assert scores["set_timer"] > 0.99


def test_the_real_adapter_prefers_the_right_name(engine):
    """With the committed adapter, on plain commands and names that are easily confused."""
    made = Selector(engine, Calibration(head_weight=0.0, adapter_weight=1.0))
    pool = ("set_timer", "set_alarm", "cancel_timer", "create_reminder", "add_to_list", "calculate", "none")
    found = retrieved(*((name, 1 / len(pool)) for name in pool))
    plain = {
        "set a timer for ten minutes": "set_timer",
        "set an alarm for seven tomorrow": "set_alarm",
        "put eggs on the shopping list": "add_to_list",
        "remind me to ring the dentist at noon": "create_reminder",
        "stop the pasta timer": "cancel_timer",
        "what is twelve times nine": "calculate",
        "tell me a joke about cats": "none",
    }
    assert {text: made.select(text, found)[0].tool for text in plain} == plain
