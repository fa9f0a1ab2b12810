"""Write the held-out usage templates as evaluation cases: the project's own commands that no training saw.

    python -m tinyagent.evaluation.held_out OUT.jsonl

Arguments are given as words before grounding, so that both sides are grounded by the same resolvers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinyagent.tools.registry import catalogue
from tinyagent.training import usage

NOW = "2026-03-02T09:00:00"


def cases() -> Iterator[dict[str, Any]]:
    """Yield one case for each held-out template, and for each held-out line that no tool fits."""
    for tool in catalogue():
        for i, example in enumerate(usage.read(tool.name)):
            if example.held_out:
                values = {mark.parameter: mark.value for mark in example.marks if mark.value}
                words = {name: said for name, said in example.words().items() if name not in values}
                call = {"tool": tool.name, "args": values, "words": words}
                yield {"id": f"{tool.name}-{i}", "text": example.text, "now": NOW, "calls": [call], "depends": []}
    for i, row in enumerate(usage.read_rows("none")):
        if usage.parse("none/own", row["text"]).held_out:
            yield {"id": f"none-{i}", "text": row["text"], "now": NOW, "calls": [], "end": "none"}


def main() -> None:
    """Write the cases to the file named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tinyagent.evaluation.held_out OUT.jsonl")
    lines = [json.dumps(case, ensure_ascii=False) for case in cases()]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write(f"{len(lines)} cases in {sys.argv[1]}\n")


if __name__ == "__main__":
    main()
