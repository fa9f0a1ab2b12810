"""The mapping rule, on sentences of our own; the hand-checked set as far as it can be read without SLURP."""

import json
from collections import Counter

import pytest

from tinyagent.evaluation import slurp_map
from tinyagent.evaluation.cases import parse_case, read_cases
from tinyagent.evaluation.normalise import normalise
from tinyagent.evaluation.slurp_rules import ALL, INTENTS, TOOLSETS, could_be_ours, decide, tools_of
from tinyagent.evaluation.slurp_rules.verdict import Verdict

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
    ("email_sendemail", "write a mail to ana about the ferns", "done", ("compose_new_email",)),
    ("email_sendemail", "send an email please", "ask", ("compose_new_email",)),
    ("email_sendemail", "answer ana with a reply", "done", ("reply_to_email",)),
    ("email_sendemail", "forward it to ana", "done", ("forward_email",)),
    ("email_sendemail", "send ana the plan", "done", ("compose_new_email", "send_sms")),
    ("email_query", "any mail from ana", "done", ("search_email",)),
    ("email_query", "notify me when mail from ana comes", "none", ("search_email",)),
    ("play_music", "play the goldberg variations", "done", ("play_media",)),
    ("play_music", "play some music", "ask", ("play_media", "control_media")),
    ("play_music", "play the next song", "done", ("control_media",)),
    ("play_radio", "play radio seven", "done", ("play_media",)),
    ("play_radio", "turn on the radio", "ask", ("play_media", "control_media")),
    ("play_podcasts", "skip this podcast", "done", ("control_media",)),
    ("play_podcasts", "play the fern podcast", "done", ("play_media",)),
    ("play_audiobook", "pause my audiobook", "done", ("control_media",)),
    ("play_audiobook", "resume middlemarch", "done", ("control_media", "play_media")),
    ("music_query", "which song is on", "done", ("now_playing",)),
    ("music_query", "what year is this song from", "none", ("now_playing",)),
    ("music_settings", "repeat this album", "done", ("control_media",)),
    ("music_likeness", "i adore polkas", "none", ()),
    ("music_dislikeness", "awful, skip it", "done", ("control_media",)),
    ("audio_volume_up", "more volume", "done", ("set_volume",)),
    ("iot_hue_lightoff", "all lights out", "done", ("set_light",)),
    ("iot_hue_lightoff", "lamp off", "done", ("set_light", "set_device")),
    ("iot_hue_lightdim", "too bright", "done", ("set_light", "set_brightness")),
    ("iot_hue_lightchange", "pink lights", "done", ("set_light",)),
    ("iot_hue_lightchange", "another light color", "ask", ("set_light",)),
    ("iot_wemo_off", "plug off", "done", ("set_device",)),
    ("iot_wemo_on", "plug on when i am back", "none", ("set_device",)),
    ("iot_cleaning", "run the roomba", "done", ("set_device",)),
    ("iot_cleaning", "clean the attic", "none", ("set_device",)),
    ("iot_coffee", "start the coffee machine", "done", ("set_device",)),
    ("weather_query", "any snow on friday", "done", ("get_weather",)),
    ("weather_query", "it is so hot", "none", ("get_weather",)),
    ("transport_query", "directions to the attic bar", "done", ("maps_show_directions",)),
    ("transport_query", "directions to the place", "ask", ("maps_show_directions",)),
    ("transport_query", "when is the train to ulm", "none", ("maps_show_directions",)),
    ("recommendation_locations", "where is the closest bakery", "done", ("maps_open_location",)),
    ("recommendation_locations", "a bakery you would recommend", "none", ("maps_open_location",)),
]


@pytest.mark.parametrize(("intent", "text", "end", "tools"), RULES)
def test_rules(intent, text, end, tools):
    verdict = decide(intent, text)
    assert verdict is not None and (verdict.end, verdict.tools) == (end, tools)


def test_every_intent_has_a_rule_that_is_tested():
    same = {"alarm_query", "audio_volume_down", "audio_volume_mute", "iot_hue_lighton", "iot_hue_lightup"}
    assert {row[0] for row in RULES} | same == set(INTENTS)


@pytest.mark.parametrize(
    "intent",
    "alarm_query lists_query qa_maths email_query play_podcasts audio_volume_mute iot_hue_lighton iot_wemo_on "
    "iot_hue_lightchange weather_query".split(),
)
def test_words_that_do_not_fit_the_label_are_left_out(intent):
    assert decide(intent, "hello") is None


@pytest.mark.parametrize(
    ("text", "tools"),
    [
        ("who was ada lovelace", ()),
        ("google ada lovelace", ("web_search",)),
        ("ok google tell me a joke", ()),
        ("play hearts", ("open_app",)),
    ],
)
def test_what_no_tool_serves_ends_in_none(text, tools):
    assert decide("qa_factoid", text) == Verdict("none", tools)


SIX = frozenset("reminders calendar clock contacts lists math".split())


def test_fewer_toolsets_name_only_their_tools():
    assert decide("iot_hue_lightoff", "lamp off", {"home", "mail"}).tools == ("set_light", "set_device")
    assert decide("iot_hue_lightdim", "too bright", {"home"}).tools == ("set_light",)
    assert decide("iot_hue_lightdim", "too bright", SIX) == Verdict("none")
    assert decide("music_dislikeness", "repeat it", {"system"}) == Verdict("none")
    assert could_be_ours("train station with music") and not could_be_ours("train station with music", SIX)


def test_the_toolsets_are_the_catalogue():
    assert len(tools_of(ALL)) == sum(len(tools.split()) for tools in TOOLSETS.values()) == 58
    assert {tool for row in RULES for tool in row[3]} <= tools_of(ALL)
    assert set(PARAMETERS) <= tools_of(ALL)


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


@pytest.mark.parametrize(
    ("given", "said"), [("clock,sea", "no toolset 'sea'"), (",", "at least one toolset")]
)
def test_toolsets_must_be_the_catalogues(given, said, capsys):
    with pytest.raises(SystemExit):
        slurp_map.main(["--toolsets", given, "in", "out"])
    assert said in capsys.readouterr().err


def test_a_later_line_holds_where_its_toolset_is_evaluated():
    lines = [
        {"id": "slurp-1", "calls": [], "end": "none"},
        {"id": "slurp-2", "calls": [{"tool": "set_alarm", "args": {}}]},
        {"id": "slurp-1", "toolset": "mail", "calls": [{"tool": "search_email", "args": {}}]},
        {"id": "slurp-3", "toolset": "mail", "calls": [], "end": "none"},
    ]
    texts = [{"id": n, "text": "hello"} for n in (1, 2, 3)]
    made = {case["id"]: case for case in slurp_map.exact(texts, lines)}
    assert list(made) == ["slurp-1", "slurp-2", "slurp-3"] and made["slurp-1"]["calls"]
    assert not any("toolset" in case for case in made.values())
    older = slurp_map.exact(texts, lines, SIX)
    assert [case["id"] for case in older] == ["slurp-1", "slurp-2"] and not older[0]["calls"]
    assert [case["id"] for case in slurp_map.exact(texts, lines, {"math"})] == ["slurp-1"]


def test_narrower_cases_draw_what_the_others_serve():
    lines = [{"id": n, "text": f"play polka {n}", "intent": "play_music"} for n in range(30)]
    everything = slurp_map.cases(rows() + lines)
    narrow = slurp_map.cases(rows() + lines, {"clock"})
    assert sum(case.get("end", "done") == "done" for case in everything) == 50
    ends = [case.get("end", "done") for case in narrow if case["text"].startswith("play")]
    assert ends and set(ends) == {"none"}


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
    "compose_new_email": "recipients subject body cc attachments",
    "reply_to_email": "sender subject body cc attachments",
    "search_email": "sender query span unread",
    "send_sms": "recipients message",
    "web_search": "query",
    "maps_open_location": "location",
    "maps_show_directions": "destination origin transport",
    "play_media": "query kind",
    "control_media": "action",
    "now_playing": "",
    "set_volume": "level change",
    "set_light": "room state change level color",
    "set_device": "device state room",
    "get_weather": "place when what",
}
"""The catalogue's contract for the tools of the cases, written out: cases must not follow a renaming."""
ENUMS = {
    "action": "pause resume next previous stop shuffle repeat",
    "kind": "song artist album genre playlist podcast radio audiobook",
    "change": "up down mute unmute brighter dimmer",
    "state": "on off",
}


def checked():
    lines = slurp_map.EXACT.read_text("utf-8").splitlines()
    return [parse_case({"text": "not here", "now": slurp_map.NOW, **json.loads(line)}) for line in lines]


def test_the_hand_checked_set_is_well_formed():
    cases = checked()
    assert len(cases) >= 500
    assert sum(not case.acts for case in cases) >= 30
    for case in cases:
        names = set()
        for call in case.calls:
            for tool in call.tools:
                known = set(PARAMETERS[tool].split())
                assert set(call.args[tool]) | set(call.words[tool]) <= known, (case.id, tool)
                for name in ENUMS.keys() & call.args[tool].keys():
                    assert call.args[tool][name] in ENUMS[name].split(), (case.id, name)
                names |= known
        assert set(case.accept) <= names, case.id
        assert set(case.accept_tools) <= set(PARAMETERS), case.id


def test_the_hand_checked_set_holds_no_sentence():
    assert "text" not in {
        key for line in slurp_map.EXACT.read_text("utf-8").splitlines() for key in json.loads(line)
    }


def test_each_toolset_that_has_intents_is_hand_checked():
    lines = [json.loads(line) for line in slurp_map.EXACT.read_text("utf-8").splitlines()]
    assert len({(line["id"], "toolset" in line) for line in lines}) == len(lines)
    counts = Counter(line.get("toolset", "") for line in lines)
    assert counts.pop("") == 399
    assert (
        set(counts) == {"mail", "media", "system", "home", "weather", "maps"} and min(counts.values()) >= 25
    )


def test_times_of_the_hand_checked_set_are_times():
    kinds = {"start": "when", "due": "when", "time": "when", "span": "span", "duration": "duration"}
    for case in checked():
        for call in case.calls:
            for tool, args in call.args.items():
                expected = kinds | {"when": "span" if tool == "get_weather" else "when"}
                for name in expected.keys() & args.keys():
                    form, kind = normalise(args[name])[0], expected[name]
                    assert form == kind or (kind == "when" and form in ("date", "datetime")), case.id
