"""Nothing of what a run loads may leave traces of its own in the home folder, let alone report anything."""

import os
import subprocess
import sys


def test_no_library_leaves_an_identifier_behind(tmp_path):
    suppressing = ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in suppressing}
    environment |= {"HOME": str(tmp_path), "TINYAGENT_HOME": str(tmp_path / "own")}
    child = "import sys; from tinyagent.cli import main; main(['doctor']); import onnxruntime, tinyagent"
    subprocess.run(
        [sys.executable, "-c", child], env=environment, timeout=120, check=True, capture_output=True
    )
    left = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert left <= {"own"}
