"""The mapping rule, on sentences of our own; the hand-checked set as far as it can be read without SLURP."""

import json

import pytest

from tinyagent.evaluation import slurp_map
from tinyagent.evaluation.cases import parse_case, read_cases
from tinyagent.evaluation.normalise import normalise
from tinyagent.evaluation.slurp_rules import INTENTS, decide

RULES = [
    ("calendar_set", "put tea with ana on my calendar on friday", "done", ("create_calendar_event",)),
    ("calendar_set", "remind me to water the ferns on friday", "done", ("create_reminder",)),
    ("calendar_set", "remember the concert on friday", "done", ("create_reminder", "create_calendar_event")),
    ("calendar_set", "let me know of the gig on friday", "done", ("create_reminder", "find_calendar_events")),
    ("calendar_set", "schedule a chat with ana", "ask", ("create_calendar_event", "create_reminder")),
    ("calendar_set", "remind me at six pm", "ask", ("create_reminder",)),
    ("calendar_set", "when is the concert", "done", ("find_calendar_events",)),
    ("calendar_set", "reschedule the concert for friday", "done", ("move_calendar_event",)),
    ("calendar_query", "do i have reminders left", "done", ("find_reminders",)),
    ("calendar_query", "what is on my calendar", "done", ("find_calendar_events",)),
    ("calendar_query", "when does the circus come", "none", ("find_calendar_events",)),
    ("calendar_remove", "delete the concert", "done", ("delete_calendar_event",)),
    ("calendar_remove", "delete the reminders of friday", "done", ("delete_reminder",)),
    ("calendar_remove", "remove", "ask", ("delete_calendar_event", "delete_reminder")),
    ("alarm_set", "alarm at nine", "done", ("set_alarm",)),
    ("alarm_set", "i want an alarm", "ask", ("set_alarm",)),
    ("alarm_remove", "drop the alarm", "done", ("cancel_alarm",)),
    ("datetime_query", "what day is it", "done", ("get_datetime",)),
    ("datetime_convert", "change the time zone", "none", ()),
    ("lists_createoradd", "put bread on the party list", "done", ("add_to_list",)),
    ("lists_createoradd", "make a list for the trip", "done", ("create_list",)),
    ("lists_createoradd", "make a list", "ask", ("create_list",)),
    ("lists_query", "read the party list", "done", ("read_list",)),
    ("lists_remove", "take bread off my party list", "done", ("remove_from_list",)),
    ("lists_remove", "delete my party list", "done", ("delete_list",)),
    ("lists_remove", "remove that item from the list", "ask", ("remove_from_list",)),
    ("qa_maths", "what is nine plus nine", "done", ("calculate",)),
    ("qa_maths", "how many feet in nine metres", "done", ("convert_units",)),
    ("email_querycontact", "what is ana's email", "done", ("get_email_address",)),
    ("email_querycontact", "ana's phone number", "done", ("get_phone_number",)),
    ("email_querycontact", "contact details of ana", "done", ("get_phone_number", "get_email_address")),
    ("email_addcontact", "add ana to my contacts", "done", ("add_contact",)),
]


@pytest.mark.parametrize(("intent", "text", "end", "tools"), RULES)
def test_rules(intent, text, end, tools):
    verdict = decide(intent, text)
    assert verdict is not None and (verdict.end, verdict.tools) == (end, tools)


def test_every_intent_has_a_rule_that_is_tested():
    assert {row[0] for row in RULES} | {"alarm_query"} == set(INTENTS)


@pytest.mark.parametrize(
    ("intent", "text"), [("alarm_query", "hello"), ("lists_query", "hello"), ("qa_maths", "hello")]
)
def test_words_that_do_not_fit_the_label_are_left_out(intent, text):
    assert decide(intent, text) is None


def rows():
    acting = [{"id": n, "text": f"alarm at nine {n}", "intent": "alarm_set"} for n in range(20)]
    idle = [{"id": 100 + n, "text": f"sing {n}", "intent": f"other_{n % 3}"} for n in range(60)]
    ours = [{"id": 200, "text": "remind my boss by email", "intent": "other_1"}]
    return acting + idle + ours


def test_a_third_ends_in_none_evenly_and_the_same_each_time():
    made = slurp_map.cases(rows())
    idle = [case for case in made if case.get("end") == "none"]
    assert len(made) == 30 and len(idle) == 10
    by_intent = [int(case["id"].removeprefix("slurp-")) % 3 for case in idle]
    assert sorted(by_intent.count(rest) for rest in range(3)) == [3, 3, 4]
    assert made == slurp_map.cases(rows())
    assert not any("remind" in case["text"] for case in made)
    for case in made:
        parse_case(case)


def test_command_line(tmp_path, capsys, monkeypatch):
    slurp, out, checked = tmp_path / "slurp.jsonl", tmp_path / "out.jsonl", tmp_path / "exact.jsonl"
    slurp.write_text("".join(json.dumps(row) + "\n" for row in rows()), "utf-8")
    assert slurp_map.main([str(slurp), str(out)]) == 0
    assert capsys.readouterr().out == f"30 cases (20 done, 10 none) in {out}\n"
    assert len(read_cases(out)) == 30

    monkeypatch.setattr(slurp_map, "EXACT", checked)
    call = {"tool": "set_alarm", "args": {"time": "2026-03-02T21:00:00"}}
    checked.write_text(json.dumps({"id": "slurp-3", "calls": [call]}) + "\n", "utf-8")
    assert slurp_map.main(["--exact", str(slurp), str(out)]) == 0
    (case,) = read_cases(out)
    assert case.text == "alarm at nine 3" and case.calls[0].args["set_alarm"] == call["args"]

    checked.write_text(json.dumps({"id": "slurp-999", "calls": [call]}) + "\n", "utf-8")
    assert slurp_map.main(["--exact", str(slurp), str(out)]) == 2
    assert "lacks 'slurp-999'" in capsys.readouterr().err
    assert slurp_map.main([str(tmp_path / "absent"), str(out)]) == 2
    assert "cannot be read" in capsys.readouterr().err


PARAMETERS = {
    "create_calendar_event": "title start end duration location invitees notes recurrence",
    "find_calendar_events": "query span person",
    "move_calendar_event": "query start",
    "delete_calendar_event": "query span",
    "create_reminder": "name due notes list_name priority recurrence",
    "find_reminders": "query span list_name",
    "complete_reminder": "query",
    "delete_reminder": "query span",
    "set_alarm": "time label recurrence",
    "find_alarms": "span",
    "cancel_alarm": "time label which",
    "snooze_alarm": "duration",
    "set_timer": "duration label",
    "find_timers": "label",
    "cancel_timer": "label",
    "get_datetime": "place when",
    "get_phone_number": "name",
    "get_email_address": "name",
    "add_contact": "name email phone",
    "add_to_list": "item list_name",
    "remove_from_list": "item list_name",
    "read_list": "list_name",
    "create_list": "list_name",
    "delete_list": "list_name",
    "calculate": "expression",
    "convert_units": "value from_unit to_unit",
}
"""The catalogue's contract for these toolsets, written out: cases must not follow a renaming."""


def checked():
    lines = slurp_map.EXACT.read_text("utf-8").splitlines()
    return [parse_case({"text": "not here", "now": slurp_map.NOW, **json.loads(line)}) for line in lines]


def test_the_hand_checked_set_is_well_formed():
    cases = checked()
    assert len(cases) >= 300 and len({case.id for case in cases}) == len(cases)
    assert sum(not case.acts for case in cases) >= 30
    for case in cases:
        names = set()
        for call in case.calls:
            for tool in call.tools:
                known = set(PARAMETERS[tool].split())
                assert set(call.args[tool]) | set(call.words[tool]) <= known, (case.id, tool)
                names |= known
        assert set(case.accept) <= names, case.id
        assert set(case.accept_tools) <= set(PARAMETERS), case.id


def test_the_hand_checked_set_holds_no_sentence():
    assert "text" not in {
        key for line in slurp_map.EXACT.read_text("utf-8").splitlines() for key in json.loads(line)
    }


def test_times_of_the_hand_checked_set_are_times():
    kinds = {
        "start": "when",
        "due": "when",
        "time": "when",
        "when": "when",
        "span": "span",
        "duration": "duration",
    }
    for case in checked():
        for call in case.calls:
            for args in call.args.values():
                for name in kinds.keys() & args.keys():
                    form = normalise(args[name])[0]
                    assert form == kinds[name] or (kinds[name] == "when" and form in ("date", "datetime")), (
                        case.id
                    )
