"""What the shell waits for: no heavy module may be loaded by help, version or completion."""

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "dateutil",
    "faiss",
    "icalendar",
    "jeepney",
    "llama_cpp",
    "logging",
    "mutagen",
    "numpy",
    "onnxruntime",
    "paho",
    "pint",
    "pkg_resources",
    "psutil",
    "pulsectl",
    "pypdf",
    "rapidfuzz",
    "rich",
    "tokenizers",
    "torch",
    "transformers",
    "vobject",
}

CHILD = """
import sys
from tinyagent.cli import main
code = main(sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["ask", "--help"],
        ["tools", "--help"],
        ["completion", "bash"],
        ["ask", ""],
        ["apply", "--help"],
        ["history", "--help"],
        ["undo", "--help"],
        ["policy", "--help"],
    ],
)
def test_nothing_heavy_is_loaded(words):
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == (2 if words == ["ask", ""] else 0), done.stderr
    assert not HEAVY & set(done.stderr.splitlines()[-1].split())
