"""Run one tool on the thread that is its own: whatever it does becomes a result, and its end is recorded."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tinyagent.calls import Call, Outcome, Result, Tool
from tinyagent.compiler.recorder import Record
from tinyagent.errors import TinyAgentError
from tinyagent.tools.changes import keeping
from tinyagent.tools.context import Context

_log = logging.getLogger(__name__)


def work(tool: Tool, call: Call, context: Context, keywords: Mapping[str, Any], record: Record) -> Result:
    """Return what became of the call; nothing that the tool raises gets past this."""
    try:
        with keeping(record.keep):
            outcome: Outcome = tool.function(replace(context, words=call.words), **keywords)
        return recorded(record, Result(call, "done", outcome.answer, outcome.value, outcome.undo))
    except TinyAgentError as error:
        return recorded(record, Result(call, "failed", str(error), error=type(error).__name__))
    except BaseException as error:  # also one that wants to end the program: somebody waits for this result
        _log.debug("%s failed", tool.name, exc_info=True)
        answer = (
            f"{tool.name} failed unexpectedly ({type(error).__name__}): set TINYAGENT_DEBUG=1 to see why."
        )
        return recorded(record, Result(call, "failed", answer))


def recorded(record: Record, result: Result) -> Result:
    """Write the end of a call; that it could not be written is said with the answer."""
    doubt = record.end(result)
    answer = f"{result.answer} {doubt}".strip() if doubt else result.answer
    return replace(result, answer=answer, entry=record.number)
