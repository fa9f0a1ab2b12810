"""Write the held-out usage templates as evaluation cases: the project's own commands that no training saw.

    python -m tinyagent.evaluation.held_out OUT.jsonl              single commands
    python -m tinyagent.evaluation.held_out --compound OUT.jsonl   several calls, of structures no training saw

Arguments are given as words before grounding, so that both sides are grounded by the same resolvers.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from tinyagent.calls import Tool
from tinyagent.tools.registry import catalogue
from tinyagent.training import plans, usage
from tinyagent.training.sequences import JOINTS

NOW = "2026-03-02T09:00:00"
NO_REFS: Mapping[str, str] = {}


def cases() -> Iterator[dict[str, Any]]:
    """Yield one case for each held-out template, and for each held-out line that no tool fits."""
    for tool in catalogue():
        for i, example in enumerate(usage.read(tool.name)):
            if example.held_out:
                call = _call(example, tool)
                yield {
                    "id": f"{tool.name}-{i}",
                    "text": example.text,
                    "now": NOW,
                    "calls": [call],
                    "depends": [],
                }
    for i, row in enumerate(usage.read_rows("none")):
        if usage.parse("none/own", row["text"]).held_out:
            yield {"id": f"none-{i}", "text": row["text"], "now": NOW, "calls": [], "end": "none"}


def compound_cases() -> Iterator[dict[str, Any]]:
    """Yield one case for each line of a held-out structure; what is a result of another call is given as `$n`."""
    tools = catalogue()
    for i, row in enumerate(plans.read_rows()):
        compound = plans.parse(row)
        if not compound.held_out or compound.end != "done":
            continue
        pairs = zip(compound.calls, compound.refs, strict=True)
        calls = [_call(example, tools[example.tool], refs) for example, refs in pairs]
        case = {"id": f"{compound.shape}-{i}", "text": compound.text, "now": NOW, "calls": calls}
        yield {**case, "depends": [list(pair) for pair in compound.depends]}


def _call(example: usage.Example, tool: Tool, refs: Mapping[str, str] = NO_REFS) -> dict[str, Any]:
    """Return the expected call: values that a mark gives and references as they are, the rest as words."""
    values = {mark.parameter: mark.value for mark in example.marks if mark.value}
    words = {name: said for name, said in _words(example, tool).items() if name not in values}
    return {"tool": tool.name, "args": {**values, **refs}, "words": words}


def _words(example: usage.Example, tool: Tool) -> dict[str, str]:
    """Return each parameter's words; a text said in pieces ("Ana, Karl and Fritz") is the run around them."""
    words = example.words()
    for parameter in tool.parameters:
        marks = [mark for mark in example.marks if mark.parameter == parameter.name]
        pairs = pairwise(marks)
        between = [example.text[one.end : other.start].casefold() for one, other in pairs]
        if between and not parameter.is_choice and set(re.findall(r"\w+", " ".join(between))) <= JOINTS:
            words[parameter.name] = example.text[marks[0].start : marks[-1].end]
    return words


def main() -> None:
    """Write the cases to the file named on the command line."""
    parser = argparse.ArgumentParser(description="Write held-out usage examples as evaluation cases.")
    parser.add_argument("--compound", action="store_true", help="commands with several calls")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    lines = [
        json.dumps(case, ensure_ascii=False) for case in (compound_cases() if given.compound else cases())
    ]
    given.out.write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{len(lines)} cases in {given.out}\n")


if __name__ == "__main__":
    main()
