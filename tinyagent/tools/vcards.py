"""Reading contacts: vCard files of version 3 and 4 (and 2.1), as khard and vdirsyncer keep them.

Names are needed at every command and read by a small scanner, which is many times as fast as a parser and
cached by file; everything else is read by `vobject` for the one contact that is asked for.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import StoreError
from tinyagent.tools.files import read_text
from tinyagent.tools.vdir import Vdir, collections

_LINE = re.compile(r'^(?:[\w-]+\.)?(FN|N|NICKNAME)((?:;(?:"[^"]*"|[^":])*)?):(.*)$', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Names:
    """What one contact is called."""

    full: str
    nicknames: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A phone number or address with its kind ("mobile", "work", "" where none is said)."""

    value: str
    kind: str


def names(text: str) -> list[Names]:
    """Return the names in a vCard file, which has one card as a rule; `ValueError` for what is no vCard."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    if "QUOTED-PRINTABLE" in unfolded.upper():
        return [Names(_full_name(card)) for card in cards(text)]
    found = []
    blocks = re.split(r"(?im)^BEGIN:VCARD[ \t]*\r?$", unfolded)
    for block in blocks[1:]:
        if not re.search(r"(?im)^END:VCARD[ \t]*\r?$", block):
            raise ValueError("a card without end")
        found.append(_names(block))
    if not found or blocks[0].strip("\ufeff \r\n"):
        raise ValueError("not a vCard")
    return found


def cards(text: str) -> list[Any]:
    """Return the vCards in a file as `vobject` components, without lines that are none.

    Raises what the library raises.
    """
    import logging

    import vobject

    # It writes every line that it skips to the terminal; what is lost by that is said where it matters.
    logging.getLogger("vobject.base").setLevel(logging.CRITICAL)
    return list(vobject.readComponents(text, ignoreUnreadable=True))


def phones(card: Any) -> list[Entry]:
    """Return the phone numbers of a `vobject` vCard: preferred first, then mobile, fax last."""
    order = {"mobile": 0, "fax": 2}
    found = [_entry(line, "tel:") for line in card.contents.get("tel", [])]
    return _sorted([(not _preferred(line), order.get(entry.kind, 1), entry)
                    for line, entry in zip(card.contents.get("tel", []), found, strict=True)])  # fmt: skip


def emails(card: Any) -> list[Entry]:
    """Return the e-mail addresses of a `vobject` vCard, preferred first."""
    lines = card.contents.get("email", [])
    return _sorted([(not _preferred(line), 0, _entry(line, "mailto:")) for line in lines])


def load(path: Path, full: str) -> Any:
    """Return the vCard called `full` in a file; `StoreError` where the file cannot be read or understood."""
    text = read_text(path) or ""
    try:
        return next(card for card in cards(text) if _full_name(card) == full)
    except Exception:  # the parser of foreign files raises anything
        raise StoreError(f"{path} cannot be understood: correct it or move it away.") from None


class AddressBook:
    """All contacts below a folder. Raises `StoreError` where it cannot be listed."""

    def __init__(self, folder: Path) -> None:
        self.vdirs: list[Vdir[list[Names]]] = collections(folder, ".vcf", names)
        self.contacts: list[tuple[Path, Names]] = []
        for vdir in self.vdirs:
            for path in vdir.paths():
                self.contacts += [(path, one) for one in _cached(vdir, path)]


_cache: dict[Path, tuple[int, int, list[Names]]] = {}
"""By file, because editing a file in place does not change the time of its folder."""


def _cached(vdir: Vdir[list[Names]], path: Path) -> list[Names]:
    try:
        state = os.stat(path)
    except OSError:
        return vdir.read(path) or []
    known = _cache.get(path)
    if known is None or known[:2] != (state.st_mtime_ns, state.st_size):
        found = vdir.read(path)
        if found is None:
            return []
        known = _cache[path] = (state.st_mtime_ns, state.st_size, found)
    return known[2]


def _names(block: str) -> Names:
    full, structured, nicknames = "", "", []
    for line in block.splitlines():
        match = _LINE.match(line)
        if not match:
            continue
        name, value = match[1].upper(), match[3]
        if name == "FN":
            full = full or _plain(value)
        elif name == "N":
            family, given = (*re.split(r"(?<!\\);", value), "")[:2]
            structured = f"{_plain(given)} {_plain(family)}".strip()
        else:
            nicknames += [_plain(nick) for nick in re.split(r"(?<!\\),", value)]
    if not (full or structured):
        raise ValueError("a card without a name")
    return Names(full or structured, tuple(nick for nick in nicknames if nick))


def _plain(value: str) -> str:
    return " ".join(re.sub(r"\\(.)", lambda m: " " if m[1] in "nN" else m[1], value).split())


def _full_name(card: Any) -> str:
    if "fn" in card.contents and str(card.fn.value).strip():
        return " ".join(str(card.fn.value).split())
    return " ".join(f"{card.n.value.given} {card.n.value.family}".split())


def _entry(line: Any, scheme: str) -> Entry:
    kinds = _kinds(line)
    known = {"cell": "mobile", "mobile": "mobile", "home": "home", "work": "work", "fax": "fax"}
    kind = next((known[one] for one in ("fax", "cell", "mobile", "work", "home") if one in kinds), "")
    value = " ".join(str(line.value).split())
    return Entry(value[len(scheme) :] if value.lower().startswith(scheme) else value, kind)


def _kinds(line: Any) -> set[str]:
    return {kind.strip().lower() for given in line.params.get("TYPE", []) for kind in given.split(",")}


def _preferred(line: Any) -> bool:
    return "PREF" in line.params or "pref" in _kinds(line)


def _sorted(ranked: list[tuple[bool, int, Entry]]) -> list[Entry]:
    found = [entry for *_, entry in sorted(ranked, key=lambda one: one[:2])]
    return [entry for entry in found if entry.value]
