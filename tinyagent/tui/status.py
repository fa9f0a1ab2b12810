"""The line at the bottom: whether the assistant is ready, works, or waits for an answer."""

from __future__ import annotations

from textual.widgets import Static

from tinyagent.tui.turn import State

LOADING = {
    "embedder": "the embedder",
    "index": "the tool index",
    "model": "the model",
    "adapters": "the adapters",
}
KEYS = "F1 help · Ctrl+P commands"


class Status(Static):
    """One line in words. Tell it how far loading is (`loaded`) and what goes on (`goes_on`)."""

    DEFAULT_CSS = """
    Status { height: 1; padding: 0 1; color: $text-muted; }
    Status.-wrong { color: $text-error; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.state = State("embedder", 0.0)
        self._working = self._asked = False
        self._show()

    @property
    def ready(self) -> bool:
        """Whether everything is loaded."""
        return self.state.stage == "ready"

    def loaded(self, state: State) -> None:
        """Take in how far loading is."""
        self.state = state
        self._show()

    def goes_on(self, working: bool, asked: bool) -> None:
        """Take in whether a command is at work, and whether a question is open."""
        self._working, self._asked = working, asked
        self._show()

    def _show(self) -> None:
        wrong = bool(self.state.error) and not self.ready
        self.update(f"{self._text(wrong)} · {KEYS}")
        self.set_class(wrong, "-wrong")

    def _text(self, wrong: bool) -> str:
        if wrong:
            return self.state.error
        if not self.ready:
            return f"Loading {LOADING.get(self.state.stage, self.state.stage)} … {self.state.done:.0%}"
        if self._working:
            return "Working · Ctrl+X stops it"
        if self._asked:
            return "What you enter now answers the question; “never mind” leaves it"
        return "Ready"
