import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.tools import lists
from tinyagent.tools.checklist import Checklist, file_name, split_items
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.lists import (
    add_to_list,
    create_list,
    delete_list,
    list_names,
    read_list,
    remove_from_list,
)


@pytest.fixture
def ctx(tmp_path):
    return Context(datetime(2026, 3, 2, 9), ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


def tree(ctx):
    root = ctx.folders.notes
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != LOCK}


def given_list(ctx, text, name="shopping"):
    path = ctx.folders.notes / "Lists" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("milk", ["milk"]), ("milk, eggs and bread", ["milk", "eggs", "bread"]), ("milk and eggs", ["milk", "eggs"]),
        ("milk, eggs, and bread", ["milk", "eggs", "bread"]), ("mac and cheese", ["mac and cheese"]),
        ("salt & pepper and a lemon", ["salt & pepper", "a lemon"]), ("Head and Shoulders", ["Head and Shoulders"]),
        ("two and a half pounds of beef", ["two and a half pounds of beef"]), ("1,000 nails", ["1,000 nails"]),
        ("fish and chips, mac n cheese", ["fish and chips", "mac n cheese"]), ("B and Q voucher", ["B and Q voucher"]),
        ("milk; eggs\nbread", ["milk", "eggs", "bread"]), ("a pint of milk.", ["a pint of milk"]),
        ("eggs, eggs", ["eggs"]),
        ("brandy and sandals", ["brandy", "sandals"]), ("half and half", ["half and half"]),
    ],
)  # fmt: skip
def test_several_items_in_one(said, items):
    assert split_items(said) == items


@pytest.mark.parametrize("said", ["", "  ", ",", "and", " , and ,"])
def test_no_item_is_a_sentence(ctx, said):
    if said == "and":
        assert split_items(said) == ["and"]  # odd, but what was said
        return
    with pytest.raises(ToolError):
        add_to_list(ctx, said)
    assert tree(ctx) == {}


def test_the_shopping_list_is_made_at_the_first_item(ctx):
    outcome = add_to_list(ctx, "milk, eggs and bread")
    assert outcome.answer == "Added milk, eggs and bread to the shopping list."
    assert outcome.value == {"list": "shopping", "items": ["milk", "eggs", "bread"]}
    assert (
        ctx.folders.notes / "Lists" / "shopping.md"
    ).read_text() == "- [ ] milk\n- [ ] eggs\n- [ ] bread\n"
    assert list_names(ctx.folders.notes) == ("shopping",)


def test_what_is_there_is_not_added_again(ctx):
    add_to_list(ctx, "milk")
    outcome = add_to_list(ctx, "Milk and tea")
    assert outcome.answer == "Added tea to the shopping list. Milk was already on the shopping list."
    again = add_to_list(ctx, "some milk")
    assert again.undo is None
    assert read_list(ctx).value["items"] == ["milk", "tea"]


def test_a_ticked_item_is_opened_again(ctx):
    path = given_list(ctx, "- [x] milk\n- [ ] tea\n")
    add_to_list(ctx, "milk")
    assert path.read_text() == "- [ ] milk\n- [ ] tea\n"


def test_other_lines_are_kept_byte_for_byte(ctx):
    text = "\ufeff# Shopping\r\n\r\n* [ ] tea \r\n  - [x] green\r\n\r\nsee [[Recipes]]\u2028\x0bmore\r\n| a | b |"
    path = given_list(ctx, text)
    outcome = add_to_list(ctx, "milk")
    assert path.read_bytes().decode() == text.replace("  - [x] green\r\n", "  - [x] green\r\n- [ ] milk\r\n")
    remove_from_list(ctx, "milk")
    assert path.read_bytes().decode() == text
    path.write_bytes(text.replace("  - [x] green\r\n", "  - [x] green\r\n- [ ] milk\r\n").encode())
    lists._undo(ctx, json.loads(json.dumps(outcome.undo)))
    assert path.read_bytes().decode() == text


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("milk", ["oat cookies", "bread", "mac and cheese"]),
        ("the breads", ["milk", "oat cookies", "mac and cheese"]),
        ("cookies", ["milk", "bread", "mac and cheese"]),
        ("oat cokies", ["milk", "bread", "mac and cheese"]),
        ("milk and bread", ["oat cookies", "mac and cheese"]),
        ("mac and cheese", ["milk", "oat cookies", "bread"]),
        ("everything", []),
    ],
)
def test_remove(ctx, said, left):
    add_to_list(ctx, "milk, oat cookies, bread and mac and cheese")
    before = tree(ctx)
    outcome = remove_from_list(ctx, said)
    assert read_list(ctx).value["items"] == left
    lists._undo(ctx, json.loads(json.dumps(outcome.undo)))
    assert tree(ctx) == before


def test_what_is_not_there_is_said(ctx):
    add_to_list(ctx, "milk")
    assert (
        remove_from_list(ctx, "milk and tea").answer
        == "Removed milk from the shopping list. Tea was not on it."
    )
    with pytest.raises(NotFoundError, match="Tea is not on the shopping list"):
        remove_from_list(ctx, "tea")
    with pytest.raises(NotFoundError, match="no list called packing: your lists are shopping"):
        remove_from_list(ctx, "socks", "packing")


def test_two_equally_good_items_are_asked_about(ctx):
    add_to_list(ctx, "oat milk and soy milk")
    with pytest.raises(ToolError, match="oat milk or soy milk"):
        remove_from_list(ctx, "milk")
    assert read_list(ctx).value["items"] == ["oat milk", "soy milk"]


def test_read(ctx):
    assert read_list(ctx).answer == "The shopping list is empty."
    given_list(ctx, "- [ ] milk\n- tea\n- [x] bread\n")
    outcome = read_list(ctx, "shopping list")
    assert outcome.answer == "On the shopping list: milk and tea."
    assert outcome.value == {"list": "shopping", "items": ["milk", "tea"], "done": ["bread"]}
    given_list(ctx, "".join(f"- [ ] thing {n}\n" for n in range(9)), "packing")
    assert read_list(ctx, "pakcing").answer.startswith("On the packing list, 9 items:\n- thing 0\n")
    with pytest.raises(NotFoundError):
        read_list(ctx, "holiday")


def test_create_and_delete(ctx):
    made = create_list(ctx, "films to watch")
    assert made.answer == "Made a new list called films to watch."
    with pytest.raises(ToolError, match="already"):
        create_list(ctx, "Films to Watch")
    add_to_list(ctx, "Dune", "my films to watch list")
    before = tree(ctx)
    gone = delete_list(ctx, "films to watch")
    assert gone.answer == "Deleted the films to watch list, with 1 item on it."
    assert tree(ctx) == {}
    lists._undo(ctx, json.loads(json.dumps(gone.undo)))
    assert tree(ctx) == before
    with pytest.raises(NotFoundError):
        delete_list(ctx, "recipes")


def test_undo_of_the_first_item_leaves_nothing(ctx):
    outcome = add_to_list(ctx, "milk")
    lists._undo(ctx, json.loads(json.dumps(outcome.undo)))
    assert tree(ctx) == {}
    assert not (ctx.folders.notes / "Lists").exists()


def test_undo_does_not_throw_away_later_work(ctx):
    outcome = add_to_list(ctx, "milk")
    given_list(ctx, "- [ ] milk\n- [ ] by hand\n")
    before = tree(ctx)
    with pytest.raises(StoreError):
        lists._undo(ctx, json.loads(json.dumps(outcome.undo)))
    assert tree(ctx) == before


def test_names_cannot_leave_the_folder(ctx):
    for name in ("../../etc/passwd", "a/b", "..", "/abs", "nul\x00", "x" * 5000, "ü" * 300):
        try:
            create_list(ctx, name)
        except ToolError:
            continue
    assert all(path.parts[0] == "Lists" and len(path.parts) == 2 for path in tree(ctx))


def test_a_list_that_is_not_text_is_left_alone(ctx):
    path = given_list(ctx, "")
    path.write_bytes(b"\xff\xfe milk")
    with pytest.raises(StoreError):
        add_to_list(ctx, "milk")
    assert path.read_bytes() == b"\xff\xfe milk"


@given(st.text(max_size=80), st.text(alphabet="milk, and&\n", min_size=1, max_size=20))
def test_adding_and_taking_keeps_every_byte(text, item):
    checklist = Checklist(text)
    assert checklist.text() == text
    try:
        item = split_items(item)[0]
    except ToolError:
        return
    if checklist.find(item, exact=True):
        return
    ended = not text or text.endswith("\n")
    assert checklist.add(item)
    found = checklist.find(item, exact=True)
    if found:
        checklist.take(found[0])
        assert checklist.text() in (text, text + ("" if ended else "\n"), text + ("" if ended else "\r\n"))


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=300))
def test_file_names_are_safe(name):
    try:
        safe = file_name(name)
    except ToolError:
        return
    assert "/" not in safe and not safe.startswith(".") and len(safe.encode()) <= 200
