"""Build `tool_index/index.*` from the usage examples, the served embedder and the trained heads."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError, ProductError
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.training import commands

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
    rows = commands.own(tools, copies=1, rng=random.Random(0))
    for name in (*tools, tool_index.NONE):
        wanted = () if name == tool_index.NONE else (name,)
        texts = [row.text for row in rows if row.tools == wanted and not row.held_out]
        found = tool_index.cluster(
            embedder.embed_all(texts), NONE_CENTROIDS if name == tool_index.NONE else CENTROIDS
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
        _affine(heads["follow"]),
        np.concatenate([_affine(heads["part"]), _affine(heads["begin"])]),
        tuple(report["wide"]),
        manifest,
    )


def _affine(layer: Any) -> NDArray[np.float32]:
    weight: NDArray[np.float32] = layer["weight"].numpy()
    bias: NDArray[np.float32] = layer["bias"].numpy()
    return np.concatenate([weight, bias[:, np.newaxis]], axis=1)
