"""What a check of `tinyagent doctor` found."""

from __future__ import annotations

from dataclasses import dataclass

from tinyagent.errors import TinyAgentError


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `required` ones make the program unusable when they are not `ok`."""

    name: str
    ok: bool
    detail: str
    cure: str = ""
    required: bool = True


def failed(name: str, error: TinyAgentError | str, *, required: bool = True) -> Check:
    """Return the finding of an error, its sentence split at its cure, which follows the first colon."""
    detail, colon, cure = str(error).partition(": ")
    return Check(name, False, detail, cure if colon else "", required)
