"""All task lists of a person read as one book: what is open, what is meant, when it comes again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.context import Context
from tinyagent.tools.ical import integer, local, moment, parse, replace, stamp, text_of, wall, zoned
from tinyagent.tools.matching import Query, meant
from tinyagent.tools.occurrences import rule_text
from tinyagent.tools.phrases import join, say_when, short, when_words
from tinyagent.tools.rules import next_start, starts
from tinyagent.tools.vdir import Item, Vdir, collections, unreadable_note

PRIORITIES = {"high": 1, "medium": 5, "low": 9}


@dataclass(frozen=True, slots=True)
class Task:
    """One VTODO: its calendar object, the list it is in, and when it is due in local time."""

    item: Item[Any]
    component: Any
    list_name: str
    due: datetime | date | None

    @property
    def name(self) -> str:
        """What is to be done."""
        return text_of(self.component, "SUMMARY").strip() or "(no name)"

    @property
    def texts(self) -> list[str]:
        """What a query is compared with: the name first, then the notes."""
        return [self.name, text_of(self.component, "DESCRIPTION")]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        ended = text_of(self.component, "STATUS").upper() in ("COMPLETED", "CANCELLED")
        return not ended and "COMPLETED" not in self.component

    @property
    def priority(self) -> str | None:
        """The word for its priority, None where it has none."""
        number = integer(self.component, "PRIORITY")
        return None if not 1 <= number <= 9 else "high" if number < 5 else "medium" if number == 5 else "low"


class TaskBook:
    """What is open on the lists below `ctx.folders.tasks`, read once.

    Raises `StoreError` where they cannot be listed.
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.lists: list[Vdir[Any]] = collections(ctx.folders.tasks, ".ics", parse)
        self.tasks: list[Task] = [
            Task(item, component, vdir.name, _due(component, ctx.timezone))
            for vdir in self.lists
            for item in vdir.select(_may_be_open)
            for component in item.content.walk("VTODO")
        ]
        self.tasks.sort(key=lambda task: (task.due is None, wall(task.due or date.max), task.name))

    def open(self, low: datetime | None = None, high: datetime | None = None) -> list[Task]:
        """Return the open tasks by due time, undated ones last; with bounds those due in [low, high)."""
        tasks = [task for task in self.tasks if task.is_open]
        if low is None or high is None:
            return tasks
        return [task for task in tasks if task.due is not None and low <= _reach(task.due, low) < high]

    def choose(self, at_hand: Sequence[Task], asked: Query) -> list[Task]:
        """Return the tasks at hand that the words mean.

        Raises `NotFoundError` for none, `ToolError` naming the choices for several equally good ones.
        """
        found = meant(asked, at_hand, lambda task: [*task.texts, when_words(task.due, self._ctx.now)])
        if not found:
            what = f"reminder like “{short(asked.text)}”" if asked.words else "reminder"
            note = self.note()
            raise NotFoundError(f"I found no open {what} there." + (f" {note}" if note else ""))
        if len(found) > 1 and asked.text and not asked.several:
            names = [describe(task, self._ctx.now) for task in found[:5]]
            raise ToolError(f"Which one: {join(names, 'or')}?")
        return found

    def note(self) -> str:
        """Return one sentence about files that could not be read, "" where there are none."""
        return unreadable_note(self.lists)


def complete(task: Task, ctx: Context) -> datetime | date | None:
    """Mark a task as done in place; set one that comes again to its next time instead and return that."""
    todo = task.component
    following = _following(task, ctx)
    if following is None:
        replace(todo, "STATUS", "COMPLETED")
        replace(todo, "PERCENT-COMPLETE", 100)
        replace(todo, "COMPLETED", ctx.now.replace(tzinfo=ctx.timezone).astimezone(UTC))
    else:
        begun = moment(todo, "DTSTART")
        if begun is not None and task.due is not None:
            ahead = wall(following) - wall(task.due)
            replace(todo, "DTSTART", zoned(local(begun, ctx.timezone) + ahead, ctx.timezone))
        replace(todo, "DUE", zoned(following, ctx.timezone))
        for name in ("STATUS", "PERCENT-COMPLETE"):
            todo.pop(name, None)
        todo.add("status", "NEEDS-ACTION")
    stamp(todo, ctx)
    return following


def describe(task: Task, now: datetime) -> str:
    """Return a task as one says it: “call Sid” today at 15:00."""
    if task.due is None:
        return f"“{short(task.name)}”"
    late = task.due < now if isinstance(task.due, datetime) else task.due < now.date()
    return f"“{short(task.name)}” {say_when(task.due, now)}{' (overdue)' if late and task.is_open else ''}"


def plain(task: Task) -> dict[str, Any]:
    """Return a task as JSON data."""
    return {
        "uid": text_of(task.component, "UID"),
        "name": task.name,
        "due": task.due.isoformat() if task.due else None,
        "notes": text_of(task.component, "DESCRIPTION") or None,
        "list": task.list_name,
        "priority": task.priority,
        "recurring": "RRULE" in task.component,
        "done": not task.is_open,
        "path": str(task.item.path),
    }


def _following(task: Task, ctx: Context) -> datetime | date | None:
    """Return when a recurring task is due next, later than now and than it was due; None where it is over."""
    todo = task.component
    if "RRULE" not in todo or task.due is None:
        return None
    due = task.due
    now = ctx.now
    if not isinstance(due, datetime):  # today is still to come for what was due yesterday
        now = datetime.combine(ctx.now.date(), time()) - timedelta(days=1)
    try:
        # By the clock here, not the zone in the file: todoman writes UTC, where summer time shifts the hour.
        rule = rule_text(todo, zoned(due, ctx.timezone))
        following = next_start(rule, wall(due), max(wall(due), now))
        if following is not None and "COUNT" in todo["RRULE"]:
            passed = sum(1 for _ in starts(rule, wall(due), wall(due), following))
            todo["RRULE"]["COUNT"] = [int(todo["RRULE"]["COUNT"][0]) - passed]
    except (ValueError, KeyError, TypeError):
        return None  # a rule that nobody can follow does not come again
    return following if following is None or isinstance(due, datetime) else following.date()


def _may_be_open(text: str) -> bool:
    """Whether a file may have an open task, without parsing: those done pile up over the years."""
    return text.count("BEGIN:VTODO") != 1 or not re.search(r"(?m)^STATUS:(?:COMPLETED|CANCELLED)\r?$", text)


def _due(component: Any, zone: ZoneInfo) -> datetime | date | None:
    due = moment(component, "DUE")
    return None if due is None else local(due, zone)


def _reach(due: datetime | date, low: datetime) -> datetime:
    """Return the moment that counts for a span: a day reaches from its start to its end."""
    if isinstance(due, datetime):
        return due
    return max(wall(due), low) if wall(due).date() == low.date() else wall(due)
