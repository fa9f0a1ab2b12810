"""From the people of a call to mail addresses and phone numbers, by the contacts; nothing is guessed.

The call may also hold an address or number itself, or what a look-up before it has found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tinyagent.errors import StoreError, ToolError
from tinyagent.grounding.people import match_people
from tinyagent.tools.contacts import get_email_address, get_phone_number, people
from tinyagent.tools.context import Context
from tinyagent.tools.files import read_text
from tinyagent.tools.ical import bounded
from tinyagent.tools.phrases import join, short
from tinyagent.tools.vcards import AddressBook, emails, load

MOST = 50
"""Recipients of one message; more is a mailing, which this is not for."""
OWN = frozenset({"me", "myself", "i"})
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_NUMBER = re.compile(r"\+?[\d\s().\-/]{3,40}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to write to: the name in the contacts ("" for none), and the address or number."""

    name: str
    address: str

    def __str__(self) -> str:
        return self.name or self.address


def is_address(text: str) -> bool:
    """Whether `text` is a mail address in the spelling that every server takes."""
    local, at, domain = text.rpartition("@")
    fits = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain.lower())
    return bool(at and fits) and len(local) <= 64 and len(domain) <= 253


def plain_address(text: str) -> str:
    """Return a mail address with its domain in ASCII; `ToolError` for what is none."""
    local, _, domain = text.strip().removeprefix("mailto:").rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii').lower()}"
    except UnicodeError:
        address = ""
    if not is_address(address):
        raise ToolError(f"“{short(text)}” is not an address I can write to: say one like ana@example.org.")
    return address


def plain_number(text: str) -> str:
    """Return a phone number as its digits, with a + where it has one; `ToolError` for what is none."""
    said = text.strip().removeprefix("tel:")
    digits = re.sub(r"\D", "", said)
    if not _NUMBER.fullmatch(said) or not 3 <= len(digits) <= 15:
        raise ToolError(f"“{short(text)}” is not a number I can write to: say its digits.")
    return ("+" if said.startswith("+") else "") + digits


def by_mail(ctx: Context, said: Iterable[Any] | None, own: str = "") -> list[Recipient]:
    """Return the people `said` with their mail addresses; `own` is who "me" is. Raises `ToolError` naming one."""

    def find(text: str) -> Recipient:
        if own and text.casefold() in OWN:
            return Recipient("", own)
        if "@" in text:
            return Recipient("", plain_address(text))
        found = get_email_address(ctx, text).value
        _one_card(ctx, found["name"], [one["email"] for one in found["all"]])
        return Recipient(found["name"], plain_address(found["email"]))

    return _each(said, "email", find)


def by_phone(ctx: Context, said: Iterable[Any] | None) -> list[Recipient]:
    """Return the people `said` with their phone numbers. Raises `ToolError` naming one."""

    def find(text: str) -> Recipient:
        if re.fullmatch(r"(?:tel:)?\+?[\d\s().\-/]+", text):
            return Recipient("", plain_number(text))
        found = get_phone_number(ctx, text).value
        numbers = [one["phone"] for one in found["all"] if one["kind"] != "fax"]
        if not numbers:
            raise ToolError(f"Your contacts have only a fax number for {found['name']}: add another.")
        _one_card(ctx, found["name"], numbers)
        return Recipient(found["name"], plain_number(numbers[0]))

    return _each(said, "phone", find)


def _one_card(ctx: Context, name: str, known: list[str]) -> None:
    """Raise `ToolError` where different contacts have the name: whose address is the first is for nobody to guess."""
    cards = [one for _, one in AddressBook(ctx.folders.contacts).contacts if one.full == name]
    if len(cards) > 1 and len(known) > 1:
        raise ToolError(f"Which {short(name)}: {join(known[:6], 'or')}?")


def addresses_of(ctx: Context, name: str) -> set[str] | None:
    """Return the addresses, in lower case, of the contacts that `name` may mean; None where it means nobody."""
    full = match_people(name, people(ctx.folders.contacts))
    if not full:
        return None
    book = AddressBook(ctx.folders.contacts)
    cards = [load(path, one.full) for path, one in book.contacts if one.full in full]
    return {entry.value.casefold() for card in cards for entry in emails(card)}


def is_known(ctx: Context, address: str) -> bool:
    """Whether a contact has this mail address."""
    wanted = address.casefold()
    for path, one in AddressBook(ctx.folders.contacts).contacts:
        try:
            # A look at the text first: it is much quicker than reading every card.
            if wanted not in re.sub(r"\r?\n[ \t]", "", read_text(path) or "").casefold():
                continue
            if wanted in {entry.value.casefold() for entry in emails(load(path, one.full))}:
                return True
        except StoreError:
            continue
    return False


def _each(said: Iterable[Any] | None, key: str, find: Callable[[str], Recipient]) -> list[Recipient]:
    given = [said] if isinstance(said, str | dict) else list(said or [])
    if len(given) > MOST:
        raise ToolError(f"That is {len(given)} recipients, and I write to at most {MOST} at once.")
    found: dict[str, Recipient] = {}
    for one in given:
        text = one.get(key) or one.get("name") if isinstance(one, dict) else one
        recipient = find(" ".join(bounded(str(text or ""), "recipient").split()))
        found.setdefault(recipient.address.casefold(), recipient)
    return list(found.values())
