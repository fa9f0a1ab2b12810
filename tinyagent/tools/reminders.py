"""The toolset reminders: VTODO files, one vdir folder a list, which todoman and vdirsyncer use too."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, ToolError
from tinyagent.tools.changes import Changes, changing, restore
from tinyagent.tools.context import Context
from tinyagent.tools.files import slug
from tinyagent.tools.ical import bounded, new_calendar, new_uid, parse, render, stamp, zoned
from tinyagent.tools.matching import fitting
from tinyagent.tools.matching import query as read_query
from tinyagent.tools.phrases import count, join, listed, say_rule, say_span, say_when, short
from tinyagent.tools.registry import ListName, Period, Recurrence, Semantic, Text, When, tool
from tinyagent.tools.rules import first_of, in_short_months, next_start
from tinyagent.tools.tasks import PRIORITIES, Task, TaskBook, complete, describe, plain
from tinyagent.tools.vdir import Item, Vdir, collections, named

_PRIORITY_WORDS = (
    ("low", ("low priority", "not urgent", "not important", "whenever", "no rush", "no hurry", "low",
             "low importance", "less important", "not so important", "not that important", "unimportant",
             "nothing urgent", "isn't urgent", "not very urgent", "not so urgent", "not that urgent")),
    ("medium", ("medium priority", "normal priority", "medium importance", "medium", "normal")),
    ("high", ("high priority", "top priority", "urgent", "urgently", "important", "asap", "critical",
              "as soon as possible", "high", "high importance", "really important", "very important",
              "super important", "really urgent", "very urgent", "crucial", "vital")),
)  # fmt: skip
Priority = Annotated[str, Semantic("enum", choices=_PRIORITY_WORDS)]
MORNING = timedelta(hours=9)


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where a file was changed since."""
    restore(ctx.folders.tasks, data)


@tool(toolset="reminders", effect="write", undo=_undo)
def create_reminder(
    ctx: Context,
    name: Text,
    due: When | None = None,
    notes: Text | None = None,
    list_name: ListName | None = None,
    priority: Priority | None = None,
    recurrence: Recurrence | None = None,
) -> Outcome:
    """Add a reminder, with a notification when it is due.

    A recurring one without `due` begins today; a list that does not exist yet is made. Raises `ToolError` for
    texts or recurrences that make no reminder, `StoreError` where the list cannot be written.
    """
    from icalendar import Alarm, Todo, vRecur

    what = bounded(name, "reminder")
    todo, uid = Todo(), new_uid()
    todo.add("uid", uid)
    todo.add("summary", what)
    todo.add("status", "NEEDS-ACTION")
    if recurrence:
        due = _first_due(recurrence, due, ctx.now)
        # The format wants a start where there is a rule; DUE may be equal to it.
        todo.add("dtstart", zoned(due, ctx.timezone))
        todo.add("rrule", vRecur.from_ical(in_short_months(recurrence, due)))
    if due is not None:
        todo.add("due", zoned(due, ctx.timezone))
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", what)
        alarm.add("trigger", timedelta() if isinstance(due, datetime) else MORNING)
        alarm["TRIGGER"].params["RELATED"] = "END"
        todo.add_component(alarm)
    if notes:
        todo.add("description", bounded(notes, "note"))
    if priority:
        todo.add("priority", PRIORITIES[priority])
    stamp(todo, ctx, created=True)
    calendar = new_calendar()
    calendar.add_component(todo)
    with changing(ctx.folders.tasks) as changes:
        vdir, made = _list(ctx, list_name, changes)
        path = vdir.put(changes, uid, render(calendar, ctx))
        undo = changes.undo()
    task = Task(Item(path, calendar), todo, vdir.name, due)
    often = f", {say_rule(recurrence)}" if recurrence else ""
    when = f" {say_when(due, ctx.now)}{often}" if due is not None else ""
    where = f", in {'your new' if made else 'the'} list {vdir.name}" if list_name else ""
    return Outcome(f"I'll remind you{when}: {short(what)}{where}.", plain(task), undo)


@tool(toolset="reminders", effect="read")
def find_reminders(
    ctx: Context, query: Text | None = None, span: Period | None = None, list_name: ListName | None = None
) -> Outcome:
    """Find reminders that are still to be done and say when they are due.

    Raises `NotFoundError` for a list that does not exist, `StoreError` where the lists cannot be read.
    """
    book = TaskBook(ctx)
    asked = read_query(query or "")
    tasks = book.open(span.start, span.end) if span else book.open()
    where = ""
    if list_name:
        vdir = _known_list(book, list_name)
        tasks = [task for task in tasks if task.item.path.parent == vdir.folder]
        where = f" in {vdir.name}"
    found = fitting(asked, tasks, lambda task: task.texts)
    what = f" for “{short(query)}”" if query and not asked.is_general else ""
    when = f" {say_span(span.start, span.end, ctx.now)}" if span else ""
    if len(found) == 1:
        answer = f"You have one reminder{what}{where}: {describe(found[0], ctx.now)}."
    elif found:
        lines = listed([describe(task, ctx.now) for task in found])
        answer = f"You have {count(len(found), 'reminder')}{what}{where}:\n{lines}"
    else:
        answer = f"You have no reminders{what}{where}{when}."
    return Outcome("\n".join(part for part in (answer, book.note()) if part), [plain(task) for task in found])


@tool(toolset="reminders", effect="write", undo=_undo)
def complete_reminder(ctx: Context, query: Text) -> Outcome:
    """Mark a reminder as done.

    One that comes again is set to its next time. Raises `NotFoundError` for no such reminder, `ToolError` for
    several equally good ones.
    """
    asked = read_query(bounded(query, "name of the reminder"))
    with changing(ctx.folders.tasks) as changes:
        book = TaskBook(ctx)
        done = book.choose(book.open(), asked)
        following = [complete(task, ctx) for task in done]
        for path, item in {task.item.path: task.item for task in done}.items():
            changes.write(path, render(item.content, ctx))
        undo = changes.undo()
    again = f" It comes again {say_when(following[0], ctx.now)}." if len(done) == 1 and following[0] else ""
    names = join([f"“{short(task.name)}”" for task in done[:12]])
    value = [plain(dataclasses.replace(t, due=due or t.due)) for t, due in zip(done, following, strict=True)]
    return Outcome(f"Done: {names}.{again}", value, undo)


@tool(toolset="reminders", effect="destructive", undo=_undo)
def delete_reminder(ctx: Context, query: Text | None = None, span: Period | None = None) -> Outcome:
    """Delete a reminder, or all reminders of a day.

    By `query` the one open reminder that fits best; with only a `span` all that are due in it. Raises
    `NotFoundError` for no such reminder, `ToolError` for several equally good ones or neither argument.
    """
    asked = read_query(query or "")
    if span is None and asked.is_general and not (asked.several or asked.next):
        raise ToolError("Which reminder shall I delete? Say its name or its day.")
    with changing(ctx.folders.tasks) as changes:
        book = TaskBook(ctx)
        doomed = book.choose(book.open(span.start, span.end) if span else book.open(), asked)
        value = [plain(task) for task in doomed]
        names = [describe(task, ctx.now) for task in doomed]
        for path, item in {task.item.path: task.item for task in doomed}.items():
            gone = [task.component for task in doomed if task.item is item]
            item.content.subcomponents = [
                part for part in item.content.subcomponents if not any(part is one for one in gone)
            ]
            if any(part.name != "VTIMEZONE" for part in item.content.subcomponents):
                changes.write(path, render(item.content, ctx))
            else:
                changes.remove(path)
        undo = changes.undo()
    if len(names) > 1:
        return Outcome(f"I deleted {count(len(names), 'reminder')}:\n{listed(names)}", value, undo)
    return Outcome(f"I deleted the reminder {names[0]}.", value, undo)


def _first_due(recurrence: str, due: datetime | date | None, now: datetime) -> datetime | date:
    """Return the first time from `due` on that the rule allows, without `due` from now on."""
    if due is not None:
        return first_of(recurrence, due)
    rule = recurrence.upper()
    if "BYHOUR" in rule:
        first = now.replace(minute=0, second=0, microsecond=0)
    elif re.search("FREQ=(HOUR|MINUTE|SECOND)LY", rule):
        first = now.replace(second=0, microsecond=0)
    else:
        return first_of(recurrence, now.date())
    first_of(recurrence, first)  # refuses what is no recurrence
    return next_start(recurrence, first, now) or first


def _list(ctx: Context, list_name: str | None, changes: Changes) -> tuple[Vdir[Any], bool]:
    """Return the list to write to and whether it was just made."""
    name = " ".join(bounded(list_name or ctx.task_list, "name of the list").split())
    known = named(collections(ctx.folders.tasks, ".ics", parse), name)
    if known is not None:
        return known, False
    folder = ctx.folders.tasks / slug(name)
    if folder.name != name:
        changes.write(folder / "displayname", name)
    return Vdir(folder, ".ics", parse), True


def _known_list(book: TaskBook, name: str) -> Vdir[Any]:
    found = named(book.lists, name)
    if found is None:
        names = join([vdir.name for vdir in book.lists], "or")
        raise NotFoundError(f"There is no list {short(name)}" + (f"; there is {names}." if names else "."))
    return found
