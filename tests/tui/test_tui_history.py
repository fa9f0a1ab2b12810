"""The history file: shared, bounded, private, and whole again after damage."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.tui.history import MOST, NAME, History, Walk, continued, search
from tinyagent.tui.wording import LIMIT, cleaned

CHILD = """
import sys
from pathlib import Path
from tinyagent.tui.history import History
history = History(Path(sys.argv[1]))
for n in range(20):
    history.add(f"{sys.argv[2]} {n}")
history.close(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / NAME


def opened(path, **options):
    history = History(path, **options)
    history.load()
    history.close(60)
    return history


def remember(path, *commands, **options):
    history = History(path, **options)
    for command in commands:
        history.add(command)
    history.close(60)
    return history


def test_commands_are_there_at_once_and_after_a_restart(path):
    history = History(path)
    history.add("set a timer\nfor ten minutes")
    history.add("grüße an „Ana“ ☕")
    assert history.entries == ["set a timer\nfor ten minutes", "grüße an „Ana“ ☕"]
    history.close(60)
    assert opened(path).entries == history.entries
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == history.entries


def test_the_file_is_the_owners_alone_even_where_it_was_not(path):
    path.parent.mkdir()
    path.write_text('"old"\n')
    path.chmod(0o644)
    remember(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600
    assert opened(path).entries == ["old", "new"]


def test_a_repeated_command_is_kept_once_as_the_newest(path):
    assert remember(path, "a", "b", "a", " b ", "", "  ").entries == ["a", "b"]
    assert opened(path).entries == ["a", "b"]


def test_only_the_newest_are_kept(path):
    remember(path, *"abcdef", most=4)
    assert opened(path, most=4).entries == list("cdef")
    assert MOST == 1000


def test_a_damaged_file_loses_nothing_that_can_be_read(path):
    path.parent.mkdir()
    lines = [b'"first"', b"\xff\xfe\x00", b'"half a li', b"[1, 2]", b"[" * 100_000, b"17", b'"\\ud800 odd"']
    lines += [b'  "second"', b'""', b'"\xe9"', b'"third"']
    path.write_bytes(b"\n".join(lines))  # without a newline at its end
    history = opened(path)
    assert history.entries == ["first", "odd", "second", "third"]
    assert history.problem == ""
    history.add("fourth")
    history.close(60)
    assert opened(path).entries == ["first", "odd", "second", "third", "fourth"]


def test_what_is_read_cannot_move_the_cursor(path):
    path.parent.mkdir()
    path.write_text(json.dumps("call \x1b]0;mine\x07\u202eAna") + "\n" + json.dumps("x" * 3 * LIMIT))
    assert opened(path).entries == ["call ]0;mineAna", "x" * LIMIT]


def test_two_programs_lose_nothing_of_each_other(path):
    ours = opened(path)
    theirs = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(path), name], stderr=subprocess.PIPE, text=True)
        for name in ("left", "right")
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ours.add, [f"ours {n}" for n in range(20)]))
    for child in theirs:
        errors = child.communicate(timeout=120)[1]
        assert child.returncode == 0, errors
    ours.close(60)
    expected = {f"{name} {n}" for name in ("left", "right", "ours") for n in range(20)}
    assert set(opened(path).entries) == expected
    for name in ("left", "right"):
        own = [entry for entry in opened(path).entries if entry.startswith(name)]
        assert own == [f"{name} {n}" for n in range(20)]


def test_a_file_that_cannot_be_read_stops_nothing(path):
    path.mkdir(parents=True)
    history = remember(path, "still here")
    assert history.entries == ["still here"]
    assert str(path) in history.problem
    path.rmdir()
    history.add("and this")
    history.close(60)
    assert history.problem == ""
    assert opened(path).entries == ["still here", "and this"]


def test_a_walk_goes_back_and_forth_and_keeps_what_was_changed():
    walk = Walk(["one", "two"])
    assert walk.step(1, "unfinished") is None
    assert walk.step(-1, "unfinished") == "two"
    assert walk.step(-1, "two and more") == "one"
    assert walk.step(-1, "one") is None
    assert walk.step(1, "one") == "two and more"
    assert walk.step(1, "two and more") == "unfinished"


def test_a_command_is_continued_by_the_newest_that_begins_so():
    entries = ["call Ana at three", "call Bob", "Call ana now", "call Ana\nthen Bob"]
    assert continued(entries, "call a") == "na now"
    assert continued(entries, "call Bob") == ""
    assert continued(entries, " ") == continued(entries, "") == continued(entries, "call\n") == ""


def test_search_finds_words_in_any_order_and_forgives_slips():
    entries = ["email Ana the agenda", "call Sid", "remind me of the agenda"]
    assert search(entries, "agenda") == ["remind me of the agenda", "email Ana the agenda"]
    assert search(entries, "AGENDA ana") == ["email Ana the agenda"]
    assert search(entries, "") == entries[::-1]
    assert "email Ana the agenda" in search(entries, "agemda")
    assert search(entries, "zz") == []


@settings(deadline=None)
@given(st.text())
def test_cleaned_text_is_harmless_and_stays_so(text):
    once = cleaned(text)
    assert cleaned(once) == once
    assert all(c.isprintable() or c in "\n\u200c\u200d" for c in once)
    once.encode()
    if text.isprintable():
        assert once == text
