"""Texts of the prompt: what a command may consist of, and how a tool is called in words."""

from __future__ import annotations

import re

from tinyagent.dualtune.prompts import MAX_CHARACTERS
from tinyagent.tools.phrases import harmless

LIMIT = MAX_CHARACTERS
"""Characters of one command. More is a text that was pasted, not something to do."""

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_NO_TOOL = {"none": "nothing I can do", "ask": "a question to you", "done": "done"}


def cleaned(text: str) -> str:
    """Return `text` without control and invisible characters; a tab is a space, every line break a newline."""
    lines = _BREAKS.sub("\n", text).replace("\t", " ")
    # What `harmless` would write as an escape is left out: here it is no text but an accident of copying.
    return lines if lines.isprintable() else "".join(seen for c in lines if len(seen := harmless(c)) == 1)


def tool_words(tool: str) -> str:
    """Return the name of a tool, or of an end of a plan, in words: "create reminder"."""
    return _NO_TOOL.get(tool, tool.replace("_", " "))
