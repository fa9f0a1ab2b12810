"""The sentence embedder at run time: int8 ONNX and a tokenizer file, no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import ProductError
from tinyagent.products import check_file, folder, read_manifest

REBUILD = "tinyagent quantize embedder"


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

    def embed(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one text, float32 [dimension]."""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        mask = np.ones(ids.shape, dtype=np.float32)
        vector: NDArray[np.float32] = self._session.run(None, {"ids": ids, "mask": mask})[0][0]
        return vector

    def embed_all(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of many texts, float32 [texts, dimension]; one at a time, as at run time."""
        return np.stack([self.embed(text) for text in texts])


def normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return vectors of length one along the last axis."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-9)
    return unit
