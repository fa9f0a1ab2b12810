import errno
import multiprocessing
import os
import stat
import threading

import pytest

from tinyagent.errors import StoreError
from tinyagent.tools import files
from tinyagent.tools.changes import changing, restore
from tinyagent.tools.files import LOCK, atomic_write, locked, read_text, slug
from tinyagent.tools.vdir import Vdir, collections, unreadable_note


def parse(text):
    if not text.startswith("item"):
        raise ValueError(text)
    return text


def vdir(folder):
    return Vdir(folder, ".ics", parse)


def tree(root):
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.name != LOCK
    }


# atomic_write


def test_a_write_that_fails_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    path = tmp_path / "a.ics"
    atomic_write(path, "old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"a\.ics cannot be written: the disk is full; make room"):
        atomic_write(path, "new")
    assert tree(tmp_path) == {"a.ics": b"old"}


def _die_while_replacing(path):
    os.replace = lambda *_: os.kill(os.getpid(), 9)
    atomic_write(path, "new")


def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.ics"
    atomic_write(path, "old")
    child = multiprocessing.get_context("spawn").Process(target=_die_while_replacing, args=(path,))
    child.start()
    child.join()
    assert child.exitcode == -9
    assert path.read_text() == "old"
    assert [item.path.name for item in Vdir(tmp_path, ".ics", str)] == ["a.ics"]  # the scrap is hidden


def test_modes_and_links_are_kept(tmp_path):
    real, link = tmp_path / "real.md", tmp_path / "link.md"
    atomic_write(real, "old")
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    real.chmod(0o664)
    link.symlink_to(real)
    atomic_write(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o664


def test_a_file_in_place_of_a_folder_is_one_sentence(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(StoreError, match="x is a file where a folder is needed"):
        atomic_write(tmp_path / "x" / "a.ics", "new")
    with pytest.raises(StoreError, match=r"move (it|that file) away"):
        files.read_bytes(tmp_path / "x" / "a.ics")


def test_text_that_is_not_utf8_is_not_guessed(tmp_path):
    (tmp_path / "a.md").write_bytes(b"caf\xe9")
    with pytest.raises(StoreError, match="is not UTF-8"):
        read_text(tmp_path / "a.md")


def test_the_lock_ends_in_a_sentence(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(StoreError, match="being changed by another program"),
        locked(tmp_path, timeout=0.05),
    ):
        pass
    with locked(tmp_path, timeout=0):
        pass


def test_threads_take_turns(tmp_path):
    path = tmp_path / "n"
    atomic_write(path, "0")

    def count():
        for _ in range(10):
            with locked(tmp_path):
                atomic_write(path, str(int(path.read_text()) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() == "40"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Home & Garden", "home-garden"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "list"),
        ("", "list"),
        ("a/b\0c", "a-b-c"),
        ("日本", "日本"),
        ("x" * 500, "x" * 60),
        (".hidden", "hidden"),
    ],
)
def test_slugs_are_plain_names(name, made):
    assert slug(name) == made


# collections


def test_items_come_by_name_and_foreign_files_are_passed_by(tmp_path):
    for name in ("b.ics", "a.ics", "c.vcf", ".x.ics", "displayname"):
        (tmp_path / name).write_text(f"item {name}")
    (tmp_path / "folder.ics").mkdir()
    assert [item.content for item in vdir(tmp_path)] == ["item a.ics", "item b.ics"]


def test_unreadable_files_are_named_once_and_never_touched(tmp_path):
    (tmp_path / "a.ics").write_text("item a")
    (tmp_path / "b.ics").write_bytes(b"\xff\xfe")
    (tmp_path / "c.ics").write_text("nonsense")
    found = vdir(tmp_path)
    assert len(list(found)) == len(list(found)) == 1
    assert [path.name for path in found.unreadable] == ["b.ics", "c.ics"]
    assert found.get("c") is None
    with changing(tmp_path) as changes, pytest.raises(StoreError, match="stays as it is"):
        found.put(changes, "c", "item new")
    with changing(tmp_path) as changes, pytest.raises(StoreError, match="stays as it is"):
        found.remove(changes, "b")
    assert (tmp_path / "c.ics").read_text() == "nonsense"
    assert unreadable_note([found]).startswith("I could not read 2 files and left them as they are")


def test_an_endless_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("tinyagent.tools.vdir.LARGEST", 10)
    (tmp_path / "a.ics").write_text("item" * 10)
    found = vdir(tmp_path)
    assert list(found) == []
    assert unreadable_note([found]) == f"I could not read {tmp_path / 'a.ics'} and left it as it is."


def test_names_are_displayed(tmp_path):
    assert vdir(tmp_path / "work").name == "work"
    atomic_write(tmp_path / "work" / "displayname", "Work\n")
    assert vdir(tmp_path / "work").name == "Work"


def test_collections_are_the_folders_and_the_root_where_it_holds_items(tmp_path):
    assert collections(tmp_path / "none", ".ics", parse) == []
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    assert [found.folder.name for found in collections(tmp_path, ".ics", parse)] == ["b"]
    (tmp_path / "x.ics").write_text("item")
    assert [found.folder for found in collections(tmp_path, ".ics", parse)] == [tmp_path, tmp_path / "b"]


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..", "", ".x", "a\0b"])
def test_item_names_stay_inside(tmp_path, name):
    assert vdir(tmp_path).path(name).parent == tmp_path


# changes


def test_put_get_remove_and_undo_byte_for_byte(tmp_path):
    found = vdir(tmp_path / "work")
    with changing(tmp_path) as changes:
        found.put(changes, "a", "item one\r\n")
        first = changes.undo()
    before = tree(tmp_path)
    with changing(tmp_path) as changes:
        found.put(changes, "a", "item two")
        found.put(changes, "b", "item three")
        found.remove(changes, "a")
        second = changes.undo()
    assert found.get("b").content == "item three"
    assert found.get("a") is None
    restore(tmp_path, second)
    assert tree(tmp_path) == before
    restore(tmp_path, first)
    assert tree(tmp_path) == {}
    assert not (tmp_path / "work").exists()


def test_a_failure_puts_everything_back(tmp_path):
    found = vdir(tmp_path / "work")
    with changing(tmp_path) as changes:
        found.put(changes, "a", "item one")
    before = tree(tmp_path)
    with pytest.raises(RuntimeError), changing(tmp_path) as changes:
        found.put(changes, "a", "item two")
        found.put(changes, "b", "item")
        found.remove(changes, "a")
        vdir(tmp_path / "new").put(changes, "c", "item")
        raise RuntimeError
    assert tree(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_undo_gives_way_to_later_work(tmp_path):
    found = vdir(tmp_path)
    with changing(tmp_path) as changes:
        found.put(changes, "a", "item one")
        undo = changes.undo()
    (tmp_path / "a.ics").write_text("item edited elsewhere")
    with pytest.raises(StoreError, match="was changed since"):
        restore(tmp_path, undo)
    assert (tmp_path / "a.ics").read_text() == "item edited elsewhere"


def test_a_damaged_journal_does_not_escape(tmp_path):
    entry = {"path": "../x", "before": "boo", "after": None}
    with pytest.raises(StoreError, match="is not inside"):
        restore(tmp_path / "root", {"files": [entry], "folders": []})
    assert not (tmp_path / "x").exists()
