"""What every resolver takes and gives. Resolvers propose runs of words; the adapter disposes; `resolve` grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tinyagent.calls import Question


@dataclass(frozen=True, slots=True)
class World:
    """What the resolvers know: the reference time (local, no zone), the names of contacts and of lists.

    `files` (newest first) and `folders` are absolute paths, `note_folders` lie inside the notes, `apps` are
    installed applications (see `grounding.apps`); these may be sequences that are read only when somebody looks
    into them. `mentioned` is what pronouns may mean, said in this command, and `before` in earlier ones: by kind, the
    latest first (see `grounding.mentions`).
    """

    now: datetime
    people: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    files: Sequence[str] = ()
    folders: Sequence[str] = ()
    note_folders: Sequence[str] = ()
    apps: Sequence[str] = ()
    mentioned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A run of the command's words that a resolver can resolve.

    `words` is what the adapter may write (runs that stand apart are joined by a space, in text order; what a correction
    leaves out is said: "5 pm, no, 6" has "6 pm", at the place of the 6).
    `spans` are the character ranges [start, end) of the command that a text field leaves out when this proposal is
    taken; they include the glue ("at", "on", "for", "my ... list") before the words.
    """

    words: str
    spans: tuple[tuple[int, int], ...]


class Unresolved(Exception):
    """The words have no value, or several equal ones; `question` asks for what is missing."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question
