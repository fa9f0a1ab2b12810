"""The file index: right after every change, and cheap when nothing changed (counted, not timed)."""

import os
import sqlite3
import time

import pytest

from tinyagent.errors import StoreError
from tinyagent.tools import file_index
from tinyagent.tools.file_index import FileIndex
from tinyagent.tools.roots import Root

LATER = time.time_ns() + 60 * 10**9


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "Documents"
    folder.mkdir()
    return folder


@pytest.fixture
def index(tmp_path, root):
    """An index that looks a minute later than the files were written, as is usual."""
    return FileIndex(tmp_path / "state", [Root("Documents", root)], clock=lambda: LATER)


def names(index):
    index.refresh()
    return sorted(path.rpartition("/")[2] for path in index.files())


def test_five_thousand_files_are_listed_once(index, root):
    for folder in range(50):
        (root / f"folder {folder}" / "deep").mkdir(parents=True)
        for number in range(50):
            (root / f"folder {folder}" / f"report {folder} {number}.pdf").touch()
            (root / f"folder {folder}" / "deep" / f"IMG_{folder}{number:03}.jpg").touch()
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            # A folder that changed a moment ago is listed again, since its time cannot tell what comes next.
            os.utime(path, ns=(10**18, 10**18))
    first = index.refresh()
    assert (first.listed, first.written) == (101, 5000 + 100 + 101)
    assert first.looked == 5000 + 100 + 101
    again = index.refresh()
    assert (again.looked, again.listed, again.written) == (101, 0, 0)
    (root / "folder 7" / "new plan.txt").write_text("x")
    os.utime(root / "folder 7", ns=(1, 1))
    one = index.refresh()
    assert (one.listed, one.looked, one.written) == (1, 101 + 52, 2)
    deep = index.refresh(deep=True)
    assert (deep.listed, deep.written) == (101, 1)  # the folder's own time
    assert len(index.files()) == 5001
    steps = []
    with sqlite3.connect(index._path) as db:
        db.set_progress_handler(lambda: steps.append(1), 1000)
        db.execute("SELECT rowid FROM names WHERE names MATCH ?", ('"plan"*',)).fetchall()
    db.close()
    assert len(steps) <= 2, "the search walks the whole table"
    assert [found.path for found in index.search(["new", "plan"])] == [
        str(root / "folder 7" / "new plan.txt")
    ]


def test_every_kind_of_change_is_seen(index, root):
    (root / "a.txt").touch()
    (root / "b").mkdir()
    (root / "b" / "c.pdf").touch()
    assert names(index) == ["a.txt", "c.pdf"]
    (root / "a.txt").rename(root / "b" / "d.txt")
    assert names(index) == ["c.pdf", "d.txt"]
    (root / "b").rename(root / "e")
    assert names(index) == ["c.pdf", "d.txt"]
    assert all("/e/" in path for path in index.files())
    assert index.folders() == [str(root), str(root / "e")]
    (root / "e" / "c.pdf").unlink()
    (root / "e" / "c.pdf").mkdir()
    assert names(index) == ["d.txt"]
    (root / "e" / "c.pdf").rmdir()
    (root / "e" / "d.txt").unlink()
    (root / "e").rmdir()
    assert names(index) == []
    assert index.search(["pdf"]) == index.search(["d"]) == []


def test_what_changes_in_the_same_moment_is_seen(tmp_path, root):
    index = FileIndex(tmp_path / "state", [Root("Documents", root)])  # the real clock: the folder is new
    (root / "a.txt").touch()
    assert names(index) == ["a.txt"]
    before = root.stat()
    (root / "b.txt").touch()
    os.utime(root, ns=(before.st_atime_ns, before.st_mtime_ns))  # as within one tick of the clock
    assert names(index) == ["a.txt", "b.txt"]


def test_hidden_things_caches_and_bad_names_are_left_out(index, root):
    for name in (
        ".hidden.txt",
        ".git/config",
        "node_modules/x.js",
        "__pycache__/x.pyc",
        "ok.txt",
        "a\tb/c.txt",
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    with open(os.fsencode(root) + b"/caf\xe9.txt", "wb"):
        pass
    os.mkfifo(root / "pipe.txt")
    assert names(index) == ["ok.txt"]


def test_links_are_left_out_unless_they_stay_inside(index, root, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "x.txt").touch()
    (root / "out").symlink_to(tmp_path / "private")
    (root / "out.txt").symlink_to(tmp_path / "private" / "x.txt")
    (root / "self").symlink_to(root)
    (root / "gone.txt").symlink_to(root / "nothing")
    (root / "real.txt").touch()
    (root / "inside.txt").symlink_to(root / "real.txt")
    assert names(index) == ["inside.txt", "real.txt"]


def test_the_number_of_files_and_the_depth_are_bounded(index, root, monkeypatch):
    monkeypatch.setattr(file_index, "MOST_FILES", 10)
    for number in range(30):
        (root / f"{number}.txt").touch()
    assert len(names(index)) == 10
    (root / "/".join(["d"] * 60)).mkdir(parents=True)
    assert index.refresh(deep=True).looked < 100


def test_another_root_means_another_index(index, root, tmp_path):
    (root / "a.txt").touch()
    assert names(index) == ["a.txt"]
    (tmp_path / "Music").mkdir()
    (tmp_path / "Music" / "b.mp3").touch()
    other = FileIndex(tmp_path / "state", [Root("Musik", tmp_path / "Music")], clock=lambda: LATER)
    assert names(other) == ["b.mp3"]
    assert other.folders() == [f"Musik\t{tmp_path / 'Music'}", str(tmp_path / "Music")]


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, None])
def test_a_damaged_index_is_made_anew(index, root, tmp_path, damage):
    (root / "a.txt").touch()
    assert names(index) == ["a.txt"]
    path = tmp_path / "state" / "files.db"
    if damage is None:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        path.write_bytes(damage)
    assert names(index) == ["a.txt"]
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_a_state_folder_that_is_a_file_is_a_sentence(root, tmp_path):
    (tmp_path / "state").touch()
    with pytest.raises(StoreError, match="move it away"):
        FileIndex(tmp_path / "state", [Root("Documents", root)]).refresh()


def test_two_threads_may_look_at_once(index, root):
    from concurrent.futures import ThreadPoolExecutor

    for number in range(200):
        (root / f"{number}.txt").touch()
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: (index.refresh(), len(index.files()))[1], range(8)))
    assert done == [200] * 8
