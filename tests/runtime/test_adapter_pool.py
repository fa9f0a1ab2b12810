"""The adapter pool: what is loaded, what is freed over the budget, and what a bad file says."""

import pytest

from tinyagent.errors import ProductError
from tinyagent.runtime.adapters import AdapterPool
from tinyagent.runtime.engine import Engine


@pytest.fixture
def copies(tmp_path, tiny_adapter):
    """Five adapters of the same size."""
    files = {name: tmp_path / f"{name}.gguf" for name in "abcde"}
    for path in files.values():
        path.write_bytes(tiny_adapter.read_bytes())
    return files


@pytest.fixture
def pool(engine, copies, tiny_adapter):
    """A pool with room for three of them, on the session's model."""
    made = AdapterPool(copies, budget=3 * tiny_adapter.stat().st_size)
    made.bind(engine._model)
    yield made
    made.clear()


def use(pool, *names):
    for name in names:
        assert pool.get(name)
    pool.shrink()


def test_the_least_recently_used_goes_first(pool):
    use(pool, "a", "b", "c")
    assert pool.loaded == ("a", "b", "c")
    use(pool, "a", "d")
    assert pool.loaded == ("c", "a", "d")
    use(pool, "e")
    assert pool.loaded == ("a", "d", "e")


def test_what_is_in_use_stays_whatever_it_weighs(pool):
    for name in "abcd":
        pool.get(name)
    pool.shrink(keep=("a", "b", "c", "d"))
    assert pool.loaded == ("a", "b", "c", "d")
    pool.shrink(keep=("a",))
    assert pool.loaded == ("a", "c", "d")


def test_nothing_is_loaded_twice(pool):
    assert pool.get("a") is pool.get("a")


def test_names(pool):
    assert "a" in pool
    assert "z" not in pool


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("select", "tinyagent train select"),
        ("arguments/generic", "tinyagent train generic"),
        ("arguments/set_timer", "tinyagent train arguments set_timer"),
    ],
)
def test_a_missing_adapter_names_the_command_that_makes_it(engine, tmp_path, name, command):
    pool = AdapterPool({name: tmp_path / "gone.gguf"})
    pool.bind(engine._model)
    for asked in (pool, AdapterPool({})):
        with pytest.raises(ProductError, match=rf"The adapter {name} is missing: run `{command}`\.$"):
            asked.get(name)


@pytest.mark.parametrize("keep", [0, 3, 40, 0.5, 0.98])
def test_a_truncated_adapter_is_a_sentence(pool, copies, keep):
    data = copies["a"].read_bytes()
    copies["a"].write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(
        ProductError, match=r"a\.gguf is damaged or made for another base: run `tinyagent train"
    ):
        pool.get("a")
    assert pool.loaded == ()


def test_an_adapter_for_another_base_is_a_sentence(pool, copies):
    import numpy as np

    from tinyagent.training.export import write_adapter

    shapes = {"lora_A": (4, 128), "lora_B": (64, 4)}
    weights = {f"layers.0.self_attn.v_proj.{side}": np.ones(shape) for side, shape in shapes.items()}
    write_adapter(weights, copies["a"], alpha=8, heads=2, key_heads=1)
    with pytest.raises(ProductError, match="damaged or made for another base"):
        pool.get("a")


def test_the_engine_frees_only_what_is_no_longer_active(served, copies, tiny_adapter):
    """A damaged adapter met half-way through a swap leaves the active ones alive and the engine usable."""
    copies["d"].write_bytes(b"no adapter")
    engine = Engine(
        served, context=64, threads=1, pool=AdapterPool(copies, budget=tiny_adapter.stat().st_size)
    )
    try:
        under_ab = engine.begin([(token, ("a", "b")) for token in (10, 11, 12)]).copy()
        with pytest.raises(ProductError):
            engine.begin([(token, ("c", "d")) for token in (10, 11, 12)])
        assert {"a", "b"} <= set(engine.pool.loaded)
        again = engine.begin([(token, ("a", "b")) for token in (10, 11, 12)])
        assert abs(again - under_ab).max() < 1e-3
        engine.begin([(token, ("e",)) for token in (10, 11, 12)])
        assert engine.pool.loaded == ("e",)
    finally:
        engine.close()
