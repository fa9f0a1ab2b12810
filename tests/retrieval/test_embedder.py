"""The int8 embedder: its vectors, its limits, and what a damaged product says."""

import json
import shutil

import numpy as np
import pytest

from tinyagent.errors import ProductError
from tinyagent.products import folder
from tinyagent.retrieval.embedder import Embedder, normalised


@pytest.fixture(scope="module")
def embedder():
    return Embedder(check=True)


@pytest.fixture
def copy(tmp_path):
    """A copy of the product that a test may spoil (the large file is a link)."""
    for name in ("embedder.json", "tokenizer.json"):
        shutil.copyfile(folder("quantize") / name, tmp_path / name)
    (tmp_path / "embedder.int8.onnx").symlink_to(folder("quantize") / "embedder.int8.onnx")
    return tmp_path


def test_a_vector_has_the_dimension_and_is_the_same_every_time(embedder):
    vector = embedder.embed("remind me to call Sid")
    assert vector.shape == (embedder.dimension,) == (384,)
    assert vector.dtype == np.float32
    assert np.array_equal(vector, embedder.embed("remind me to call Sid"))
    assert np.array_equal(vector, Embedder(threads=2).embed("remind me to call Sid"))


def test_what_means_the_same_is_near(embedder):
    texts = ["set a timer for ten minutes", "start a ten minute timer", "what is Ana's phone number"]
    unit = normalised(embedder.embed_all(texts))
    assert unit.shape == (3, 384)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-5)
    assert unit[0] @ unit[1] > 0.8
    assert unit[0] @ unit[2] < unit[0] @ unit[1] - 0.2


def test_ten_thousand_words_are_cut(embedder):
    long = embedder.embed("milk " * 10_000)
    assert np.isfinite(long).all()
    assert np.array_equal(long, embedder.embed("milk " * 9_000))


@pytest.mark.parametrize("text", ["", " ", "\0", "🎉" * 3, "日本語", "a" * 5000, "<|im_start|>", "\n\t"])
def test_odd_texts_have_vectors(embedder, text):
    assert np.isfinite(embedder.embed(text)).all()


def test_nothing_has_length_one():
    assert np.array_equal(normalised(np.zeros((2, 3), np.float32)), np.zeros((2, 3)))


@pytest.mark.parametrize("name", ["embedder.int8.onnx", "tokenizer.json", "embedder.json"])
@pytest.mark.parametrize("how", ["missing", "cut", "empty"])
def test_a_damaged_file_is_one_sentence(copy, name, how):
    path = copy / name
    data = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes(data[: len(data) // 2] if how == "cut" else b"")
    with pytest.raises(ProductError, match=r": run `tinyagent quantize embedder`\.$") as caught:
        Embedder(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("drop", ["dimension", "max_tokens", "sha256"])
def test_a_manifest_without_what_it_must_say_is_one_sentence(copy, drop):
    manifest = json.loads((copy / "embedder.json").read_text("utf-8"))
    (copy / "embedder.json").write_text(json.dumps({k: v for k, v in manifest.items() if k != drop}), "utf-8")
    with pytest.raises(ProductError, match=r"embedder\.json is damaged: run"):
        Embedder(copy)


def test_a_check_compares_the_digests(copy):
    text = (copy / "tokenizer.json").read_text("utf-8")
    (copy / "tokenizer.json").write_text(text + "\n", "utf-8")
    Embedder(copy)
    with pytest.raises(ProductError, match=r"tokenizer\.json is not the file its manifest describes"):
        Embedder(copy, check=True)
