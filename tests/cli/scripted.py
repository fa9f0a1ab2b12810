"""A scripted assistant: it plans what the words of the command name and runs it on fake tools.

Run as a program it is the command line with that assistant in place of the real one (for terminal tests).
"""

import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tinyagent.calls import Call, Effect, Outcome, Parameter, Plan, Question, Tool
from tinyagent.compiler.executor import execute
from tinyagent.errors import ModelError, NotFoundError
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.registry import Catalogue


def _run(ctx, **given):
    if given.get("query") == "nowhere":
        raise NotFoundError("There is no event called nowhere.")
    (ctx.folders.state / "ran").mkdir(parents=True, exist_ok=True)
    return Outcome("Done: " + ", ".join(str(value) for value in given.values()) + ".", given)


TOOLS = Catalogue(
    {
        name: Tool(
            name, "things", "Do it.", Effect(effect), tuple(Parameter(p, "text") for p in parameters), _run
        )
        for name, effect, parameters in (
            ("create_reminder", "write", ["name", "due"]),
            ("delete_calendar_event", "destructive", ["query", "span"]),
        )
    }
)
CALLS = {
    "remind": Call("create_reminder", {"name": "call Sid", "due": "2026-03-02T15:00:00"}),
    "delete": Call("delete_calendar_event", {"query": "lunch \x1b[31m", "span": "tomorrow"}),
    "lose": Call("delete_calendar_event", {"query": "nowhere", "span": "today"}),
}


@dataclass
class Answer:
    plan: Plan
    results: tuple
    text: str

    def as_json(self):
        results = [result.as_json() for result in self.results]
        return {"plan": self.plan.as_json(), "results": results, "text": self.text}


class ScriptedAssistant:
    state = Path(tempfile.gettempdir()) / "tinyagent-scripted"

    def __init__(self, settings=None):
        pass

    def plan(self, text, *, now=None):
        now = now or datetime(2026, 3, 2, 9)
        calls = tuple(call for word, call in CALLS.items() if word in text.split())
        if "hang" in text:
            time.sleep(30)
        if "broken" in text:
            raise ModelError("The model is damaged: run `tinyagent doctor`.")
        if "crash" in text:
            raise ZeroDivisionError("a secret")
        if "which" in text:
            return Plan(text, now, end="ask", question=Question("Which Ana?", options=("Ana B", "Ana C")))
        return Plan(text, now, calls, end="done" if calls else "none")

    def run(self, plan, *, confirm, dry_run=False, now=None):
        context = Context(plan.now, ZoneInfo("UTC"), Folders.under(self.state))
        results = execute(plan, TOOLS, context, confirm, dry_run=dry_run)
        said = " ".join(result.answer for result in results)
        return Answer(
            plan, tuple(results), said or (plan.question.text if plan.question else "I cannot do that.")
        )


if __name__ == "__main__":
    import tinyagent.cli.ask
    from tinyagent.cli import main

    ScriptedAssistant.state = Path(sys.argv.pop(1))
    tinyagent.cli.ask._assistant = ScriptedAssistant
    tinyagent.cli.ask._TIMED = frozenset()
    sys.exit(main())
