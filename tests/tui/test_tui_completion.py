"""What is offered to complete: from real stores, forgiving slips, in threads that never hold anybody up."""

import threading
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tinyagent.errors import StoreError
from tinyagent.settings import load
from tinyagent.tui.completion import Asker, Commands, Completion, Name, Names, sources
from tinyagent.tui.history import History
from tinyagent.world import world_of

PATIENCE = 60
CARD = "BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nFN:{name}\nN:;{name};;;\n{more}END:VCARD\n"


@pytest.fixture
def settings(tmp_path):
    made = load({"TINYAGENT_HOME": str(tmp_path / "own"), "HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "UTC"})
    return replace(made, home_folder=tmp_path / "home")


@pytest.fixture
def history(tmp_path):
    made = History(tmp_path / "history.jsonl")
    yield made
    made.close(PATIENCE)


@pytest.fixture
def stocked(settings):
    """Settings with two contacts, a list and a few files."""
    settings.contacts.mkdir(parents=True)
    for uid, (name, more) in enumerate([("Ana Silva", ""), ("Anatol Frank", "NICKNAME:Tolik\n")]):
        (settings.contacts / f"{uid}.vcf").write_text(CARD.format(uid=uid, name=name, more=more))
    lists = settings.notes / "Lists"
    lists.mkdir(parents=True)
    (lists / "Weekend trip.md").write_text("- [ ] tent\n")
    for path in ("Documents/contract_2024.pdf", "Documents/old/agenda.txt", "Documents/new/agenda.txt"):
        file = settings.home_folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    return settings


def offered(source, text, cursor=None):
    return [one.text for one in source.complete(text, len(text) if cursor is None else cursor)]


def everything(settings, history, text):
    read = partial(world_of, settings, settings.folders)
    return {
        (one.kind, one.text) for source in sources(read, history) for one in source.complete(text, len(text))
    }


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("call ana", "person", "Ana Silva"),
        ("call Ana S", "person", "Ana Silva"),
        ("ask frank", "person", "Anatol Frank"),
        ("ask tol", "person", "Tolik"),
        ("put milk on the weekend t", "list", "Weekend trip"),
        ("put milk on weakend", "list", "Weekend trip"),
        ("open contr", "file", "contract_2024.pdf"),
        ("open the 2024", "file", "contract_2024.pdf"),
        ("what is in docum", "folder", "Documents"),
        ("create rem", "tool", "create reminder"),
        ("reminder", "tool", "create reminder"),
    ],
)
def test_the_things_of_the_person_are_offered(stocked, history, text, kind, name):
    assert (kind, name) in everything(stocked, history, text)


def test_files_of_one_name_are_told_by_their_folder(stocked, history):
    found = {name for kind, name in everything(stocked, history, "send the agen") if kind == "file"}
    assert found in ({"agenda.txt", "agenda.txt in old"}, {"agenda.txt", "agenda.txt in new"})


def test_tools_stand_only_at_the_beginning(stocked, history):
    assert not [one for one in everything(stocked, history, "call create rem") if one[0] == "tool"]


def test_a_nickname_says_whose_it_is(stocked, history):
    people = sources(partial(world_of, stocked, stocked.folders), history)[0]
    assert [(one.text, one.note) for one in people.complete("ask tol", 7)] == [("Tolik", "Anatol Frank")]


def test_former_commands_complete_the_whole_line(history):
    history.add("email Ana the agenda")
    history.add("call Sid")
    source = Commands(history)
    assert source.complete("agenda ana", 10) == [
        Completion(0, 10, "email Ana the agenda", "command", score=10.0)
    ]
    assert source.complete("agenda ana", 6) == source.complete("", 0) == source.complete("call Sid", 8) == []


def test_a_longer_name_that_fits_is_better_and_a_whole_one_is_not_offered():
    people = ("Silva Moreno", "Ana Silva", "Anna")
    names = Names(lambda: [Name(one, "person") for one in people])
    assert offered(names, "call ana silva") == ["Silva Moreno"]  # not she herself, by her second name
    assert offered(names, "call ana sil") == ["Ana Silva", "Silva Moreno"]
    assert offered(names, "call Ann") == ["Anna"]
    assert offered(names, "call ana ") == offered(names, "") == offered(names, "call ...") == []


def test_only_the_word_at_the_cursor_is_replaced():
    names = Names(lambda: [Name("Ana Silva", "person")])
    [one] = names.complete("tell anx now", 7)
    assert (one.start, one.end, one.text) == (5, 8, "Ana Silva")


def test_names_are_harmless():
    names = Names(lambda: [Name("Ana", "person")])
    assert offered(names, "call “an") == ["Ana"]
    assert offered(names, "call [bold]an[/") == []


def test_names_are_read_again_when_they_are_old():
    now, stock = [0.0], [Name("Ana", "person")]
    names = Names(lambda: list(stock), clock=lambda: now[0])
    assert offered(names, "an") == ["Ana"]
    stock.append(Name("Anton", "person"))
    assert offered(names, "an") == ["Ana"]
    now[0] = 3600.0
    assert offered(names, "an") == ["Ana", "Anton"]


@hypothesis_settings(deadline=None)
@given(st.text(max_size=40), st.integers(0, 40))
def test_whatever_is_typed_the_place_is_inside_the_text(text, cursor):
    names = Names(lambda: [Name("Ana Silva", "person"), Name("ß_x.pdf", "file")])
    cursor = min(cursor, len(text))
    for one in names.complete(text, cursor):
        assert 0 <= one.start < cursor <= one.end <= len(text)


class Slow:
    """A source that answers when it is let."""

    lazy = False

    def __init__(self):
        self.begun, self.go, self.asked = threading.Event(), threading.Event(), []

    def complete(self, text, cursor):
        self.asked.append(text)
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return [Completion(0, cursor, text + "!", "person")]


def test_of_the_questions_that_come_while_a_source_is_busy_only_the_newest_is_asked():
    slow, heard, last = Slow(), [], threading.Event()

    def hear(text, cursor, found):
        heard.append((text, cursor, [one.text for one in found]))
        if text == "abc":
            last.set()

    asker = Asker(slow, hear)
    asker.ask("a", 1)
    assert slow.begun.wait(PATIENCE)
    asker.ask("ab", 2)
    asker.ask("abc", 3)  # none of them has waited
    slow.go.set()
    assert last.wait(PATIENCE)
    assert heard == [("a", 1, ["a!"]), ("abc", 3, ["abc!"])]


def test_a_source_that_fails_offers_nothing_and_goes_on():
    heard, fails = [], [True]
    done = threading.Semaphore(0)

    def read():
        if fails[0]:
            raise StoreError("The contacts cannot be read.")
        return [Name("Ana", "person")]

    def hear(text, cursor, found):
        heard.append([one.text for one in found])
        done.release()

    asker = Asker(Names(read), hear)
    asker.ask("an", 2)
    assert done.acquire(timeout=PATIENCE)
    fails[0] = False
    asker.ask("an", 2)
    assert done.acquire(timeout=PATIENCE)
    assert heard == [[], ["Ana"]]
