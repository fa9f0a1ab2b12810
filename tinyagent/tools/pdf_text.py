"""The text of a PDF, page by page, read in a process of its own with bounds on time, memory and length.

A PDF from somewhere is not to be trusted: a small one can unpack to gigabytes or keep a reader busy for hours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tinyagent.errors import ToolError
from tinyagent.grounding.names import shown

MOST_PAGES = 80
MOST_CHARACTERS = 400_000
_MOST_BYTES = 200 << 20
_SECONDS = 30
_MEMORY = 2 << 30


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of the first pages (at most `MOST_PAGES`), and how many pages there are."""

    pages: tuple[str, ...]
    total: int


def read_pages(path: Path, seconds: int = _SECONDS) -> PdfText:
    """Return the text of a PDF file; `ToolError` with one sentence where there is none to be had."""
    name = shown(path.name)
    try:
        with path.open("rb") as stream:
            is_pdf, size = b"%PDF-" in stream.read(1024), path.stat().st_size
    except OSError as error:
        raise ToolError(f"{name} cannot be read ({error.strerror}): check its permissions.") from None
    if not is_pdf:
        raise ToolError(f"{name} is not a PDF file: name one that is.")
    if size > _MOST_BYTES:
        raise ToolError(f"{name} is larger than {_MOST_BYTES >> 20} MiB: open it to read it.")
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(path), str(seconds)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds + 5,
            check=False,
        )
        found = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise ToolError(f"{name} takes longer than {seconds} seconds to read: open it to read it.") from None
    except OSError as error:
        raise ToolError(
            f"Python cannot be started to read {name} ({error.strerror}): reinstall it."
        ) from None
    except ValueError:  # killed by one of its limits
        raise ToolError(f"{name} is damaged or too large to be read: open it to read it.") from None
    if found["trouble"]:
        raise ToolError(f"{name} {found['trouble']}")
    if not any(page.strip() for page in found["pages"]):
        raise ToolError(
            f"{name} has no text, only pictures of it: scan it again with text recognition (OCR)."
        )
    return PdfText(tuple(found["pages"]), found["total"])


def _extract(path: str) -> dict[str, object]:
    """Return pages, their number and, in words, what is wrong; runs in the bounded process."""
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    encrypted = "is encrypted: save a copy without a password first."
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            return {"pages": [], "total": 0, "trouble": encrypted}
        pages: list[str] = []
        total, room = len(reader.pages), MOST_CHARACTERS
        for page in reader.pages[: min(total, MOST_PAGES)]:
            pages.append(page.extract_text()[:room])
            room -= len(pages[-1])
            if room <= 0:
                break
        return {"pages": pages, "total": total, "trouble": "" if total else "has no pages."}
    except DependencyError:
        return {"pages": [], "total": 0, "trouble": encrypted}
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OSError):
        # A broken file breaks the reader in many ways; which one helps nobody.
        return {"pages": [], "total": 0, "trouble": "is damaged: get it once more from where it came."}


def _bound(seconds: int) -> None:
    import resource

    limits = [(resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform != "darwin":  # which refuses this one
        limits.append((resource.RLIMIT_AS, _MEMORY))
    for limit, value in limits:
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    import logging

    logging.disable()
    _bound(int(sys.argv[2]))
    sys.stdout.write(json.dumps(_extract(sys.argv[1])))
