"""`python -m tinyagent.scheduler [--once]`: the process that `ensure_running` starts."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from tinyagent.errors import TinyAgentError
from tinyagent.scheduler import run
from tinyagent.settings import load


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: list[str]) -> int:
    """Run until told to stop; return the exit code."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        if not run(load(), once="--once" in arguments):
            sys.stderr.write("The scheduler is running already.\n")
    except TinyAgentError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
