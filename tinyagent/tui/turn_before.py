"""What a card says of the turn before its own: how the command follows it, and what of it is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from textual.content import Content

from tinyagent.calls import Plan
from tinyagent.events import TakenBack
from tinyagent.tui.rows import DIM, Row, Shown

_FOLLOWS = {
    "another": "another: the rest is as in the command before",
    "instead": "instead of what was done before",
}
_UNDONE = "Undone: "


def before_rows(plan: Plan | None, back: Sequence[TakenBack], told: Collection[str]) -> Iterator[Row]:
    """Yield a row for how `plan` follows the turn before, and one for each entry of `back`.

    `told` are the sentences of the answer: what stands there is not said twice.
    """
    if plan is not None and plan.follows in _FOLLOWS:
        yield _row("↪", _FOLLOWS[plan.follows], DIM)
    if plan is not None and plan.undoes and not back:
        yield _row("↶", "takes back what was done before", DIM)
    for one in back:
        if one.sentence in told:
            continue
        if one.done:
            yield _row("↶", f"took back: {one.sentence.removeprefix(_UNDONE)}", DIM)
        else:
            yield _row("✗", f"not taken back: {one.sentence}", "$text-error")


def _row(mark: str, said: str, style: str) -> Row:
    return Row(Content.styled(Shown(said).line, style), Content.styled(f"{mark} ", style), Content("  "))
