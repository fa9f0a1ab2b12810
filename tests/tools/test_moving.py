"""Moves that a kill left half done; `test_documents.py` has whole ones, `journal/test_crash_files.py` real kills."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tinyagent.errors import StoreError
from tinyagent.tools.moving import is_done, marked, move_to, restore


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "here" / "report.txt"
    path.parent.mkdir()
    path.write_text("thirty pages")
    return path


def move(path, now):
    return {"path": str(path), "now": str(now), "mark": marked(path)}


def test_one_with_two_names_gets_its_old_one_back(file, tmp_path):
    now = tmp_path / "there.txt"
    data = move(file, now)
    os.link(file, now)
    assert not is_done(tmp_path, data)
    assert not now.exists() and file.read_text() == "thirty pages"


def test_a_place_that_was_only_taken_is_free_again(file, tmp_path):
    now = tmp_path / "there.txt"
    now.touch()
    assert not is_done(tmp_path, move(file, now))
    folder = tmp_path / "there"
    folder.mkdir()
    assert not is_done(tmp_path, move(file.parent, folder))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here"]


def test_a_copy_on_another_disk_is_removed(file, tmp_path):
    with TemporaryDirectory(dir="/dev/shm", prefix="tinyagent-") as other:
        assert os.stat(other).st_dev != file.stat().st_dev, "/dev/shm must be a disk of its own for this test"
        now, left = Path(other) / "report.txt", Path(other) / f".{'0' * 16}.tmp"
        for copy in (now, left):
            shutil.copy2(file, copy)
        assert not is_done(Path(other), move(file, now))
        assert os.listdir(other) == [] and file.read_text() == "thirty pages"


def test_what_is_somebody_elses_stays(file, tmp_path):
    now = tmp_path / "there.txt"
    now.write_text("another one.")
    assert not is_done(tmp_path, move(file, now))
    restore(tmp_path, move(file, now))
    assert (now.read_text(), file.read_text()) == ("another one.", "thirty pages")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "kept").touch()
    assert not is_done(tmp_path, move(file.parent, tmp_path / "there"))
    assert (tmp_path / "there" / "kept").exists()


def test_an_undo_that_was_cut_off_is_given_again(file, tmp_path):
    told = []
    data = move(file, tmp_path / "report.txt")
    now = move_to(file, tmp_path, told.append)
    assert told == [now] and is_done(tmp_path, data)
    os.link(now, file)  # as far as the undo came
    restore(tmp_path, data)
    restore(tmp_path, data)
    assert file.read_text() == "thirty pages" and not now.exists()
    file.unlink()
    with pytest.raises(StoreError, match="changed or moved since"):
        restore(tmp_path, data)
