"""The cards, one a command: what is entered goes to the session, and what the session says goes to its card."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tinyagent.calls import Answer, Plan
from tinyagent.events import Answered, Event, Shortlisted
from tinyagent.tui.messages import Edited, Replied
from tinyagent.tui.relay import Asking, Heard, asker
from tinyagent.tui.services import sentence
from tinyagent.tui.session import Broken, Session
from tinyagent.tui.turn import Last

if TYPE_CHECKING:
    from tinyagent.tui.card import Card
    from tinyagent.tui.confirm import Confirm

MOST = 200
"""Cards that are kept; the oldest go first."""
PAUSE = 0.6
"""Seconds without a key before a confirmation comes up: what is being typed must not answer it."""
WELCOME = """\
Say what to do, for example

  remind me to call Sid at three pm about the budget
  what is on my calendar tomorrow, and text it to Ana
  add milk and coffee to the shopping list

Enter runs it, Alt+Enter shows the plan first. F1 shows all keys."""
_log = logging.getLogger(__name__)


class Cards(VerticalScroll, can_focus=False):
    """All cards, the newest last. `last_key` gives the time of the last key, `clock` the seconds that cards count."""

    DEFAULT_CSS = """
    Cards { width: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    Cards > #welcome { color: $text-muted; padding: 1; height: auto; }
    """

    class Changed(Message):
        """Something has begun to work, or has ended, or a question is open."""

    def __init__(
        self,
        session: Session,
        last_key: Callable[[], float],
        *,
        clock: Callable[[], float] = monotonic,
        id: str | None = None,
    ) -> None:
        super().__init__(Static(WELCOME, id="welcome", markup=False), id=id)
        self.session = session
        self.working: set[int] = set()
        self.asked: int | None = None
        """The card whose question is open."""
        self.plan: Plan | None = None
        """The last plan."""
        self._last_key, self._clock = last_key, clock
        self._cards: dict[int, Card] = {}
        self._said: dict[int, str] = {}
        self._plans: dict[int, Plan] = {}
        self._typing: Widget | None = None
        self._asking: Asking | None = None
        self._confirm: Confirm | None = None

    def on_mount(self) -> None:
        """Stay at the newest card."""
        self.anchor()

    def said(self) -> Iterator[str]:
        """Yield the commands given so far, each once, the newest first."""
        yield from dict.fromkeys(reversed(self._said.values()))

    def command(self, text: str, dry: bool = False) -> None:
        """Take a command; `dry` shows its plan first. While a question is open and nothing works, it is the answer."""
        if self.asked is not None and not dry and not self.working:
            self._typing = self.screen.focused
            self._cards[self.asked].post_message(Replied(self.asked, text))
            return
        from tinyagent.tui.card import Card  # not a part of the first screen

        number = len(self._said) + 1
        card = Card(number, text, grounds=self.session.grounds, clock=self._clock)
        self._said[number], self._cards[number] = text, card
        if number == 1:
            self.query("#welcome").remove()
        self.mount(card)
        self.anchor()
        self._forget_oldest()
        self._begin(number)
        if dry:
            self.session.plan(number, text, self._tell)
        else:
            self.session.submit(number, text, self._tell, asker(number, self.post_message))

    def cancel(self) -> None:
        """Stop what runs; where it waits for a yes, that is a no."""
        self.session.cancel()
        self.let_go()

    def let_go(self) -> None:
        """Answer no where somebody waits for a yes."""
        asking, confirm = self._asking, self._confirm
        if asking is not None:
            asking.settle(False)
        if confirm is not None and confirm.is_active:
            confirm.dismiss("no")

    def clear(self) -> None:
        """Remove the cards of commands that have ended."""
        for number in [number for number in self._cards if number not in self.working]:
            self._remove(number)

    @on(Replied)
    def _replied(self, message: Replied) -> None:
        message.stop()
        self._reply(message.number, message.text)
        if self._typing is not None:  # the card takes the keyboard, but the person goes on where they were
            self._typing.focus()
            self._typing = None

    @on(Edited)
    def _edited(self, message: Edited) -> None:
        message.stop()
        self._begin(message.number)
        asking = asker(message.number, self.post_message)
        self.session.run_plan(message.number, message.plan, self._tell, asking)

    @on(Heard)
    def _heard(self, message: Heard) -> None:
        message.stop()
        number, event = message.number, message.event
        if isinstance(event, Shortlisted | Answered):
            self._lapse(number)
        if isinstance(event, Answered | Plan | Broken):
            self._end(number, event)
        card = self._cards.get(number)
        if card is None:
            return
        try:
            if isinstance(event, Answered):
                card.entries = self._changed(event.answer)
            if isinstance(event, Broken):
                card.broken(event.sentence)
            elif isinstance(event, Plan):
                card.planned(event)
            else:
                card.heard(event)
        except Exception as error:  # the command goes on, whatever its card cannot show
            _log.debug("a card broke", exc_info=True)
            self.notify(sentence(error), severity="error", markup=False)

    @on(Asking)
    async def _ask(self, message: Asking) -> None:
        message.stop()
        self._asking = message
        self.run_worker(self._ask_at_a_pause(message), exit_on_error=False)

    async def _ask_at_a_pause(self, asking: Asking) -> None:
        from tinyagent.tui.confirm import Confirm

        try:
            while (left := PAUSE - (monotonic() - self._last_key())) > 0:
                await asyncio.sleep(left)
            if asking.answer.done():
                return
            self._confirm = Confirm(asking.tool, asking.call, asking.taken_over)
            said = await self.app.push_screen_wait(self._confirm)
            if said == "always" and not asking.taken_over:
                self.session.always.add(asking.tool.name)
            asking.settle(said in ("yes", "always"))
            if said == "edit" and asking.number in self._cards:
                self._cards[asking.number].action_edit()
        finally:
            self._asking = self._confirm = None
            asking.settle(False)

    def _reply(self, number: int, text: str) -> None:
        self._begin(number)
        self.asked = None if self.asked == number else self.asked
        plan = self._plans.pop(number, None)
        if plan is not None:
            self.session.plan(number, text, self._tell, asked=plan)
        else:
            self.session.submit(number, text, self._tell, asker(number, self.post_message), reply=True)

    def _tell(self, number: int, event: Event | Last) -> None:
        self.post_message(Heard(number, event))

    def _begin(self, number: int) -> None:
        self.working.add(number)
        self.post_message(self.Changed())

    def _end(self, number: int, last: Last) -> None:
        self.working.discard(number)
        plan = last.answer.plan if isinstance(last, Answered) else last
        if isinstance(plan, Plan):
            self.plan = plan
            if plan.question is not None and plan.question.tool:
                self.asked = number
                if plan is last:
                    self._plans[number] = plan
        self.post_message(self.Changed())

    def _changed(self, answer: Answer) -> tuple[int, ...]:
        """Return the journal entries of what was changed, the last first."""
        from tinyagent.compiler.past import Past

        assistant = self.session.assistant
        return Past.of([answer], assistant.catalogue).undoes if assistant else ()

    def _lapse(self, number: int) -> None:
        """Take away the open question: command `number` is what goes on now."""
        if self.asked is not None:
            if self.asked != number:
                self._cards[self.asked].broken("The question has lapsed: give the command again.")
            self.asked = None

    def _forget_oldest(self) -> None:
        for number in [number for number in self._cards if number not in self.working][:-MOST]:
            self._remove(number)

    def _remove(self, number: int) -> None:
        self._cards.pop(number).remove()
        self.asked = None if self.asked == number else self.asked
