"""Whether the base model, the build that runs it and the products of the workshops are whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tinyagent.cli.finding import Check
from tinyagent.settings import Settings


def base_model(settings: Settings) -> Check:
    """Whether the base model is the catalogued one."""
    from tinyagent.products import sha256
    from tinyagent.runtime import base

    described = base.describe()
    path = base.source(described)
    if sha256(path) != described.sha256:
        package = described.package.replace("_", "-")
        return Check(
            "base model", False, f"{path} is damaged", f"run `uv sync --reinstall-package {package}`"
        )
    return Check("base model", True, f"{described.file}, {path.stat().st_size >> 20} MiB, as catalogued")


def served_base(settings: Settings) -> Check:
    """Whether the file that is served is as it was made."""
    import json

    from tinyagent.products import sha256
    from tinyagent.runtime import base

    path = base.served(settings.cache)
    record = json.loads(path.with_suffix(".json").read_text("utf-8"))
    if sha256(path) != record["sha256"]:
        return Check("served base", False, f"{path} is damaged", "remove it; it is made again on first use")
    return Check("served base", True, f"{path.name}, {path.stat().st_size >> 20} MiB")


def llama(settings: Settings) -> Check:
    """Whether the build of llama.cpp runs here."""
    from tinyagent.runtime import base, probe

    # An empty folder instead of the cache: what was true yesterday is not what a doctor is asked for.
    with tempfile.TemporaryDirectory() as empty:
        probe.ensure_build_runs(base.served(settings.cache), Path(empty))
    return Check("llama.cpp", True, "the build runs on this processor")


def embedder(settings: Settings) -> Check:
    """Whether the embedder is as its manifest says, and embeds."""
    from tinyagent.retrieval.embedder import Embedder

    embedder = Embedder(check=True)
    embedder.embed("hello")
    return Check("embedder", True, f"{embedder.dimension} dimensions, as its manifest says")


def tool_index(settings: Settings) -> Check:
    """Whether the tool index is as its manifest says, and knows every tool."""
    from tinyagent.retrieval import index
    from tinyagent.retrieval.embedder import Embedder
    from tinyagent.tools.registry import catalogue

    loaded = index.load(embedder_digest=Embedder().digest, check=True)
    unknown = [tool.name for tool in catalogue() if tool.name not in loaded.owners]
    if unknown:
        return Check("tool index", False, f"it does not know {', '.join(unknown)}", f"run `{index.REBUILD}`")
    return Check("tool index", True, f"{len(set(loaded.owners))} tools, as its manifest says")


def adapters(settings: Settings) -> Check:
    """Whether the adapters are there, as their manifest says."""
    from tinyagent.dualtune import adapters
    from tinyagent.dualtune.arguments import GENERIC
    from tinyagent.runtime import base

    files = adapters.files(base.describe(), check=True)
    for name, cure in (("select", "tinyagent train select"), (GENERIC, "tinyagent train generic")):
        if name not in files:
            return Check("adapters", False, f"the adapter {name} is missing", f"run `{cure}`")
    size = sum(path.stat().st_size for path in files.values())
    return Check(
        "adapters", True, f"{len(files)} with {size / (1 << 20):.1f} MiB in all, as their manifest says"
    )
