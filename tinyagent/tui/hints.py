"""The line under the prompt: what a command will probably do while it is typed, and a word about the prompt itself."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tinyagent.calls import Candidate
from tinyagent.tools.phrases import harmless
from tinyagent.tui.wording import tool_words

_MOST = 3
_LEAST = 0.01


def hint_text(candidates: Sequence[Candidate], early: bool = False) -> str:
    """Return "→ create reminder 96 % · set alarm 3 %", the likeliest first; `early`: the first alone, it is sure."""
    likely = [one for one in candidates if one.probability >= _LEAST][: 1 if early else _MOST]
    shown = (f"{tool_words(one.tool)} {min(one.probability, 1):.0%}".replace("%", " %") for one in likely)
    return harmless(f"→ {' · '.join(shown)}") if likely else ""


class HintLine(Static):
    """One dim line."""

    DEFAULT_CSS = """
    HintLine {
        height: 1;
        width: 1fr;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-notice { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self.line = ""
        """What stands there."""

    def show(self, candidates: Sequence[Candidate], early: bool = False) -> None:
        """Show what the command will probably do."""
        self._put(hint_text(candidates, early), notice=False)

    def say(self, sentence: str) -> None:
        """Show a sentence for the person, until something else is shown."""
        self._put(harmless(sentence), notice=True)

    def clear(self) -> None:
        """Show nothing."""
        self._put("", notice=False)

    def _put(self, line: str, *, notice: bool) -> None:
        self.line = line
        self.set_class(notice, "-notice")
        self.update(Content(line))
