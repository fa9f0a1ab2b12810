import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.tools import contacts, vcards
from tinyagent.tools.contacts import add_contact, email_of, get_email_address, get_phone_number, people
from tinyagent.tools.context import Context, Folders
from tinyagent.tools.files import LOCK
from tinyagent.tools.vcards import names

CARD = "BEGIN:VCARD\r\nVERSION:{version}\r\nFN:{full}\r\nN:{family};{given};;;\r\n{more}END:VCARD\r\n"
NOW = datetime(2026, 3, 2, 9)


@pytest.fixture
def ctx(tmp_path):
    return Context(NOW, ZoneInfo("Europe/Berlin"), Folders.under(tmp_path))


def card(ctx, full, *lines, version="3.0", name=None):
    given, _, family = full.rpartition(" ")
    folder = ctx.folders.contacts
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name or full}.vcf"
    more = "".join(line + "\r\n" for line in lines)
    path.write_bytes(CARD.format(version=version, full=full, family=family, given=given, more=more).encode())
    return path


def tree(ctx):
    root = ctx.folders.contacts
    return {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != LOCK}


def undo(ctx, outcome):
    contacts._undo(ctx, json.loads(json.dumps(outcome.undo)))


# numbers and addresses


@pytest.mark.parametrize("name", ["Ana Lima", "ana", "Anna", "my ana", "Ana's", "Lima", "Aninha", "ana lima"])
def test_a_person_is_found_by_any_name(ctx, name):
    card(ctx, "Ana Lima", "NICKNAME:Aninha", "TEL;TYPE=CELL:+351 912 345 678", "EMAIL:ana@example.org")
    card(ctx, "Sid Stone", "TEL:1", "EMAIL:sid@example.org")
    assert get_phone_number(ctx, name).answer == "The phone number of Ana Lima is +351 912 345 678 (mobile)."
    assert get_email_address(ctx, name).value == {
        "name": "Ana Lima",
        "email": "ana@example.org",
        "all": [{"email": "ana@example.org", "kind": ""}],
    }


def test_preferred_first_then_mobile_and_fax_last(ctx):
    card(ctx, "Ana Lima", "TEL;TYPE=WORK,FAX:1", "TEL;TYPE=HOME:2", "TEL;TYPE=CELL:3")
    assert get_phone_number(ctx, "ana").answer == (
        "The phone number of Ana Lima is 3 (mobile); also 2 (home) and 1 (fax)."
    )
    card(ctx, "Bo Berg", 'TEL;VALUE=uri;TYPE="voice,home":tel:+1-555', "TEL;PREF=1:+1-666", version="4.0")
    assert [one["phone"] for one in get_phone_number(ctx, "bo").value["all"]] == ["+1-666", "+1-555"]
    card(ctx, "Cy Cole", "item1.EMAIL:a@x.org", "EMAIL;TYPE=PREF:b@x.org")
    assert get_email_address(ctx, "cy").value["email"] == "b@x.org"


def test_nobody_nothing_and_several_are_said(ctx):
    card(ctx, "Ana Lima")
    with pytest.raises(NotFoundError, match="There is no Zed in your contacts"):
        get_phone_number(ctx, "Zed")
    with pytest.raises(NotFoundError, match="no phone number for Ana Lima"):
        get_phone_number(ctx, "ana")
    card(ctx, "Ana Berg")
    with pytest.raises(ToolError, match="Which ana: Ana Berg or Ana Lima"):
        get_phone_number(ctx, "ana")


def test_two_cards_of_one_person_are_one(ctx):
    card(ctx, "Ana Lima", "TEL:1", name="a")
    card(ctx, "Ana Lima", "TEL:2", "TEL:1", name="b")
    assert get_phone_number(ctx, "ana").answer == "The phone number of Ana Lima is 1; also 2."


def test_an_unreadable_card_is_mentioned_and_left(ctx):
    path = card(ctx, "Ana Lima")
    path.write_text("BEGIN:VCARD\nFN:Ana Lima\n")
    with pytest.raises(NotFoundError, match=r"I could not read .*Ana Lima\.vcf and left it as it is"):
        get_phone_number(ctx, "Ana Lima")
    add_contact(ctx, "Ana Lima", phone="123")
    assert path.read_text() == "BEGIN:VCARD\nFN:Ana Lima\n"


# add


def test_a_new_contact_and_undo(ctx):
    made = add_contact(ctx, "Ana  Maria Lima", email="ana@example.org", phone="+351 912 345 678")
    assert made.answer == "I added Ana Maria Lima (ana@example.org and +351 912 345 678) to your contacts."
    (data,) = tree(ctx).values()
    found = vobject.readOne(data.decode())
    assert (found.version.value, found.fn.value) == ("3.0", "Ana Maria Lima")
    assert (found.n.value.family, found.n.value.given) == ("Lima", "Ana Maria")
    assert (found.email.value, found.tel.value) == ("ana@example.org", "+351 912 345 678")
    undo(ctx, made)
    assert tree(ctx) == {}


def test_a_known_one_is_completed_and_every_line_kept(ctx):
    path = card(ctx, "Ana Lima", "X-ODD;A=b:c", "NOTE:a\\nb", "EMAIL:ana@example.org")
    before = path.read_bytes()
    made = add_contact(ctx, "ana lima", email="Ana@example.org", phone="555 0100")
    assert made.answer == "I added 555 0100 to Ana Lima in your contacts."
    assert path.read_bytes() == before.replace(b"END:VCARD", b"TEL;TYPE=VOICE:555 0100\r\nEND:VCARD")
    undo(ctx, made)
    assert path.read_bytes() == before
    with pytest.raises(ToolError, match="in your contacts already"):
        add_contact(ctx, "Ana Lima", email="ana@example.org")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("ana at example dot org", "ana@example.org"),
        ("ana dot lima at mail dot example dot org", "ana.lima@mail.example.org"),
        ("mailto:ana@example.org.", "ana@example.org"),
        ("<ana@example.org>", "ana@example.org"),
    ],
)
def test_addresses_as_said(ctx, said, address):
    assert add_contact(ctx, "Ana", email=said).value["email"] == address


@pytest.mark.parametrize(
    "given",
    [
        {"email": "ana"},
        {"email": "a@b.c\r\nBEGIN:VCARD"},
        {"email": "a b@c.de"},
        {"phone": "call me"},
        {"phone": "1"},
        {"phone": "123\nTEL:9;x"},
        {"name": " "},
        {"name": "x" * 10_001},
    ],
)
def test_what_is_no_address_or_number_is_refused(ctx, given):
    with pytest.raises(ToolError):
        add_contact(ctx, **{"name": "Ana", **given})
    assert tree(ctx) == {}


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=80))
def test_any_name_comes_back_and_both_readers_agree(tmp_path_factory, name):
    ctx = Context(NOW, ZoneInfo("UTC"), Folders.under(tmp_path_factory.mktemp("k")))
    try:
        made = add_contact(ctx, name, phone="123")
    except ToolError:
        return
    (data,) = tree(ctx).values()
    assert [one.full for one in names(data.decode())] == [made.value["name"]]
    assert vobject.readOne(data.decode()).fn.value == made.value["name"]


# names


def test_people_are_full_names_and_nicknames(ctx):
    card(ctx, "Ana Lima", "NICKNAME:Aninha,Ani\\, the first")
    card(ctx, "Sid Stone")
    assert people(ctx.folders.contacts) == (
        "Ana Lima",
        "Sid Stone",
        "Aninha\tAna Lima",
        "Ani, the first\tAna Lima",
    )
    assert people(ctx.folders.contacts / "none") == ()


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("BEGIN:VCARD\nVERSION:4.0\nitem1.FN;LANGUAGE=pt:Ana\\, Lima\nEND:VCARD\n", "Ana, Lima"),
        ("BEGIN:VCARD\r\nFN;X=\"a:b;c\":An\r\n a Lima\r\nEND:VCARD", "Ana Lima"),
        ("begin:vcard\nn:Lima;Ana;;;\nend:vcard\n", "Ana Lima"),
        (
            "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:L=C3=ADma;Ana;;;\r\n"
            "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Ana L=C3=ADma\r\nEND:VCARD\r\n",
            "Ana Líma",
        ),
    ],
)  # fmt: skip
def test_names_in_all_dialects(text, full):
    assert [one.full for one in names(text)] == [full]


def test_a_file_of_many_cards(ctx):
    path = card(ctx, "Ana Lima", "TEL:1")
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"Ana", b"Bob").replace(b":1", b":2"))
    assert people(ctx.folders.contacts) == ("Ana Lima", "Bob Lima")
    assert get_phone_number(ctx, "bob").value["phone"] == "2"
    with pytest.raises(ToolError, match="by hand"):
        add_contact(ctx, "Bob Lima", phone="345")


def test_names_are_read_once_a_file_and_again_when_it_changed(ctx, monkeypatch):
    path = card(ctx, "Ana Lima")
    people(ctx.folders.contacts)
    monkeypatch.setattr(vcards, "names", lambda text: pytest.fail("read again"))
    assert people(ctx.folders.contacts) == ("Ana Lima",)
    monkeypatch.undo()
    path.write_text(path.read_text().replace("Ana", "Anabela"))
    assert people(ctx.folders.contacts) == ("Anabela Lima",)


def test_addresses_for_invitations(ctx):
    card(ctx, "Ana Lima", "EMAIL:ana@example.org")
    card(ctx, "Bad One", "EMAIL:not an address")
    folder = ctx.folders.contacts
    assert email_of(folder, "Ana Lima") == "ana@example.org"
    assert email_of(folder, "zed@x.org") == "zed@x.org"
    assert email_of(folder, "Zed") is None
    assert email_of(folder, "Bad One") is None
    card(ctx, "Ana Berg")
    assert email_of(folder, "ana") is None


def test_a_store_that_cannot_be_read_is_one_sentence(ctx):
    ctx.folders.contacts.write_text("")
    with pytest.raises(StoreError):
        people(ctx.folders.contacts)
