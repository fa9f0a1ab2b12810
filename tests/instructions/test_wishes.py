"""Written wishes, checked by what they do to the words of calls."""

import pytest

from tinyagent.instructions import Instructions
from tinyagent.tools.registry import catalogue

TOOLS = catalogue()
EVENT, LINK, REMINDER = "create_calendar_event", "get_zoom_meeting_link", "create_reminder"
MAIL, REPLY, FORWARD, SMS = "compose_new_email", "reply_to_email", "forward_email", "send_sms"
ADD, REMOVE, READ, NOTE = "add_to_list", "remove_from_list", "read_list", "create_note"
ALARM, TIMER, SNOOZE = "set_alarm", "set_timer", "snooze_alarm"
WAY, WEATHER, LIGHT, MUSIC = "maps_show_directions", "get_weather", "set_light", "play_media"


def added(lines, tool, said, text="", people=()):
    """What the wishes change in the words of a call."""
    words = Instructions.of(lines, TOOLS).apply(TOOLS[tool], said, text, people)
    return {name: value for name, value in words.items() if said.get(name) != value}


ANA = {"recipients": "Ana"}
LUNCH = {"title": "lunch with Sid", "start": "tomorrow at noon"}

EFFECTS = [
    # People who get a copy, or are invited.
    ("always cc Nick", MAIL, ANA, {"cc": "Nick"}),
    ("always cc Nick", REPLY, {"sender": "Ana"}, {"cc": "Nick"}),
    ("always cc Nick", MAIL, {**ANA, "cc": "Sid"}, {"cc": "Sid and Nick"}),
    ("always cc Nick and Sid", MAIL, {**ANA, "cc": "sid"}, {"cc": "sid and Nick"}),
    ("always cc Nick", MAIL, {"recipients": "nick"}, {}),
    ("always cc Nick", MAIL, {"recipients": "Ana and Nick Cave"}, {}),
    ("always cc Nick", FORWARD, ANA, {}),
    ("always cc Nick", SMS, ANA, {}),
    ("cc Nick by default", MAIL, ANA, {"cc": "Nick"}),
    ("cc Nick by default", MAIL, {**ANA, "cc": "Sid"}, {}),
    ("cc Nick unless I say otherwise", MAIL, {**ANA, "cc": "Sid"}, {}),
    ("I'd like you to always cc nick@example.org", MAIL, ANA, {"cc": "nick@example.org"}),
    ("when I email Ana cc Nick", MAIL, {"recipients": "Sid and Ana Lima"}, {"cc": "Nick"}),
    ("when I email Ana cc Nick", MAIL, {"recipients": "Sid", "body": "greet Ana"}, {}),
    ("when I email Ana or Bob, copy Nick", MAIL, {"recipients": "bob"}, {"cc": "Nick"}),
    ("cc Nick when I email Ana", REPLY, {"sender": "Ana"}, {"cc": "Nick"}),
    ("on emails to Ana always cc Nick", MAIL, {**ANA, "cc": "Sid"}, {"cc": "Sid and Nick"}),
    ("emails to Ana are copied to Nick", MAIL, ANA, {"cc": "Nick"}),
    ("keep Nick in the loop on emails about the budget", MAIL, {**ANA, "subject": "budget 2027"}, {"cc": "Nick"}),
    ("keep Nick in the loop on emails about the budget", MAIL, {**ANA, "subject": "lunch"}, {}),
    ("add Nick to the cc of replies", MAIL, ANA, {}),
    ("add Nick to the cc of replies", REPLY, {}, {"cc": "Nick"}),
    ("always invite Ana to meetings", EVENT, LUNCH, {"invitees": "Ana"}),
    ("always invite Ana to meetings", LINK, {"name": "sync", "start": "noon"}, {"invitees": "Ana"}),
    ("invite Nick to work meetings", EVENT, {"title": "work", "invitees": "Bo"}, {"invitees": "Bo and Nick"}),
    ("when I schedule a meeting with Sid invite Ana too", EVENT, LUNCH, {"invitees": "Ana"}),
    # How long.
    ("meetings last 25 minutes by default", EVENT, LUNCH, {"duration": "25 minutes"}),
    ("meetings last 25 minutes by default", EVENT, {**LUNCH, "duration": "two hours"}, {}),
    ("meetings last 25 minutes by default", EVENT, {**LUNCH, "end": "three"}, {}),
    ("meetings last 25 minutes by default", EVENT, {"title": "holiday", "start": "tomorrow"}, {}),
    ("conferences last two days", EVENT, {"title": "conference", "start": "tomorrow"}, {"duration": "two days"}),
    ("Meetings with Sid last an hour.", EVENT, LUNCH, {"duration": "an hour"}),
    ("Meetings with Sid last an hour.", EVENT, {**LUNCH, "title": "lunch with Bo"}, {}),
    ("meetings last 25 minutes\nmeetings with Sid last an hour", EVENT, LUNCH, {"duration": "an hour"}),
    ("meetings with Sid last an hour\nmeetings last 25 minutes", EVENT, LUNCH, {"duration": "an hour"}),
    ("meetings last 25 minutes\nmeetings last 30 minutes", EVENT, LUNCH, {"duration": "30 minutes"}),
    ("when I meet Sid, make it an hour", EVENT, LUNCH, {"duration": "an hour"}),
    ("my default meeting length is 25 minutes", LINK, {"start": "noon"}, {"duration": "25 minutes"}),
    ("25 minute meetings", EVENT, LUNCH, {"duration": "25 minute"}),
    ("lunches take 45 minutes", EVENT, LUNCH, {"duration": "45 minutes"}),
    ("standups last 15 minutes", EVENT, LUNCH, {}),
    ("if I don't say how long, meetings last 30 minutes", EVENT, LUNCH, {"duration": "30 minutes"}),
    ("zoom meetings last 40 minutes", EVENT, LUNCH, {}),
    ("timers last five minutes by default", TIMER, {}, {"duration": "five minutes"}),
    ("tea timers last four minutes", TIMER, {"label": "the tea"}, {"duration": "four minutes"}),
    ("tea timers last four minutes", TIMER, {"label": "eggs"}, {}),
    ("snooze for ten minutes", SNOOZE, {}, {"duration": "ten minutes"}),
    ("snooze is 9 minutes by default", SNOOZE, {"duration": "an hour"}, {}),
    # Where.
    ("meetings are at the office", EVENT, LUNCH, {"location": "office"}),
    ("use Room 4 for meetings with Sid", EVENT, LUNCH, {"location": "Room 4"}),
    ("lunches with Sid are at Joe's Cafe", EVENT, LUNCH, {"location": "Joe's Cafe"}),
    ("reminders go on the work list", REMINDER, {"name": "call Bo"}, {"list_name": "work list"}),
    ("reminders about Bo go on the work list", REMINDER, {"name": "call Bo"}, {"list_name": "work list"}),
    ("groceries go on the weekend list", ADD, {"item": "milk"}, {"list_name": "weekend list"}),
    ("groceries go on the weekend list", ADD, {"item": "milk", "list_name": "party"}, {}),
    ("things to buy go on my weekend list", ADD, {"item": "milk"}, {"list_name": "weekend list"}),
    ("milk goes on the dairy list", ADD, {"item": "two pints of milk"}, {"list_name": "dairy list"}),
    ("milk goes on the dairy list", ADD, {"item": "eggs"}, {}),
    ("groceries go on the weekend list", READ, {}, {"list_name": "weekend list"}),
    ("notes go in the inbox folder", NOTE, {"name": "idea"}, {"folder": "inbox folder"}),
    ("notes about recipes go in Cooking", NOTE, {"name": "soup recipe"}, {"folder": "Cooking"}),
    ("the weather is for Lisbon by default", WEATHER, {"when": "tomorrow"}, {"place": "Lisbon"}),
    ("show the weather for Berlin", WEATHER, {"place": "Oslo"}, {}),
    ("directions start from the office", WAY, {"destination": "the zoo"}, {"origin": "office"}),
    ("lights are in the bedroom by default", LIGHT, {"state": "on"}, {"room": "bedroom"}),
    # How, and what it is called.
    ("reminders are high priority", REMINDER, {"name": "call Bo"}, {"priority": "high priority"}),
    ("reminders about work are urgent", REMINDER, {"name": "work on it"}, {"priority": "urgent"}),
    ("set the priority of reminders to low", REMINDER, {"name": "x", "priority": "urgent"}, {}),
    ("reminders are due at nine by default", REMINDER, {"name": "call Bo"}, {"due": "nine"}),
    ("alarms on weekdays are called work", ALARM, {"time": "6", "recurrence": "every weekday"}, {"label": "work"}),
    ("alarms on weekdays are called work", ALARM, {"time": "6"}, {}),
    ('call alarms "Wake up"', ALARM, {"time": "6"}, {"label": "Wake up"}),
    ("alarms repeat every weekday", ALARM, {"time": "6"}, {"recurrence": "every weekday"}),
    ("directions are by bike", WAY, {"destination": "the zoo"}, {"transport": "bike"}),
    ("I always walk", WAY, {"destination": "the zoo"}, {"transport": "walk"}),
    ("I always walk", WAY, {"destination": "the zoo", "transport": "car"}, {}),
    ("lights are warm white", LIGHT, {"state": "on"}, {"color": "warm white"}),
    ("lights are warm white", LIGHT, {"state": "off"}, {}),
    ("set lights to 30 percent", LIGHT, {"change": "dim"}, {}),
    ("the volume is 40 percent by default", "set_volume", {}, {"level": "40 percent"}),
    ("the volume is 40 percent by default", "set_volume", {"change": "louder"}, {}),
    ("brightness is 60 percent", "set_brightness", {}, {"level": "60 percent"}),
    ("play jazz by default", MUSIC, {}, {"query": "jazz"}),
    ("play podcasts by default", MUSIC, {"query": "news"}, {"kind": "podcasts"}),
    ("emails to Ana have the subject Weekly report", MAIL, ANA, {"subject": "Weekly report"}),
    ("texts go to Ana by default", SMS, {"message": "hi"}, {"recipients": "Ana"}),
    ("file searches are for documents", "search_files", {"query": "tax"}, {"kind": "documents"}),
    ("my agenda is for today", "find_calendar_events", {}, {"span": "today"}),
    ("convert to kilograms", "convert_units", {"value": "3"}, {"to_unit": "kilograms"}),
    ("use Oslo as the city for the weather", WEATHER, {}, {"place": "Oslo"}),
    ("when nothing else is said, meetings last 25 minutes", EVENT, LUNCH, {"duration": "25 minutes"}),
    ("when I add milk, use the dairy list", ADD, {"item": "milk"}, {"list_name": "dairy list"}),
    ("when I set an alarm, call it Wake up", ALARM, {"time": "6"}, {"label": "Wake up"}),
    ("meetings start at nine by default", EVENT, {"title": "sync"}, {"start": "nine"}),
    ("walk by default", WAY, {"destination": "the zoo"}, {"transport": "walk"}),
    ("always copy Nick in on everything", MAIL, ANA, {"cc": "Nick"}),
    # Names.
    ("my lawyer is Jane Doe", MAIL, {"recipients": "my lawyer and Sid"}, {"recipients": "Jane Doe and Sid"}),
    ("my lawyer is Jane Doe", MAIL, {"recipients": "the lawyers guild"}, {}),
    ("mum is Ana", "get_phone_number", {"name": "mum"}, {"name": "Ana"}),
    ("mum is Ana\nAna is Ana Lima", SMS, {"recipients": "Mum"}, {"recipients": "Ana Lima"}),
    ("the team is Ana, Sid and Bob", MAIL, {"recipients": "the team"}, {"recipients": "Ana, Sid and Bob"}),
    ("call me Nick", EVENT, {**LUNCH, "invitees": "me and Bo"}, {"invitees": "Nick and Bo"}),
    ("the gym is at 12 Main Street", WAY, {"destination": "the gym"}, {"destination": "12 Main Street"}),
    ("when I say the office I mean 5 Elm Street", WEATHER, {"place": "office"}, {"place": "5 Elm Street"}),
    ("home is 5 Elm Street\ndirections start from home", WAY, {"destination": "x"}, {"origin": "5 Elm Street"}),
    ("my lawyer is Jane Doe\nalways cc my lawyer", MAIL, ANA, {"cc": "Jane Doe"}),
    ("my lawyer is Jane Doe\nalways cc Jane", MAIL, {"recipients": "my lawyer"}, {"recipients": "Jane Doe"}),
    ("my lawyer is Jane Doe\nwhen I email my lawyer cc Nick", MAIL, {"recipients": "Jane Doe"}, {"cc": "Nick"}),
    ("the team is Ana and Bob\nalways cc the team", MAIL, ANA, {"cc": "Bob"}),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "tool", "said", "expected"), EFFECTS, ids=lambda value: str(value)[:60])
def test_what_a_wish_does(lines, tool, said, expected):
    assert Instructions.of(lines, TOOLS).problems() == []
    assert added(lines, tool, said) == expected


WAIVED = [
    ("always cc Nick", "email Ana, no cc"),
    ("always cc Nick", "email Ana without cc"),
    ("always cc Nick", "email ana but don't cc anyone"),
    ("always cc Nick", "email ana and do not copy Nick"),
    ("always cc Nick", "email ana and leave Nick out"),
    ("always cc Nick", "email ana, cc nobody"),
    ("always cc Nick", "email ana without cc'ing nick"),
    ("cc Nick by default", "email ana, skip the cc"),
    ("my lawyer is Nick\nalways cc my lawyer", "email ana, don’t cc my lawyer"),
]


@pytest.mark.parametrize(("lines", "text"), WAIVED)
def test_a_command_waives_a_wish(lines, text):
    assert added(lines, MAIL, ANA, text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "email ana, no subject",
        "don't forget to email ana and cc sid",
        "tell ana that there is no news for nick",
    ],
)
def test_other_negations_waive_nothing(text):
    assert added("always cc Nick", MAIL, ANA, text) == {"cc": "Nick"}


def test_one_of_two_is_waived():
    assert added("always cc Nick and Sid", MAIL, ANA, "email ana, don't copy sid") == {}
    assert added("always cc Nick and Sid", MAIL, ANA, "email ana and leave sid out") == {"cc": "Nick"}


@pytest.mark.parametrize(
    ("lines", "tool", "said", "text"),
    [
        ("meetings are at the office", EVENT, LUNCH, "lunch with sid tomorrow at noon, no location"),
        ("alarms are daily", ALARM, {"time": "7"}, "alarm at 7, only once"),
        ("groceries go on the weekend list", ADD, {"item": "milk"}, "milk, not on the weekend list"),
    ],
)
def test_other_defaults_are_waived(lines, tool, said, text):
    assert added(lines, tool, said, text) == {}


def test_the_contacts_tell_who_is_the_recipient():
    people = ("Nicholas Smith", "Nick\tNicholas Smith", "Ana Lima")
    assert added("always cc Nick", MAIL, {"recipients": "Mr Smith"}, people=people) == {}
    assert added("always cc Nick", MAIL, {"recipients": "Ana"}, people=people) == {"cc": "Nick"}


DESTRUCTIVE = [tool for tool in TOOLS if tool.effect == "destructive"]
WIDE = """
groceries go on the weekend list
meetings last 25 minutes
alarms are called work
timers are called tea
the weather is for Lisbon
my agenda is for today
use the party list for shopping
"""


@pytest.mark.parametrize("tool", DESTRUCTIVE, ids=lambda tool: tool.name)
def test_no_wish_widens_what_is_deleted(tool):
    wishes = Instructions.of(WIDE, TOOLS)
    assert wishes.apply(tool, {}, "") == {}
    everything = {p.name: "everything" for p in tool.parameters if p.required}
    assert wishes.apply(tool, everything, "") == everything


def test_an_item_leaves_the_list_that_it_was_put_on():
    assert added("groceries go on the weekend list", REMOVE, {"item": "milk"}) == {
        "list_name": "weekend list"
    }
    assert added("milk goes on the dairy list", REMOVE, {"item": "eggs"}) == {}


NOT_UNDERSTOOD = [
    "remind me a day before birthdays",
    "never cc Nick",
    "always cc Nick, except on emails to Sid",
    "tag meetings with work",
    "don't schedule meetings on Friday",
    "be nice",
    "sign my emails with Best, Nick",
    "meetings are blue",
    "alarms last an hour",
    "meetings last 25 minutes and are at the office",
    "spam is bad",
    "Ana's birthday is Friday",
    "email me the news every morning",
    "answer in Spanish",
    "Sid is on holiday",
    "reminders without a priority are low priority",
    "timers last a while",
    "delete all my alarms",
    "reminders are purple",
    "texts to Ana: hi",
    "x" * 400,
    "(((",
    "always",
    "when I email",
    "\\1 \\g<s>",
]


@pytest.mark.parametrize("line", NOT_UNDERSTOOD, ids=lambda line: line[:40])
def test_what_is_not_understood_is_told_in_a_sentence(line):
    wishes = Instructions.of(f"always cc Nick\n{line}", TOOLS)
    (problem,) = wishes.problems()
    assert problem.startswith("Line 2: ")
    assert problem.endswith(".")
    assert "\n" not in problem
    assert wishes.apply(TOOLS[MAIL], ANA, "") == {**ANA, "cc": "Nick"}


def test_a_circle_of_names_is_told_and_does_no_harm():
    wishes = Instructions.of("mum is Ana\nAna is Ana and Bob", TOOLS)
    assert any("circle" in problem for problem in wishes.problems())
    assert wishes.apply(TOOLS[SMS], ANA, "") == ANA
