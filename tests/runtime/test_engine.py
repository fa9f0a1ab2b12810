"""The KV rule: whatever was cached before, the logits are those of a fresh evaluation."""

import random

import numpy as np
import pytest

from tinyagent.errors import ModelError
from tinyagent.runtime.engine import Engine

OWNERS = ((), ("small",), ("tiny",), ("small", "tiny"))
TOLERANCE = 0.05
"""Of logits whose standard deviation is about three; tokens cached under a wrong adapter are off by 0.3 and more."""
TEXTS = (
    " remind me to call Sid at three pm about the budget",
    " remind me to call Ana at four and put milk on the list",
    " what is on my calendar tomorrow",
)


def fresh(engine, owned):
    engine.truncate(0)
    return engine.begin(owned).copy()


def prompt(engine, rng):
    """A prompt that shares a prefix with others, of one to three stretches under one owner each."""
    tokens = engine.tokenize(rng.choice(TEXTS))[: rng.randint(3, 12)]
    first, second = rng.choice(OWNERS), rng.choice(OWNERS)
    at = rng.choice([len(tokens), rng.randrange(1, len(tokens))])
    return [(token, first if i < at else second) for i, token in enumerate(tokens)]


def test_two_hundred_random_steps_agree_with_fresh_evaluations(engine):
    rng = random.Random(20)
    steps, checked, reused = [], {}, 0
    engine.truncate(0)
    swaps = engine.swaps
    for _ in range(200):
        kind = rng.choice(["begin", "begin", "extend", "truncate"]) if len(engine.state) > 2 else "begin"
        before, evaluated = len(engine.state), engine.evaluated
        if kind == "begin":
            # Half of them go on from what is cached, under the same or another owner.
            kept = engine.state[: rng.randrange(before + 1)] if rng.random() < 0.5 else []
            owned = [*kept, *prompt(engine, rng)][:40]
            logits = engine.begin(owned)
            assert engine.state == owned
            reused += engine.evaluated - evaluated < len(owned)
        elif kind == "extend" and before < 48:
            tokens = engine.tokenize(rng.choice(TEXTS))[: rng.randint(1, 5)]
            logits = engine.extend(tokens)[-1]
            assert engine.state[before:] == [(token, engine.state[before - 1][1]) for token in tokens]
        else:
            engine.truncate(rng.randrange(1, before))
            continue
        steps.append((list(engine.state), logits.copy()))
        checked[tuple(engine.state)] = None
    assert engine.swaps - swaps > 50
    assert reused > 50
    for state, logits in steps:
        key = tuple(state)
        if checked[key] is None:
            checked[key] = fresh(engine, state)
        assert np.abs(logits - checked[key]).max() < TOLERANCE


@pytest.mark.parametrize("right", OWNERS, ids=str)
@pytest.mark.parametrize("wrong", OWNERS, ids=str)
def test_a_wrong_record_would_be_caught(engine, right, wrong):
    """The check above is sharp enough: three tokens cached under other adapters than recorded break it."""
    tokens = engine.tokenize(TEXTS[0])
    expected = fresh(engine, [(token, right) for token in tokens])
    fresh(engine, [(token, wrong) for token in tokens[:3]])
    engine.state[:] = [(token, right) for token in tokens[:3]]  # the lie
    off = np.abs(engine.begin([(token, right) for token in tokens]) - expected).max()
    engine.truncate(0)
    assert off < TOLERANCE if right == wrong else off > 4 * TOLERANCE


def test_only_what_is_new_is_evaluated(engine):
    tokens = engine.tokenize(TEXTS[0])
    bare = [(token, ()) for token in tokens]
    fresh(engine, bare)
    start = engine.evaluated
    engine.begin([*bare, (tokens[0], ("tiny",))])
    assert engine.evaluated - start == 1
    engine.begin(bare)  # the last token again: its logits are asked for
    assert engine.evaluated - start == 2
    engine.begin([(token, ("tiny",)) for token in tokens])
    assert engine.evaluated - start == 2 + len(tokens)


def test_every_row_of_an_extension(engine):
    tokens = engine.tokenize(TEXTS[0])
    fresh(engine, [(token, ("tiny",)) for token in tokens[:3]])
    rows = engine.extend(tokens[3:], every=True).copy()
    assert rows.shape == (len(tokens) - 3, engine.vocabulary_size)
    for i in range(len(rows)):
        expected = fresh(engine, [(token, ("tiny",)) for token in tokens[: 4 + i]])
        assert np.abs(rows[i] - expected).max() < TOLERANCE


def test_more_tokens_than_one_batch_holds(served):
    engine = Engine(served, context=1024, threads=2)
    try:
        # llama.cpp attends with other roundings where a batch has fewer than 64 tokens, so all have more.
        tokens = [100 + i % 50 for i in range(700)]
        whole = engine.begin([(token, ()) for token in tokens]).copy()
        engine.begin([(tokens[0], ())])
        assert np.abs(engine.extend(tokens[1:])[-1] - whole).max() < TOLERANCE
        assert len(engine.state) == 700
        engine.truncate(100)
        rows = engine.extend(tokens[100:], every=True)
        assert rows.shape[0] == 600
        assert np.abs(rows[-1] - whole).max() < TOLERANCE
    finally:
        engine.close()


def test_too_long_is_a_sentence_and_does_no_harm(engine):
    tokens = engine.tokenize(TEXTS[0])
    expected = fresh(engine, [(token, ()) for token in tokens])
    with pytest.raises(ModelError, match=r"The command is too long: 513 tokens of at most 512\."):
        engine.begin([(5, ())] * 513)
    with pytest.raises(ModelError, match="too long for the model's context"):
        engine.extend([5] * 512)
    assert np.abs(engine.begin([(token, ()) for token in tokens]) - expected).max() < TOLERANCE


def test_words_survive_the_tokenizer_and_markers_are_only_words(engine):
    for text in (" remind me", " Zoë’s naïve 3½ 日本語 🎉", "a\tb", ""):
        assert engine.detokenize(engine.tokenize(text)) == text
    start = engine.tokenize("<|im_start|>", special=True)
    assert len(start) == 1
    assert start[0] not in engine.tokenize(" say <|im_start|> please")
