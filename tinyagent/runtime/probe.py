"""Does the installed llama.cpp run at all? Asked once per build, in a child process.

A build that uses AMX tiles as GCC 12 compiles them dies with SIGSEGV at its first batch. Found out in a child, that
becomes a sentence; the answer is remembered in the cache under the build's size and modification time.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tinyagent.errors import ModelError

_CHILD = """
import sys
from pathlib import Path
from tinyagent.runtime.engine import Engine
engine = Engine(Path(sys.argv[1]), context=64, threads=1)
engine.begin([(token, ()) for token in range(1, 33)])
"""


def ensure_build_runs(model: Path, cache: Path, program: str = _CHILD) -> None:
    """Run one batch in a child process unless this build is known to work; `ModelError` with the cure if it dies.

    `program` is what the child runs; it gets the model file as its argument.
    """
    fingerprint = _fingerprint()
    record = cache / "llama-build.json"
    try:
        if json.loads(record.read_text("utf-8")) == {"build": fingerprint, "runs": True}:
            return
    except (OSError, ValueError):
        pass
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, str(model)], capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired:
        raise _broken("no answer in two minutes") from None
    if done.returncode < 0:
        raise _broken(f"signal {-done.returncode}")
    if done.returncode > 0:
        said = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
        # A child that came to an end of its own says what is wrong, most likely with the model file.
        if said.startswith("tinyagent.errors."):
            raise ModelError(said.partition(": ")[2])
        raise _broken(said or f"exit status {done.returncode}")
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        cache.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps({"build": fingerprint, "runs": True}), "utf-8")


def _broken(how: str) -> ModelError:
    return ModelError(
        f"The installed llama.cpp build does not run on this processor ({how}): rebuild it with "
        'CMAKE_ARGS="-DCMAKE_C_FLAGS=-mno-amx-tile -DCMAKE_CXX_FLAGS=-mno-amx-tile" '
        "`uv sync --reinstall-package llama-cpp-python`."
    )


def _fingerprint() -> str:
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        raise ModelError("llama-cpp-python is not installed: run `uv sync`.")
    parts = []
    for path in sorted((Path(spec.origin).parent / "lib").glob("*")):
        stat = path.stat()
        parts.append(f"{path.name}:{stat.st_size}:{stat.st_mtime_ns}")
    return ";".join(parts)
