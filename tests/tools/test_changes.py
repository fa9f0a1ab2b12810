"""Changes that are cut off are put back, whoever comes next; `test_vdir.py` has the rest."""

import os
import signal
import subprocess
import sys

import pytest

from tinyagent.errors import StoreError
from tinyagent.tools import pending
from tinyagent.tools.changes import announce, changing, keeping, recover, restore

DIES = """
import os, signal, sys
from pathlib import Path
from tinyagent.tools.changes import changing
root = Path(sys.argv[1])
with changing(root) as changes:
    changes.write(root / "a", "a after")
    changes.remove(root / "b")
    changes.write(root / "new" / "c", "c after")
    (root / ".0123456789abcdef.tmp").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def cut_off(tmp_path):
    (tmp_path / "a").write_text("a before")
    (tmp_path / "b").write_text("b before")
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    return tmp_path


def look(root):
    hidden = {path.name for path in root.iterdir() if path.name.startswith(".")}
    assert hidden <= {".tinyagent.lock"}
    return {
        str(p.relative_to(root)): p.read_text() for p in root.rglob("*") if p.is_file() and p.stat().st_size
    }


def test_it_is_put_back(cut_off):
    assert (cut_off / "a").read_text() == "a after"
    recover([cut_off, cut_off / "nowhere"])
    assert look(cut_off) == {"a": "a before", "b": "b before"}
    assert not (cut_off / "new").exists()


def test_the_next_change_puts_it_back_first(cut_off):
    with changing(cut_off) as changes:
        changes.write(cut_off / "d", "d")
    assert look(cut_off) == {"a": "a before", "b": "b before", "d": "d"}


def test_what_somebody_wrote_since_stays(cut_off):
    (cut_off / "a").write_text("theirs")
    recover([cut_off])
    assert look(cut_off) == {"a": "theirs", "b": "b before"}


def test_a_line_that_was_cut_off_is_passed_over(cut_off):
    with open(cut_off / pending.FILE, "ab") as stream:
        stream.write(b'{"path": "d", "bef')
    recover([cut_off])
    assert look(cut_off) == {"a": "a before", "b": "b before"}


@pytest.mark.parametrize("line", [b"[]", b"7", b"{}", b'{"path": "a"}', b"\xff"])
def test_one_that_is_damaged_is_a_sentence(tmp_path, line):
    (tmp_path / pending.FILE).write_bytes(line + b"\n")
    with pytest.raises(StoreError, match="damaged"):
        recover([tmp_path])


def test_a_path_outside_is_refused(tmp_path):
    line = b'{"path": "../x", "before": "x", "after": null}\n'
    (tmp_path / pending.FILE).write_bytes(line)
    with pytest.raises(StoreError, match="not inside"):
        recover([tmp_path])


def test_the_file_with_what_was_before_is_the_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        with changing(tmp_path) as changes:
            changes.write(tmp_path / "a", "a")
            assert (tmp_path / pending.FILE).stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert not (tmp_path / pending.FILE).exists()


def test_a_change_is_told_before_it_is_final(tmp_path):
    told = []
    with keeping(lambda *change: told.append((change, pending.is_pending(tmp_path)))):
        with changing(tmp_path) as changes:
            changes.write(tmp_path / "a", "a")
        with changing(tmp_path):
            pass
    [((store, root, undo), was_pending)] = told
    assert (store, root, was_pending) == ("files", tmp_path, True)
    announce("files", tmp_path, undo)
    assert len(told) == 1
    restore(tmp_path, undo)
    restore(tmp_path, undo)  # as it was already
    assert look(tmp_path) == {}


def test_a_change_that_nobody_can_keep_is_not_made(tmp_path):
    def keep(store, root, undo):
        raise StoreError("The disk is full.")

    with keeping(keep), pytest.raises(StoreError, match="full"), changing(tmp_path) as changes:
        changes.write(tmp_path / "new" / "a", "a")
    assert look(tmp_path) == {}
    assert not (tmp_path / "new").exists()
