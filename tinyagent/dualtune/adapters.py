"""Which adapters there are for a base model: the manifest of `adapters/<base>/`, checked against base and prompts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyagent.dualtune.prompts import PROMPT_VERSION
from tinyagent.errors import ProductError
from tinyagent.products import check_file, folder, read_manifest, sha256
from tinyagent.runtime.base import Base

_REBUILD = "tinyagent train select && tinyagent train generic && tinyagent train arguments --all"


def files(base: Base, root: Path | None = None, *, check: bool = False) -> dict[str, Path]:
    """Return the adapter files by name (`select`, `arguments/generic`, `arguments/<tool>`).

    Raises `ProductError` when the manifest is missing, or made for another base, number format or prompt version.
    """
    home = (root or folder("adapters")) / base.name
    manifest = read_manifest(home / "manifest.json", _REBUILD)
    made_for = {
        "base_sha256": base.sha256,
        "served_format": base.served_format,
        "prompt_version": PROMPT_VERSION,
    }
    for key, value in made_for.items():
        if manifest.get(key) != value:
            what = {"base_sha256": "base model", "served_format": "number format"}.get(key, "prompt version")
            raise ProductError(f"The adapters in {home} were made for another {what}: run `{_REBUILD}`.")
    entries: Mapping[str, Any] = manifest.get("adapters", {})
    found = {}
    try:
        for name, entry in entries.items():
            path = home / entry["file"]
            found[name] = check_file(path, entry["sha256"], _REBUILD) if check else path
    except (AttributeError, KeyError, TypeError):
        raise ProductError(f"{home / 'manifest.json'} is damaged: run `{_REBUILD}`.") from None
    return found


def record(base: Base, name: str, file: Path, report: Mapping[str, Any], root: Path | None = None) -> None:
    """Enter an adapter file below `adapters/<base>/` in the manifest, with the report of its training."""
    home = (root or folder("adapters")) / base.name
    path = home / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        manifest = {}
    made_for = {
        "base_sha256": base.sha256,
        "served_format": base.served_format,
        "prompt_version": PROMPT_VERSION,
    }
    if any(manifest.get(key) != value for key, value in made_for.items()):
        manifest = {**made_for, "base": base.name, "adapters": {}}
    manifest["adapters"][name] = {
        "file": str(file.relative_to(home)),
        "sha256": sha256(file),
        "bytes": file.stat().st_size,
        "training": dict(report),
    }
    manifest["adapters"] = dict(sorted(manifest["adapters"].items()))
    path.write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def report(base: Base, name: str, root: Path | None = None) -> dict[str, Any]:
    """Return the training report of an adapter; `ProductError` when it is not in the manifest."""
    home = (root or folder("adapters")) / base.name
    entries = read_manifest(home / "manifest.json", _REBUILD).get("adapters", {})
    if name not in entries:
        raise ProductError(f"The adapter {name} is missing: run `{_REBUILD}`.")
    training: dict[str, Any] = entries[name]["training"]
    return training
