"""What a later call gets for `$1`: one form for each kind, never more than was meant, never looked into again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyagent.calls import Call, Result
from tinyagent.compiler.results import LONGEST, refer, with_results
from tinyagent.compiler.values import arguments
from tinyagent.dualtune.references import fitting
from tinyagent.errors import ToolError
from tinyagent.tools.registry import catalogue


def results(*values, answer="Said."):
    return {n: Result(Call("look", {}), "done", answer, value) for n, value in enumerate(values)}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", {"text": "the whole note"}, "the whole note"),
        ("text", {"text": "  "}, "Said."),
        ("text", {"title": "x"}, "Said."),
        ("text", "+1 555", "Said."),
        ("text", 42, "Said."),
        ("text", None, "Said."),
        ("text", ["a", "b"], "Said."),
        ("number", 42, 42),
        ("number", 2.5, 2.5),
        ("percent", 40, 40),
        ("file", "/a/b.pdf", "/a/b.pdf"),
        ("file", {"path": "/a/b.pdf", "size": 3}, "/a/b.pdf"),
        ("file", ["/a/b.pdf"], "/a/b.pdf"),
        ("file", [{"path": "/a/b.pdf"}], "/a/b.pdf"),
        ("files", "/a/b.pdf", ["/a/b.pdf"]),
        ("files", [{"path": "/a/b.pdf"}], ["/a/b.pdf"]),
    ],
)
def test_the_form_depends_on_the_kind(kind, value, expected):
    assert refer("$1", results(value), kind) == expected


@pytest.mark.parametrize(
    ("reference", "value", "expected"),
    [
        ("$1.phone", {"phone": "+1 555", "name": "Sid"}, "+1 555"),
        ("$1.phone", "+1 555", "+1 555"),
        ("$1.total", {"total": 7}, 7),
        ("$1.brightness", 40, 40),
    ],
)
def test_a_field(reference, value, expected):
    assert refer(reference, results(value), "text") == expected


@pytest.mark.parametrize(
    ("reference", "kind", "value", "sentence"),
    [
        ("$1.phone", "text", {"phone": ""}, "Looking gave no phone"),
        ("$1.phone", "text", {"phone": None}, "Looking gave no phone"),
        ("$1.phone_number", "text", {}, "Looking gave no phone number"),
        ("$1.phone", "text", ["+1 555"], "Looking gave no phone"),
        ("$1.phone", "text", None, "Looking gave no phone"),
        ("$1.on", "text", {"on": True}, "Looking gave no on"),
        ("$1", "number", "42", "Looking gave no number"),
        ("$1", "number", True, "Looking gave no number"),
        ("$1", "percent", None, "Looking gave no number"),
        ("$1", "file", [], "Looking found no file"),
        ("$1", "file", None, "Looking found no file"),
        ("$1", "file", "", "Looking found no file"),
        ("$1", "file", ["/a", "/b"], "Looking found 2 files: say which one"),
        (
            "$1",
            "files",
            [{"path": "/a"}, {"path": "/b"}, {"path": "/c"}],
            "Looking found 3 files: say which one",
        ),
    ],
)
def test_what_is_not_there_is_a_sentence(reference, kind, value, sentence):
    with pytest.raises(ToolError, match=sentence):
        refer(reference, results(value), kind)


def test_a_call_that_said_nothing_gives_no_text():
    with pytest.raises(ToolError, match="Looking said nothing"):
        refer("$1", results(None, answer=" "), "text")


def test_references_reach_only_the_calls_that_are_needed():
    known = results({"text": "first"})
    assert refer("$1", known, "text") == "first"
    for other in ("$2", "$5", "$", "$0", "$1st", "costs $1", "$1 ", "$1.", "$1.Phone", "$$1", 5, None, True):
        assert refer(other, known, "text") == other


def test_a_list_is_looked_through_and_stays_flat():
    known = results({"text": "first"}, [{"path": "/a/b.pdf"}])
    assert refer(["$1", "Ana", "$3"], known, "text") == ["first", "Ana", "$3"]
    assert refer(["$2", "/c.pdf"], known, "files") == ["/a/b.pdf", "/c.pdf"]


HOSTILE = ["$1", "$2", "$2.phone", "$1.phone", " $1", "say $1", "\x1b[31m$2", '{"text": "$2"}']


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_read_is_never_expanded_again(text):
    known = results({"text": text, "phone": text}, {"text": "secret", "phone": "+1 666"})
    assert refer("$1", known, "text") == text
    assert refer("$1.phone", known, "text") == text
    assert refer(["$1", "$1.phone"], known, "text") == [text, text]
    assert refer("$1", results({}, {"text": "secret"}, answer=text), "text") == text


def test_a_path_that_looks_like_a_reference_stays_a_path():
    assert refer("$1", results("$2", {"text": "secret"}), "file") == "$2"


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1, 10 * LONGEST])
def test_long_texts_are_cut(length):
    text = "x" * length
    for reference, value in (("$1", {"text": text}), ("$1.phone", {"phone": text}), ("$1.phone", text)):
        found = refer(reference, results(value), "text")
        assert len(found) == min(length, LONGEST)
        assert found == text if length <= LONGEST else found.endswith("x…")
    assert len(refer("$1", results(None, answer=text), "text")) == min(length, LONGEST)


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_goes_through_as_it_is(text):
    assert refer("$1", results({"text": text}), "text") == text[:LONGEST]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=6), st.text())
def test_any_value_gives_a_plain_value_or_a_sentence(value, name):
    for kind in ("text", "number", "percent", "file", "files"):
        try:
            found = refer(f"$1.{name}", results(value), kind), refer("$1", results(value), kind)
        except ToolError as error:
            assert str(error).endswith((".", "mean."))
            continue
        assert all(isinstance(one, str | int | float | list) for one in found)


def test_a_number_may_be_a_percentage():
    """What was calculated is a level: "take 15 from 50 and set the volume to that"."""
    calculate, volume, find = (catalogue()[name] for name in ("calculate", "set_volume", "search_files"))
    level = volume.parameter("level")
    assert fitting(level, [find, calculate]) == ["$2"]
    assert fitting(level, [find]) == []
    call = Call("set_volume", {"level": "$1"})
    assert arguments(volume, with_results(volume, call, results(35))) == {"level": 35}
    with pytest.raises(ToolError, match="250 is not a value for level of set_volume"):
        arguments(volume, with_results(volume, call, results(250)))
    with pytest.raises(ToolError, match="Looking gave no number"):
        with_results(volume, call, results("much"))
