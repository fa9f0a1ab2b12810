"""`make ask` and `scripts/bootstrap.sh` on machines that lack something, with stand-ins on the PATH."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BASICS = (
    "bash",
    "sh",
    "env",
    "dirname",
    "awk",
    "sort",
    "head",
    "id",
    "make",
    "rm",
    "grep",
    "tee",
    "mktemp",
    "tail",
)


COMPONENTS = (
    "dbus-daemon",
    "mosquitto",
    "mpv",
    "openssl",
    "pulseaudio",
    "scrot",
    "xdg-open",
    "xterm",
    "Xvfb",
)


@pytest.fixture
def machine(tmp_path):
    """A checkout with Makefile and scripts, on a machine with the basics and what a test adds."""
    for name in ("Makefile", "scripts", ".ci"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in BASICS:
        found = shutil.which(name)
        assert found, f"{name} is missing on this machine"
        (tools / name).symlink_to(found)
    return Machine(tmp_path, tools)


class Machine:
    def __init__(self, root, tools):
        self.root, self.tools = root, tools

    def add(self, name, script):
        """Put a program on the PATH (or at a path of the checkout)."""
        path = self.root / name if "/" in name else self.tools / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!{self.tools}/bash\n{script}\n")
        path.chmod(0o755)

    def add_python(self, without=()):
        """A python3 that can do everything but what is named ("venv", "pip")."""
        refuse = " ".join(f'[ "$1 $2" = "-m {module}" ] && exit 1;' for module in without)
        self.add("python3", f'{refuse} HOME="$HOME" exec {sys.executable} "$@"')

    def run(self, *command):
        environment = {"PATH": str(self.tools), "HOME": str(self.root / "home"), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stdout, done.stderr

    def bootstrap(self, what="run"):
        return self.run(str(self.root / "scripts/bootstrap.sh"), what)


UV = 'case "$1" in --version) echo "uv 0.9.9";; *) echo "uv $*";; esac'


def test_no_python(machine):
    code, _, err = machine.bootstrap()
    assert code == 1
    assert err == "Python 3.11 is missing: run `sudo apt-get install python3 python3-venv`.\n"


def test_an_old_python(machine):
    machine.add("python3", '[ "$1" = --version ] && echo Python 3.9.2 || exit 1')
    code, _, err = machine.bootstrap()
    assert code == 1
    assert "this is Python 3.9.2" in err


def test_no_uv_and_no_way_to_get_it(machine):
    machine.add_python(without=("venv", "pip"))
    code, _, err = machine.bootstrap()
    assert code == 1
    assert err.splitlines()[-1].startswith("uv cannot be installed: run `sudo apt-get install python3-venv`")
    assert not (machine.root / ".uv").exists()


def test_no_compiler(machine):
    machine.add_python()
    machine.add("uv", UV)
    code, _, err = machine.bootstrap()
    assert code == 1
    assert err == "A C++ compiler is missing: run `sudo apt-get install gcc g++ make`.\n"


def test_uv_on_the_path_is_used_and_leaves_alone_what_it_does_not_know(machine):
    machine.add_python()
    machine.add("uv", UV)
    machine.add("c++", "")
    assert machine.bootstrap()[:2] == (0, "uv sync --locked --no-dev --inexact\n")


def test_an_old_uv_is_passed_over(machine):
    machine.add_python(without=("venv", "pip"))
    machine.add("uv", 'echo "uv 0.4.30"')
    machine.add(".uv/bin/uv", UV)
    machine.add("c++", "")
    assert machine.bootstrap()[:2] == (0, "uv sync --locked --no-dev --inexact\n")


def test_what_the_tests_start_is_asked_for_where_it_cannot_be_installed(machine):
    (machine.tools / "id").unlink()
    machine.add("id", "echo 1000")
    for program in COMPONENTS[1:]:
        machine.add(program, "")
    code, _, err = machine.bootstrap("dev")
    assert code == 1
    assert err.startswith("The tests need Debian packages: run `sudo apt-get install dbus")
    assert "mosquitto" not in err


@pytest.mark.parametrize("there", [True, False])
def test_torch_is_installed_by_plain_pip_unless_it_is_there(machine, there):
    machine.add_python()
    machine.add("uv", UV)
    machine.add("c++", "")
    for program in COMPONENTS:
        machine.add(program, "")
    machine.add("apt-get", "")
    machine.add(".venv/bin/python", f'[ "$1" = -c ] && exit {0 if there else 1}; echo "python $*"')
    code, out, _ = machine.bootstrap("dev")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "uv sync --locked --inexact --extra train --extra voice --extra piper --extra wakeword"
    assert lines[1:] == (
        []
        if there
        else [
            "uv pip install --quiet --python .venv/bin/python pip",
            "python -m pip install torch==2.13.0",
        ]
    )


@pytest.mark.parametrize(
    "text", ["remind me", 'he said "five"', "it's $5, or $(HOME)", "`id`; ls", "-5 degrees", "zoë 🎉"]
)
def test_the_text_arrives_as_it_was_typed(machine, text):
    machine.add("scripts/bootstrap.sh", "")
    machine.add(".venv/bin/tinyagent", 'printf "%s|" "$@"')
    code, out, _ = machine.run("make", "ask", f"TEXT={text}")
    assert (code, out) == (0, f"ask|{text}|")


@pytest.mark.parametrize("fails", [False, True])
def test_ci_ends_in_pytests_closing_line(machine, fails):
    machine.add("scripts/bootstrap.sh", "")
    for name in ("ruff", "mypy"):
        machine.add(f".venv/bin/{name}", "echo fine")
    machine.add(".venv/bin/pytest", f"echo '== 1 failed, 5 passed in 6.4s =='; exit {int(fails)}")
    code, out, _ = machine.run(str(machine.root / ".ci/run"))
    assert (code != 0) == fails
    assert out.splitlines()[-1] == "== 1 failed, 5 passed in 6.4s =="


def test_ci_fails_when_a_linter_does(machine):
    machine.add("scripts/bootstrap.sh", "")
    machine.add(".venv/bin/ruff", "exit 1")
    assert machine.run(str(machine.root / ".ci/run"))[0] != 0


def test_the_scripts_are_executable():
    assert os.access(ROOT / "scripts/bootstrap.sh", os.X_OK)
    assert os.access(ROOT / ".ci/run", os.X_OK)
