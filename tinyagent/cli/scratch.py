"""The scratch stores that evaluation plans against: empty but for a few contacts and lists, and thrown away.

A case file may bring its own: `cases.world.json` beside `cases.jsonl`, `{"people": [...], "lists": [...]}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tinyagent.errors import CaseError
from tinyagent.settings import Settings


@dataclass(frozen=True, slots=True)
class Stock:
    """What the scratch stores hold: first names only, so that an expected "sid" is the contact's name too."""

    people: tuple[str, ...] = ("Sid", "Ana", "Priya", "Tom")
    lists: tuple[str, ...] = ("shopping", "groceries", "to do")


def stock_for(cases: Path) -> Stock:
    """Return what the file beside the cases asks for, or the usual; `CaseError` when it cannot be read."""
    path = cases.with_suffix(".world.json")
    try:
        given = json.loads(path.read_text("utf-8"))
        people, lists = (given.get(key, []) for key in ("people", "lists"))
        if not all(isinstance(name, str) and name.strip() for name in [*people, *lists]):
            raise TypeError
    except FileNotFoundError:
        return Stock()
    except (OSError, ValueError, TypeError, AttributeError):
        raise CaseError(
            f'{path} cannot be read: it must be {{"people": [names], "lists": [names]}}.'
        ) from None
    return Stock(tuple(people), tuple(lists))


@contextmanager
def scratch_settings(settings: Settings, stock: Stock) -> Iterator[Settings]:
    """Give settings whose stores lie in a temporary folder and hold `stock`; models stay in their cache."""
    from tinyagent.tools.contacts import add_contact
    from tinyagent.tools.lists import create_list

    with TemporaryDirectory(prefix="tinyagent-") as name:
        root = Path(name)
        scratch = replace(
            settings,
            data=root / "data",
            state=root / "state",
            calendars=root / "calendars",
            tasks=root / "tasks",
            contacts=root / "contacts",
            notes=root / "notes",
            home_folder=root / "home",
            trash=root / "home" / ".local" / "share" / "Trash",
        )
        context = scratch.context(datetime(2026, 3, 2, 9))
        for number, person in enumerate(stock.people):
            add_contact(context, person, f"person{number}@example.org", f"+1 555 01{number:02}")
        for called in stock.lists:
            create_list(context, called)
        yield scratch
