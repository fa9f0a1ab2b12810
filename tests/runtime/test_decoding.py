"""Constrained decoding against brute force: every option evaluated token by token on a bare context."""

import itertools

import numpy as np
import pytest

from tinyagent.dualtune import prompts
from tinyagent.errors import ModelError
from tinyagent.runtime.decoding import Decoder

TEXT = "remind me to call Sid's mum about the call at three, and buy milk - urgent"
NAMES = (
    "create_reminder",
    "create_list",
    "create_calendar_event",
    "find_reminders",
    "none",
    "get_datetime",
    "x",
)


class Reference:
    """Decodes one token at a time, each after a fresh `begin`, so that nothing is shared with the code under test."""

    def __init__(self, engine, prompt):
        self.engine, self.written = engine, list(prompt)
        self.owner = prompt[-1][1]

    def row(self, more=()):
        return self.engine.begin([*self.written, *((token, self.owner) for token in more)]).astype(np.float64)

    def write(self, tokens):
        self.written += [(token, self.owner) for token in tokens]


def shares(row, allowed):
    values = np.exp(row[allowed] - row[allowed].max())
    return values / values.sum()


def enumerate_all(reference, options):
    """Every option's probability under the restriction to the options: the product over its tokens."""
    result = []
    for option in options:
        p = 1.0
        for depth in range(len(option)):
            allowed = sorted({o[depth] for o in options if list(o[:depth]) == list(option[:depth])})
            if len(allowed) > 1:
                p *= shares(reference.row(option[:depth]), allowed)[allowed.index(option[depth])]
        result.append(p)
    return result


def greedy(reference, options):
    """The option that greedy decoding under the restriction writes, and its probability."""
    written, p = [], 1.0
    while written not in [list(o) for o in options]:
        allowed = sorted({o[len(written)] for o in options if list(o[: len(written)]) == written})
        if len(allowed) > 1:
            row = shares(reference.row(written), allowed)
            written.append(allowed[int(row.argmax())])
            p *= row.max()
        else:
            written.append(allowed[0])
    return [list(o) for o in options].index(written), p


@pytest.fixture(params=[(), ("tiny",)], ids=["bare", "tiny"])
def owner(request):
    return request.param


def start(engine, owner, text=TEXT):
    return [(token, owner) for token in prompts.header(engine, text)]


def named(engine):
    return [prompts.name_tokens(engine, name) for name in NAMES]


def test_score_is_the_probability_of_every_option(engine, owner):
    prompt, options = start(engine, owner), named(engine)
    expected = enumerate_all(Reference(engine, prompt), options)
    found = Decoder(engine, prompt).score(options, cutoff=0.0)
    assert sum(found) == pytest.approx(1)
    assert found == pytest.approx(expected, abs=1e-3, rel=1e-2)
    assert engine.state == prompt


def test_branches_below_the_cutoff_share_their_mass(engine, owner):
    prompt, options = start(engine, owner), named(engine)
    exact = Decoder(engine, prompt).score(options, cutoff=0.0)
    before = engine.evaluated
    rough = Decoder(engine, prompt).score(options, cutoff=0.9)
    assert engine.evaluated - before <= 1
    assert sum(rough) == pytest.approx(1)
    create = [i for i, name in enumerate(NAMES) if name.startswith("create")]
    assert sum(rough[i] for i in create) == pytest.approx(sum(exact[i] for i in create), abs=1e-6)
    assert len({rough[i] for i in create}) == 1


def test_options_with_a_common_start_and_a_single_one(engine):
    prompt = start(engine, ())
    options = [prompts.name_tokens(engine, name) for name in NAMES if name.startswith("create")]
    expected = enumerate_all(Reference(engine, prompt), options)
    assert Decoder(engine, prompt).score(options, cutoff=0.0) == pytest.approx(expected, abs=1e-3, rel=1e-2)
    assert Decoder(engine, prompt).score(options[:1]) == [1.0]


def test_scoring_leaves_the_next_decision_as_it_was(engine, owner):
    prompt, options = start(engine, owner), named(engine)
    decoder = Decoder(engine, prompt)
    decoder.score(options, cutoff=0.0)
    chosen, p = decoder.choose(options), decoder.probability
    alone = Decoder(engine, prompt)
    assert (chosen, p) == (alone.choose(options), pytest.approx(alone.probability, rel=1e-2))


@pytest.mark.parametrize("forced", ["", "due:", "name: call\nlist_name:"])
def test_choose_is_greedy_decoding(engine, owner, forced):
    prompt, end = start(engine, owner), prompts.line_end(engine)
    values = ["three", "three pm", "at three", "tomorrow", "call", "-"]
    options = [[*prompts.value_tokens(engine, value), end] for value in values]
    reference = Reference(engine, prompt)
    reference.write(engine.tokenize(forced))
    expected, p = greedy(reference, options)
    decoder = Decoder(engine, prompt)
    decoder.force(engine.tokenize(forced))
    assert decoder.choose(options) == expected
    assert decoder.probability == pytest.approx(p, rel=1e-2)


def test_equal_options_are_one(engine):
    end = prompts.line_end(engine)
    options = [[*prompts.value_tokens(engine, value), end] for value in ("three", "three", "four", "four")]
    decoder = Decoder(engine, start(engine, ()))
    assert decoder.choose(options) in (0, 2)
    assert Decoder(engine, start(engine, ())).choose(options[:2]) == 0


def pieces_of(engine, text):
    words = prompts.split_words(text)
    return words, [prompts.word_pieces(engine, word) for word in words]


def sequential(reference, pieces, starts, end, instead):
    """Greedy decoding of a run, one token at a time, by the definition: every (first, last) spelled out."""
    lines = {}
    for which, line in enumerate(instead):
        lines.setdefault((*line, end), which)
    for first in starts:
        for last in range(first, len(pieces)):
            tokens = []
            for i in range(first, last + 1):
                core, tail = pieces[i]
                tokens += [*core, *(tail if i < last else [])]
            lines.setdefault((*tokens, end), (first, last))
    written, p = (), 1.0
    while written not in lines:
        allowed = sorted({line[len(written)] for line in lines if line[: len(written)] == written})
        if len(allowed) > 1:
            row = shares(reference.row(written), allowed)
            written, p = (*written, allowed[int(row.argmax())]), p * row.max()
        else:
            written = (*written, allowed[0])
    return lines[written], p, written


class Sharpened:
    """An engine whose logits lean towards the words of `gold`, so that long runs are copied too."""

    def __init__(self, engine, start, gold):
        self._engine, self._start, self._gold = engine, start, gold

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def _lean(self, row, length):
        row = row.copy()
        if 0 <= length - self._start < len(self._gold):
            row[self._gold[length - self._start]] += 60
        return row

    def begin(self, prompt):
        return self._lean(self._engine.begin(prompt), len(prompt))

    def extend(self, tokens, *, every=False):
        before = len(self._engine.state)
        rows = self._engine.extend(tokens, every=every)
        shift = before + len(tokens) - len(rows)
        return np.stack([self._lean(row, shift + i + 1) for i, row in enumerate(rows)])


GOLD = ["call Sid", "call Sid's", "call Sid's mum about the call", "three, and buy milk", "the call", "the", "milk",
        "urgent", "-", "", "- urgent", "$1", "$1.phone", TEXT]  # fmt: skip


@pytest.mark.parametrize("gold", GOLD)
@pytest.mark.parametrize("instead", [[], [prompts.ABSENT], [prompts.ABSENT, " $1", " $1.phone"]])
def test_copy_is_sequential_greedy_decoding(engine, owner, gold, instead):
    prompt, end = start(engine, owner), prompts.line_end(engine)
    words, pieces = pieces_of(engine, TEXT)
    starts = [i for i, word in enumerate(words) if not word.glued]
    instead = [engine.tokenize(line) for line in instead]
    key = engine.tokenize("name:")
    target = [*(prompts.value_tokens(engine, gold) or engine.tokenize(prompts.ABSENT)), end]
    leaning = Sharpened(engine, len(prompt) + len(key), target)
    reference = Reference(leaning, prompt)
    reference.write(key)
    expected, p, written = sequential(reference, pieces, starts, end, instead)
    decoder = Decoder(leaning, prompt)
    decoder.force(key)
    assert decoder.copy(pieces, starts, end, instead) == expected
    assert decoder.probability == pytest.approx(p, rel=2e-2)
    # The state and what waits are exactly the line.
    line = [token for token, _ in engine.state] + decoder._pending
    assert line == [token for token, _ in prompt] + key + list(written)


@pytest.mark.parametrize(
    "text", ["the the the cat", "call call me, call", "- - -", "a", "it's Sid's", "ab abc abcd"]
)
def test_copy_without_any_help(engine, owner, text):
    """Whatever the model makes of it: repeated words, words that start alike, the mark of absence as a word."""
    prompt, end = start(engine, owner, text), prompts.line_end(engine)
    words, pieces = pieces_of(engine, text)
    starts = [i for i, word in enumerate(words) if not word.glued]
    for instead in ([], [engine.tokenize(prompts.ABSENT)]):
        expected, p, written = sequential(Reference(engine, prompt), pieces, starts, end, instead)
        decoder = Decoder(engine, prompt)
        found = decoder.copy(pieces, starts, end, instead)
        assert found == expected
        assert decoder.probability == pytest.approx(p, rel=2e-2)
        assert [t for t, _ in engine.state][len(prompt) :] + decoder._pending == list(written) or (
            decoder._prompt is not None and decoder._pending == list(written)
        )


class Counting:
    """An engine that counts its evaluations (`begin` and `extend`)."""

    def __init__(self, engine):
        self._engine, self.batches = engine, []

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def begin(self, prompt):
        self.batches.append(len(prompt))
        return self._engine.begin(prompt)

    def extend(self, tokens, *, every=False):
        self.batches.append(len(tokens))
        return self._engine.extend(tokens, every=every)


def test_nothing_is_evaluated_before_a_decision(engine):
    counting = Counting(engine)
    prompt, end = start(engine, ()), prompts.line_end(engine)
    decoder = Decoder(counting, prompt)
    decoder.force(engine.tokenize("create_reminder\ndue:"))
    assert decoder.choose([[*engine.tokenize(" three"), end]]) == 0
    assert counting.batches == []
    decoder.force(engine.tokenize("name:"))
    decoder.choose([[*engine.tokenize(" mum"), end], [*engine.tokenize(" Sid"), end]])
    decoder.force(engine.tokenize("list_name:"))
    decoder.force(engine.tokenize(" the"))
    # Prompt and everything forced since went in one batch; what is forced now still waits.
    forced = engine.tokenize("create_reminder\ndue: three\nname:")
    assert counting.batches == [len(prompt) + len(forced)]


def test_a_long_run_takes_two_batches(engine):
    prompt, end = start(engine, ()), prompts.line_end(engine)
    gold = "mum about the call at three, and buy milk"
    words, pieces = pieces_of(engine, TEXT)
    starts = [i for i, word in enumerate(words) if not word.glued]
    key = engine.tokenize("name:")
    counting = Counting(Sharpened(engine, len(prompt) + len(key), [*prompts.value_tokens(engine, gold), end]))
    decoder = Decoder(counting, prompt)
    decoder.force(key)
    first, last = decoder.copy(pieces, starts, end, [engine.tokenize(prompts.ABSENT)])
    assert [word.core for word in words[first : last + 1]] == gold.replace(",", "").split()
    # One for the first token; the rest is drafted together with it and verified at once.
    assert len(counting.batches) == 2
    assert counting.batches[1] > 8


def test_a_command_too_long_for_the_context_is_a_sentence(engine):
    text = " ".join(itertools.repeat("milk", 600))
    decoder = Decoder(engine, start(engine, (), text))
    with pytest.raises(ModelError, match="too long"):
        decoder.score(named(engine))
