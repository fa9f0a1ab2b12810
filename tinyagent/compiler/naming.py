"""What a tool does in the words of a sentence, from its name: "deleting the calendar event"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tinyagent.tools.phrases import harmless, short

_SPOKEN: Mapping[str, str] = {
    "add_to_list": "adding",
    "compose_new_email": "writing the email",
    "control_media": "controlling the player",
    "convert_units": "converting",
    "get_datetime": "telling the time",
    "maps_open_location": "showing the place",
    "maps_show_directions": "showing the way",
    "now_playing": "saying what is playing",
    "open_and_get_file_path": "opening the file",
    "play_media": "playing",
    "remove_from_list": "removing",
    "send_sms": "sending the text message",
    "summarize_pdf": "summarizing the PDF",
    "web_search": "searching the web",
}
"""Of tools whose name is not how one says it."""
_VERBS = frozenset(
    "add answer append book calculate cancel change check close complete compose control convert copy create "
    "delete describe download draft edit email fetch find forward get insert list lock look mail make mark merge "
    "message move note open pause play post publish put query read remind remove rename reply run save search "
    "send set share show snooze start stop submit summarize take tell text translate turn undo update upload "
    "write".split()
)
_DOUBLED = frozenset("cancel control get put run set stop submit".split())
_PREPOSITIONS = frozenset("at by for from in into of off on to up with".split())
_MOST = 40
"""Characters of a tool's name that are said."""


def doing(tool: str) -> str:
    """Return what the tool of this name does, as the subject of a sentence.

    A name that begins with no verb is quoted as it is: “weather lookup”.
    """
    if tool in _SPOKEN:
        return _SPOKEN[tool]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|[\W_]+", " ", tool).lower().split()
    if not words or words[0] not in _VERBS:
        return f"“{harmless(short(' '.join(words) or tool, _MOST))}”"
    verb, *thing = words
    doubled = verb + verb[-1] if verb in _DOUBLED else verb.removesuffix("e")
    at = 1 if thing and thing[0] in _PREPOSITIONS else 0
    if len(thing) > at:
        thing.insert(at, "the")
    return short(" ".join((f"{doubled}ing", *thing)), _MOST)
