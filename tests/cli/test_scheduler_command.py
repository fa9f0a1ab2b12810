import os
import signal
import subprocess
import sys
import time

from tinyagent.cli import checks, main
from tinyagent.settings import load


def start(*words):
    command = [
        sys.executable,
        "-c",
        "import sys; from tinyagent.cli import main; sys.exit(main())",
        "scheduler",
    ]
    return subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True)


def wait_until_running():
    until = time.monotonic() + 20
    while "running as" not in checks._scheduler(load()).detail:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_once_looks_and_ends(capfd):
    assert main(["scheduler", "--once"]) == 0
    assert checks._scheduler(load()).ok


def test_it_runs_until_ctrl_c_and_only_once(capfd):
    process = start()
    try:
        wait_until_running()
        assert checks._scheduler(load()).detail.endswith(str(process.pid))
        assert main(["scheduler", "--once"]) == 0
        assert "running already" in capfd.readouterr().err
        os.kill(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
