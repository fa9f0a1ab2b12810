"""The toolset contacts: vCard files in a vdir folder, which khard and vdirsyncer read and write too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tinyagent.calls import Outcome
from tinyagent.errors import NotFoundError, StoreError, ToolError
from tinyagent.grounding.people import NICKNAME, match_people
from tinyagent.tools.changes import changing, restore
from tinyagent.tools.context import Context
from tinyagent.tools.files import read_text
from tinyagent.tools.ical import bounded, new_uid
from tinyagent.tools.phrases import join, short
from tinyagent.tools.registry import Person, Text, tool
from tinyagent.tools.vcards import AddressBook, Entry, emails, load, names, phones
from tinyagent.tools.vdir import Vdir, unreadable_note

_EMAIL = re.compile(r"[^\s@<>,;:\"()\\]+@[^\s@<>,;:\"()\\]+\.[^\s@<>,;:\"()\\]+")
_PHONE = re.compile(r"\+?[\d\s().\-/]{3,40}(?:(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)


def people(folder: Path) -> tuple[str, ...]:
    """Return what the contacts in `folder` are called, for `World.people`.

    Full names, then each nickname as "Nick<tab>Full Name" (see `grounding.people`). A file is read once, and
    again when it changed. Raises `StoreError` where the folder cannot be listed.
    """
    book = AddressBook(folder)
    full = [one.full for _, one in book.contacts]
    nicknames = [f"{nick}{NICKNAME}{one.full}" for _, one in book.contacts for nick in one.nicknames]
    return tuple(dict.fromkeys([*full, *nicknames]))


def email_of(folder: Path, name: str) -> str | None:
    """Return the address of the one contact that `name` means, or `name` where it is one; None otherwise."""
    if _EMAIL.fullmatch(name):
        return name
    found = match_people(name, people(folder))
    if len(found) != 1:
        return None
    try:
        known = [entry for card in _cards(folder, found[0]) for entry in emails(card)]
    except StoreError:
        return None
    return next((entry.value for entry in known if _EMAIL.fullmatch(entry.value)), None)


def _undo(ctx: Context, data: dict[str, Any]) -> None:
    """Take back what a tool of this module did; `StoreError` where a file was changed since."""
    restore(ctx.folders.contacts, data)


@tool(toolset="contacts", effect="read", results={"": "text", "phone": "text"})
def get_phone_number(ctx: Context, name: Person) -> Outcome:
    """Look up a person's phone number.

    Raises `NotFoundError` for nobody of that name or no number, `ToolError` for several people of that name.
    """
    person, cards = _contact(ctx, name)
    known = [entry for card in cards for entry in phones(card)]
    return _answer(person, "phone number", known)


@tool(toolset="contacts", effect="read", results={"": "text", "email": "text"})
def get_email_address(ctx: Context, name: Person) -> Outcome:
    """Look up a person's email address.

    Raises `NotFoundError` for nobody of that name or no address, `ToolError` for several people of that name.
    """
    person, cards = _contact(ctx, name)
    known = [entry for card in cards for entry in emails(card)]
    return _answer(person, "email address", known)


@tool(toolset="contacts", effect="write", undo=_undo)
def add_contact(ctx: Context, name: Text, email: Text | None = None, phone: Text | None = None) -> Outcome:
    """Add a person to the contacts.

    Somebody of exactly that name who is known already gets the address and number added. Raises `ToolError`
    for an address or number that is none, or where nothing is new; `StoreError` where it cannot be written.
    """
    full = " ".join(bounded(name, "name").split())
    address = _email(email) if email else None
    number = _phone(phone) if phone else None
    folder = ctx.folders.contacts
    with changing(folder) as changes:
        book = AddressBook(folder)
        known = [(path, one.full) for path, one in book.contacts if one.full.casefold() == full.casefold()]
        if known:
            path, full = known[0]
            address, number = _unknown(load(path, full), full, address, number)
            changes.write(path, _extended(read_text(path) or "", full, address, number))
        else:
            # A folder of address books (sub-folders) gets the contact in the first of them.
            vdir = book.vdirs[0] if book.vdirs else Vdir(folder, ".vcf", names)
            uid = new_uid()
            path = vdir.put(changes, uid, _card(uid, full, address, number))
        undo = changes.undo()
    details = join([detail for detail in (address, number) if detail])
    if known:
        answer = f"I added {details} to {full} in your contacts."
    else:
        answer = f"I added {full}{f' ({details})' if details else ''} to your contacts."
    return Outcome(answer, {"name": full, "email": address, "phone": number, "path": str(path)}, undo)


def _contact(ctx: Context, name: str) -> tuple[str, list[Any]]:
    """Return the full name that `name` means and its vCards."""
    said = bounded(name, "name")
    book = AddressBook(ctx.folders.contacts)
    found = match_people(said, people(ctx.folders.contacts))
    if not found:
        note = unreadable_note(book.vdirs)
        raise NotFoundError(f"There is no {short(said)} in your contacts." + (f" {note}" if note else ""))
    if len(found) > 1:
        raise ToolError(f"Which {short(said)}: {join(found[:6], 'or')}?")
    return found[0], _cards(ctx.folders.contacts, found[0])


def _cards(folder: Path, full: str) -> list[Any]:
    return [load(path, full) for path, one in AddressBook(folder).contacts if one.full == full]


def _answer(person: str, what: str, known: list[Entry]) -> Outcome:
    unique = list({entry.value: entry for entry in known}.values())
    if not unique:
        raise NotFoundError(f"Your contacts have no {what} for {person}.")
    said = [f"{entry.value} ({entry.kind})" if entry.kind else entry.value for entry in unique]
    more = f"; also {join(said[1:])}" if len(said) > 1 else ""
    key = what.split()[0]
    value = {"name": person, key: unique[0].value, "all": [{key: e.value, "kind": e.kind} for e in unique]}
    return Outcome(f"The {what} of {person} is {said[0]}{more}.", value)


def _email(words: str) -> str:
    """Return an address, also from "ana at example dot org"."""
    text = bounded(words, "email address").strip("<>")
    if "@" not in text:
        text = re.sub(r"\s+dot\s+", ".", re.sub(r"\s+at\s+", "@", text, count=1, flags=re.I), flags=re.I)
    text = text.removeprefix("mailto:").rstrip(".,;")
    if not _EMAIL.fullmatch(text):
        raise ToolError(f"“{short(text)}” is not an email address: say it like ana@example.org.")
    return text


def _phone(words: str) -> str:
    text = bounded(words, "phone number").removeprefix("tel:").rstrip(".,;")
    if not _PHONE.fullmatch(text) or sum(map(str.isdigit, text)) < 3:
        raise ToolError(f"“{short(text)}” is not a phone number: say its digits.")
    return " ".join(text.split())


def _card(uid: str, full: str, email: str | None, phone: str | None) -> str:
    """Return a vCard 3.0, the version that every program reads."""
    import vobject

    card = vobject.vCard()
    given, _, family = full.rpartition(" ")
    card.add("fn").value = full
    card.add("n").value = vobject.vcard.Name(family=family if given else "", given=given or family)
    card.add("uid").value = uid
    card.add("prodid").value = "-//tinyagent//EN"
    for name, value, kind in (("email", email, "INTERNET"), ("tel", phone, "VOICE")):
        if value:
            line = card.add(name)
            line.value, line.type_param = value, kind
    text: str = card.serialize()
    return text


def _unknown(card: Any, full: str, email: str | None, phone: str | None) -> tuple[str | None, str | None]:
    """Return those of the address and number that the card does not have; `ToolError` where it has all."""
    known = {entry.value.casefold() for entry in [*emails(card), *phones(card)]}
    new = [detail if detail and detail.casefold() not in known else None for detail in (email, phone)]
    if not any(new):
        raise ToolError(f"{full} is in your contacts already; say what to add.")
    return new[0], new[1]


def _extended(text: str, full: str, email: str | None, phone: str | None) -> str:
    """Return the file with lines added and all others as they are, which no parser would promise."""
    if len(names(text)) > 1:
        raise ToolError(f"{full} is in a file with other contacts: add it there by hand.")
    end = "\r\n" if "\r\n" in text else "\n"
    added = f"EMAIL;TYPE=INTERNET:{email}{end}" if email else ""
    added += f"TEL;TYPE=VOICE:{phone}{end}" if phone else ""
    return re.sub(r"(?im)^(?=END:VCARD)", lambda _: added, text, count=1)
