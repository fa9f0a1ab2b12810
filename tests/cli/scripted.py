"""A scripted assistant: the real one with made-up tools and a model that wants what the words of the command name.

Run as a program it is the command line with that assistant in place of the real one.
"""

import sys
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripted_path import FixedRetriever, Models

from tinyagent.assistant import Assistant
from tinyagent.calls import Effect, Outcome, Parameter, Tool
from tinyagent.errors import ModelError, NotFoundError
from tinyagent.grounding.base import World
from tinyagent.tools.registry import Catalogue

NOW = datetime(2026, 3, 2, 9)
PEOPLE = ("Ana Lima", "Ana Roth", "Sid Rao", "Bo \x1b[31mBerg")
WANTED = {
    "remember": ("remember", {"name": "call Sid", "due": "three"}),
    "wake": ("set_alarm", {"time": "seven"}),
    "delete": ("delete_event", {"query": "lunch"}),
    "lose": ("delete_event", {"query": "nowhere"}),
    "mail": ("send_mail", {"to": "Ana"}),
    "text": ("send_mail", {"to": "Bo"}),
    "wait": ("wait", {"duration": "ten minutes"}),
    "soon": ("wait", {}),
    "stuck": ("hang", {}),
}
"""What is wanted for a word of the command."""


def _ran(ctx, name):
    folder = ctx.folders.state / "ran"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()


def _tool(name, effect, *parameters):
    def run(ctx, **given):
        if given.get("query") == "nowhere":
            raise NotFoundError("There is no event called nowhere.")
        _ran(ctx, name)
        if name == "hang":
            while not (ctx.folders.state / "go").exists():
                time.sleep(0.01)
            _ran(ctx, "went")
        said = (", ".join(v) if isinstance(v, list) else str(v) for v in given.values())
        return Outcome(f"Done: {name}, {', '.join(said)}.")

    made = tuple(Parameter(parameter, kind) for parameter, kind in parameters)
    return Tool(name, name, "Do it.", Effect(effect), made, run)


TOOLS = Catalogue(
    {
        tool.name: tool
        for tool in (
            _tool("remember", "write", ("name", "text"), ("due", "when")),
            _tool("set_alarm", "write", ("time", "when")),
            _tool("delete_event", "destructive", ("query", "text")),
            _tool("send_mail", "outgoing", ("to", "persons")),
            _tool("wait", "write", ("duration", "duration")),
            _tool("hang", "write"),
        )
    }
)


class Retriever(FixedRetriever):
    """Finds every tool, and tells the model what to want."""

    def __init__(self, engine):
        super().__init__([tool.name for tool in TOOLS])
        self.engine = engine

    def retrieve(self, text):
        if "sleep" in text:
            time.sleep(30)
        if "broken" in text:
            raise ModelError("The model is damaged: run `tinyagent doctor`.")
        if "crash" in text:
            raise ZeroDivisionError("a secret")
        self.engine.wanted = [WANTED[word] for word in text.lower().split() if word in WANTED]
        self.engine.end = "done" if self.engine.wanted else "none"
        return super().retrieve(text)


class ScriptedAssistant(Assistant):
    def __init__(self, settings):
        super().__init__(settings, tools=TOOLS, availability=None)
        models = Models(TOOLS, [])
        models.into(self)
        self.retriever = Retriever(models.engine)

    def world(self, now=None):
        return World(now or NOW, PEOPLE)


def install():
    import tinyagent.cli.dialogue

    tinyagent.cli.dialogue.new_assistant = ScriptedAssistant


if __name__ == "__main__":
    from tinyagent.cli import main

    install()
    sys.exit(main())
