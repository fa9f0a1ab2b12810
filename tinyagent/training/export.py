"""Write a trained LoRA adapter as the GGUF file that llama.cpp loads; no llama.cpp checkout needed.

llama.cpp keeps q and k rows in rotary pairs, so the rows of their `lora_b` are permuted the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import MissingExtraError

_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_adapter(
    weights: Mapping[str, Any],
    target: Path,
    *,
    alpha: float,
    heads: int,
    key_heads: int,
    number_format: str = "Q8_0",
) -> int:
    """Write tensors named `layers.N.<module>.lora_A|lora_B` ([rank, in] and [out, rank]); return the file's bytes.

    `number_format` is F16 or Q8_0; a tensor whose rows are no multiple of 32 stays F16.
    """
    try:
        import gguf
    except ImportError:
        raise MissingExtraError("train", "gguf") from None
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(target, "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(alpha))
    for name, tensor in sorted(weights.items(), key=lambda item: _order(item[0])):
        _, layer, *module, side = name.split(".")
        # NumPy has no bfloat16, so a torch tensor is widened first.
        values: NDArray[np.float32] = np.asarray(
            tensor.float() if hasattr(tensor, "float") else tensor, np.float32
        )
        path = ".".join(module)
        if side == "lora_B" and path in ("self_attn.q_proj", "self_attn.k_proj"):
            values = _rotary(values, heads if path.endswith("q_proj") else key_heads)
        full = f"blk.{layer}.{_NAMES[path]}.weight.{'lora_a' if side == 'lora_A' else 'lora_b'}"
        if number_format == "Q8_0" and values.shape[-1] % 32 == 0:
            kind = gguf.GGMLQuantizationType.Q8_0
            packed = gguf.quants.quantize(values, kind)
            writer.add_tensor(full, packed, raw_dtype=kind)
        else:
            writer.add_tensor(full, values.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target.stat().st_size


def _order(name: str) -> tuple[int, str]:
    return int(name.split(".")[1]), name


def _rotary(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    out, rank = rows.shape
    return rows.reshape(heads, 2, out // heads // 2, rank).swapaxes(1, 2).reshape(out, rank)


def read_adapter(source: Path, *, heads: int, key_heads: int) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of an adapter file as `write_adapter` took them (after its rounding)."""
    try:
        import gguf
    except ImportError:
        raise MissingExtraError("train", "gguf") from None
    modules = {short: path for path, short in _NAMES.items()}
    found: dict[str, NDArray[np.float32]] = {}
    for tensor in gguf.GGUFReader(source).tensors:
        _, layer, short, _, side = tensor.name.split(".")
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        path = modules[short]
        if side == "lora_b" and short in ("attn_q", "attn_k"):
            values = _unrotary(values, heads if short == "attn_q" else key_heads)
        found[f"layers.{layer}.{path}.{'lora_A' if side == 'lora_a' else 'lora_B'}"] = values
    return found


def _unrotary(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    out, rank = rows.shape
    return rows.reshape(heads, out // heads // 2, 2, rank).swapaxes(1, 2).reshape(out, rank)
