"""Build `tool_index/index.*` from the usage examples, the served embedder and the trained heads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError, ProductError
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.training import usage

CENTROIDS = 4
NONE_CENTROIDS = 24


def build(trained: Path, embedder: Embedder, tools: Sequence[str]) -> tool_index.ToolIndex:
    """Return the index for `tools`, with the heads in `trained` (a run of `tinyagent train embedder`)."""
    try:
        import torch
    except ImportError:
        raise MissingExtraError("train", "torch") from None
    try:
        report = json.loads((trained / "report.json").read_text("utf-8"))
        heads = torch.load(trained / "heads.pt", weights_only=True)
    except (OSError, ValueError):
        raise ProductError(f"{trained} holds no trained heads: run `tinyagent train embedder`.") from None
    centroids, owners = [], []
    for name in (*tools, tool_index.NONE):
        found = tool_index.cluster(
            vectors(embedder, name), NONE_CENTROIDS if name == tool_index.NONE else CENTROIDS
        )
        centroids.append(found)
        owners += [name] * len(found)
    known = set(report["wide"])
    manifest: dict[str, Any] = {
        "made_by": "tinyagent index",
        "embedder_sha256": embedder.digest,
        "calibration": {},
        "data": "usage examples of this project; HWU64 (CC BY 4.0), CLINC150 (CC BY 3.0), SNIPS (CC0)",
    }
    return tool_index.ToolIndex(
        np.concatenate(centroids).astype(np.float32),
        tuple(owners),
        _affine(heads["head"]),
        tuple(name if name in known else tool_index.NONE for name in report["fine"]),
        _affine(heads["count"]),
        manifest,
    )


def vectors(embedder: Embedder, name: str) -> NDArray[np.float32]:
    """Return the vectors of a tool's usage examples (not held out), [examples, dimension]."""
    if name == tool_index.NONE:
        texts = [str(row["text"]) for kind in ("none", "other") for row in usage.read_rows(kind)]
    else:
        texts = [example.text for example in usage.read(name) if not example.held_out]
    return embedder.embed_all(texts)


def _affine(layer: Any) -> NDArray[np.float32]:
    weight: NDArray[np.float32] = layer["weight"].numpy()
    bias: NDArray[np.float32] = layer["bias"].numpy()
    return np.concatenate([weight, bias[:, np.newaxis]], axis=1)
