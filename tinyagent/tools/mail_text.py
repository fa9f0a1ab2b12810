"""What a mail that came from outside says, as plain text of bounded length: it is read, never followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

LONGEST_HEADER = 500
LONGEST_TEXT = 100_000
MOST_PARTS = 200


def one_line(text: str, most: int = LONGEST_HEADER) -> str:
    """Return text on one line without anything that a terminal or a header would take for more than text."""
    kept = (c if c.isprintable() else " " for c in text[: 4 * most])
    return " ".join("".join(kept).split())[:most]


def header(message: Message, name: str) -> str:
    """Return a header as a person reads it; "" where there is none."""
    return decoded(raw_header(message, name))


def raw_header(message: Message, name: str) -> str:
    """Return a header as it was sent, on one line."""
    value = message.get(name)
    return "" if value is None else re.sub(r"[\r\n]+\s*", " ", str(value))[: 10 * LONGEST_HEADER]


def decoded(value: str) -> str:
    """Return the words behind =?utf-8?q?=20?= on one line."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    texts = [part if isinstance(part, str) else _decode(part, charset) for part, charset in parts]
    return one_line("".join(texts))


def text_of(message: Message) -> str:
    """Return the text of a mail: its plain parts, else its HTML without the markup; at most `LONGEST_TEXT`."""
    found: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in _parts(message):
        kind = part.get_content_type()
        if kind in found and not is_attachment(part):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                found[kind].append(_decode(payload[: 4 * LONGEST_TEXT], part.get_content_charset()))
    text = "\n".join(found["text/plain"])
    if not text.strip() and found["text/html"]:
        from tinyagent.tools.html_text import without_markup

        text = "\n".join(map(without_markup, found["text/html"]))
    clean = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text.replace("\r\n", "\n"))
    return clean[:LONGEST_TEXT].strip()


def attachments(message: Message) -> Iterator[tuple[str, str, bytes]]:
    """Yield name, content type and content of each attachment; a mail within the mail as its own file."""
    for part in _parts(message):
        if not is_attachment(part):
            continue
        name = decoded(part.get_filename() or "") or "attachment"
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and isinstance(inner[0], Message):
                yield (
                    (name if "." in name else f"{name}.eml"),
                    "application/octet-stream",
                    inner[0].as_bytes(),
                )
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield name, part.get_content_type(), payload


def is_attachment(part: Message) -> bool:
    """Whether a part is a file that came along, not a text of the mail itself."""
    return (
        part.get_content_disposition() == "attachment"
        or bool(part.get_filename())
        or part.get_content_type() == "message/rfc822"
    )


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts that are no container, in order; a mail within the mail is one part."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(), seen + 1
        payload = part.get_payload()
        if isinstance(payload, list) and part.get_content_maintype() == "multipart":
            waiting += [inner for inner in reversed(payload) if isinstance(inner, Message)]
        else:
            yield part


def _decode(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
