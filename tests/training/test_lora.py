"""A real small training: two dozen commands of two tools, on the real base, exported and served."""

import random
from dataclasses import replace

import numpy as np
import pytest

from tinyagent.dualtune import adapters, prompts
from tinyagent.errors import ProductError, TinyAgentError
from tinyagent.runtime.adapters import AdapterPool
from tinyagent.runtime.engine import Engine
from tinyagent.tools.registry import catalogue
from tinyagent.training import lora, sequences, usage, workshop
from tinyagent.training.bench import Bench
from tinyagent.training.export import read_adapter, write_adapter
from tinyagent.training.lora import LoraRecipe, Trainee

# peft asks transformers a question under its old name.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

RECIPE = LoraRecipe(
    rank=2, alpha=8, modules="attention", first_layer=20, epochs=2, rate=1e-2, batch_tokens=110
)


@pytest.fixture(scope="module")
def trainee(served):
    # One thread: several come to a crawl as soon as another program keeps a core busy.
    return Trainee(served, threads=1)


@pytest.fixture(scope="module")
def rows(engine):
    """Which of two tools a command means: 24 sequences."""
    examples = [(name, e.text) for name in ("set_timer", "read_list") for e in usage.read(name)[:12]]
    return [sequences.selection(engine, text, name) for name, text in examples]


class Run:
    """One training of six steps, and what came of it."""

    def __init__(self, trainee, rows, folder):
        prompt = [(token, ()) for token in rows[0].tokens[: rows[0].targets[0]]]
        self.tokens = [token for token, _ in prompt]
        self.bare = torch_logits(trainee, self.tokens)
        trainee.attach("small", RECIPE)
        self.loss_before = trainee.mean_loss(rows, RECIPE)
        self.checkpoint = folder / "small.pt"
        self.said = []
        self.report = trainee.train(
            "small", rows, RECIPE, self.checkpoint, lambda *a: self.said.append(a), every=4
        )
        self.loss_after = trainee.mean_loss(rows, RECIPE)
        self.weights = {name: w.float().numpy().copy() for name, w in trainee.weights("small").items()}
        self.tuned = torch_logits(trainee, self.tokens)
        self.file = folder / "small.gguf"
        write_adapter(
            trainee.weights("small"),
            self.file,
            alpha=RECIPE.alpha,
            heads=trainee.heads,
            key_heads=trainee.key_heads,
        )
        trainee.detach("small")


def torch_logits(trainee, tokens):
    import torch

    with torch.no_grad():
        return trainee.model(input_ids=torch.tensor([tokens])).logits[0, -1].float().numpy()


@pytest.fixture(scope="module")
def run(trainee, rows, tmp_path_factory):
    return Run(trainee, rows, tmp_path_factory.mktemp("small"))


def serve(served, file):
    return Engine(served, context=128, threads=1, pool=AdapterPool({"small": file}))


def test_training_learns(run, rows):
    assert run.report["steps"] >= 6
    assert run.report["examples"] == 24
    assert run.report["tokens"] == 2 * sum(len(row.tokens) for row in rows)
    assert run.report["recipe"]["rank"] == 2
    assert run.loss_after < 0.7 * run.loss_before
    assert run.said[-1][0] == 1
    assert f"step {run.report['steps']}/{run.report['steps']}, loss" in run.said[-1][1]


def test_only_the_layers_asked_for_have_an_adapter(run):
    layers = {int(name.split(".")[1]) for name in run.weights}
    assert layers == set(range(20, 30))
    assert {name.split(".")[3] for name in run.weights} == {"q_proj", "k_proj", "v_proj", "o_proj"}
    assert any(np.abs(w).max() > 0 for name, w in run.weights.items() if name.endswith("lora_B"))


def test_what_is_served_is_what_was_trained(run, served):
    """llama.cpp with the exported file moves every logit as torch does with the trained weights."""
    engine = serve(served, run.file)
    try:
        bare = engine.begin([(token, ()) for token in run.tokens]).copy()
        tuned = engine.begin([(token, ("small",)) for token in run.tokens]).copy()
    finally:
        engine.close()
    assert np.abs(tuned - bare).max() > 1
    assert int(tuned.argmax()) == int(run.tuned.argmax())
    assert np.corrcoef(bare, run.bare)[0, 1] > 0.99
    assert np.corrcoef(tuned, run.tuned)[0, 1] > 0.99
    assert np.corrcoef(tuned - bare, run.tuned - run.bare)[0, 1] > 0.97


def test_the_adapter_changes_what_is_written(run, served):
    from tinyagent.runtime.decoding import Decoder

    engine = serve(served, run.file)
    try:
        options = [prompts.name_tokens(engine, name) for name in ("set_timer", "read_list")]
        header = prompts.header(engine, "set a timer for a quarter of an hour")
        bare = Decoder(engine, [(token, ()) for token in header]).score(options)
        tuned = Decoder(engine, [(token, ("small",)) for token in header]).score(options)
    finally:
        engine.close()
    assert tuned[0] > 0.8
    assert abs(tuned[0] - bare[0]) > 0.05


def test_the_rotary_order_matters_and_is_right(trainee, run, served, tmp_path):
    """Random weights on q and k alone: with the rows in order the two agree, out of order they do not."""
    recipe = LoraRecipe(rank=4, alpha=8, modules="attention", first_layer=26)
    rng = np.random.default_rng(5)
    trainee.attach("random", recipe)
    shapes = {name: tuple(w.shape) for name, w in trainee.weights("random").items()}
    tensors = {
        name: (rng.normal(0, 0.25, shape) * (".q_proj" in name or ".k_proj" in name)).astype(np.float32)
        for name, shape in shapes.items()
    }
    trainee.load("random", tensors)
    expected = torch_logits(trainee, run.tokens) - run.bare
    write_adapter(trainee.weights("random"), tmp_path / "right.gguf", alpha=8, heads=9, key_heads=3)
    # One head: the rows are permuted across all heads instead of within each.
    write_adapter(trainee.weights("random"), tmp_path / "wrong.gguf", alpha=8, heads=1, key_heads=1)
    trainee.detach("random")
    likeness = {}
    for name in ("right", "wrong"):
        engine = serve(served, tmp_path / f"{name}.gguf")
        try:
            bare = engine.begin([(token, ()) for token in run.tokens]).copy()
            moved = engine.begin([(token, ("small",)) for token in run.tokens]) - bare
        finally:
            engine.close()
        likeness[name] = np.corrcoef(moved, expected)[0, 1]
    assert likeness["right"] > 0.95
    assert likeness["wrong"] < 0.8


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(trainee, run, rows, tmp_path):
    class Interrupted(Exception):
        pass

    def stop(done, text):
        raise Interrupted

    # The first saving comes after step 4, the first word of progress after the last: it is stopped there,
    # and goes on from step 4 with fresh weights.
    checkpoint = tmp_path / "resumed.pt"
    trainee.attach("first", RECIPE)
    with pytest.raises(Interrupted):
        trainee.train("first", rows, RECIPE, checkpoint, stop, every=4)
    trainee.detach("first")
    trainee.attach("second", RECIPE)
    report = trainee.train("second", rows, RECIPE, checkpoint, every=4)
    weights = {name: w.float().numpy() for name, w in trainee.weights("second").items()}
    trainee.detach("second")
    for name, values in run.weights.items():
        assert np.array_equal(weights[name], values), name
    assert report["steps"] not in (4, 8)
    for key in ("steps", "tokens", "loss", "examples"):
        assert report[key] == run.report[key]


def test_a_finished_checkpoint_needs_no_more_steps(trainee, run, rows):
    trainee.attach("again", RECIPE)
    report = trainee.train("again", rows, RECIPE, run.checkpoint)
    weights = {name: w.float().numpy() for name, w in trainee.weights("again").items()}
    trainee.detach("again")
    assert report["loss"] == run.report["loss"]
    assert all(np.array_equal(weights[name], values) for name, values in run.weights.items())


def test_a_checkpoint_of_another_run_is_refused(trainee, run, rows, tmp_path):
    trainee.attach("other", RECIPE)
    try:
        for recipe, data in ((LoraRecipe(rank=2, rate=1e-5), rows), (RECIPE, rows[:-1])):
            with pytest.raises(
                ProductError, match=r"another recipe or other data: remove it to start anew\.$"
            ):
                trainee.train("other", data, recipe, run.checkpoint)
        (tmp_path / "cut.pt").write_bytes(run.checkpoint.read_bytes()[:2000])
        with pytest.raises(ProductError, match=r"cut\.pt is damaged: remove it"):
            trainee.train("other", rows, RECIPE, tmp_path / "cut.pt")
    finally:
        trainee.detach("other")


def test_an_adapter_is_trained_on_top_of_another(trainee, run, rows, served, tmp_path):
    """The one underneath is frozen and active; both together are what is served stacked."""
    trainee.attach("under", RECIPE)
    under = read_adapter(run.file, heads=trainee.heads, key_heads=trainee.key_heads)
    trainee.load("under", under)
    before = trainee.mean_loss(rows, RECIPE)
    assert before == pytest.approx(run.loss_after, rel=0.1)
    own = LoraRecipe(
        rank=2, alpha=4, modules="feed-forward", first_layer=27, epochs=1, rate=5e-3, batch_tokens=400
    )
    trainee.attach("over", own)
    trainee.train("over", rows, own)
    assert trainee.mean_loss(rows, own) < before
    kept = {name: w.float().numpy() for name, w in trainee.weights("under").items()}
    bfloat = 0.01
    assert all(np.abs(kept[name] - under[name]).max() < bfloat for name in under)
    expected = torch_logits(trainee, run.tokens)
    write_adapter(trainee.weights("over"), tmp_path / "over.gguf", alpha=4, heads=9, key_heads=3)
    trainee.detach("over")
    trainee.detach("under")
    engine = Engine(
        served, context=128, threads=1, pool=AdapterPool({"under": run.file, "over": tmp_path / "over.gguf"})
    )
    try:
        stacked = engine.begin([(token, ("under", "over")) for token in run.tokens]).copy()
    finally:
        engine.close()
    assert np.corrcoef(stacked, expected)[0, 1] > 0.99
    assert np.abs(torch_logits(trainee, run.tokens) - run.bare).max() < 0.5  # nothing is left behind


def test_the_training_commands_end_to_end(trainee, served, cache, tmp_path, monkeypatch):
    """`train select`, `train generic`, `train arguments`: from usage examples to a manifest that the runtime takes."""
    monkeypatch.setattr(workshop, "Trainee", lambda path, threads: trainee)
    tools = {name: catalogue()[name] for name in ("set_timer", "read_list", "create_reminder")}
    bench = Bench(tools, None, tmp_path / "work", cache, tmp_path / "adapters", share=0.01)
    recipe = LoraRecipe(rank=2, alpha=4, modules="attention", first_layer=28, epochs=1)
    with pytest.raises(ProductError):
        workshop.train_arguments(bench, ["set_timer"], recipe)
    workshop.train_select(bench, recipe)
    report = workshop.train_generic(bench, recipe)
    own = workshop.train_arguments(bench, ["set_timer"], recipe)
    trainee.detach("generic")
    assert set(own) == {"set_timer"}
    assert report["data"] == ["usage examples of this project"]
    assert not list((tmp_path / "work").glob("*.pt"))
    files = adapters.files(bench.base, bench.adapters, check=True)
    assert set(files) == {"select", "arguments/generic", "arguments/set_timer"}
    assert adapters.report(bench.base, "select", bench.adapters)["recipe"]["rank"] == 2
    engine = Engine(served, context=128, threads=1, pool=AdapterPool(files))
    try:
        for owner in (("select",), ("arguments/generic", "arguments/set_timer")):
            assert np.isfinite(engine.begin([(token, owner) for token in (1, 2, 3)])).all()
    finally:
        engine.close()


def test_an_adapter_goes_on_learning_from_what_is_recorded(trainee, cache, tmp_path, monkeypatch):
    monkeypatch.setattr(workshop, "Trainee", lambda path, threads: trainee)
    tools = {name: catalogue()[name] for name in ("set_timer", "read_list")}
    bench = Bench(tools, None, tmp_path / "work", cache, tmp_path / "adapters", share=0.01)
    recipe = LoraRecipe(
        rank=2, alpha=4, modules="attention", first_layer=28, epochs=1, rate=1e-2, batch_tokens=100
    )
    still = replace(recipe, rate=0.0)
    with pytest.raises(ProductError):
        workshop.train_select(bench, recipe, rehearse=0.5)
    trainee.detach("select")

    def weights():
        file = adapters.files(bench.base, bench.adapters, check=True)["select"]
        return read_adapter(file, heads=trainee.heads, key_heads=trainee.key_heads)

    def distance(one, other):
        return max(np.abs(one[name] - other[name]).max() for name in one)

    first = workshop.train_select(bench, recipe)
    learnt = weights()
    assert "stages" not in first
    assert max(np.abs(w).max() for name, w in learnt.items() if name.endswith("lora_B")) > 0.01
    # At a rate of nothing the weights stay those recorded: it did not start anew, where half of them are zero.
    second = workshop.train_select(bench, still, rehearse=0.5)
    assert distance(weights(), learnt) < 0.003
    assert second["stages"] == [first]
    third = workshop.train_select(bench, recipe, rehearse=0.0)
    assert distance(weights(), learnt) > 0.005
    recorded = adapters.report(bench.base, "select", bench.adapters)
    assert recorded == third
    assert [stage["recipe"]["rate"] for stage in recorded["stages"]] == [recipe.rate, 0.0]
    assert not any("stages" in stage for stage in recorded["stages"])
    with pytest.raises(ProductError, match=r"for select has another rank, modules or layers\.$"):
        workshop.train_select(bench, replace(recipe, rank=4), rehearse=0.5)
    trainee.detach("select")
    # Trained anew, nothing of it is left.
    assert "stages" not in workshop.train_select(bench, recipe)


def test_an_unknown_tool_is_a_sentence(cache):
    bench = Bench({}, None, cache, cache)
    with pytest.raises(TinyAgentError, match="There is no tool called no_tool; `tinyagent tools` lists them"):
        workshop.train_arguments(bench, ["no_tool"])


def test_batches_keep_to_their_budget_and_hold_everything():
    rng = random.Random(1)
    rows = [sequences.Sequence_(tuple(range(rng.randint(3, 60))), (2,)) for _ in range(200)]
    plan = lora._plan(rows, LoraRecipe(epochs=2, batch_tokens=300))
    counted = [i for batch in plan for i in batch]
    assert sorted(counted) == sorted([*range(200), *range(200)])
    for batch in plan:
        # The order is by length give or take two tokens.
        assert len(batch) * (max(len(rows[i].tokens) for i in batch) - 2) <= 300
    assert plan == lora._plan(rows, LoraRecipe(epochs=2, batch_tokens=300))
    assert plan != lora._plan(rows, LoraRecipe(epochs=2, batch_tokens=300, seed=2))
    half = lora._plan(rows, LoraRecipe(epochs=0.5, batch_tokens=300))
    assert len(half) == pytest.approx(len(plan) / 4, abs=1)
