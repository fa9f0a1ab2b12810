"""What several folders of tests share: the real model, a tiny adapter for it, one real assistant; each loaded once."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something about the machine, nothing about the code.
settings.register_profile("tinyagent", deadline=None)
settings.load_profile("tinyagent")

CACHE = os.environ.get("TINYAGENT_CACHE")


@pytest.fixture(scope="session")
def cache():
    """The cache folder that the tests share with the program: the base model is converted once, not once a run."""
    from tinyagent.settings import load

    return Path(CACHE) if CACHE else load({}).cache


@pytest.fixture(scope="session")
def served(cache):
    """The base model as it is served."""
    from tinyagent.runtime import base

    return base.served(cache)


@pytest.fixture(scope="session")
def tiny_adapter(tmp_path_factory):
    """A small random adapter for the base model that changes its logits visibly."""
    return random_adapter(7, tmp_path_factory.mktemp("adapters") / "tiny.gguf")


@pytest.fixture(scope="session")
def small_adapter(tmp_path_factory):
    """Another one."""
    return random_adapter(8, tmp_path_factory.mktemp("adapters") / "small.gguf")


def random_adapter(seed, target):
    """Write an adapter of rank 4 that nothing has trained."""
    import numpy as np

    from tinyagent.training.export import write_adapter

    random = np.random.default_rng(seed)
    weights = {}
    for layer in range(30):
        for module, size in (("q_proj", 576), ("v_proj", 192)):
            path = f"layers.{layer}.self_attn.{module}"
            weights[f"{path}.lora_A"] = random.normal(0, 0.05, (4, 576))
            weights[f"{path}.lora_B"] = random.normal(0, 0.05, (size, 4))
    write_adapter(weights, target, alpha=8, heads=9, key_heads=3)
    return target


@pytest.fixture(scope="session")
def engine(served, tiny_adapter, small_adapter):
    """The real engine with a context of 512 tokens and the adapters `select`, `tiny` and `small`."""
    from tinyagent.dualtune.adapters import files
    from tinyagent.runtime import base
    from tinyagent.runtime.adapters import AdapterPool
    from tinyagent.runtime.engine import Engine

    own = {"tiny": tiny_adapter, "small": small_adapter}
    pool = AdapterPool({"select": files(base.describe())["select"], **own})
    made = Engine(served, context=512, threads=2, pool=pool)
    yield made
    made.close()


@pytest.fixture(scope="session")
def assistant(tmp_path_factory, cache):
    """The real assistant on stores of its own, with a few contacts and lists; its models come from the usual cache."""
    from tinyagent.assistant import Assistant
    from tinyagent.cli.scratch import Stock, scratch_settings
    from tinyagent.settings import load

    home = tmp_path_factory.mktemp("home")
    settings = load({"TINYAGENT_HOME": str(home), "TINYAGENT_CACHE": str(cache), "TINYAGENT_TIMEZONE": "UTC"})
    with scratch_settings(settings, Stock()) as scratch:
        yield Assistant(scratch, availability=None)
