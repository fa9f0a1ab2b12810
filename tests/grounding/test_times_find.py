"""What a command offers as times: the words, and the characters that a text field leaves out."""

from datetime import datetime

import pytest

from tinyagent.grounding.times import find_duration, find_recurrence, find_span, find_when, resolve_when

NOW = datetime(2026, 3, 2, 9, 0)

WHEN = {
    "remind me to call sid at three pm about the budget": ["three pm"],
    "tomorrow remind me to call at nine": ["tomorrow", "nine", "tomorrow nine"],
    "meet ana friday from two to four": ["friday", "two", "four", "friday two", "friday four"],
    "lunch from two to four on friday": ["two", "four on friday", "two friday"],
    "workshop tmrw 9-11 in room 5": ["tmrw 9", "11", "tmrw 11"],
    "at three no make it four": ["three", "four"],
    "remind me monday and tuesday at nine": ["monday", "tuesday at nine"],
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
