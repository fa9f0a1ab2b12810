"""Whether a value of a call (a name, number or address) belongs to somebody in the contacts."""

from __future__ import annotations

import re
from pathlib import Path

from tinyagent.policy.conditions import fold


class Contacts:
    """The contacts below a folder, as a policy sees them: read once, when a rule first asks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._details: frozenset[str] | None = None

    def knows(self, value: str) -> bool:
        """Whether `value` is a contact's name, or one of the numbers and addresses in the contacts.

        A number counts only as it is written there but for spaces and punctuation: a number that ends alike may
        be a stranger's. Raises `StoreError` where the contacts cannot be read.
        """
        from tinyagent.grounding.people import match_people
        from tinyagent.tools.contacts import people

        everybody = people(self._folder)
        if fold(value) in {fold(name) for entry in everybody for name in entry.split("\t")}:
            return True
        if "@" in value or re.search(r"\d", value):
            return _plain(value) in self._known_details()
        return len(match_people(value, everybody)) == 1

    def _known_details(self) -> frozenset[str]:
        if self._details is None:
            from tinyagent.tools.vcards import AddressBook, emails, load, phones

            cards = [load(path, one.full) for path, one in AddressBook(self._folder).contacts]
            found = (entry.value for card in cards for entry in [*emails(card), *phones(card)])
            self._details = frozenset(_plain(value) for value in found)
        return self._details


def _plain(value: str) -> str:
    """Return an address in lower case, a number as its digits."""
    text = fold(value).removeprefix("tel:").removeprefix("mailto:").removeprefix("sms:")
    if "@" in text or re.search(r"[^\d\s+().\-/]", text):
        return text
    return re.sub(r"^00", "+", re.sub(r"[^\d+]", "", text))
