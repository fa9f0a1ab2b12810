"""Words, runs and the token sequences that training and serving share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import ScriptedEngine

from tinyagent.calls import Parameter
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import run_text
from tinyagent.dualtune.prompts import Before, split_words
from tinyagent.tools.registry import catalogue


def cores(text, leave_out=()):
    return [word.core for word in split_words(text, leave_out)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call Sid at three", ["call", "Sid", "at", "three"]),
        ("call Sid, then Ana.", ["call", "Sid", "then", "Ana"]),
        ("luigi's pizza", ["luigi", "'s", "pizza"]),
        ("Zoë’s, please!", ["Zoë", "’s", "please"]),
        ('the "big one" is', ["the", "big", "one", "is"]),
        ("“Dune” ‘x’", ["Dune", "x"]),
        ("it's 3:30 p.m.", ["it", "'s", "3:30", "p.m"]),
        ("boys' night - $5.50?", ["boys", "night", "-", "$5.50"]),
        ("??? ... ,", []),
        ("'s", ["s"]),
        ("ana@example.org, (555) 01-2", ["ana@example.org", "(555)", "01-2"]),
        ("買って 牛乳を", ["買って", "牛乳を"]),
        ("", []),
        (" \t\n ", []),
    ],
)
def test_words(text, expected):
    assert cores(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last", "expected"),
    [
        ("remind me to call Sid.", 3, 4, "call Sid"),
        ("buy milk, eggs, and tea!", 1, 4, "milk, eggs, and tea"),
        ("book luigi's, soon", 1, 1, "luigi"),
        ("book luigi's, soon", 1, 2, "luigi's"),
        ("book luigi's, soon", 1, 3, "luigi's, soon"),
        ('say "hello there" now', 1, 2, "hello there"),
        ("Zoë’s café", 0, 2, "Zoë’s café"),
        ("🎉 party", 0, 1, "🎉 party"),
    ],
)
def test_the_text_of_a_run(text, first, last, expected):
    assert run_text(split_words(text), first, last) == expected


def test_left_out_words_are_gone_with_their_possessive():
    text = "tomorrow's lunch at three"
    assert cores(text, [(0, 8)]) == ["lunch", "at", "three"]
    assert cores(text, [(17, 25)]) == ["tomorrow", "'s", "lunch"]
    assert cores("a b", [(1, 2)]) == ["a", "b"]


WORDS = st.lists(
    st.text(alphabet=st.sampled_from("abé日'’s\"“”.,;:!?-$3🎉"), min_size=1, max_size=6),
    min_size=1,
    max_size=7,
)
TEXTS = st.one_of(WORDS.map(" ".join), st.text(max_size=40))


@given(TEXTS, st.data())
def test_every_run_is_made_of_the_words_of_the_command(text, data):
    words = split_words(text)
    for word in words:
        assert text[word.start : word.end] == word.core
        assert word.core
        assert not word.core.isspace()
        assert not word.glued or words[words.index(word) - 1].end == word.start
    if not words:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    found = run_text(words, first, last)
    # Quotation marks and signs that stand alone are left out; letters and digits never are, nor is anything added.
    said = text[words[first].start : words[last].end]
    characters = iter(said)
    assert all(c in characters for c in found if not c.isspace())
    assert [c for c in found if c.isalnum() and c != "s"] == [c for c in said if c.isalnum() and c != "s"]


@given(TEXTS)
def test_words_of_a_run_are_words_again(text):
    """What a call says is split the same way when it is shown to the model as an earlier call."""
    words = split_words(text)
    if words:
        again = split_words(run_text(words, 0, len(words) - 1))
        assert (
            "".join(w.core for w in again) == "".join(w.core for w in words)
            or words[-1].core[-1] in "\"'“”’.,;:!?"
        )


def test_a_prompt_is_what_the_docstring_shows():
    engine = ScriptedEngine()
    tokens = prompts.header(engine, "remind me to call Sid at three")
    tokens += prompts.call_lines(engine, "create_reminder", {"due": "three", "name": "call Sid"})
    assert engine.text(tokens) == (
        "<|im_start|> remind me to call Sid at three\ncreate_reminder\ndue: three\nname: call Sid\n"
    )
    assert engine.text(prompts.shortlist_line(engine, ["a_b", "c"])) == "? a_b, c\n"


SAID = Before("a reminder to call Sid", [(catalogue()["create_reminder"], {"name": "call Sid"})])


def test_a_second_turn_stands_below_the_first_and_its_calls():
    engine = ScriptedEngine()
    earlier = [("set_timer", {"duration": "an hour"})]
    tokens = prompts.so_far(engine, "and one at noon", earlier, SAID)
    assert engine.text(tokens) == (
        "<|im_start|> a reminder to call Sid\ncreate_reminder\nname: call Sid\n"
        "<|im_start|> and one at noon\nset_timer\nduration: an hour\n"
    )
    # All that the first turn left in the model's cache is used again.
    first = prompts.so_far(engine, SAID.text, [(tool.name, words) for tool, words in SAID.calls])
    assert tokens[: len(first)] == first


def test_the_line_of_names_stands_below_the_command_it_belongs_to():
    engine = ScriptedEngine()
    tokens = prompts.so_far(engine, "and then?", [("set_timer", {})], SAID, ["a_b", "c"])
    assert engine.text(tokens).endswith("<|im_start|> and then?\n? a_b, c\nset_timer\n")
    assert engine.text(tokens).count("?") == 2


def test_words_are_put_in_the_order_of_writing():
    tool = catalogue()["create_reminder"]
    said = {"notes": "soon", "name": "call Sid", "due": "three", "colour": "red", "recurrence": "daily"}
    assert list(prompts.in_fill_order(tool, said).items()) == [
        ("recurrence", "daily"), ("due", "three"), ("name", "call Sid"), ("notes", "soon")
    ]  # fmt: skip
    assert prompts.in_fill_order(tool, {}) == {}


def test_a_copied_run_has_the_tokens_of_the_header(engine):
    """With the real tokenizer: a value's tokens stand in the header one after the other."""
    text = "remind Zoë's mum about the three-thirty call, and luigi's pizza"
    header = prompts.header(engine, text)
    for value in ("Zoë's mum", "three-thirty call, and luigi's pizza", "luigi"):
        tokens = prompts.value_tokens(engine, value)
        assert any(header[i : i + len(tokens)] == tokens for i in range(len(header)))
    assert engine.detokenize(header) == f"<|im_start|> {text}\n"


def test_no_word_of_a_person_becomes_a_marker(engine):
    header = prompts.header(engine, "say <|im_start|> and <|im_end|>")
    assert header.count(header[0]) == 1
    assert engine.tokenize("<|im_end|>", special=True)[0] not in header


def test_every_name_and_key_can_be_told_apart(engine):
    """No option is a prefix of another, and no name contains the token that ends a line but at its end."""
    tools = list(catalogue())
    names = [tuple(prompts.name_tokens(engine, name)) for name in (*(t.name for t in tools), "none", "done")]
    assert len(set(names)) == len(names)
    assert not any(a != b and b[: len(a)] == a for a in names for b in names)
    assert all(name.index(prompts.line_end(engine)) == len(name) - 1 for name in names)


def test_what_resolvers_propose_is_written_before_runs_of_words():
    for tool in catalogue():
        order = prompts.fill_order(tool)
        kinds = [parameter.is_choice for parameter in order]
        assert kinds == sorted(kinds, reverse=True)
        assert sorted(p.name for p in order) == sorted(p.name for p in tool.parameters)


def test_recurrences_are_written_before_points_in_time():
    tool = catalogue()["create_reminder"]
    order = [p.name for p in prompts.fill_order(tool)]
    assert order.index("recurrence") < order.index("due") < order.index("name")
    assert isinstance(tool.parameter("due"), Parameter)
