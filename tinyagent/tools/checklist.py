"""A Markdown task list in memory: reads tasks, changes single lines, keeps every other byte of the text."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz

from tinyagent.errors import ToolError
from tinyagent.tools.ical import bounded

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_TASK = re.compile(
    r"(?P<bullet>[ \t]*[-*+] +)(?:\[(?P<mark>[ xX])\] +)?(?P<item>\S(?:.*[^ \t\r\n])?)(?P<end>[ \t]*\r?\n?)$",
    re.DOTALL,
)
_NEAR = 86.0
_PAIRS = tuple(
    pair.strip()
    for pair in """
    mac|macaroni and cheese; salt and pepper; fish and chips; half and half; gin and tonic; ham and cheese
    head and shoulders; peanut butter and jelly|jam; bread and butter pudding|pickles; salt and vinegar
    cheese and onion; sour cream and onion; sweet and sour; rum and raisin; cookies and cream; pork and beans
    rice and beans; bacon and eggs; surf and turf; black and white; nuts and bolts; hook and loop
    arts and crafts; bed and breakfast; lost and found; [a-z] and [a-z]; bubble and squeak; oil and vinegar
    spaghetti and meatballs; chicken and mushroom; steak and kidney; pins and needles; dungeons and dragons
    war and peace; pride and prejudice; johnson and johnson; crosse and blackwell; dolce and gabbana
    tom and jerry; ben and jerry's|jerrys; bits and pieces; rock and roll
    """.strip()
    .replace("\n", ";")
    .split(";")
)
_KEPT = re.compile(
    r"(?<!\w)(?:"
    + "|".join(
        rf"(?:{left}) (?:and|&|n|'n') (?:{right})"
        for left, _, right in (pair.partition(" and ") for pair in _PAIRS)
    )
    + r"|(?:and|&) (?:a |one |three )?(?:half|quarters?|thirds?))(?!\w)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:,(?!\d)|;|\n)\s*(?:(?:and|&)\s+)?|\s+(?:and|&|plus)\s+(?:also\s+)?", re.IGNORECASE
)
_HELD = "\x00"


def split_items(said: str) -> list[str]:
    """Return the items in "milk, eggs and bread"; "mac and cheese" and its like stay whole.

    Raises `ToolError` when there is none.
    """
    plain = re.sub(r"[ \t]+", " ", bounded(said, "item"))
    text = _KEPT.sub(lambda match: match.group().replace(" ", _HELD), plain)
    parts = (part.replace(_HELD, " ") for part in _BETWEEN.split(text))
    items = [" ".join(part.split()).strip(" ,.;") for part in parts]
    found = list(dict.fromkeys(item for item in items if item))
    if not found:
        raise ToolError("There is no item to add: say what it is.")
    return found


def file_name(name: str) -> str:
    """Return the name of a list as a safe file name, its own letters kept; at most 200 bytes."""
    safe = re.sub(
        r'[\x00-\x1f/\\:*?"<>|\u2028\u2029]+',
        "-",
        unicodedata.normalize("NFC", bounded(name, "name of the list")),
    )
    safe = " ".join(safe.split()).strip(". -")
    while len(safe.encode()) > 200:
        safe = safe[:-1].rstrip()
    if not safe:
        raise ToolError("A list needs a name with letters or digits.")
    return safe


class Checklist:
    """The lines of one list."""

    def __init__(self, text: str) -> None:
        self.lines: list[str] = _LINE.findall(text)

    def text(self) -> str:
        """Return the whole text."""
        return "".join(self.lines)

    def items(self, *, ticked: bool) -> list[str]:
        """Return the items that are (not) ticked off, in order; a bullet without a box is not ticked."""
        found = (_TASK.match(line) for line in self.lines)
        return [m["item"] for m in found if m and ((m["mark"] or " ") != " ") == ticked]

    def item(self, line: int) -> str:
        """Return the item on a line of `find`."""
        match = _TASK.match(self.lines[line])
        return match["item"] if match else ""

    def add(self, item: str) -> bool:
        """Add an item after the last one; False where it is there, open. A ticked one is opened again."""
        wanted, ticked = _key(item), None
        last = -1
        for number, line in enumerate(self.lines):
            match = _TASK.match(line)
            if match is None:
                continue
            last = number
            if _key(match["item"]) == wanted:
                if (match["mark"] or " ") == " ":
                    return False
                ticked = number
        if ticked is not None:
            match = _TASK.match(self.lines[ticked])
            if match:
                at = match.start("mark")
                self.lines[ticked] = f"{self.lines[ticked][:at]} {self.lines[ticked][at + 1 :]}"
            return True
        self._insert(last + 1 if last >= 0 else len(self.lines), item)
        return True

    def _insert(self, at: int, item: str) -> None:
        ending = "\r\n" if at and self.lines[at - 1].endswith("\r\n") else "\n"
        if at and not self.lines[at - 1].endswith("\n"):
            self.lines[at - 1] += ending
        indent = _TASK.match(self.lines[at - 1]) if at else None
        bullet = indent["bullet"].strip() if indent else "-"
        self.lines.insert(at, f"{bullet} [ ] {item}{ending}")

    def find(self, said: str, *, exact: bool = False) -> list[int]:
        """Return the lines whose items fit the words best: the same, else containing them, else nearly so."""
        wanted = _key(said)
        items = [(n, _key(m["item"])) for n, line in enumerate(self.lines) if (m := _TASK.match(line))]
        same = [n for n, key in items if key == wanted]
        if same or exact or not wanted:
            return same[:1]
        words = set(wanted.split())
        within = [n for n, key in items if words <= set(key.split())]
        if within:
            return within
        scored = [(fuzz.ratio(wanted, key), n) for n, key in items]
        best = max((points for points, _ in scored), default=0.0)
        return [n for points, n in scored if points == best] if best >= _NEAR else []

    def take(self, line: int) -> str:
        """Remove a line and return its item."""
        item = self.item(line)
        del self.lines[line]
        return item

    def clear(self) -> list[str]:
        """Remove every item; return them."""
        taken = [self.item(n) for n, line in enumerate(self.lines) if _TASK.match(line)]
        self.lines = [line for line in self.lines if not _TASK.match(line)]
        return taken


def _key(item: str) -> str:
    """Return what two spellings of an item share: case, accents, articles and a plural put aside."""
    plain = unicodedata.normalize("NFKD", item).casefold()
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    kept = [w for w in words if w not in {"a", "an", "the", "some", "my", "of"}] or words
    return " ".join(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in kept)
