"""The tool index: Tool2Vec centroids in FAISS, the MLC, count, follow and part heads, and their manifest.

Tool2Vec (arXiv 2409.02141): a tool is where the embeddings of its usage examples lie, not its description. Each tool
has a few centroids; its similarity is the best of them.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import ProductError
from tinyagent.products import check_file, folder, read_manifest, sha256
from tinyagent.retrieval import parts
from tinyagent.retrieval.embedder import Reading, normalised
from tinyagent.retrieval.parts import Part

NONE = "none"
FRESH = "fresh"
FOLLOWS = (FRESH, "another", "instead", "undo")
"""How a command may follow the one before: not at all, the same again, a correction, taking it back."""
REBUILD = "tinyagent index"
_ARRAYS = ("centroids", "head", "count_head", "follow_head", "part_head")
Vector = NDArray[np.float32]


@dataclass(frozen=True)
class ToolIndex:
    """Centroids with their tools, and the heads.

    `centroids` float32 [n, dimension], unit length, owned by `owners` [n] (tool names and `none`). `head` float32
    [fine classes, dimension + 1] scores fine classes, `classes` names the wide class of each; `count_head` float32
    [3, dimension + 1] scores no call, one, several; `follow_head` float32 [4, dimension + 1] scores `FOLLOWS`.
    `part_head` float32 [wide classes + 1, dimension + 1] scores for one token the classes in `parts` and, in its last
    row, that a wish begins there.
    """

    centroids: Vector
    owners: tuple[str, ...]
    head: Vector
    classes: tuple[str, ...]
    count_head: Vector
    follow_head: Vector
    part_head: Vector
    parts: tuple[str, ...]
    manifest: Mapping[str, Any]

    def __post_init__(self) -> None:
        import faiss

        index = faiss.IndexFlatIP(self.centroids.shape[1])
        index.add(self.centroids)
        object.__setattr__(self, "_faiss", index)

    def similarities(self, embedding: Vector, nearest: int = 48) -> dict[str, float]:
        """Return the cosine similarity of each owner's best centroid, for the nearest centroids."""
        index: Any = self._faiss  # type: ignore[attr-defined]
        query = normalised(embedding)[np.newaxis, :]
        scores, found = index.search(query, min(nearest, len(self.owners)))
        best: dict[str, float] = {}
        for score, i in zip(scores[0], found[0], strict=True):
            best.setdefault(self.owners[int(i)], float(score))
        return best

    def head_probabilities(self, embedding: Vector) -> dict[str, float]:
        """Return p(tool) and p(none) of the MLC head; they sum to one."""
        fine = _softmax(self.head[:, :-1] @ embedding + self.head[:, -1])
        wide: dict[str, float] = {}
        for name, p in zip(self.classes, fine, strict=True):
            wide[name] = wide.get(name, 0.0) + float(p)
        return wide

    def counts(self, embedding: Vector) -> tuple[float, float, float]:
        """Return the probabilities of no call, one call and several."""
        none, one, several = _softmax(self.count_head[:, :-1] @ embedding + self.count_head[:, -1])
        return float(none), float(one), float(several)

    def follows(self, embedding: Vector) -> dict[str, float]:
        """Return how likely a second turn follows the first in each of the ways of `FOLLOWS`."""
        scores = _softmax(self.follow_head[:, :-1] @ embedding + self.follow_head[:, -1])
        return dict(zip(FOLLOWS, map(float, scores), strict=True))

    def cut(self, reading: Reading, tools: Collection[str] | None = None) -> tuple[Part, ...]:
        """Return which words of a command are which wish, in the order they are said; of `tools` alone, if given."""
        scores = reading.tokens @ self.part_head[:, :-1].T + self.part_head[:, -1]
        if tools is not None:
            scores[
                :, [i for i, name in enumerate(self.parts) if name != NONE and name not in tools]
            ] = -np.inf
        shares = np.array([_softmax(row) for row in scores[:, :-1]])
        begins = 1 / (1 + np.exp(-scores[:, -1].astype(np.float64)))
        return parts.cut(shares, begins, reading.spans, self.parts)

    def with_tool(self, name: str, vectors: Vector, centroids: int = 3) -> ToolIndex:
        """Return an index that also knows a tool by usage vectors [examples, dimension], without any training."""
        added = cluster(vectors, centroids)
        return replace(
            self,
            centroids=np.concatenate([self.centroids, added]),
            owners=(*self.owners, *([name] * len(added))),
        )


def _softmax(scores: Vector) -> NDArray[np.float64]:
    values = np.exp(scores.astype(np.float64) - float(scores.max()))
    shares: NDArray[np.float64] = values / values.sum()
    return shares


def cluster(vectors: Vector, count: int, rounds: int = 12) -> Vector:
    """Return up to `count` unit centroids of usage vectors by spherical k-means (deterministic start)."""
    unit = normalised(vectors)
    count = max(1, min(count, len(unit) // 8))
    chosen = [int((unit @ unit.mean(0)).argmax())]
    while len(chosen) < count:
        chosen.append(int((unit @ unit[chosen].T).max(1).argmin()))
    centres = unit[chosen]
    for _ in range(rounds):
        nearest = (unit @ centres.T).argmax(1)
        means = [unit[nearest == i].mean(0) if (nearest == i).any() else centres[i] for i in range(count)]
        centres = normalised(np.stack(means))
    return centres


def save(index: ToolIndex, root: Path) -> None:
    """Write the index to `root`: `index.npz` (float16) and `index.json`."""
    root.mkdir(parents=True, exist_ok=True)
    path = root / "index.npz"
    np.savez(
        path,
        centroids=index.centroids.astype(np.float16),
        head=index.head.astype(np.float16),
        count_head=index.count_head.astype(np.float16),
        follow_head=index.follow_head.astype(np.float16),
        part_head=index.part_head.astype(np.float16),
    )
    names = {"owners": index.owners, "classes": index.classes, "parts": index.parts}
    manifest = {**index.manifest, **names, "sha256": sha256(path)}
    (root / "index.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def load(root: Path | None = None, *, embedder_digest: str = "", check: bool = False) -> ToolIndex:
    """Read the index; `ProductError` when it is missing, damaged or made with another embedder."""
    root = root or folder("tool_index")
    manifest = read_manifest(root / "index.json", REBUILD)
    if embedder_digest and manifest.get("embedder_sha256") != embedder_digest:
        raise ProductError(f"The tool index in {root} was made with another embedder: run `{REBUILD}`.")
    path = root / "index.npz"
    if check:
        check_file(path, str(manifest.get("sha256")), REBUILD)
    try:
        owners: Sequence[str] = manifest["owners"]
        classes: Sequence[str] = manifest["classes"]
        part_names: Sequence[str] = manifest["parts"]
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            centroids, *heads = (arrays[name].astype(np.float32) for name in _ARRAYS)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        raise ProductError(f"{path} is missing or damaged: run `{REBUILD}`.") from None
    head, count_head, follow_head, part_head = heads
    if (len(owners), len(classes), len(part_names) + 1) != (len(centroids), len(head), len(part_head)):
        raise ProductError(f"{path} does not fit its manifest: run `{REBUILD}`.")
    return ToolIndex(
        *(normalised(centroids), tuple(owners), head, tuple(classes), count_head, follow_head, part_head),
        *(tuple(part_names), manifest),
    )
