"""Whole processes measured: plans beside a busy core, and how long a command takes from the shell.

How OpenMP waits is read from the environment when llama.cpp is loaded, so each setting needs a process of its own.
A process's peak memory is taken by a launcher that is small itself: between fork and exec a child counts as large as
its parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tinyagent.errors import TinyAgentError

COMMAND = "remind me to call Sid at three pm about the budget"
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "as shipped": {},
    "1 thread": {"TINYAGENT_THREADS": "1"},
    "2 threads, OMP_WAIT_POLICY=PASSIVE": {"TINYAGENT_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"},
    "2 threads, OMP_WAIT_POLICY=ACTIVE": {"TINYAGENT_THREADS": "2", "OMP_WAIT_POLICY": "ACTIVE"},
    "2 threads, GOMP_SPINCOUNT=1000": {"TINYAGENT_THREADS": "2", "GOMP_SPINCOUNT": "1000"},
}
"""What `--busy` tries. How threads wait for one another does not matter where there is only one."""

_OURS = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "TINYAGENT_THREADS")
_LONGEST = 900
"""Seconds that one setting may take."""
_SPIN = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
_LAUNCH = """
import json, os, resource, sys, time
started = time.perf_counter()
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
spent = time.perf_counter() - started
scale = 1048576 if sys.platform == "darwin" else 1024
used = {"code": os.waitstatus_to_exitcode(status), "ms": spent * 1000, "mb": used.ru_maxrss / scale}
print(json.dumps(used), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Busy:
    """The plan under one setting, on the machine as it is and with one core kept busy; None: not done in time."""

    setting: str
    idle: Mapping[str, float] | None
    busy: Mapping[str, float] | None

    @property
    def ratio(self) -> float | None:
        """Busy median over idle median."""
        return self.busy["p50_ms"] / self.idle["p50_ms"] if self.idle and self.busy else None

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON data."""
        ratio = None if self.ratio is None else round(self.ratio, 4)
        return {"setting": self.setting, "idle": self.idle, "busy": self.busy, "ratio": ratio}

    def line(self) -> str:
        """Return the row of the table."""
        shown = [(self.idle or {}).get("p50_ms"), *((self.busy or {}).get(k) for k in ("p50_ms", "p95_ms"))]
        cells = "".join(f"{'–':>10}" if ms is None else f"{ms:>10.1f}" for ms in shown)
        return f"{self.setting:<40}{cells}{'–' if self.ratio is None else f'{self.ratio:.2f}':>13}"


@dataclass(frozen=True, slots=True)
class Startup:
    """A command as a process of its own: wall time of each run in milliseconds, peak memory in MiB."""

    command: str
    ms: tuple[float, ...]
    peak_mb: float

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON data."""
        wall = {"p50": round(median(self.ms), 1), "max": round(max(self.ms), 1)}
        return {
            "command": self.command,
            "n": len(self.ms),
            "wall_ms": wall,
            "peak_mb": round(self.peak_mb, 1),
        }

    def line(self) -> str:
        """Return the row of the table."""
        return f"{self.command:<40}{median(self.ms):>10.1f}{max(self.ms):>10.1f}{self.peak_mb:>10.1f}"


def program() -> list[str]:
    """Return the command line that starts this program, as it is installed."""
    script = Path(sys.executable).with_name("tinyagent")
    if script.is_file():
        return [str(script)]
    return [sys.executable, "-c", "import sys; from tinyagent.cli import main; sys.exit(main())"]


@contextmanager
def spinning() -> Iterator[int]:
    """Keep one core busy with a process that does nothing useful; gives its process id."""
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", _SPIN]) as child:
        try:
            yield child.pid
        finally:
            child.kill()


def beside_a_busy_core(
    repetitions: int,
    limit: int,
    *,
    settings: Mapping[str, Mapping[str, str]] = SETTINGS,
    start: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Busy]:
    """Measure the plan under each setting with and without a spinning process, `limit` commands each.

    `start` is the program's command line (default: as installed). Raises `TinyAgentError` when a child fails.
    """
    say = progress or (lambda words: None)
    words = [*(start or program()), "bench", "--json", "--plan-only"]
    words += ["--repetitions", str(repetitions), "--limit", str(limit)]
    rows = []
    for name, variables in settings.items():
        say(f"{name}, as the machine is …")
        idle = _plan_figures(words, variables)
        say(f"{name}, one core busy …")
        with spinning():
            rows.append(Busy(name, idle, _plan_figures(words, variables)))
    return rows


def _plan_figures(words: Sequence[str], variables: Mapping[str, str]) -> dict[str, float] | None:
    plain = {name: value for name, value in os.environ.items() if name not in _OURS}
    try:
        done = subprocess.run(
            words, env={**plain, **variables}, capture_output=True, text=True, timeout=_LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        raise TinyAgentError(f"The benchmark of a setting failed: {_last_line(done.stderr)}")
    figure = json.loads(done.stdout)["figures"][0]
    return {key: float(figure[key]) for key in ("p50_ms", "p95_ms")}


def startup(
    cache: Path,
    runs: int = 5,
    *,
    start: Sequence[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Startup]:
    """Measure `tinyagent --help` and `tinyagent ask --dry-run` as processes, in a new home with a warm `cache`.

    Raises `TinyAgentError` when the program does not run.
    """
    say = progress or (lambda words: None)
    start = start or program()
    rows = []
    with tempfile.TemporaryDirectory(prefix="tinyagent-") as home:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TINYAGENT_")}
        environment = {**plain, "TINYAGENT_HOME": home, "TINYAGENT_CACHE": str(cache)}
        commands = {"tinyagent --help": ["--help"], "tinyagent ask --dry-run": ["ask", "--dry-run", COMMAND]}
        for name, words in commands.items():
            say(f"{name} …")
            launched = [_launch([*start, *words], environment) for _ in range(runs + 1)][1:]
            peak = max(used["mb"] for used in launched)
            rows.append(Startup(name, tuple(used["ms"] for used in launched), peak))
    return rows


def _launch(words: Sequence[str], environment: Mapping[str, str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCH, *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    try:
        used: dict[str, float] = json.loads(_last_line(done.stderr))
    except ValueError:
        used = {"code": 1}
    if used["code"] not in (0, 3, 4):  # 3 and 4: an answer too, with nothing done and with a question
        raise TinyAgentError(f"{' '.join(words)} failed: run it by hand to see why.")
    return used


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]
