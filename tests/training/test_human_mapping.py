"""People's intents as tools. Every line here was written for this test; none is from the data sets."""

import pytest

from tinyagent.tools.registry import catalogue
from tinyagent.training import human


@pytest.mark.parametrize(
    ("intent", "text", "tool"),
    [
        ("alarm_set", "get me up at dawn", "set_alarm"),
        ("alarm_remove", "drop the early alarm", "cancel_alarm"),
        ("alarm_query", "which alarms have i got", "find_alarms"),
        ("timer", "count down nine minutes", "set_timer"),
        ("qa_maths", "seven squared", "calculate"),
        ("measurement_conversion", "yards in a league", "convert_units"),
        ("datetime_convert", "noon here is when in lima", "get_datetime"),
        ("calendar_set", "lunch with mo on the ninth", "create_calendar_event"),
        ("calendar_set", "Remind me about lunch with mo", "create_reminder"),
        ("calendar_set", "set a reminder for rent", "create_reminder"),
        ("calendar_query", "what is on next week", "find_calendar_events"),
        ("calendar_query", "read me my reminders", "find_reminders"),
        ("calendar_remove", "the ninth is off", "delete_calendar_event"),
        ("calendar_remove", "forget that reminder", "delete_reminder"),
        ("calendar_update", "get rid of the ninth", "delete_calendar_event"),
        ("calendar_update", "put the ninth in", "create_calendar_event"),
        ("reminder_update", "cancel my rent reminder", "delete_reminder"),
        ("reminder_update", "make a rent reminder", "create_reminder"),
        ("lists_createoradd", "start a brand new list for camp", "create_list"),
        ("lists_createoradd", "put rope on the camp list", "add_to_list"),
        ("lists_createoradd", "make a new list and add rope", None),
        ("lists_createoradd", "rope camp", None),
        ("lists_remove", "delete my camp list", "delete_list"),
        ("lists_remove", "take rope off the camp list", "remove_from_list"),
        ("lists_remove", "erase rope", None),
        ("lists_query", "what does the camp list say", "read_list"),
        ("shopping_list_update", "get rid of the rope", "remove_from_list"),
        ("shopping_list_update", "we need rope", "add_to_list"),
        ("todo_list_update", "scratch ironing", "remove_from_list"),
        ("email_querycontact", "how do i phone mo", "get_phone_number"),
        ("email_querycontact", "mail of mo", "get_email_address"),
        ("email_querycontact", "mo's phone and email", None),
        ("email_querycontact", "who is mo", None),
        ("email_addcontact", "save mo as a friend", "add_contact"),
        ("payday", "when am i paid", None),
        ("play_music", "some jazz", "play_media"),
        ("play_music", "skip this one", "control_media"),
        ("play_music", "play this next", None),
        ("play_radio", "tune to 97.9 fm", "play_media"),
        ("music_query", "what song is this", "now_playing"),
        ("music_query", "when was this song recorded", None),
        ("music_settings", "repeat this one", "control_media"),
        ("music_settings", "turn off shuffle", None),
        ("email_sendemail", "answer mo's mail", "reply_to_email"),
        ("email_sendemail", "pass on, I mean forward, mo's mail", "forward_email"),
        ("email_sendemail", "email mo about rope", "compose_new_email"),
        ("email_query", "any mail from mo", "search_email"),
        ("email_query", "alert me when mo mails", None),
        ("iot_cleaning", "start the vacuum", "set_device"),
        ("iot_cleaning", "hoover the hall", None),
        ("smart_home", "lamp off", "set_light"),
        ("transport_query", "directions to the camp", "maps_show_directions"),
        ("transport_query", "when does the train leave", "none/transport_query"),
        ("directions", "where is the nearest camp", None),
        ("SearchCreativeWork", "find the show called rope", "none/SearchCreativeWork"),
        ("SearchCreativeWork", "play the rope album", None),
        ("news_query", "google the news", None),
        ("GetWeather", "rain in town", "get_weather"),
        ("BookRestaurant", "table for two", "none/BookRestaurant"),
    ],
)
def test_intents(intent, text, tool):
    assert human.tool_for(intent, text) == tool
    assert human.tool_for(intent, text.upper()) == tool


def test_every_tool_that_is_named_exists():
    names = set(human._DIRECT.values()) | {
        rule(words)
        for rule in human._BY_WORDS.values()
        for words in (
            "remind",
            "remove",
            "add to",
            "create a list",
            "delete list",
            "from",
            "phone",
            "email",
            "",
        )
    }
    kinds = {name for name in names if name and name.startswith(f"{human.NONE}/")}
    assert names - {None} - kinds <= {tool.name for tool in catalogue()}
    assert not set(human._DIRECT) & set(human._BY_WORDS)
    assert not human._UNPLACED & (set(human._DIRECT) | set(human._BY_WORDS))
