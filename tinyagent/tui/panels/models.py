"""The panel of the models: what is loaded, what it takes, and what the last command cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tinyagent.calls import Plan
from tinyagent.tools.phrases import count
from tinyagent.tui.panels.panel import Pairs, Panel, Row
from tinyagent.tui.services import sentence

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant

STAGES = ("select", "fill")
"""The stages of a plan in which the model evaluates tokens."""
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """What there is, as rows."""

    base: list[Row]
    adapters: list[Row]
    work: list[Row]


class Models(Panel[Found]):
    """The models of an assistant. Nothing is loaded by looking at them."""

    STALE = 2.0

    def __init__(self) -> None:
        super().__init__()
        self._assistant: Assistant | None = None
        self._plan: Plan | None = None
        self._counted: int | None = None
        self._tokens: int | None = None
        self._body = VerticalScroll()
        self._base_rows, self._adapters_rows, self._work_rows = (Pairs() for _ in range(3))

    def compose(self) -> ComposeResult:
        """Give the three parts."""
        with self._body:
            yield self.problem
            yield from (self._base_rows, self._adapters_rows, self._work_rows)

    @property
    def first(self) -> VerticalScroll:
        """What the arrow keys scroll."""
        return self._body

    def show(self, assistant: Assistant | None, plan: Plan | None = None) -> None:
        """Show the models of `assistant` (None: still loading), and what `plan` cost, the last that was made.

        To be called at least after each command: its tokens are those since the plan before.
        """
        self._assistant = assistant
        evaluated: int = getattr(engine_of(assistant), "evaluated", 0)
        if plan is None or plan is not self._plan:
            known = plan is not None and self._counted is not None and evaluated >= self._counted
            self._tokens = evaluated - (self._counted or 0) if known else None
            self._plan, self._counted = plan, evaluated
        if self.is_seen:
            self.refresh_soon()

    def read(self) -> Found:
        """Return what is there and what is loaded."""
        engine = engine_of(self._assistant)
        return Found(_base(self._assistant, engine), _adapters(engine), self._costs(engine))

    def show_found(self, found: Found) -> None:
        """Show the rows."""
        self._base_rows.show("Base model", found.base)
        self._adapters_rows.show("Adapters", found.adapters)
        self._work_rows.show("Work", found.work)

    def _costs(self, engine: Any) -> list[Row]:
        import psutil

        rows = [("memory", f"{psutil.Process().memory_info().rss / MB:.0f} MB for the whole program", "")]
        if engine is None:
            return rows
        last = "counted from the next one on"
        if self._plan is not None and self._tokens is not None:
            seconds = sum(self._plan.timings_ms.get(stage, 0.0) for stage in STAGES) / 1000
            last = count(self._tokens, "token")
            last += f", {self._tokens / seconds:.0f} a second" if self._tokens and seconds else ""
        bare = sum(not owner for _, owner in tuple(engine.state))
        kept = f"{len(engine.state)} of {engine.context} tokens, {bare} of them for any adapter"
        return [
            *rows,
            ("tokens", f"{engine.evaluated} evaluated since the start", ""),
            ("last command", last, ""),
            ("prompt cache", kept, ""),
            ("swaps", f"{engine.swaps} changes of adapter", ""),
        ]


def engine_of(assistant: Assistant | None) -> Any:
    """Return the engine of an assistant where it is loaded, else None; it is never loaded for this."""
    return None if assistant is None else assistant.__dict__.get("engine")


def _base(assistant: Assistant | None, engine: Any) -> list[Row]:
    from tinyagent.runtime import base as bases

    try:
        base = bases.describe()
    except Exception as error:  # there may be adapters and counters to show all the same
        return [("", sentence(error), "bold")]
    file = f"{base.name}.{base.served_format}.gguf"
    size = "" if assistant is None else _size([assistant.settings.cache / "models" / file])
    return [
        ("name", base.name, ""),
        ("file", ", ".join(filter(None, [file, size])), ""),
        ("state", "not loaded yet" if engine is None else "loaded", "bold" if engine is None else ""),
    ]


def _adapters(engine: Any) -> list[Row]:
    from tinyagent.dualtune import adapters
    from tinyagent.runtime import base as bases

    try:
        files = adapters.files(bases.describe()) if engine is None else engine.pool.files
    except Exception as error:
        return [("", sentence(error), "bold")]
    loaded: tuple[str, ...] = () if engine is None else engine.pool.loaded
    held = _size([files[name] for name in loaded])
    limit = "" if engine is None else f", at most {engine.pool.budget // MB} MB"
    return [
        ("there are", ", ".join(filter(None, [str(len(files)), _size(files.values())])), ""),
        ("in memory", (", ".join(filter(None, [str(len(loaded)), held])) if loaded else "none") + limit, ""),
        *(("", name, "dim") for name in reversed(loaded)),
    ]


def _size(files: Iterable[Path]) -> str:
    """Return how large files are together, "" where one is gone or there is none."""
    try:
        size = sum(file.stat().st_size for file in files)
    except OSError:
        return ""
    return f"{size / MB:.1f} MB" if size else ""
