"""The usual way, as a baseline: every tool in one prompt, the model without adapters, a JSON call as free text.

The prompt is fair to a small model: it shows three answers (without them this one does not write JSON at all), and
what comes back is read leniently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from tinyagent.calls import Tool
from tinyagent.runtime.engine import Engine, Owned

LIMIT = 48
"""Tokens of an answer."""

_ASK = (
    "You turn what the person says into one call of a tool. Answer with JSON only: "
    '{"tool": "name of the tool", "arguments": {"parameter": "words of the person"}}. '
    'If no tool fits, answer {"tool": "none"}. The tools:\n'
)
_SHOWN = (
    (
        "call me back in an hour about the parcel",
        '{"tool": "create_reminder", "arguments": {"name": "call back about the parcel", "due": "in an hour"}}',
    ),
    ("sing me a song", '{"tool": "none"}'),
    ("how far is the egg timer", '{"tool": "find_timers", "arguments": {"label": "egg"}}'),
)
_PAIR = re.compile(r'"(\w+)"\s*:\s*(?:"([^"]*)"?|(-?\d[\d.]*))')
_WORD = re.compile(r"\w+")


def tool_line(tool: Tool) -> str:
    """Return the line that describes a tool: name(parameter: type, ...) — description."""
    return f"{tool.name}({', '.join(f'{p.name}: {p.type}' for p in tool.parameters)}) — {tool.description}"


class AllToolsPrompt:
    """Writes calls from a prompt that holds all tools. `prefix` are the tokens that every command shares."""

    def __init__(self, engine: Engine, tools: Iterable[Tool]) -> None:
        self._engine = engine
        listed = "\n".join(tool_line(tool) for tool in tools)
        shown = "".join(_turn("user", said) + _turn("assistant", call) for said, call in _SHOWN)
        text = _turn("system", _ASK + listed) + shown + "<|im_start|>user\n"
        self.prefix = engine.tokenize(text, special=True)
        self._answer = engine.tokenize("<|im_end|>\n<|im_start|>assistant\n", special=True)
        self._end = engine.tokenize("<|im_end|>", special=True)[0]

    def write(self, text: str, *, cached: bool = True) -> str:
        """Return what the model writes for a command: up to `LIMIT` tokens, to the brace that closes the first.

        With `cached` False the prefix is evaluated anew, as it would be by a fresh process.
        """
        engine = self._engine
        if not cached:
            engine.truncate(0)
        tokens = [*self.prefix, *engine.tokenize(text), *self._answer]
        prompt: list[Owned] = [(token, ()) for token in tokens]
        logits = engine.begin(prompt)
        written = ""
        for left in reversed(range(LIMIT)):
            token = int(logits.argmax())
            if token == self._end:
                break
            written += engine.detokenize([token])
            if _closed(written) or not left:
                break
            logits = engine.extend([token])[-1]
        return written


def _turn(role: str, text: str) -> str:
    return f"<|im_start|>{role}\n{text}<|im_end|>\n"


def _closed(written: str) -> bool:
    return "{" in written and written.count("{") <= written.count("}")


def parse(written: str, names: Container[str]) -> tuple[str | None, dict[str, str]]:
    """Return the tool and the words of its arguments; None where no tool of `names` can be read from the text.

    Broken or unfinished JSON is read pair by pair; failing that, the first name that occurs counts.
    """
    call = _json(written)
    if call is not None:
        name, given = call.get("tool"), call.get("arguments")
        words = _words(given if isinstance(given, dict) else {k: v for k, v in call.items() if k != "tool"})
    else:
        pairs = [(key, quoted or number) for key, quoted, number in _PAIR.findall(written)]
        name = next((value for key, value in pairs if key == "tool"), None)
        words = {key: value for key, value in pairs if key != "tool" and value}
    if isinstance(name, str) and name in names:
        return name, words
    return next((word for word in _WORD.findall(written) if word in names), None), words


def _json(written: str) -> dict[str, Any] | None:
    start = written.find("{")
    try:
        call, _ = json.JSONDecoder().raw_decode(written[start:]) if start >= 0 else (None, 0)
    except ValueError:
        return None
    return call if isinstance(call, dict) else None


def _words(given: Mapping[str, Any]) -> dict[str, str]:
    words = {}
    for key, value in given.items():
        if isinstance(value, list):
            value = " and ".join(str(part) for part in value)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            words[key] = str(value).strip()
    return words
