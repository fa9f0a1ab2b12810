"""`tinyagent apply`: run exactly the plan in a file."""

from __future__ import annotations

from typing import IO

import click

from tinyagent.cli import running, show


@click.command()
@click.argument("plan", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True, help="Print plan and results as one JSON object.")
@click.option("--yes", is_flag=True, help="Answer yes to every confirmation.")
@click.option("--now", metavar="ISO", help="Take this as the current local time.")
def apply(plan: IO[bytes], as_json: bool, yes: bool, now: str | None) -> int:
    """Run the plan in the file PLAN ("-" reads standard input), as `ask --dry-run --json` printed it.

    Everything in it is checked first, and what needs a yes asks again. A duration counts from now on. Exit
    codes are those of `ask`.
    """
    from tinyagent.assistant import Assistant
    from tinyagent.cli.ask import local_time
    from tinyagent.compiler.plan_file import LARGEST, read_plan
    from tinyagent.errors import PlanError
    from tinyagent.settings import load

    settings = load()
    moment = local_time(now, settings) or settings.context().now
    assistant = Assistant(settings)
    wanted = read_plan(plan.read(LARGEST + 1), assistant.catalogue)
    if wanted.end == "ask":
        asked = f" ({wanted.question.text})" if wanted.question else ""
        raise PlanError(f"The plan has an open question{asked}: say the command again with the answer.")
    asking = running.Asking(yes)
    answer = assistant.run(wanted, confirm=asking.confirm, now=moment)
    code = running.exit_code(answer)
    if as_json:
        show.out_json(answer.as_json())
    else:
        running.print_answer(answer, code)
    asking.warn()
    running.ring(settings, answer)
    return code
