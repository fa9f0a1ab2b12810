"""The command line: `main` opens the commands and turns whatever goes wrong into one sentence.

Only the standard library is imported here; click comes with the first call, everything heavy inside the
commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (default: the process's own) and return its exit code.

    0 done, 1 failed, 2 bad usage or input, 3 nothing here for the assistant to do, 4 a question is open,
    130 interrupted. No traceback leaves this function unless `TINYAGENT_DEBUG` is set.
    """
    # ONNX Runtime reports its use over the network unless it finds this when it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        return _run(argv)
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return 0
    except OSError as error:
        _debug()
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        _say(f"Error: {where}{error.strerror or error}.")
        return 1
    except Exception as error:
        _debug()
        _say(
            f"Error: something went wrong that should not ({type(error).__name__}): "
            "set TINYAGENT_DEBUG=1 to see the details, and please report it."
        )
        return 1


def _run(argv: Sequence[str] | None) -> int:
    import click

    from tinyagent.cli.app import tinyagent
    from tinyagent.errors import TinyAgentError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if os.environ.get("TINYAGENT_DEBUG"):
        import logging

        logging.basicConfig(format="%(name)s: %(message)s")
        logging.getLogger("tinyagent").setLevel(logging.DEBUG)
    try:
        code = tinyagent.main(None if argv is None else list(argv), "tinyagent", standalone_mode=False)
    except TinyAgentError as error:
        _debug()
        _say(f"Error: {error}")
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    if sys.stdout is not None:
        sys.stdout.flush()
    return code if isinstance(code, int) else 0


def _say(sentence: str) -> None:
    from tinyagent.tools.phrases import harmless

    try:
        print(harmless(sentence), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def _debug() -> None:
    if os.environ.get("TINYAGENT_DEBUG"):
        import traceback

        traceback.print_exc()


def _drop_output() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail a second time."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        return
