"""Reading cases: the contract of DESIGN.md, and one sentence for each malformed file."""

import json
from datetime import datetime

import pytest

from tinyagent.errors import CaseError
from tinyagent.evaluation.cases import parse_case, parse_cases, read_cases

CALL = {"tool": "create_reminder", "args": {"name": "call sid", "due": "2026-03-02T15:00:00"}}
GIVEN = {
    "id": "r-17",
    "text": "remind me to call sid at three",
    "now": "2026-03-02T09:00:00",
    "calls": [CALL],
}


def test_the_example_of_the_design(tmp_path):
    path = tmp_path / "cases.jsonl"
    accept = {"name": ["call sid", "call sid about the budget"]}
    path.write_text(json.dumps({**GIVEN, "depends": [], "accept": accept}) + "\n\n", "utf-8")
    (case,) = read_cases(path)
    assert (case.id, case.text, case.now) == ("r-17", GIVEN["text"], datetime(2026, 3, 2, 9))
    assert case.acts and case.ends == ("done",) and case.depends == ()
    assert case.calls[0].tools == ("create_reminder",)
    assert case.calls[0].args["create_reminder"] == CALL["args"]
    assert case.accept == {"name": ("call sid", "call sid about the budget")}


def test_a_case_that_must_not_be_acted_on():
    case = parse_case({**GIVEN, "calls": [], "end": ["none", "ask"], "accept_tools": ["read_list"]})
    assert not case.acts and case.ends == ("none", "ask") and case.accept_tools == ("read_list",)


def test_several_tools_with_arguments_of_their_own():
    args = {"set_alarm": {"time": "2026-03-03T06:00"}, "create_reminder": {"name": "wake up"}}
    call = {"tool": ["set_alarm", "create_reminder"], "args": args, "partial": True}
    (read,) = parse_case({**GIVEN, "calls": [call]}).calls
    assert read.args == args and read.partial
    shared = parse_case({**GIVEN, "calls": [{"tool": ["a", "b"], "args": {"name": "x"}}]}).calls[0]
    assert shared.args == {"a": {"name": "x"}, "b": {"name": "x"}}


def test_depends_are_later_then_earlier_whichever_way_they_are_written():
    assert parse_case({**GIVEN, "calls": [CALL, CALL], "depends": [[0, 1], [1, 0]]}).depends == ((1, 0),)


def test_a_case_without_id_is_known_by_its_text():
    assert parse_case({k: v for k, v in GIVEN.items() if k != "id"}).id == GIVEN["text"]


BROKEN = [
    ({"text": 5}, "`text` must be a string"),
    ({"text": " "}, "`text` is empty"),
    ({"now": "monday"}, "`now` must be like"),
    ({"calls": {}}, "`calls` must be a list"),
    ({"calls": []}, "`end` must be none or ask where"),
    ({"calls": [], "end": "done"}, "`end` must be none or ask where"),
    ({"end": "ask"}, "`end` must be done (or left out)"),
    ({"end": "stop"}, "not 'stop'"),
    ({"calls": ["x"]}, "call 1: a call must be an object"),
    ({"calls": [{"args": {}}]}, "call 1: `tool` is missing"),
    ({"calls": [{"tool": 3}]}, "`tool` must be a name"),
    ({"calls": [{"tool": "a", "args": [1]}]}, "`args` must be an object"),
    ({"calls": [{"tool": "a", "words": {"due": 3}}]}, "the words of 'due' must be a string"),
    ({"calls": [{"tool": "a", "args": {"due": "x"}, "words": {"due": "x"}}]}, "keep one"),
    ({"calls": [{"tool": ["a", "b"], "args": {"a": 1}}]}, "the `args` of a must be an object"),
    ({"calls": [CALL], "depends": [[0, 1]]}, "`depends` must hold pairs"),
    ({"depends": 7}, "`depends` must hold pairs"),
    ({"accept": {"name": "x"}}, "`accept` must give a list"),
    ({"acept": {}}, "'acept' is not a key here"),
    ({"calls": [{"tool": "a", "arg": {}}]}, "'arg' is not a key here"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN)
def test_malformed_cases_give_one_sentence(change, message):
    lines = [json.dumps(GIVEN), json.dumps({**GIVEN, "id": "2", **change})]
    with pytest.raises(CaseError) as caught:
        list(parse_cases(lines, "f.jsonl"))
    sentence = str(caught.value)
    assert message in sentence and sentence.startswith("f.jsonl, line 2") and sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize("missing", ["text", "now", "calls"])
def test_missing_keys(missing):
    with pytest.raises(CaseError, match=f"`{missing}` is missing"):
        parse_case({k: v for k, v in GIVEN.items() if k != missing})


def test_keys_of_other_tools_pass():
    assert parse_case({**GIVEN, "source": "mine", "tags": []}).id == "r-17"


def test_lines_that_are_no_cases():
    with pytest.raises(CaseError, match="line 1: this is not JSON"):
        list(parse_cases(["{"]))
    with pytest.raises(CaseError, match="must be a JSON object"):
        list(parse_cases(["[]"]))
    with pytest.raises(CaseError, match="line 2: the id 'r-17' stands on line 1 too"):
        list(parse_cases([json.dumps(GIVEN)] * 2))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(CaseError, match="cannot be read: No such file"):
        read_cases(tmp_path / "absent.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9\xff")
    with pytest.raises(CaseError, match="not UTF-8"):
        read_cases(tmp_path / "latin.jsonl")
