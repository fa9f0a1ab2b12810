"""The programs that tests start for real: there, or said what brings them; and ended, however they take it."""

import shutil
import subprocess

import pytest


def need(program, package):
    if not shutil.which(program):
        pytest.fail(f"{program} is missing: apt-get install -y --no-install-recommends {package}")


def end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
