"""The adapter files: what is written is read, in the order of rows that llama.cpp wants."""

import gguf
import numpy as np
import pytest

from tinyagent.training.export import _rotary, _unrotary, read_adapter, write_adapter

HEADS = {"heads": 9, "key_heads": 3}


def random_weights(rank=4):
    rng = np.random.default_rng(3)
    shapes = {"self_attn.q_proj": (576, 576), "self_attn.k_proj": (576, 192), "mlp.up_proj": (576, 1536)}
    weights = {}
    for layer in (2, 11):
        for module, (width, out) in shapes.items():
            weights[f"layers.{layer}.{module}.lora_A"] = rng.normal(0, 0.1, (rank, width)).astype(np.float32)
            weights[f"layers.{layer}.{module}.lora_B"] = rng.normal(0, 0.1, (out, rank)).astype(np.float32)
    return weights


@pytest.mark.parametrize("number_format", ["F16", "Q8_0"])
@pytest.mark.parametrize("rank", [4, 32])
def test_what_is_written_is_read(tmp_path, number_format, rank):
    weights = random_weights(rank)
    size = write_adapter(weights, tmp_path / "new" / "a.gguf", alpha=8, number_format=number_format, **HEADS)
    assert size == (tmp_path / "new" / "a.gguf").stat().st_size
    found = read_adapter(tmp_path / "new" / "a.gguf", **HEADS)
    assert set(found) == set(weights)
    for name, values in weights.items():
        assert found[name].shape == values.shape
        assert np.abs(found[name] - values).max() < (0.0005 if number_format == "F16" else 0.003)
    # Read and written again it is the same file.
    write_adapter(found, tmp_path / "b.gguf", alpha=8, number_format=number_format, **HEADS)
    assert (tmp_path / "b.gguf").read_bytes() == (tmp_path / "new" / "a.gguf").read_bytes()


def test_eight_bits_take_half_the_room(tmp_path):
    sizes = {
        f: write_adapter(random_weights(32), tmp_path / f, alpha=8, number_format=f, **HEADS)
        for f in ("F16", "Q8_0")
    }
    assert sizes["Q8_0"] < 0.56 * sizes["F16"]


def test_torch_tensors_of_sixteen_bits_are_taken(tmp_path):
    import torch

    weights = random_weights()
    halves = {name: torch.from_numpy(values).bfloat16() for name, values in weights.items()}
    write_adapter(halves, tmp_path / "a.gguf", alpha=8, **HEADS)
    for name, values in read_adapter(tmp_path / "a.gguf", **HEADS).items():
        assert np.abs(values - halves[name].float().numpy()).max() < 0.003


def test_the_header_is_what_llama_cpp_looks_for(tmp_path):
    write_adapter(random_weights(), tmp_path / "a.gguf", alpha=32, **HEADS)
    reader = gguf.GGUFReader(tmp_path / "a.gguf")
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "llama"
    assert fields["general.type"] == "adapter"
    assert fields["adapter.type"] == "lora"
    assert fields["adapter.lora.alpha"] == 32
    assert "blk.11.attn_q.weight.lora_b" in [tensor.name for tensor in reader.tensors]


def test_the_rows_of_a_head_go_into_pairs():
    """Row i of the first half of a head stands beside row i of its second half."""
    rows = np.arange(12, dtype=np.float32)[:, np.newaxis]
    assert _rotary(rows, 2)[:, 0].tolist() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
    assert np.array_equal(_unrotary(_rotary(rows, 3), 3), rows)
