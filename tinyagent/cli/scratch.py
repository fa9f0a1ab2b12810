"""The scratch stores that evaluation plans against: empty but for a few contacts and lists, and thrown away.

A case file may bring its own: `cases.world.json` beside `cases.jsonl`, an object with any of these lists:

    {"people": ["Ana Lima"], "lists": ["groceries"],
     "files": ["/home/ana/Documents/budget.xlsx"], "folders": ["/home/ana/Documents"], "apps": ["Firefox"]}

`files` (newest first) and `folders` are absolute paths, `apps` are names as in `World.apps`; none of them has to
exist. Where there are no files, folders or applications, the words for them stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tinyagent.errors import CaseError
from tinyagent.grounding.base import World
from tinyagent.settings import Settings


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to refer to: first names only, so that an expected "sid" is the contact's name too."""

    people: tuple[str, ...] = ("Sid", "Ana", "Priya", "Tom")
    lists: tuple[str, ...] = ("shopping", "groceries", "to do")
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()

    def world(self, now: datetime) -> World:
        """Return what the resolvers know."""
        return World(now, self.people, self.lists, self.files, self.folders, apps=self.apps)


def stock_for(cases: Path) -> Stock:
    """Return what the file beside the cases asks for, or the usual; `CaseError` when it cannot be read."""
    path = cases.with_suffix(".world.json")
    try:
        given = json.loads(path.read_text("utf-8"))
        stock = {field.name: given.get(field.name, []) for field in fields(Stock)}
        if not all(isinstance(names, list) for names in stock.values()):
            raise TypeError
        if not all(isinstance(name, str) and name.strip() for names in stock.values() for name in names):
            raise TypeError
        if not all(path.startswith("/") for path in (*stock["files"], *stock["folders"])):
            raise ValueError
    except FileNotFoundError:
        return Stock()
    except (OSError, ValueError, TypeError, AttributeError):
        keys = ", ".join(field.name for field in fields(Stock))
        raise CaseError(
            f"{path} cannot be read: it must be an object with lists of names ({keys}), files and folders as "
            "absolute paths."
        ) from None
    return Stock(**{key: tuple(names) for key, names in stock.items()})


@contextmanager
def scratch_settings(settings: Settings, stock: Stock) -> Iterator[Settings]:
    """Give settings whose stores lie in a temporary folder and hold `stock`; models stay in their cache.

    The tables of the toolsets are left out: nothing of the person's own files, programs or home is looked at.
    """
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
            tools={},
        )
        context = scratch.context(datetime(2026, 3, 2, 9))
        for number, person in enumerate(stock.people):
            add_contact(context, person, f"person{number}@example.org", f"+1 555 01{number:02}")
        for called in stock.lists:
            create_list(context, called)
        yield scratch
