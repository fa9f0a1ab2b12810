"""What a command offers as times: the words, and the characters that a text field leaves out."""

from datetime import datetime

import pytest

from tinyagent.grounding.times import find_duration, find_recurrence, find_span, find_when, resolve_when

NOW = datetime(2026, 3, 2, 9, 0)

WHEN = {
    "remind me to call sid at three pm about the budget": ["three pm"],
    "tomorrow remind me to call at nine": ["tomorrow", "nine", "tomorrow nine"],
    "meet ana friday from two to four": ["friday", "two", "four", "friday two", "friday four"],
    "lunch from two to four on friday": ["two", "four on friday", "four", "two friday"],
    "workshop tmrw 9-11 in room 5": ["tmrw 9", "11", "tmrw 11"],
    "at three no make it four": ["three", "four"],
    "remind me monday and tuesday at nine": ["monday", "tuesday at nine", "monday nine"],
    "remind me at ten to call bo": ["ten"],
    "remind me at ten to six": ["ten to six"],
    "wake me at ten to, please": ["ten to"],
    "it's ten to": ["ten to"],
    "ring at quarter to call bo": [],
    "alarms at 6, 6:10 and 6:20 tomorrow": ["6", "6:10", "6:20 tomorrow", "6:10 tomorrow", "6 tomorrow"],
    "alarms at six, seven and eight": ["six", "seven", "eight"],
    "wake me at six and two eggs": ["six"],
    "drops at nine, one, five and nine tonight": ["nine", "one", "five", "nine tonight"],
    "at nine and one for the road": ["nine"],
    "tonight remind me at nine to read and at ten to lock up": [
        "tonight",
        "nine",
        "ten",
        "tonight nine",
        "tonight ten",
    ],
    "cancel the 5, the 6 n teh 7 alrm": ["5", "6", "7"],
    "turn off the 615 alarm and the 645": ["615", "645"],
    "cancel the seven o'clock one set eight instead": ["seven o'clock", "eight"],
    "an alarm instead, 7.45, please": ["7.45"],
    "what's 7.45 plus 3": [],
    "wake me monday at five, tuesday at six": ["monday at five", "tuesday at six"],
    "0530 alarm": ["0530"],
    "save Geoff, 0117, for me": [],
    "ana can do five, make a zoom": ["five"],
    "quarter to six for the night shift": ["quarter to six"],
    "my test is thursday at nine fifteen, wake me at six that day": [
        "thursday at nine fifteen",
        "six",
        "thursday",
        "thursday six",
    ],
    "the one-to-one moves to Tuesday at 3": ["Tuesday at 3"],
    "book a table for two tomorrow at 8": ["tomorrow at 8"],
    "get two tickets for friday at 8": ["friday at 8"],
    "remind me every weekday at seven to stretch": ["seven"],
    "wake me at ten to six monday to friday": ["ten to six"],
    "call june in may": ["in may"],
    "tell me on sat": ["sat"],
    "scrap tomorrow's standup": ["tomorrow"],
    "be there before six": ["before six"],
    "set an alarm for 7 45": ["7 45"],
    "wake me up at 630 tmrw": ["630 tmrw"],
    "remind me 2day at noon": ["2day at noon"],
    "in 2 hours check the oven": ["in 2 hours"],
    "I bought it for $12 December 27": ["December 27"],
    "delete the monday one": ["monday"],
    "email the 2nd draft to bob by friday noon": ["friday noon"],
    "buy 3 eggs": [],
    "two tickets please": [],
    "turn to channel 5": [],
    "the second thing on the list": [],
    "set the volume to 50 percent": [],
    "my sun hat": [],
    "call april and may": [],
    "add 12 eggs and 5 bananas": [],
    "what is 12 times 7": [],
    "good morning": [],
    "every tuesday": [],
    "call 555 0142": [],
    "an egg timer for six and a half minutes": [],
    "350 divided by 14": [],
    "subtract 47 from 120": [],
    "log my breakfast": [],
    "remind me to eat at 12": ["12"],
    "eat at lunchtime on friday": ["lunchtime on friday"],
    "see you tomorrow, 1:00 to 1:30, with ana": ["tomorrow, 1:00", "1:30", "tomorrow 1:30"],
    "": [],
}

SPAN = {
    "what's on this weekend": ["this weekend"],
    "am i free between two and four on friday": ["between two and four on friday"],
    "what do i have from monday to wednesday": ["from monday to wednesday"],
    "delete everything before six": ["before six"],
    "clear my evening": ["evening"],
    "show next week": ["next week"],
    "meetings in june": ["in june"],
    "weather for the next three days": ["the next three days"],
    "find mail since yesterday": ["since yesterday"],
    "remove all my meetings from monday": ["monday"],
    "two to four eggs": [],
    "what's on the whole week": ["the whole week"],
    "what's on all week": ["all week"],
    "is the whole family free": [],
    "the ninth, what's on": ["the ninth"],
    "delete the june one": ["june"],
    "weekend forecast please": ["weekend"],
    "dinner on friday at 7:10 and what else is on that day": ["friday at 7:10", "friday"],
    "what's on tomorrow, and what in the morning": ["tomorrow", "in the morning", "tomorrow in the morning"],
    "what's the first thing i have on monday": ["the first thing", "monday"],
}

DURATION = {
    "set a timer for an hour and a half": ["an hour and a half"],
    "a 45-minute timer": ["45-minute"],
    "about ninety minutes of piano": ["ninety minutes"],
    "snooze five more minutes": ["five more minutes"],
    "two timers, one for ten minutes and one for 90 secs": ["ten minutes", "90 secs"],
    "one second": ["one second"],
    "the second thing": [],
    "20 people": [],
    "timers of ten and sixteen minutes": ["ten minutes", "sixteen minutes"],
    "timers for 5, 10 and 15 min": ["5 min", "10 min", "15 min"],
    "three minutes, two minutes, ninety seconds": ["three minutes", "two minutes", "ninety seconds"],
    "two hours, ten minutes": ["two hours, ten minutes"],
    "wake me at 6 and 10 minutes later": ["10 minutes"],
    "tuesday at quarter to nine, two and a half hours": ["two and a half hours"],
    "portfolio review, 14:30, 45 minutes": ["45 minutes"],
}

RECURRENCE = {
    "every weekday at seven": ["every weekday"],
    "remind me on mondays and thursdays to run": ["on mondays and thursdays"],
    "pay rent on the first of every month": ["on the first of every month"],
    "water them every other day until june please": ["every other day until june"],
    "take it daily": ["daily"],
    "monday": [],
    "remind me on monday": [],
    "a call on wednesday, thursday or friday": [],
    "gym on mon, wed and fri": ["on mon, wed and fri"],
    "three times a day": [],
}


@pytest.mark.parametrize("text", WHEN)
def test_find_when(text):
    assert [proposal.words for proposal in find_when(text, NOW)] == WHEN[text]


@pytest.mark.parametrize("text", SPAN)
def test_find_span(text):
    assert [proposal.words for proposal in find_span(text, NOW)] == SPAN[text]


@pytest.mark.parametrize("text", DURATION)
def test_find_duration(text):
    assert [proposal.words for proposal in find_duration(text)] == DURATION[text]


@pytest.mark.parametrize("text", RECURRENCE)
def test_find_recurrence(text):
    assert [proposal.words for proposal in find_recurrence(text)] == RECURRENCE[text]


def test_spans_take_the_glue_along():
    text = "tomorrow remind me to call at nine about it"
    left_out = {
        proposal.words: [text[start:end] for start, end in proposal.spans]
        for proposal in find_when(text, NOW)
    }
    assert left_out == {
        "tomorrow": ["tomorrow"],
        "nine": ["at nine"],
        "tomorrow nine": ["tomorrow", "at nine"],
    }


def test_composites_resolve_together():
    words = find_when("meet ana friday from two to four", NOW)[-1].words
    assert resolve_when(words, NOW) == "2026-03-06T16:00:00"
