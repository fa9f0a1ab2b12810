"""`tinyagent compare`: what each part of the method adds, on a file of cases."""

from __future__ import annotations

from pathlib import Path

import click

from tinyagent.cli import show

_ROWS = ("full", "head", "adapter", "both", "base", "all-tools")
_ADAPTER = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the rows as one JSON object.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take the first N cases only.")
@click.option("--row", "rows", type=click.Choice(_ROWS), multiple=True, help="Only this row (repeatable).")
@click.option("--select-only", is_flag=True, help="Select tools and write no arguments.")
@click.option("--decoding", is_flag=True, help="Compare ways to decode arguments instead.")
@click.option(
    "--arguments-adapter",
    type=_ADAPTER,
    metavar="GGUF",
    help="Write all arguments with this adapter, in place of the generic one and the tools' own.",
)
@click.option("--select-adapter", type=_ADAPTER, metavar="GGUF", help="Select with this adapter.")
def compare(
    file: Path,
    as_json: bool,
    limit: int | None,
    rows: tuple[str, ...],
    select_only: bool,
    decoding: bool,
    arguments_adapter: Path | None,
    select_adapter: Path | None,
) -> None:
    """Plan every case of FILE with the assistant and with what it is to be compared with.

    A joint adapter (name and arguments in one) is compared by giving it as both adapters. Nothing is executed.
    """
    from tinyagent.cli.scratch import scratch_settings, stock_for
    from tinyagent.errors import CaseError
    from tinyagent.evaluation import compare as comparing
    from tinyagent.evaluation.cases import read_cases
    from tinyagent.evaluation.stocked import StockedAssistant
    from tinyagent.settings import load

    if decoding and (rows or select_only):
        raise click.UsageError("--decoding has rows of its own: leave --row and --select-only out.")
    cases = read_cases(file)[:limit]
    if not cases:
        raise CaseError(f"{file} has no cases.")
    stock = stock_for(file)
    with scratch_settings(load(), stock) as settings, show.thinking("Loading the model …") as say:
        assistant = StockedAssistant(settings, stock.world)
        if arguments_adapter or select_adapter:
            comparing.put_adapters(assistant, arguments=arguments_adapter, select=select_adapter)
        planners = (
            comparing.decodings(assistant)
            if decoding
            else comparing.selections(assistant, rows, select_only=select_only)
        )
        result = comparing.compare(
            cases,
            planners,
            lambda case: stock.world(case.now),
            ground=comparing.grounder(assistant),
            exact=not select_only,
            progress=lambda row, done: say(f"{row}: {done} of {len(cases)} cases planned …"),
        )
    if as_json:
        show.out_json(result.as_json())
    else:
        show.out(result.table().rstrip("\n"))
