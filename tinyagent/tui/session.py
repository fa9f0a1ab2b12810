"""One assistant on a thread of its own: commands, plans and hints go in from the screen, events come back.

Nothing here knows Textual. Every method but `close` and `grounds` returns at once; callbacks come on other threads.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tinyagent.calls import Candidate, Plan
from tinyagent.errors import TinyAgentError
from tinyagent.events import Event
from tinyagent.settings import Settings
from tinyagent.tui import services
from tinyagent.tui.turn import Broken, Confirm, Last, State, Stopped, Turn, answer_of, quiet, waits_for_a_tool

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant
    from tinyagent.conversation import Conversation
    from tinyagent.grounding.base import World
    from tinyagent.tools.registry import Catalogue

__all__ = ["Broken", "Confirm", "Session", "State"]
GRACE = 2.0
"""Seconds that running calls get to end once a command is stopped."""
LONGEST_HINT = 500
"""Characters up to which an unfinished command gets hints."""
_log = logging.getLogger(__name__)

OnState = Callable[[State], object]
OnLast = Callable[[int, Event | Last], object]
OnHint = Callable[[str, tuple[Candidate, ...], bool], object]
OnUndone = Callable[[str, bool], object]
Jobs = SimpleQueue[Callable[[], None] | None]


class Session:
    """The assistant behind the screen. `assistant` (None until loaded) is for looking at only.

    `always` are the tools that the person allowed for this session, `off` those switched off (an assistant that is
    given does not know of these).
    """

    def __init__(self, settings: Settings, *, assistant: Assistant | None = None) -> None:
        self.settings = settings
        self.assistant: Assistant | None = None
        self.always: set[str] = set()
        self.off: set[str] = set()
        self._given = assistant
        self._conversation: Conversation | None = None
        self._on_state: OnState = lambda state: None
        self._turn: Turn | None = None
        self._asked: int | None = None
        self._hint: tuple[str, OnHint] | None = None
        self._jobs: Jobs = SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a command is being planned or run."""
        return self._turn is not None

    def start(self, on_state: OnState) -> None:
        """Begin to load in the background; `on_state` hears how far it is."""
        self._on_state = on_state
        self._jobs.put(self._try_to_load)
        self._begin()

    def submit(self, number: int, text: str, on_event: OnLast, confirm: Confirm, reply: bool = False) -> None:
        """Queue a command; `on_event` hears all of its events, last `Answered` or `Broken`.

        `confirm` is called on the session's thread and may block there until the person has answered. With `reply`,
        `text` answers the question that command `number` ended in; a question that is not answered next lapses.
        """

        def work(turn: Turn) -> Last:
            conversation = self._loaded()
            if reply and not (conversation.question and self._asked == number):
                return Broken("That question has lapsed: give the command again.")
            if not reply and conversation.question:
                conversation.turns.pop()
            last = turn.through(conversation.stream(text, confirm=turn.asking(confirm, self.always)))
            self._asked = number
            return last

        self._queue(work, partial(on_event, number))

    def plan(self, number: int, text: str, on_plan: OnLast, asked: Plan | None = None) -> None:
        """Queue a command that is planned and not run; with `asked`, `text` answers the question of that plan."""

        def work(turn: Turn) -> Last:
            from tinyagent.compiler.past import Past

            conversation = self._loaded()
            assistant = conversation.assistant
            past = Past.of(conversation.turns, assistant.catalogue)
            return assistant.plan(text, asked=asked, past=past)

        self._queue(work, partial(on_plan, number))

    def run_plan(self, number: int, plan: Plan, on_event: OnLast, confirm: Confirm) -> None:
        """Queue a plan, edited or not, to be run as it is now."""

        def work(turn: Turn) -> Last:
            conversation = self._loaded()
            assistant, asking = conversation.assistant, turn.asking(confirm, self.always)
            now = assistant.settings.context().now
            last = turn.through(assistant.stream(plan, confirm=asking, now=now))
            conversation.turns.append(last.answer)
            self._asked = number
            return last

        self._queue(work, partial(on_event, number))

    def hint(self, text: str, on_hint: OnHint) -> None:
        """Ask for the shortlist of an unfinished command; only the newest request is answered, none while busy."""
        if self.busy or len(text) > LONGEST_HINT or not text.strip():
            return
        self._hint = text, on_hint
        self._jobs.put(self._answer_hint)

    def undo(self, entry: int | None, on_undone: OnUndone) -> None:
        """Take back a journal entry (None: the last change); `on_undone` hears the sentence and whether it worked."""

        def work() -> None:
            try:
                said, worked = services.undo(self.settings, entry), True
            except Exception as error:
                said, worked = services.sentence(error), False
            quiet(on_undone)(said, worked)

        threading.Thread(target=work, name="undo", daemon=True).start()

    def grounds(self) -> tuple[Catalogue, World]:
        """Return the tools, and what names can refer to now; blocks. Raises `TinyAgentError` while loading."""
        if self.assistant is None:
            raise TinyAgentError("The assistant is still loading: try again in a moment.")
        return self.assistant.catalogue, self.assistant.world()

    def switch(self, tool: str, on: bool) -> None:
        """Switch a tool on or off for this session."""
        (self.off.discard if on else self.off.add)(tool)

    def cancel(self) -> None:
        """Stop the running command: nothing more of it starts, running calls get `GRACE` seconds to end."""
        turn = self._turn
        if turn is not None and not turn.stop.is_set():
            turn.stop.set()
            threading.Thread(target=self._leave_behind, args=(turn,), name="cancel", daemon=True).start()

    def close(self) -> None:
        """Stop, and wait for what runs, but not much longer than `GRACE`. What was queued is not begun any more."""
        jobs, self._jobs = self._jobs, SimpleQueue()
        self.cancel()
        jobs.put(None)
        if self._thread is not None:
            self._thread.join(GRACE + 1)

    def _begin(self) -> None:
        self._thread = threading.Thread(target=self._serve, args=(self._jobs,), name="assistant", daemon=True)
        self._thread.start()

    def _serve(self, jobs: Jobs) -> None:
        while (job := jobs.get()) is not None and self._jobs is jobs:
            job()

    def _queue(self, work: Callable[[Turn], Last], tell: Callable[[Event | Last], object]) -> None:
        self._jobs.put(partial(self._do, work, Turn(quiet(tell))))

    def _do(self, work: Callable[[Turn], Last], turn: Turn) -> None:
        """Do one command; whatever goes wrong becomes its last word."""
        self._turn = turn
        try:
            last = work(turn)
        except Stopped:
            last = turn.stopped()
        except BaseException as error:  # the boundary of the thread: somebody waits for the last word
            _log.debug("a command broke", exc_info=True)
            last = Broken(services.sentence(error))
        if self._turn is turn:
            self._turn = None
        answer = answer_of(last)
        if turn.end(last) and answer is not None:
            try:
                services.ring(self.settings, answer)
            except TinyAgentError as error:
                quiet(self._on_state)(State("ready", 1.0, str(error)))

    def _leave_behind(self, turn: Turn) -> None:
        """Go on on a new thread where a tool hangs; the old one ends when, if ever, the tool does."""
        turn.over.wait(GRACE)
        while not turn.over.wait(0.1) and self._turn is turn:
            if self._thread is not None and waits_for_a_tool(self._thread):
                behind, self._jobs, self._turn = self._jobs, SimpleQueue(), None
                while not behind.empty():
                    self._jobs.put(behind.get())
                behind.put(None)
                self._begin()
                turn.end(turn.stopped())

    def _try_to_load(self) -> None:
        try:
            self._loaded()
        except Exception:  # the person has been told, and the next command tries again
            _log.debug("loading failed", exc_info=True)

    def _loaded(self) -> Conversation:
        """Return the conversation with everything loaded. Raises what loading raises, having said so."""
        if self._conversation is not None:
            return self._conversation
        tell = quiet(self._on_state)
        state = State("embedder", 0.0)
        tell(state)
        try:
            from tinyagent.conversation import Conversation

            assistant = self.assistant or self._given or services.make(self.settings, self.off)
            for state in services.load(assistant):
                if state.stage == "ready":
                    self.assistant, self._conversation = assistant, Conversation(assistant)
                tell(state)
        except Exception as error:
            tell(State(state.stage, state.done, services.sentence(error)))
            raise
        assert self._conversation is not None
        return self._conversation

    def _answer_hint(self) -> None:
        hint, self._hint = self._hint, None
        if hint is None or self.assistant is None:
            return
        text, on_hint = hint
        try:
            retrieved = self.assistant.retriever.retrieve(text)
            quiet(on_hint)(text, retrieved.candidates, self.assistant.selector.sure(retrieved))
        except Exception:  # a hint that cannot be had is none
            _log.debug("no hint", exc_info=True)
