"""`tinyagent bench`: how fast plans are on this machine, and beside what they are to be judged."""

from __future__ import annotations

import click

from tinyagent.cli import show


@click.command("bench")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as one JSON object.")
@click.option(
    "--repetitions", type=click.IntRange(min=1), default=3, metavar="N", help="Plan each command N times [3]."
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Take N of the commands, evenly spaced."
)
@click.option(
    "--baselines",
    type=click.IntRange(min=0),
    default=20,
    metavar="N",
    help="Write N of the commands with all tools in one prompt too [20]; it is slow.",
)
@click.option("--busy", is_flag=True, help="Also beside a busy core, under several settings of the threads.")
@click.option("--startup", is_flag=True, help="Also whole processes: wall time and peak memory.")
@click.option("--plan-only", is_flag=True, hidden=True)
def bench(
    as_json: bool,
    repetitions: int,
    limit: int | None,
    baselines: int,
    busy: bool,
    startup: bool,
    plan_only: bool,
) -> None:
    """Measure how long plans take, warm and stage by stage, beside bare llama.cpp and the usual prompt.

    Everything is measured in one run, in turns. Leave the machine alone meanwhile: the first line says how busy
    it was. Plans are made against scratch stores and nothing is executed.
    """
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.errors import TinyAgentError
    from tinyagent.evaluation import bench as benchmark
    from tinyagent.evaluation import processes
    from tinyagent.evaluation.bench_report import Load
    from tinyagent.settings import load

    if not as_json:
        show.out(Load.now().sentence)
    failed: TinyAgentError | None = None
    commands = benchmark.texts(benchmark.read_commands(limit=limit or 0))
    with scratch_settings(load(), Stock()) as settings, show.thinking("Loading …") as say:
        report = benchmark.run(
            settings, commands, repetitions, baselines=baselines, plan_only=plan_only, progress=say
        )
        try:
            if startup:
                report.startup = processes.startup(settings.cache, progress=say)
            if busy:
                report.busy = processes.beside_a_busy_core(repetitions, min(limit or 20, 20), progress=say)
        except TinyAgentError as error:
            failed = error  # told at the end: what was measured so far took minutes
    if as_json:
        show.out_json(report.as_json())
    else:
        show.out(report.table().rstrip("\n"))
    if failed:
        raise failed
