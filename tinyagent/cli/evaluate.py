"""`tinyagent eval`: how right, how fast, how sure, measured on a file of cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinyagent.cli import show

if TYPE_CHECKING:
    from tinyagent.cli.scratch import Stock
    from tinyagent.grounding.base import World
    from tinyagent.settings import Settings


@click.command("eval")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print every figure as one JSON object.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N cases only.")
@click.option(
    "--failures", type=click.IntRange(min=0), default=0, metavar="N", help="Show the first N failed cases."
)
def evaluate(file: Path, as_json: bool, limit: int | None, failures: int) -> None:
    """Plan every case of FILE (JSON lines) and compare with what is expected. Nothing is executed.

    Plans are made against scratch stores with a few contacts and lists, or with what FILE's neighbour
    (cases.world.json beside cases.jsonl) names: {"people": [...], "lists": [...], "files": [...],
    "folders": [...], "apps": [...]}. Every tool counts as working.
    """
    from tinyagent.cli.scratch import scratch_settings, stock_for
    from tinyagent.errors import CaseError
    from tinyagent.evaluation import runner
    from tinyagent.evaluation.cases import read_cases
    from tinyagent.settings import load

    cases = read_cases(file)[:limit]
    if not cases:
        raise CaseError(f"{file} has no cases.")
    stock = stock_for(file)
    with scratch_settings(load(), stock) as settings, show.thinking("Loading the model …") as say:
        planned = 0

        def count(_score: object) -> None:
            nonlocal planned
            planned += 1
            say(f"{planned} of {len(cases)} cases planned …")

        report = runner.evaluate(
            cases,
            _assistant(settings, stock),
            lambda case: stock.world(case.now),
            ground=_ground,
            progress=count,
        )
    if as_json:
        show.out_json(report.as_json())
    else:
        show.out(report.table(failures).rstrip("\n"))


def _assistant(settings: Settings, stock: Stock) -> Any:
    from tinyagent.evaluation.stocked import StockedAssistant

    return StockedAssistant(settings, stock.world)


def _ground(tool: str, parameter: str, words: str, world: World) -> Any:
    """Ground a case's words with the resolvers that plans are grounded with."""
    from tinyagent.grounding.resolvers import resolve
    from tinyagent.tools.registry import catalogue

    try:
        described = catalogue()[tool].parameter(parameter)
    except KeyError:
        return words
    return resolve(words, described, world)
