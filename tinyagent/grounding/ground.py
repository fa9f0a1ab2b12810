"""Ground a whole call: each argument by its resolver, then what the arguments say about each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tinyagent.calls import Tool
from tinyagent.grounding import times
from tinyagent.grounding.base import Unresolved, World
from tinyagent.grounding.mentions import is_pronoun, referent
from tinyagent.grounding.resolvers import missing, resolve


def ground(
    tool: Tool,
    words: Mapping[str, str],
    world: World,
    *,
    references: Collection[str] = (),
    text: str = "",
) -> dict[str, Any]:
    """Return the JSON arguments for the words of a call.

    `references` are the parameters whose words are a reference to a result; they stay as they are. `text` is the
    whole command, in which pronouns find the people named before them.

    Raises `Unresolved` with a question when a required value is missing or words mean nothing or several things.
    """
    args: dict[str, Any] = {}
    for parameter in tool.parameters:
        if parameter.name not in words:
            continue
        if parameter.name in references:
            args[parameter.name] = words[parameter.name]
            continue
        if is_pronoun(words[parameter.name], parameter):
            args[parameter.name] = referent(words[parameter.name], parameter, tool, world, text)
            continue
        said, rule = words[parameter.name], words.get("recurrence", "")
        if rule and parameter.type == "when" and times.says_only_clock(said, world.now):
            # "Every weekday at seven" is seven in the morning also when this morning's seven has passed.
            seen = replace(world, now=datetime.combine(world.now.date(), datetime.min.time()))
        else:
            seen = world
        try:
            args[parameter.name] = resolve(said, parameter, seen, rule)
        except Unresolved as error:
            raise Unresolved(replace(error.question, tool=tool.name, parameter=parameter.name)) from None
    _first_time(tool, args, world)
    _end_after_start(args)
    _clock_for_alarms(tool, args)
    for parameter in tool.parameters:
        if parameter.required and parameter.name not in args:
            raise Unresolved(missing(tool.name, parameter))
    return args


def _clock_for_alarms(tool: Tool, args: Mapping[str, Any]) -> None:
    """Ask for the clock time of what rings at one: a day alone does not say it."""
    for parameter in tool.parameters:
        if (
            parameter.required
            and parameter.prefer == "next"
            and "T" not in str(args.get(parameter.name, "T"))
        ):
            raise Unresolved(missing(tool.name, parameter))


def _first_time(tool: Tool, args: dict[str, Any], world: World) -> None:
    """Set the first time that fits the rule of a recurring thing."""
    rule = args.get("recurrence")
    if not isinstance(rule, str):
        return
    moment = next(
        (p for p in tool.parameters if p.type == "when" and p.name in ("start", "due", "time")), None
    )
    if moment is None:
        return
    said = args.get(moment.name)
    if said is None and moment.name != "start":
        return  # a reminder's first day is the tool's to find; an alarm needs a clock time that the rule lacks
    args[moment.name] = times.first_occurrence(rule, said, world.now)


def _end_after_start(args: dict[str, Any]) -> None:
    """Put an end said as a bare clock time on the start's day ("tomorrow from two to four")."""
    start, end = args.get("start"), args.get("end")
    if not (isinstance(start, str) and isinstance(end, str) and "T" in start and "T" in end):
        return
    begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if begins < ends <= begins + timedelta(hours=12):
        return
    moved = datetime.combine(begins.date(), ends.time())
    while moved <= begins:
        moved += timedelta(hours=12)
    if ends <= begins or moved - begins <= timedelta(hours=12):
        args["end"] = moved.isoformat()
