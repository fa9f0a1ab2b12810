"""What `ask` and `chat` share: a command is shown while it is done, and what it asks is put to the person."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import click

from tinyagent.cli import running, show

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant
    from tinyagent.calls import Answer, Call, Question, Tool
    from tinyagent.conversation import Conversation
    from tinyagent.events import Event
    from tinyagent.settings import Settings

THINKING = "Thinking …"


def options(json_help: str) -> Callable[[Any], Any]:
    """Return the decorator that gives a command the options of a dialogue."""

    def decorate(command: Any) -> Any:
        for option in (
            click.option("--now", metavar="ISO", help="Take this as the current local time."),
            click.option("--yes", is_flag=True, help="Answer yes to every confirmation."),
            click.option("--plain", is_flag=True, help="No spinner and no colours; NO_COLOR does the same."),
            click.option("--json", "as_json", is_flag=True, help=json_help),
        ):
            command = option(command)
        return command

    return decorate


def new_assistant(settings: Settings) -> Assistant:
    """Return an assistant with nothing loaded yet."""
    from tinyagent.assistant import Assistant

    return Assistant(settings)


class Dialogue:
    """A conversation at the command line.

    On a terminal the sentence of a call is printed when the call is done, elsewhere all of them at the end; what was
    not done is told at the end, where the reasons are known. A question is put to the person where there is one to
    answer it (`asked`), otherwise it is part of the answer. With `lines` answers follow each other: JSON has a line
    each, text off a terminal an empty line after it. `now` is the option of that name.
    """

    def __init__(
        self,
        settings: Settings,
        now: str | None,
        *,
        yes: bool,
        as_json: bool,
        plain: bool,
        lines: bool = False,
    ) -> None:
        self.settings, self.now = settings, running.local_time(now, settings)
        self.as_json, self.plain, self.lines = as_json, show.is_plain(plain), lines
        self.asking = running.Asking(yes, self.plain)
        self._loading: threading.Thread | None = None

    @cached_property
    def conversation(self) -> Conversation:
        """The conversation so far."""
        from tinyagent.conversation import Conversation

        return Conversation(new_assistant(self.settings))

    @property
    def asked(self) -> Question | None:
        """The question that waits for the person's answer."""
        return self.conversation.question if show.can_ask() and not self.as_json else None

    def turn(self, text: str) -> int:
        """Do what `text` says, show what becomes of it, and return the exit code.

        Raises `TinyAgentError`; that and Ctrl-C let running calls end.
        """
        answer, said, stays = self._watch(text)
        code = 1 if stays else running.exit_code(answer)
        if self.as_json:
            show.out_json(answer.as_json(), one_line=self.lines)
        else:
            self._say_rest(answer, code, said)
        self.asking.warn()
        running.ring(self.settings, answer)
        return code

    def fail(self, sentence: str) -> None:
        """Show the error that a turn ended in as its answer."""
        if self.as_json:
            show.out_json({"error": sentence}, one_line=self.lines)
        else:
            self._out(sentence, running.STYLES[1], ends=True)

    def load_ahead(self) -> None:
        """Load the models while the person types; Ctrl-C then never hits a module that cannot be imported twice."""

        def load() -> None:
            with suppress(Exception):  # it is said when they are used
                assistant = self.conversation.assistant
                _ = assistant.retriever, assistant.selector, assistant.filler

        self._loading = threading.Thread(target=load, name="loading")
        self._loading.start()

    def recover(self) -> None:
        """Go on after Ctrl-C: planning that is still at its step is waited for."""
        if self._loading and self._loading.is_alive():
            return
        for thread in threading.enumerate():
            if thread.name == "planning":  # a second Ctrl-C has left it at its step
                thread.join()

    def _watch(self, text: str) -> tuple[Answer, list[str], bool]:
        """Run the turn; returns the answer, what of it has been printed, and whether something could not be undone."""
        said: list[str] = []
        stays = False
        with show.thinking(THINKING, plain=self.plain) as spinner:
            if self._loading:
                self._loading.join()
            from tinyagent.events import Answered, Finished, Selected, Started, TakenBack, TakingBack

            def confirm(tool: Tool, call: Call) -> bool:
                with spinner.paused():
                    return self.asking.confirm(tool, call)

            stream = self.conversation.stream(text, confirm=confirm, now=self.now)
            # Closed at once, not some time later: that lets running calls end.
            with closing(cast("Generator[Event, None, None]", stream)):
                for event in stream:
                    match event:
                        case Selected(tool):
                            spinner(in_words(tool))
                        case Started(_, call):
                            spinner(in_words(call.tool))
                        case TakingBack():
                            spinner("Taking back …")
                        case TakenBack(done=False):
                            stays = True
                        case Finished(_, result) if (
                            self._is_live and result.status == "done" and result.answer
                        ):
                            said.append(result.answer)
                            with spinner.paused():
                                self._out(result.answer, running.STYLES[0])
                        case Answered(answer):
                            return answer, said, stays
        raise AssertionError("a stream ends in an answer")

    @property
    def _is_live(self) -> bool:
        return show.on_terminal() and not self.as_json

    def _say_rest(self, answer: Answer, code: int, said: list[str]) -> None:
        question = self.asked
        if question:
            said = [*said, show.harmless(question.text)]
        left = running.left_to_say(answer.text, said)
        if left or not said:
            self._out(left, running.STYLES.get(code, ""), ends=True)
        if question:
            show.put(question, plain=self.plain)

    def _out(self, text: str, style: str, ends: bool = False) -> None:
        paragraph = self.lines and ends and not show.on_terminal()
        show.out(text + "\n" * paragraph, style="" if self.plain else style)


def in_words(tool: str) -> str:
    """Return what the spinner says of a tool."""
    return f"{tool.replace('_', ' ').capitalize()} …"
