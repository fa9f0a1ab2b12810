"""A toolset's own table of the settings file (`[weather]`), checked against a frozen dataclass.

Each field has a default, and the default's type says what the file may hold: text, a number, true or false, a
list of texts (one text alone will do), or a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from tinyagent.errors import SettingsError

T = TypeVar("T")
_KINDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list of texts",
    dict: "a table",
}


def read_table(tools: Mapping[str, Mapping[str, Any]], name: str, kind: type[T]) -> T:
    """Return the table `name` as a `kind`; what it does not say has its default.

    Raises `SettingsError` for a setting that the table does not have and for a value of another type.
    """
    defaults: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        defaults[field.name] = default
    given: dict[str, Any] = {}
    for key, value in tools.get(name, {}).items():
        if key not in defaults:
            raise SettingsError(
                f"The table [{name}] of the settings has an unknown setting {key!r}: "
                f"its settings are {', '.join(defaults)}."
            )
        given[key] = _checked(name, key, value, type(defaults[key]))
    return kind(**given)


def _checked(table: str, key: str, value: Any, wanted: type) -> Any:
    if wanted is tuple:
        parts = [value] if isinstance(value, str) else value
        if isinstance(parts, list | tuple) and all(isinstance(part, str) for part in parts):
            return tuple(parts)
    elif wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif type(value) is wanted:
        return value
    raise SettingsError(f"The setting {key} in the table [{table}] must be {_KINDS[wanted]}, not {value!r}.")
