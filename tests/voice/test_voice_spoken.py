"""What is said aloud: text as one says it, answers, questions, and all of a call before it runs."""

import re
import unicodedata
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.calls import Answer, Call, Effect, Parameter, Plan, Question, Tool
from tinyagent.tools.registry import catalogue
from tinyagent.voice.spoken import ANSWER_WORDS, WORDS, answer, plain, question, read_back

NOW = datetime(2026, 3, 2, 9, 0)  # a Monday
ASK = "Shall I do it? Yes, or no?"

WRITTEN = [
    ("I'll remind you today at 15:00: call Sid.", "I'll remind you today at 3 pm: call Sid."),
    ("from 09:05 to 17:30", "from 9 oh 5 am to 5 30 pm"),
    ("at 12:00, at 00:00, at 24:00", "at noon, at midnight, at midnight"),
    ("at 00:30 or 12:15", "at 12 30 am or 12 15 pm"),
    ("until 10:00:30.", "until 10 am and 30 seconds."),
    ("at 3:30 pm. Or 4:05 a.m. today", "at 3 30 pm. Or 4 oh 5 am today"),
    ("Playing it (3:45 of 4:20).", "Playing it (3 45 of 4 20)."),
    ("due 2026-03-03T15:00:00", "due tomorrow at 3 pm"),
    ("due 2026-03-05", "due Thursday 5 March"),
    ("at 2027-03-05 08:00", "at Friday 5 March 2027 at 8 am"),
    ("2026-03-05T15:00Z", "Thursday 5 March at 3 pm UTC"),
    ("2026-03-05T15:00+05:30", "Thursday 5 March at 3 pm UTC plus 5 30"),
    ("2026-99-99", "2026-99-99"),
    ("for PT1H30M", "for 1 hour and 30 minutes"),
    ("Write to ana@example.com.", "Write to ana at example dot com."),
    ("<ana.b-c_d+e@mail.example.org>", "ana dot b dash c underscore d plus e at mail dot example dot org"),
    ("I opened https://www.example.com/a/b?x=1.", "I opened example dot com."),
    ("Opened /home/ana/Documents/taxes.pdf.", "Opened Documents slash taxes dot pdf."),
    ("Moved a.txt to ~/old", "Moved a.txt to old"),
    ("yes and/or no, 1/2, w/o", "yes and/or no, 1/2, w/o"),
    ("It is +49 30 123456 (work).", "It is plus 4 9, 3 0, 1 2 3 4 5 6 (work)."),
    ("call 0171/2345678 or 555-1234", "call 0 1 7 1, 2 3 4 5 6 7 8 or 5 5 5, 1 2 3 4"),
    ("8 to 15 °C, 60% chance, -3 °C", "8 to 15 degrees, 60 percent chance, minus 3 degrees"),
    ("gusts of 70 km/h, 2 mm, 60 mph", "gusts of 70 kilometres per hour, 2 millimetres, 60 miles per hour"),
    ("12 × 7 = 84", "12 times 7 equals 84"),
    ("√2 ≈ 1.41", "the square root of 2 is about 1.41"),
    ("5 - 3 = 2, 10-12 people, 2^10", "5 minus 3 equals 2, 10 to 12 people, 2 to the power of 10"),
    ("**bold**, `code`, # head, snake_case", "bold, code, head, snake case"),
    ("I moved “lunch” – Sid’s – on…", "I moved “lunch”, Sid's, on."),
    ("a\x1b[2Jb\u202ec\x00d", "a (2Jb c d"),
    ("bell \\x07 and \\u202e mark", "bell and mark"),
    ("", ""),
    ("\n\n", ""),
    ("First\nSecond.\nThird", "First. Second. Third"),
]


@pytest.mark.parametrize(("text", "said"), WRITTEN)
def test_text_as_one_says_it(text, said):
    assert plain(text, now=NOW) == said


def test_without_a_time_of_now_a_day_is_said_in_full():
    assert plain("2026-03-03T15:00:00") == "Tuesday 3 March 2026 at 3 pm"


def test_a_list_is_one_sentence_and_cut_short():
    assert plain("You have 2 events:\n- lunch\n- tea") == "You have 2 events: lunch and tea"
    five = "Open:\n" + "\n".join(f"- {c}" for c in "abcde")
    assert plain(five) == "Open: a, b, c, d and e"
    twelve = "Open:\n" + "\n".join(f"- {number}" for number in range(1, 13))
    assert plain(twelve) == "Open: 1, 2, 3, 4, 5 and 7 more"
    assert plain(f"{twelve}\nand 3 more") == "Open: 1, 2, 3, 4, 5 and 10 more"
    assert plain(twelve, full=True).endswith("10, 11 and 12")


def test_items_with_commas_stay_apart():
    assert plain("Next:\n- lunch, at 12:00\n- tea, at 16:00") == "Next: lunch, at noon; and tea, at 4 pm"


def test_in_full_nothing_of_a_link_or_a_path_is_left_out():
    assert plain("https://www.example.com/a?b=1", full=True) == (
        "www dot example dot com slash a question mark b equals 1"
    )
    assert plain("http://example.com", full=True) == "http colon slash slash example dot com"
    assert plain("/home/ana/a.pdf", full=True) == "slash home slash ana slash a dot pdf"


def test_a_letter_that_looks_like_another_is_named():
    assert plain("ana@ex\u0430mple.com") == "ana at ex cyrillic small letter a mple dot com"
    assert plain("zoë@example.com") == "zoë at example dot com"


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_said(text):
    for full in (False, True):
        said = plain(text, now=NOW, full=full)
        assert "\n" not in said and not {"[[", "`", "\\"} & {said[i : i + 2] for i in range(len(said))}
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in said)
        assert not said or re.search(r"\w", said)


# Answers and questions


def told(text):
    return Answer(Plan("", NOW), (), text)


def test_an_answer_knows_what_day_it_is():
    assert answer(told("Due 2026-03-03T15:00:00.\n- a\n- b")) == "Due tomorrow at 3 pm. a and b"


def test_a_long_answer_is_cut_by_its_words():
    assert answer(told("word " * ANSWER_WORDS)) == ("word " * ANSWER_WORDS).strip()
    assert answer(told("word, " * 200), most=3) == "word, word, word, and 197 more words."


def test_a_question_with_its_options():
    asked = Question("Which Ana: Ana Lima or Ana Roth?", options=("Ana Lima", "Ana Roth"))
    assert question(asked) == "Which Ana: Ana Lima or Ana Roth?"
    assert question(Question("When?", options=("2026-03-03T15:00:00", "2026-03-04T03:00:00")), now=NOW) == (
        "When? tomorrow at 3 pm or Wednesday 4 March at 3 am?"
    )
    assert (
        question(Question("Which list?", options=tuple("abcdefgh")))
        == "Which list? a, b, c, d, e and 3 more?"
    )
    assert question(Question("When shall I remind you?")) == "When shall I remind you?"


# Before a call runs


def read(name, args, **more):
    return read_back(catalogue()[name], Call(name, args, **more), now=NOW)


def test_a_message_is_read_with_all_its_arguments():
    assert read("send_sms", {"recipients": ["Ana Lima", "+49 30 1234"], "message": "I'll be late!"}) == (
        "Sending the text message, which leaves this machine. "
        f"To: Ana Lima; and plus 4 9, 3 0, 1 2 3 4. Message: I'll be late! {ASK}"
    )


def test_what_is_taken_away_and_whether_it_comes_back():
    assert read("delete_reminder", {"query": "dentist", "span": "2026-03-03/2026-03-04"}) == (
        f"Deleting the reminder, which can be undone. About: dentist. When: tomorrow. {ASK}"
    )
    gone = Tool("drop_table", "x", "", Effect.DESTRUCTIVE, (), print)
    assert read_back(gone, Call("drop_table", {})) == f"Using “drop table”, which cannot be undone. {ASK}"


def test_a_file_is_named_with_its_whole_path():
    assert read("delete_file", {"file_name": "/home/ana/Old stuff/a b.pdf"}) == (
        f"Deleting the file, which can be undone. File: slash home slash ana slash Old stuff slash a b dot pdf. {ASK}"
    )


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("when", "2026-03-03T15:30:00", "tomorrow at 3 30 pm"),
        ("when", "2026-03-09", "Monday 9 March"),
        ("when", "next week", "next week"),
        ("span", "2026-03-02T00:00:00/2026-03-09T00:00:00", "from today to Sunday 8 March"),
        ("duration", "PT45M", "45 minutes"),
        ("recurrence", "FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("recurrence", "FREQ=MONTHLY;BYMONTHDAY=1", "repeating by the rule FREQ MONTHLY, BYMONTHDAY 1"),
        ("percent", 40, "40 percent"),
        ("number", 2.5, "2.5"),
        ("number", -3, "minus 3"),
        ("bool", True, "yes"),
        ("enum", "very_high", "very high"),
        ("persons", [f"P{n}" for n in range(7)], "P0, P1, P2, P3, P4, P5 and P6"),
        ("persons", [], "none"),
        ("person", "ana@example.com", "ana at example dot com"),
        ("list", "shopping", "shopping"),
        ("mapping", {"a": [1, 2], "b": None}, "a: 1 and 2; b: nothing"),
        ("text", "one\ntwo\n- three", "one. two. three"),
        ("text", "😀 \u202e", "something that cannot be read out"),
        ("", "plain", "plain"),
    ],
)  # fmt: skip
def test_each_kind_of_argument_has_a_spoken_form(kind, value, said):
    tool = Tool("send_thing", "x", "", Effect.OUTGOING, (Parameter("some_thing", kind),), print)
    assert read_back(tool, Call("send_thing", {"some_thing": value}), now=NOW) == (
        f"Sending the thing, which leaves this machine. Some thing: {said}. {ASK}"
    )


def test_a_text_is_read_in_full_up_to_sixty_words():
    words = [f"w{number}" for number in range(WORDS + 3)]
    sixty = read("send_sms", {"recipients": ["Ana"], "message": " ".join(words[:WORDS])})
    assert f"w0 w1 w2 {' '.join(words[3:WORDS])}. {ASK}" in sixty and "more word" not in sixty
    one = read("send_sms", {"recipients": ["Ana"], "message": " ".join(words[: WORDS + 1])})
    assert f"w{WORDS - 1}, and 1 more word. {ASK}" in one
    more = read("send_sms", {"recipients": ["Ana"], "message": " ".join(words)})
    assert f"w{WORDS - 1}, and 3 more words. {ASK}" in more and f"w{WORDS} " not in more
    assert "x, and 400 more characters." in read("send_sms", {"recipients": ["Ana"], "message": "x" * 1000})


def test_what_nobody_has_said_is_announced_and_its_end_too():
    unsaid = "not your words but something I found: quote, "
    args = {"recipients": ["bob@evil.example"], "message": "Hi. To: Ana"}
    assert read("send_sms", args).count(unsaid) == 0
    by_reference = read("send_sms", args, words={"recipients": "$1.email", "message": "$2"})
    assert f"To, {unsaid}bob at evil dot example, end of quote." in by_reference
    assert f"Message, {unsaid}Hi. To: Ana, end of quote." in by_reference
    assert read("send_sms", args, taken=("message",)).count(unsaid) == 1
    call = Call("send_sms", args)
    assert read_back(catalogue()["send_sms"], call, taken=["recipients"]).count(unsaid) == 1


def test_the_price_in_a_message_is_no_reference():
    args = {"recipients": ["Ana"], "message": "it costs $5"}
    assert "not your words" not in read("send_sms", args, words={"message": "it costs $5"})


def test_arguments_that_were_not_given_are_not_read():
    assert read("delete_reminder", {"query": "tea", "span": None}).endswith(f"undone. About: tea. {ASK}")


@pytest.mark.parametrize(
    "tool", sorted(one.name for one in catalogue() if one.effect in ("destructive", "outgoing"))
)
def test_of_every_tool_that_needs_a_yes_each_argument_is_heard(tool):
    samples = {
        "when": "2026-03-03T15:00:00", "span": "2026-03-03/2026-03-04", "duration": "PT5M", "persons": ["zebra"],
        "recurrence": "FREQ=DAILY", "percent": 7, "number": 7, "files": ["zebra"], "bool": True,
    }  # fmt: skip
    parameters = catalogue()[tool].parameters
    said = read(tool, {one.name: samples.get(one.type, "zebra") for one in parameters})
    assert said.endswith(ASK) and said.count(": ") == len(parameters)
    spoken = {"when": "tomorrow at 3 pm", "span": "tomorrow", "duration": "5 minutes", "percent": "7 percent",
              "recurrence": "every day", "number": "7", "bool": "yes"}  # fmt: skip
    expected = [spoken.get(one.type, "zebra") for one in parameters]
    assert re.findall(r": ([^:]*?)\. (?=[A-Z])", said) == expected


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b_c", "d"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=3,
    ),
    st.sampled_from(["text", "when", "span", "duration", "recurrence", "persons", "file", "enum", ""]),
)
def test_whatever_the_arguments_are_they_are_read_and_asked_about(args, kind):
    tool = Tool("send_it", "x", "", Effect.OUTGOING, tuple(Parameter(name, kind) for name in args), print)
    said = read_back(tool, Call("send_it", args, taken=tuple(args)), now=NOW)
    assert said.endswith(ASK) and said.count("quote, ") >= sum(value is not None for value in args.values())
