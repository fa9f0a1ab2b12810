"""Sequences for the argument adapters: usage examples with varied values, people's commands, two commands in one.

`build` gives one list per tool; the generic adapter (and the joint one, for comparison) trains on all of them, the
tool's own adapter on its own.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tinyagent.calls import Tool
from tinyagent.dualtune import prompts
from tinyagent.dualtune.arguments import Layout
from tinyagent.dualtune.prompts import Before, Tokenizer
from tinyagent.grounding.base import World
from tinyagent.training import commands, human, plans, sequences, turns, usage
from tinyagent.training.sequences import Sequence_, Unreachable
from tinyagent.training.usage import Example, Mark

WORLD = World(datetime(2026, 3, 2, 9))
"""Proposals do not depend on the day, so one reference time serves the whole training."""

_COMPOUND_COPIES = 2
_TURN_COPIES = 3
_MOMENT = ("date", "time", "timeofday")
_ENTITIES: Mapping[str, Mapping[str, str]] = {
    "set_alarm": {**dict.fromkeys(_MOMENT, "time"), "general_frequency": "recurrence"},
    "cancel_alarm": dict.fromkeys(_MOMENT, "time"),
    "find_alarms": dict.fromkeys(_MOMENT, "span"),
    "create_calendar_event": {
        **dict.fromkeys(_MOMENT, "start"),
        "event_name": "title",
        "place_name": "location",
        "general_frequency": "recurrence",
    },
    "find_calendar_events": {**dict.fromkeys(_MOMENT, "span"), "event_name": "query", "person": "person"},
    "delete_calendar_event": {**dict.fromkeys(_MOMENT, "span"), "event_name": "query"},
    "read_list": {"list_name": "list_name"},
    "get_datetime": {"place_name": "place", "date": "when"},
    "get_weather": {**dict.fromkeys(_MOMENT, "when"), "place_name": "place", "weather_descriptor": "what"},
    "play_media": dict.fromkeys(
        (
            "song_name",
            "artist_name",
            "music_genre",
            "playlist_name",
            "podcast_name",
            "radio_name",
            "audiobook_name",
        ),
        "query",
    ),
    "set_device": {"device_type": "device", "house_place": "room"},
    "set_light": {"house_place": "room", "color_type": "color"},
    "search_email": {**dict.fromkeys(_MOMENT, "span"), "person": "sender", "relation": "sender"},
    "get_phone_number": {"person": "name", "relation": "name"},
    "get_email_address": {"person": "name", "relation": "name"},
}
"""Which entity types of HWU64 are which parameter; lines with other entities are left out."""


def build(
    tokenizer: Tokenizer,
    tools: Mapping[str, Tool],
    data: Path | None,
    rng: random.Random,
    *,
    copies: int = 3,
    learn_name: bool = False,
    rehearse: float = 1.0,
) -> tuple[dict[str, list[Sequence_]], Counter[str]]:
    """Return training sequences by tool, and how many examples could not be written, by tool and parameter.

    `rehearse` is the share of single commands: an adapter that goes on learning needs them only not to forget.
    """
    made: dict[str, list[Sequence_]] = {name: [] for name in tools}
    lost: Counter[str] = Counter()

    def add(
        example: Example,
        earlier: Sequence[tuple[Tool, Mapping[str, str]]] = (),
        refs: Mapping[str, str] | None = None,
        before: Before | None = None,
    ) -> None:
        tool = tools[example.tool]
        try:
            sequence, _ = sequences.arguments(
                tokenizer, example, tool, WORLD, earlier, refs=refs, before=before, learn_name=learn_name
            )
        except Unreachable as reason:
            lost[f"{tool.name}.{reason}"] += 1
            return
        if sequence.targets:
            made[tool.name].append(sequence)

    singles = [e for name in tools for e in usage.variants(usage.read(name), copies, rng) if not e.held_out]
    alone = [*singles, *(people(data, tools) if data is not None else ())]
    for example in alone if rehearse >= 1 else rng.sample(alone, round(len(alone) * rehearse)):
        add(example)
    for example, earlier in _in_one_breath(singles, tools, round(len(singles) * rehearse) // 12, rng):
        add(example, earlier)
    for compound in plans.variants(plans.training(tools), _COMPOUND_COPIES, rng):
        said = plans.said(compound, tools)
        for n, (example, refs) in enumerate(zip(compound.calls, compound.refs, strict=True)):
            add(example, said[:n], refs)
    for turn in turns.variants(turns.read_rows(tools), _TURN_COPIES, rng):
        said, known = turns.said(turn, tools), len(turn.first.calls)
        before = Before(turn.first.text, said[:known])
        for n, (example, refs) in enumerate(zip(turn.calls, turn.refs, strict=True)):
            if not turn.held_out:
                add(example, said[known : known + n], refs, before)
    for name, sequence in _missing(tokenizer, tools):
        made[name].append(sequence)
    return made, lost


def people(data: Path, tools: Mapping[str, Tool]) -> Iterable[Example]:
    """Yield the HWU64 commands whose entities all map to parameters and mark every time that is said."""
    with (data / "human" / "hwu64_train.jsonl").open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            name = human.tool_for(row["intent"], row["text"])
            if name is None or name not in tools or name not in _ENTITIES:
                continue
            example = _with_entities(name, row["text"], row["entities"])
            if example is not None and _complete(example, tools[name]):
                yield example


def _with_entities(tool: str, text: str, entities: Sequence[Mapping[str, str]]) -> Example | None:
    marks, last = [], 0
    for entity in entities:
        parameter = _ENTITIES[tool].get(entity["type"])
        start = text.find(entity["text"], last)
        if parameter is None or start < 0:
            return None
        last = start + len(entity["text"].removesuffix("'s"))
        marks.append(Mark(parameter, start, last))
    return Example(tool, text, tuple(marks), text) if marks else None


def _complete(example: Example, tool: Tool) -> bool:
    """Whether every time, rule or length that the resolvers find is marked, and every required run is."""
    marked = {mark.parameter for mark in example.marks}
    layout = Layout(example.text, WORLD)
    for parameter in tool.parameters:
        if parameter.name in marked:
            continue
        if parameter.required or (
            parameter.is_choice and layout.proposals(parameter) and parameter.type != "enum"
        ):
            overlapping = parameter.is_choice and any(
                mark.start < end and start < mark.end
                for proposal in layout.proposals(parameter)
                for start, end in proposal.spans
                for mark in example.marks
            )
            if parameter.required or not overlapping:
                return False
    return True


def _in_one_breath(
    singles: Sequence[Example], tools: Mapping[str, Tool], count: int, rng: random.Random
) -> Iterable[tuple[Example, list[tuple[Tool, Mapping[str, str]]]]]:
    """Yield examples inside a command that asks for two things: the first, or the second after the first."""
    for _ in range(count):
        first, second = rng.choice(singles), rng.choice(singles)
        text = commands.join(first.text, second.text, rng)
        if rng.random() < 0.5:
            yield Example(first.tool, text, first.marks, first.template), []
            continue
        shift = len(text) - len(second.text)
        marks = tuple(
            Mark(m.parameter, m.start + shift, m.end + shift, m.kind, m.value) for m in second.marks
        )
        yield (
            Example(second.tool, text, marks, second.template),
            [(tools[first.tool], prompts.in_fill_order(tools[first.tool], first.words()))],
        )


def _missing(tokenizer: Tokenizer, tools: Mapping[str, Tool]) -> Iterable[tuple[str, Sequence_]]:
    """Yield commands that lack a required run of words: its line is written as absent."""
    absent = [*tokenizer.tokenize(prompts.ABSENT), prompts.line_end(tokenizer)]
    for row in usage.read_rows("ask"):
        tool = tools.get(str(row["tool"]))
        if tool is None or tool.parameter(str(row["missing"])).is_choice:
            continue
        layout = Layout(str(row["text"]), WORLD)
        if any(p.is_choice and layout.proposals(p) for p in tool.parameters):
            continue
        tokens = prompts.header(tokenizer, str(row["text"])) + prompts.name_tokens(tokenizer, tool.name)
        tokens += prompts.key_tokens(tokenizer, str(row["missing"]))
        yield tool.name, Sequence_((*tokens, *absent), tuple(range(len(tokens), len(tokens) + len(absent))))
