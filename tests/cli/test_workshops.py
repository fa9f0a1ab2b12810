"""The commands of the workshops hand the right things over; the workshop itself has tests of its own."""

import json
from types import SimpleNamespace

import pytest

from tinyagent.cli import main
from tinyagent.errors import ProductError
from tinyagent.training import workshop


@pytest.fixture
def called(monkeypatch):
    """Replace every workshop function by one that writes down how it was called."""
    calls = []

    def fake(name, result):
        def function(bench, *args, **kwargs):
            bench.progress(0.5, "half way")
            calls.append((name, bench, args, kwargs))
            return result

        monkeypatch.setattr(workshop, name, function)

    for name in ("train_embedder", "train_select", "train_generic", "train_arguments", "quantise_embedder"):
        fake(name, {"made": name})
    fake("make_index", SimpleNamespace(owners=("a", "a", "b")))
    return calls


@pytest.fixture
def run(capfd):
    def run(*words):
        code = main(words)
        return code, *capfd.readouterr()

    return run


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["train", "embedder"], "train_embedder"),
        (["train", "select"], "train_select"),
        (["train", "generic"], "train_generic"),
        (["train", "arguments", "--all"], "train_arguments"),
        (["quantize", "embedder"], "quantise_embedder"),
    ],
)
def test_each_command_has_its_workshop(run, called, words, name):
    code, out, err = run(*words)
    assert code == 0
    assert json.loads(out) == {"made": name}
    assert "half way" in err
    assert [call[0] for call in called] == [name]


def test_options_reach_the_bench(run, called, tmp_path):
    options = ["--data", str(tmp_path), "--work", str(tmp_path / "w"), "--share", "0.1", "--threads", "1"]
    assert run("train", "embedder", *options, "--leave-out", "set_alarm", "--epochs", "2")[0] == 0
    [(_, bench, _, given)] = called
    assert (bench.data, bench.work, bench.share, bench.threads) == (tmp_path, tmp_path / "w", 0.1, 1)
    assert given == {"leave_out": ("set_alarm",), "epochs": 2, "rehearse": None}
    assert "create_reminder" in bench.tools


def test_without_options_only_the_own_examples_are_used(run, called, own_home):
    run("train", "select")
    [(_, bench, _, _)] = called
    assert bench.data is None
    assert bench.work == own_home / "home" / "cache" / "training"


def test_arguments_takes_names_or_all(run, called):
    assert run("train", "arguments", "set_alarm", "set_timer")[0] == 0
    assert called[0][2] == (["set_alarm", "set_timer"],)
    assert run("train", "arguments", "--all")[0] == 0
    assert "create_reminder" in called[1][2][0]
    assert run("train", "arguments")[0] == 2
    assert run("train", "arguments", "set_alarm", "--all")[0] == 2


def test_the_index_tells_its_size(run, called):
    assert run("index")[:2] == (0, "2 tools, 3 centroids\n")


def test_a_missing_product_is_its_sentence(run, monkeypatch):
    def missing(bench):
        raise ProductError("There is no trained encoder: run `tinyagent train embedder`.")

    monkeypatch.setattr(workshop, "quantise_embedder", missing)
    code, _, err = run("quantize", "embedder")
    assert code == 1
    assert err == "Error: There is no trained encoder: run `tinyagent train embedder`.\n"


@pytest.mark.parametrize("group", ["train", "quantize"])
def test_a_bare_group_shows_its_help(run, group):
    code, out, _ = run(group)
    assert code == 0
    assert out.startswith(f"Usage: tinyagent {group}")


@pytest.mark.parametrize(
    "words", [["--data", "/nowhere"], ["--share", "0"], ["--share", "2"], ["--threads", "-1"]]
)
def test_bad_options_are_refused(run, called, words):
    assert run("train", "select", *words)[0] == 2
    assert not called
