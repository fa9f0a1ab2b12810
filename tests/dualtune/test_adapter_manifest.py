"""The manifest of the adapters: made for this base, this number format and these prompts, or refused."""

import json
from dataclasses import replace

import pytest

from tinyagent.dualtune import adapters
from tinyagent.dualtune.prompts import PROMPT_VERSION
from tinyagent.errors import ProductError
from tinyagent.runtime import base as bases

BASE = bases.describe()


@pytest.fixture
def root(tmp_path):
    """A folder of adapters with two recorded ones."""
    home = tmp_path / BASE.name
    (home / "arguments").mkdir(parents=True)
    for name in ("select", "arguments/set_timer"):
        (home / f"{name}.gguf").write_bytes(name.encode())
        adapters.record(BASE, name, home / f"{name}.gguf", {"steps": 3}, tmp_path)
    return tmp_path


def manifest_of(root):
    return json.loads((root / BASE.name / "manifest.json").read_text("utf-8"))


def test_what_is_recorded_is_found(root):
    found = adapters.files(BASE, root, check=True)
    home = root / BASE.name
    assert found == {"select": home / "select.gguf", "arguments/set_timer": home / "arguments/set_timer.gguf"}
    assert adapters.report(BASE, "select", root) == {"steps": 3}
    entry = manifest_of(root)["adapters"]["select"]
    assert (entry["bytes"], entry["file"]) == (6, "select.gguf")


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("base_sha256", "0" * 64, "base model"),
        ("served_format", "Q8_0", "number format"),
        ("prompt_version", PROMPT_VERSION + 1, "prompt version"),
    ],
)
def test_adapters_made_for_something_else_are_refused_with_the_command(root, key, value, what):
    path = root / BASE.name / "manifest.json"
    path.write_text(json.dumps({**manifest_of(root), key: value}), "utf-8")
    with pytest.raises(
        ProductError, match=rf"made for another {what}: run `tinyagent train select && .*`\.$"
    ):
        adapters.files(BASE, root)


def test_a_new_base_starts_a_new_manifest(root):
    other = replace(BASE, sha256="1" * 64)
    adapters.record(other, "select", root / BASE.name / "select.gguf", {}, root)
    assert list(manifest_of(root)["adapters"]) == ["select"]
    with pytest.raises(ProductError):
        adapters.files(BASE, root)
    assert list(adapters.files(other, root)) == ["select"]


def test_a_check_finds_a_changed_file(root):
    (root / BASE.name / "select.gguf").write_bytes(b"something else")
    adapters.files(BASE, root)
    with pytest.raises(ProductError, match=r"select\.gguf is not the file its manifest describes"):
        adapters.files(BASE, root, check=True)


@pytest.mark.parametrize("text", [None, "", "[]", "{"])
def test_a_damaged_manifest_is_one_sentence(root, text):
    path = root / BASE.name / "manifest.json"
    path.unlink()
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(ProductError, match=r"manifest\.json is (missing|damaged): run `tinyagent train"):
        adapters.files(BASE, root)


@pytest.mark.parametrize("entries", [[], {"select": {}}, {"select": 1}, 3])
def test_a_manifest_of_another_shape_is_one_sentence(root, entries):
    path = root / BASE.name / "manifest.json"
    path.write_text(json.dumps({**manifest_of(root), "adapters": entries}), "utf-8")
    with pytest.raises(ProductError, match=r"manifest\.json is damaged: run"):
        adapters.files(BASE, root)


def test_a_missing_report_names_the_command(root):
    with pytest.raises(ProductError, match="The adapter arguments/generic is missing: run `tinyagent train"):
        adapters.report(BASE, "arguments/generic", root)


def test_the_committed_adapters_are_what_their_manifest_says():
    found = adapters.files(BASE, check=True)
    assert "select" in found
    assert all(path.is_file() for path in found.values())
