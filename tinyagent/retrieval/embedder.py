"""The sentence embedder at run time: int8 ONNX and a tokenizer file, no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import ProductError
from tinyagent.products import check_file, folder, read_manifest

REBUILD = "tinyagent quantize embedder"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text as the encoder sees it.

    `vector` float32 [dimension] is the mean of its tokens' vectors, `tokens` float32 [tokens, dimension] those of the
    tokens that stand for words, at the characters `spans`.
    """

    vector: NDArray[np.float32]
    tokens: NDArray[np.float32]
    spans: tuple[tuple[int, int], ...]


class Embedder:
    """Turns texts into vectors of `dimension` floats (mean-pooled, not normalised)."""

    def __init__(self, root: Path | None = None, *, threads: int = 1, check: bool = False) -> None:
        """Load from `root` (default: the committed product); with `check`, compare its SHA-256 first."""
        # Its Linux wheels report usage by default; nothing leaves this machine.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime
        from tokenizers import Tokenizer

        root = root or folder("quantize")
        manifest = read_manifest(root / "embedder.json", REBUILD)
        try:
            digests: Mapping[str, str] = manifest["sha256"]
            self.digest: str = digests["embedder.int8.onnx"]
            self.dimension: int = manifest["dimension"]
            longest: int = manifest["max_tokens"]
        except (KeyError, TypeError):
            raise ProductError(f"{root / 'embedder.json'} is damaged: run `{REBUILD}`.") from None
        if check:
            for name, digest in digests.items():
                check_file(root / name, digest, REBUILD)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._tokenizer = Tokenizer.from_file(str(root / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(root / "embedder.int8.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception:  # both libraries raise bare exceptions of their own for a damaged file
            raise ProductError(f"The embedder in {root} is damaged or missing: run `{REBUILD}`.") from None
        self._tokenizer.enable_truncation(longest)
        self._tokenizer.no_padding()

    def read(self, text: str) -> Reading:
        """Return the vectors of one text and of its tokens (up to the 64th)."""
        coded = self._tokenizer.encode(text)
        ids = np.array([coded.ids], dtype=np.int64)
        mask = np.ones(ids.shape, dtype=np.float32)
        vectors, tokens = self._session.run(["embedding", "tokens"], {"ids": ids, "mask": mask})
        said = [i for i, (start, end) in enumerate(coded.offsets) if end > start]
        return Reading(vectors[0], tokens[0][said], tuple(coded.offsets[i] for i in said))

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, float32 [dimension]."""
        return self.read(text).vector

    def embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts, float32 [texts, dimension]; one at a time, as at run time."""
        return np.stack([self.embed(text) for text in texts])


def normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors of length one along the last axis."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9)
    return unit
