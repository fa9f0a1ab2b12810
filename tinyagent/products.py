"""Where the committed products (adapters, index, model catalogue) lie, and how their manifests are checked."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from tinyagent.errors import ProductError

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the top-level folder `name` ("adapters", "tool_index", "quantize").

    It lies in the folder that `TINYAGENT_PRODUCTS` names (to try out other products), in the wheel or the checkout.
    """
    other = os.environ.get("TINYAGENT_PRODUCTS")
    if other:
        return Path(other).expanduser().absolute() / name
    packed = _PACKAGE / "_products" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(path: Path, rebuild: str) -> dict[str, Any]:
    """Read a JSON manifest; `ProductError` names `rebuild`, the command that makes it anew."""
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ProductError(f"{path} is missing: run `{rebuild}`.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise ProductError(f"{path} is damaged: run `{rebuild}`.") from None
    if not isinstance(manifest, dict):
        raise ProductError(f"{path} is damaged: run `{rebuild}`.")
    return manifest


def check_file(path: Path, digest: str, rebuild: str) -> Path:
    """Return `path` when its SHA-256 is `digest`; `ProductError` otherwise."""
    try:
        actual = sha256(path)
    except OSError:
        raise ProductError(f"{path} is missing: run `{rebuild}`.") from None
    if actual != digest:
        raise ProductError(f"{path} is not the file its manifest describes: run `{rebuild}`.")
    return path
