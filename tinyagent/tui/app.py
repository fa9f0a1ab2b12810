"""The terminal assistant: cards above, the prompt below, panels at the side; the assistant works on its own thread.

What the first screen does not show is imported when it is first wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tinyagent.tui import keys, themes
from tinyagent.tui.cards import Cards
from tinyagent.tui.completion import sources
from tinyagent.tui.dictation import Ears, open_ears
from tinyagent.tui.editor import Editor
from tinyagent.tui.history import NAME, History
from tinyagent.tui.messages import Copied, Submitted, ToolSwitched, Typed, UndoEntry
from tinyagent.tui.middle import Middle
from tinyagent.tui.prompt import PromptLine
from tinyagent.tui.quiet import QuietApp
from tinyagent.tui.relay import Hinted, Loaded, Undone
from tinyagent.tui.session import Session
from tinyagent.tui.status import Status

if TYPE_CHECKING:
    from textual.command import Provider

    from tinyagent.grounding.base import World
    from tinyagent.tui.help import Area

AGAIN = 2.0
"""Seconds within which a second Ctrl+C quits."""


def utc_now() -> datetime:
    """Return the time, the usual clock of the panels."""
    return datetime.now(UTC)


def _palette() -> type[Provider]:
    from tinyagent.tui.palette import Commands

    return Commands


class TinyAgentApp(QuietApp):
    """The whole screen, over one session.

    `clock` gives the seconds that the cards count, `now` the time with a zone that the panels show, `ears` opens what
    is listened with (default: the engines of the settings).
    """

    CSS_PATH = "app.tcss"
    TITLE = "tinyagent"
    COMMANDS: ClassVar[set[Any]] = {_palette}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = keys.EVERYWHERE

    def __init__(
        self,
        session: Session,
        *,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = utc_now,
        ears: Callable[[], Ears] | None = None,
    ) -> None:
        super().__init__()
        self._ears = ears or partial(open_ears, session.settings)
        self.session = session
        self.settings = session.settings
        self._clock, self._now = clock, now
        self._interrupted = self._last_key = -AGAIN
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.first_theme(self.settings.state, self.console.color_system)

    def compose(self) -> ComposeResult:
        """Lay the areas out; the panels come when they are first shown."""
        history = History(self.settings.state / NAME)
        yield Middle(Cards(self.session, lambda: self._last_key, clock=self._clock), self._now)
        yield PromptLine(history, sources(self._world, history), ears=self._ears)
        yield Status()

    @property
    def cards(self) -> Cards:
        """The cards."""
        return self.screen_stack[0].query_one(Cards)

    @property
    def prompt(self) -> PromptLine:
        """The prompt."""
        return self.screen_stack[0].query_one(PromptLine)

    @property
    def status(self) -> Status:
        """The line at the bottom."""
        return self.screen_stack[0].query_one(Status)

    def on_mount(self) -> None:
        """Begin to load once the first screen is painted: typing is possible at once."""
        self.prompt.focus()
        self.call_after_refresh(self.session.start, lambda state: self.post_message(Loaded(state)))

    async def on_event(self, event: events.Event) -> None:
        """Remember when the last key came."""
        if isinstance(event, events.Key | events.Paste):
            self._last_key = monotonic()
        await super().on_event(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys to what is in front where the action would surprise there."""
        if action == "cancel":
            return self.session.busy
        in_front = len(self.screen_stack) > 1
        return not (in_front and action in {"help", "panel", "clear", "undo", "command_palette", "talk"})

    def get_key_display(self, binding: Binding) -> str:
        """Return a key as people write it, "Ctrl+P"."""
        from tinyagent.tui.help import key_name

        return key_name(binding.key)

    def action_help(self) -> None:
        """Show all keys."""
        from tinyagent.tui.card import Card
        from tinyagent.tui.confirm import Confirm
        from tinyagent.tui.help import Help
        from tinyagent.tui.panels.listing import Listing

        areas: dict[str, Area] = {
            "Everywhere": type(self),
            "The prompt": (PromptLine, Editor),
            "A card": Card,
            "A confirmation": Confirm,
            "A panel": Listing,
        }
        self.push_screen(Help(areas))

    def action_theme(self) -> None:
        """Go on to the next theme."""
        position = themes.NAMES.index(self.theme) if self.theme in themes.NAMES else -1
        self.choose_theme(themes.NAMES[(position + 1) % len(themes.NAMES)])

    def choose_theme(self, name: str) -> None:
        """Wear a theme, now and at the next start."""
        self.theme = name
        themes.keep(self.settings.state, name)
        self.say(f"Theme: {name}")

    async def action_panel(self, name: str) -> None:
        """Show a panel at the side, or hide the side where it shows that one."""
        if not await self.screen_stack[0].query_one(Middle).toggle(name):
            self.prompt.focus()

    def action_clear(self) -> None:
        """Remove the cards of commands that have ended."""
        self.cards.clear()

    def action_cancel(self) -> None:
        """Stop what runs."""
        self.cards.cancel()

    def action_prompt(self) -> None:
        """Give the keyboard back to the prompt; while it listens, stop that."""
        self.prompt.dictation.hush()
        self.prompt.focus()

    def action_talk(self) -> None:
        """Listen for a command, or end that."""
        self.prompt.dictation.talk()

    def action_undo(self) -> None:
        """Take back the last change and say what it was."""
        self.post_message(UndoEntry())

    def action_interrupt(self) -> None:
        """Stop what runs; where nothing does, the second press quits."""
        if self.session.busy:
            self.action_cancel()
        elif monotonic() - self._interrupted < AGAIN:
            self.exit()
        else:
            self._interrupted = monotonic()
            self.say("Press Ctrl+C again to quit.")

    def give(self, text: str) -> None:
        """Give a command as if it had been typed."""
        self.post_message(Submitted(text))

    def say(self, said: str, wrong: bool = False) -> None:
        """Tell the person something beside the cards."""
        self.notify(
            said, severity="error" if wrong else "information", timeout=8 if wrong else 3, markup=False
        )

    @on(Submitted)
    def _submitted(self, message: Submitted) -> None:
        self.cards.command(message.text, message.dry)

    @on(Typed)
    def _typed(self, message: Typed) -> None:
        self.session.hint(message.text, lambda *found: self.post_message(Hinted(*found)))

    @on(Hinted)
    def _hinted(self, message: Hinted) -> None:
        if message.text == self.prompt.text:
            self.prompt.show_hint(message.candidates, message.early)

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.status.loaded(message.state)
        if message.state.error and message.state.stage == "ready":
            self.say(message.state.error, wrong=True)

    @on(Cards.Changed)
    def _changed(self) -> None:
        self.status.goes_on(bool(self.cards.working), self.cards.asked is not None)
        self.screen_stack[0].query_one(Middle).refresh_side()

    @on(Copied)
    def _copied(self, message: Copied) -> None:
        self.copy_to_clipboard(message.text)
        self.say("Copied.")

    @on(UndoEntry)
    def _undo(self, message: UndoEntry) -> None:
        self.session.undo(message.entry, lambda said, worked: self.post_message(Undone(said, worked)))

    @on(Undone)
    def _undone(self, message: Undone) -> None:
        self.say(message.said, wrong=not message.worked)
        self.screen_stack[0].query_one(Middle).refresh_side()

    @on(ToolSwitched)
    def _switched(self, message: ToolSwitched) -> None:
        self.session.switch(message.tool, message.on)

    def _world(self) -> World:
        from tinyagent.world import world_of

        return world_of(self.settings, self.settings.folders)
