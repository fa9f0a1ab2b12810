"""A real assistant whose models follow a script, on a home of its own with a fixed clock: for pictures of the app.

Everything but the models is the real thing: the words are grounded, the calls run, the journal is written.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tinyagent.assistant import Assistant
from tinyagent.calls import Candidate, Parameter, Tool
from tinyagent.dualtune.arguments import ALONE, Around, Filled
from tinyagent.dualtune.selector import DONE, Calibration
from tinyagent.grounding.base import World
from tinyagent.retrieval.index import NONE
from tinyagent.retrieval.retriever import Retrieved
from tinyagent.settings import Settings, load
from tinyagent.tools.context import Context

NOW = datetime(2026, 3, 2, 9, 12)
Wanted = Sequence[tuple[str, Mapping[str, str]]]


class FixedClock(Settings):
    """Settings of somebody for whom it is always `NOW`."""

    def context(self, now: datetime | None = None) -> Context:
        """Return the context for tools at that time."""
        return Settings.context(self, now or NOW)


class Script:
    """The models of an assistant: for each command the calls that are wanted, as tools with the words of arguments.

    `gate` is waited for before the arguments of the last call of a command are written, `held` then is set.
    """

    def __init__(self, wanted: Mapping[str, Wanted]) -> None:
        self.wanted, self.calibration = wanted, Calibration()
        self.gate, self.held = threading.Event(), threading.Event()
        self.gate.set()

    def into(self, assistant: Assistant) -> Assistant:
        """Let an assistant plan by this script."""
        vars(assistant).update(retriever=self, selector=self, filler=self)
        return assistant

    def retrieve(self, text: str) -> Retrieved:
        """Return the wanted tools, each likelier than the next."""
        names = [*dict.fromkeys(tool for tool, _ in self._calls(text)), NONE]
        shares = [0.84 * 0.16**place for place in range(len(names))]
        several = 0.9 if len(self._calls(text)) > 1 else 0.04
        found = tuple(Candidate(name, share) for name, share in zip(names, shares, strict=True))
        return Retrieved(found, (0.0, 1 - several, several))

    def sure(self, retrieved: Retrieved) -> bool:
        """Whether there is one call only."""
        return retrieved.counts[2] < 0.5

    def expects_more(self, text: str, retrieved: Retrieved, earlier: Sequence[Any]) -> bool:
        """Whether another call may follow."""
        return not self.sure(retrieved)

    def several(self, retrieved: Retrieved) -> bool:
        """Whether there are several calls."""
        return not self.sure(retrieved)

    def left(self, text: str, retrieved: Retrieved, earlier: Sequence[Any]) -> tuple[()]:
        """Return the parts that are still to be done: a script knows of none."""
        return ()

    def without_adapter(
        self, text: str, retrieved: Retrieved, earlier: Sequence[Any] = ()
    ) -> Candidate | None:
        """Return the next tool of a command with one call, None where the next is to be selected."""
        return self.select(text, retrieved, earlier)[0] if self.sure(retrieved) else None

    def select(self, text: str, retrieved: Retrieved, earlier: Sequence[Any] = ()) -> list[Candidate]:
        """Return the next tool that is wanted."""
        calls = self._calls(text)
        return [Candidate(calls[len(earlier)][0] if len(earlier) < len(calls) else DONE, 0.97)]

    def fill(self, text: str, tool: Tool, world: World, around: Around = ALONE) -> Filled:
        """Return the words of the next call's arguments."""
        calls, step = self._calls(text), len(around.earlier)
        if step == len(calls) - 1:
            self.held.set()
            self.gate.wait()
        words = calls[step][1]
        lacking: list[Parameter] = [p for p in tool.parameters if p.required and p.name not in words]
        references = frozenset(name for name, said in words.items() if said.startswith("$"))
        return Filled(words, tuple(lacking), 0.99, references)

    def _calls(self, text: str) -> Wanted:
        return self.wanted.get(text, ())


def stocked(folder: Path) -> FixedClock:
    """Return settings for a home in `folder` with some people, events, reminders, alarms and a timer in it."""
    from tinyagent.tools.calendar import create_calendar_event
    from tinyagent.tools.clock import set_alarm, set_timer
    from tinyagent.tools.contacts import add_contact
    from tinyagent.tools.lists import add_to_list
    from tinyagent.tools.reminders import create_reminder

    given = {"TINYAGENT_HOME": str(folder), "HOME": str(folder), "TINYAGENT_TIMEZONE": "Europe/Berlin"}
    plain = load(given)
    settings = FixedClock(**{name: getattr(plain, name) for name in plain.__dataclass_fields__})
    ctx = settings.context()
    today = NOW.replace(minute=0)
    for name, phone in (
        ("Ana Lima", "+49 30 555 0101"),
        ("Ana Roth", "+49 30 555 0102"),
        ("Sid Rao", "+49 30 555 0103"),
    ):
        add_contact(ctx, name, phone=phone)
    # Names are offered in the order of their files, which are named at random.
    cards = sorted(
        settings.folders.contacts.glob("*.vcf"), key=lambda card: card.read_text().partition("FN:")[2]
    )
    for number, card in enumerate(cards):
        card.rename(card.with_name(f"{number}.vcf"))
    for title, hours, place in (
        ("Stand-up", 0.5, None),
        ("Dentist", 5, "Lindenstraße 9"),
        ("Choir", 10, "Town hall"),
    ):
        create_calendar_event(ctx, title, today + timedelta(hours=hours), location=place)
    create_calendar_event(ctx, "Review with Priya", today + timedelta(days=1, hours=1))
    create_reminder(ctx, "call the landlord about the lease", today + timedelta(hours=3))
    create_reminder(ctx, "water the plants", NOW.date())
    set_alarm(ctx, NOW.replace(hour=18, minute=30), label="leave for the choir")
    set_timer(ctx, timedelta(minutes=12), label="tea")
    add_to_list(ctx, "milk", "shopping")
    return settings
