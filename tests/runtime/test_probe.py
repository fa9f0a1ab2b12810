"""The start-up check: a build that dies becomes a sentence, one that runs is asked once."""

import json
import os

import pytest

from tinyagent.errors import ModelError
from tinyagent.runtime import probe

FINE = "import sys, pathlib; pathlib.Path(sys.argv[1]).open('a').write('ran ')"


@pytest.fixture
def model(tmp_path):
    """Stands for the model file; the children of these tests leave a mark in it."""
    return tmp_path / "model"


def test_a_child_that_dies_by_a_signal_is_a_sentence_with_the_cure(model, tmp_path):
    dies = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    with pytest.raises(
        ModelError, match=r"does not run on this processor \(signal 11\): rebuild it with"
    ) as caught:
        probe.ensure_build_runs(model, tmp_path / "cache", dies)
    assert "-mno-amx-tile" in str(caught.value)
    assert not (tmp_path / "cache" / "llama-build.json").exists()


def test_a_library_that_cannot_be_loaded_is_told_from_a_damaged_model(model, tmp_path):
    with pytest.raises(ModelError, match=r"does not run on this processor \(OSError: libggml\.so"):
        probe.ensure_build_runs(model, tmp_path, "raise OSError('libggml.so: cannot open')")
    with pytest.raises(ModelError, match=r"\(exit status 3\)"):
        probe.ensure_build_runs(model, tmp_path, "raise SystemExit(3)")
    model.write_bytes(b"no model at all")
    with pytest.raises(ModelError, match=r"^The model file .*model cannot be loaded: remove it"):
        probe.ensure_build_runs(model, tmp_path)


def test_the_answer_is_remembered(model, tmp_path):
    cache = tmp_path / "cache"
    for _ in range(3):
        probe.ensure_build_runs(model, cache, FINE)
    assert model.read_text("utf-8") == "ran "


def test_another_build_is_asked_again(model, tmp_path, monkeypatch):
    probe.ensure_build_runs(model, tmp_path, FINE)
    monkeypatch.setattr(probe, "_fingerprint", lambda: "another build")
    probe.ensure_build_runs(model, tmp_path, FINE)
    assert model.read_text("utf-8") == "ran ran "
    with pytest.raises(ModelError):
        monkeypatch.setattr(probe, "_fingerprint", lambda: "a third one")
        probe.ensure_build_runs(model, tmp_path, "raise SystemExit(1)")


def test_the_fingerprint_is_that_of_the_libraries():
    names = [part.split(":")[0] for part in probe._fingerprint().split(";")]
    assert any(name.startswith("libllama") for name in names)
    assert any(name.startswith("libggml-cpu") for name in names)


@pytest.mark.parametrize("record", ["", "[]", '{"build": "x", "runs": true}', '{"runs": true}'])
def test_a_damaged_record_is_asked_again(model, tmp_path, record):
    (tmp_path / "llama-build.json").write_text(record, "utf-8")
    probe.ensure_build_runs(model, tmp_path, FINE)
    assert model.read_text("utf-8") == "ran "
    assert json.loads((tmp_path / "llama-build.json").read_text("utf-8"))["runs"] is True


def test_a_cache_that_cannot_be_written_does_not_matter(model, tmp_path):
    (tmp_path / "cache").write_text("in the way", "utf-8")
    probe.ensure_build_runs(model, tmp_path / "cache", FINE)
    assert model.read_text("utf-8") == "ran "


def test_the_real_build_runs(served, cache):
    probe.ensure_build_runs(served, cache)
    assert json.loads((cache / "llama-build.json").read_text("utf-8"))["build"] == probe._fingerprint()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
