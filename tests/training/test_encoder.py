"""A real small fine-tuning of the encoder, exported to int8, served by ONNX Runtime, and an index made from it."""

import json
import random

import numpy as np
import pytest

from tinyagent.errors import ProductError
from tinyagent.products import sha256
from tinyagent.quantization import embedder as export
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.retrieval.index import FOLLOWS, NONE
from tinyagent.training import build_index, encoder, usage, workshop
from tinyagent.training.bench import Bench
from tinyagent.training.commands import Command
from tinyagent.training.encoder import EncoderRecipe

# The quantiser of ONNX Runtime recommends its own shape inference by way of logging, which is no warning.
TOOLS = ("read_list", "set_timer")
SECOND = {"another": ["and eggs", "and one for ten too"], "undo": ["undo that", "forget it"]}
TEXTS = ["set a timer for ten minutes", "what's on my shopping list", "who painted that", "x"]


@pytest.fixture(scope="module")
def rows():
    singles = [Command(e.text, (tool,), held_out=e.held_out) for tool in TOOLS for e in usage.read(tool)[:22]]
    nothing = [Command(str(row["text"]), (), "none/own") for row in usage.read_rows("none")[:10]]
    other = [Command(f"play song number {i}", (), "none/play_music") for i in range(5)]
    both = [
        Command(f"{a.text} and {b.text}", a.tools + b.tools)
        for a, b in zip(singles[:5], singles[-5:], strict=True)
    ]
    follow = [Command(text, (), "", follow=way) for way, texts in SECOND.items() for text in texts]
    return [*singles, *nothing, *other, *both, *follow]


@pytest.fixture(scope="module")
def trained(rows, tmp_path_factory):
    import torch

    torch.set_num_threads(1)  # several come to a crawl as soon as another program keeps a core busy
    target = tmp_path_factory.mktemp("encoder")
    said = []
    recipe = EncoderRecipe(epochs=1, batch=16)
    report = encoder.train(rows, target, recipe, lambda done, text: said.append((done, text)))
    return target, report, said


@pytest.fixture(scope="module")
def product(trained, tmp_path_factory):
    target = tmp_path_factory.mktemp("product")
    export.export(trained[0], target)
    return target


def float_vectors(folder, texts):
    """The fine-tuned encoder in torch, mean-pooled: what the product stands for."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    model.eval()
    found = []
    with torch.no_grad():
        for text in texts:
            given = tokenizer(text, truncation=True, max_length=encoder.MAX_TOKENS, return_tensors="pt")
            found.append(model(**given).last_hidden_state[0].mean(0).numpy())
    return np.stack(found)


def test_the_report_says_what_was_trained(trained, rows):
    target, report, said = trained
    assert report == json.loads((target / "report.json").read_text("utf-8"))
    assert report["wide"] == [*TOOLS, NONE]
    assert report["fine"] == [*TOOLS, "none/own", "none/play_music"]
    assert report["examples"] == sum(not row.held_out for row in rows) < len(rows)
    assert report["steps"] == -(-report["examples"] // 16)
    assert said[-1][0] == 1
    assert np.isfinite(report["loss"])


def test_eight_bits_say_what_the_floats_say(trained, product):
    texts = [*TEXTS, "milk " * 200, "Zoë’s crème brûlée – €5"]
    expected = float_vectors(trained[0], texts)
    embedder = Embedder(product, check=True)
    assert embedder.dimension == expected.shape[1]
    for text, vector in zip(texts, expected, strict=True):
        found = embedder.embed(text)
        assert found @ vector / np.linalg.norm(found) / np.linalg.norm(vector) >= 0.97, text


def test_the_training_moved_the_encoder(trained):
    moved, start = float_vectors(trained[0], TEXTS), float_vectors(encoder.source_model(), TEXTS)
    assert np.abs(moved - start).max() > 1e-3


def test_the_product_is_small_and_described(product):
    manifest = json.loads((product / "embedder.json").read_text("utf-8"))
    assert sorted(path.name for path in product.iterdir()) == [
        "embedder.int8.onnx",
        "embedder.json",
        "tokenizer.json",
    ]
    assert manifest["sha256"] == {
        name: sha256(product / name) for name in ("embedder.int8.onnx", "tokenizer.json")
    }
    assert (product / "embedder.int8.onnx").stat().st_size < 24 << 20


def test_nothing_to_export_is_a_sentence(tmp_path):
    with pytest.raises(ProductError, match=r"holds no trained encoder: run `tinyagent train embedder`\.$"):
        export.export(tmp_path, tmp_path)
    with pytest.raises(ProductError, match=r"holds no trained heads: run `tinyagent train embedder`\.$"):
        build_index.build(tmp_path, None, [])


def test_the_heads_become_the_index(trained, product):
    """What the index computes from int8 vectors is what torch computes from the same vectors."""
    import torch

    embedder = Embedder(product)
    made = build_index.build(trained[0], embedder, TOOLS)
    assert set(made.owners) == {*TOOLS, NONE}
    assert made.classes == (*TOOLS, NONE, NONE)
    assert made.manifest["embedder_sha256"] == embedder.digest
    heads = torch.load(trained[0] / "heads.pt", weights_only=True)
    for text in TEXTS:
        vector = embedder.embed(text)
        fine = torch.softmax(
            heads["head"]["weight"] @ torch.from_numpy(vector) + heads["head"]["bias"], -1
        ).tolist()
        expected = {"read_list": fine[0], "set_timer": fine[1], NONE: fine[2] + fine[3]}
        assert made.head_probabilities(vector) == pytest.approx(expected, abs=1e-4)
        count = torch.softmax(
            heads["count"]["weight"] @ torch.from_numpy(vector) + heads["count"]["bias"], -1
        )
        assert made.counts(vector) == pytest.approx(count.tolist(), abs=1e-4)
        follow = torch.softmax(
            heads["follow"]["weight"] @ torch.from_numpy(vector) + heads["follow"]["bias"], -1
        )
        assert list(made.follows(vector).values()) == pytest.approx(follow.tolist(), abs=1e-4)
    for tool in TOOLS:
        example = next(e.text for e in usage.read(tool) if e.held_out)
        similar = made.similarities(embedder.embed(example))
        assert max(similar, key=similar.get) == tool


def test_a_new_index_keeps_the_calibration(trained, product, tmp_path):
    embedder = Embedder(product)
    (tmp_path / "embedder").symlink_to(trained[0])
    bench = Bench(dict.fromkeys(TOOLS), None, tmp_path, tmp_path)
    target = tmp_path / "index"
    workshop.make_index(bench, target, embedder)
    path = target / "index.json"
    path.write_text(
        json.dumps({**json.loads(path.read_text("utf-8")), "calibration": {"sure": 0.66}}), "utf-8"
    )
    made = workshop.make_index(bench, target, embedder)
    assert made.manifest["calibration"] == {"sure": 0.66}
    loaded = tool_index.load(target, embedder_digest=embedder.digest, check=True)
    assert loaded.manifest["calibration"] == {"sure": 0.66}


def test_batches_are_of_similar_length_and_complete():
    rng = random.Random(1)
    lengths = [rng.randint(3, 40) for _ in range(100)]
    batches = encoder._batches(lengths, 8, rng)
    assert sorted(i for batch in batches for i in batch) == list(range(100))
    assert all(max(lengths[i] for i in b) - min(lengths[i] for i in b) < 14 for b in batches)


def test_targets():
    import torch

    index = {"a": 0, "b": 1, "none/own": 2, "none/x": 3}
    rows = [Command("", ("a",)), Command("", ("a", "b")), Command("", (), "none/x"), Command("", ("a", "a"))]
    rows += [Command("", (), follow="undo"), Command("", ("b",), follow="fresh")]
    fine, wide, counts, follows = encoder._targets(rows, index, 2)
    assert torch.equal(
        fine,
        torch.tensor(
            [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]
        ),
    )
    assert torch.equal(
        wide, torch.tensor([[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0]])
    )
    unknown = encoder.UNKNOWN
    assert counts.tolist() == [1, 2, 0, 2, unknown, 1]
    assert follows.tolist() == [*[unknown] * 4, FOLLOWS.index("undo"), FOLLOWS.index("fresh")]


LABELLED = [Command("set a timer", ("set_timer",), held_out=True), Command("hi", (), "none/own", True)]


def heads_after(folder, rows):
    """The heads after one step on `rows`; the labelled commands, held out, only say which classes there are."""
    import torch

    torch.set_num_threads(1)
    encoder.train([*LABELLED, *rows], folder, EncoderRecipe(epochs=1, batch=16))
    return torch.load(folder / "heads.pt", weights_only=True)


def test_a_second_turn_teaches_the_follow_head_and_no_other(tmp_path):
    """Two runs from the same start: what a row teaches a head is what makes the runs differ."""
    import torch

    undo = heads_after(tmp_path / "undo", [Command("undo that", (), follow="undo")])
    more = heads_after(tmp_path / "more", [Command("and eggs too", (), follow="another")])
    plain = heads_after(tmp_path / "plain", [Command("who painted that", (), "none/own")])
    for part in ("weight", "bias"):
        assert torch.equal(undo["head"][part], more["head"][part])
        assert torch.equal(undo["count"][part], more["count"][part])
        assert not torch.equal(undo["follow"][part], more["follow"][part])
        # And a command of which it is not known whether it follows anything teaches those two and not this one.
        assert not torch.equal(plain["head"][part], undo["head"][part])
        assert not torch.equal(plain["count"][part], undo["count"][part])
    moved = undo["follow"]["bias"] - plain["follow"]["bias"]
    assert int(moved.argmax()) == FOLLOWS.index("undo")
    moved = more["follow"]["bias"] - plain["follow"]["bias"]
    assert int(moved.argmax()) == FOLLOWS.index("another")


def test_an_encoder_goes_on_learning_where_it_stopped(trained, rows, tmp_path):
    import shutil

    target = tmp_path / "encoder"
    shutil.copytree(trained[0], target)
    recipe = encoder.EncoderRecipe(epochs=1, encoder_rate=0.0, head_rate=0.0)
    report = encoder.train(rows[:40], target, recipe, go_on=True)
    # The classes are those that were there, whatever the new rows have; without a rate nothing moves.
    assert (report["wide"], report["fine"]) == (trained[1]["wide"], trained[1]["fine"])
    assert np.abs(float_vectors(target, TEXTS) - float_vectors(trained[0], TEXTS)).max() < 1e-5


def test_without_an_encoder_there_is_nothing_to_go_on_with(rows, tmp_path):
    with pytest.raises(ProductError, match="holds no trained encoder"):
        encoder.train(rows[:4], tmp_path, go_on=True)


def test_the_table_keeps_the_latin_pieces_only(trained, product):
    from tinyagent.quantization.embedder import latin_only

    before = json.loads((trained[0] / "tokenizer.json").read_text("utf-8"))
    made, rows = latin_only(before)
    old, new = before["model"]["vocab"], made["model"]["vocab"]
    assert len(new) == len(rows) < len(old)
    assert [old[piece] for piece in new] == rows
    assert {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "milk", "##s", "é", "€"} & set(old) <= set(new)
    assert not any("本" in piece or piece.startswith("[unused") for piece in new)
    assert json.loads((product / "tokenizer.json").read_text("utf-8"))["model"]["vocab"] == new


def test_the_part_head_learns_whose_words_they_are(trained, product):
    """The losses of known and of possible labels, and of beginnings, on logits that are right, open or wrong."""
    import torch

    from tinyagent.training.parts import Parts

    names = {"a": 0, "b": 1, "none": 2}
    known = Parts(((0, 3, "a"), (4, 7, "b")), frozenset({"a", "b"}), frozenset({0, 4}))
    places = [[(0, 0), (0, 3), (4, 7), (0, 0)]]

    def losses(first, second, begins, part=known):
        logits = torch.zeros(1, 4, 3)
        logits[0, 1, names[first]] = logits[0, 2, names[second]] = 9
        return [float(x) for x in encoder._part_losses(logits, torch.tensor([begins]), [part], places, names)]

    right, wrong = losses("a", "b", [0.0, 9.0, 9.0, 0.0]), losses("b", "a", [0.0, -9.0, -9.0, 0.0])
    assert right[0] < 0.1 < wrong[0]
    assert right[1] < 0.01 < wrong[1]
    # Where either may be it, both orders are right, but each of the two has to show somewhere.
    either = Parts((), frozenset({"a", "b"}), frozenset({0}), ((1, 9),))
    assert losses("b", "a", [0.0, 9.0, 0.0, 0.0], either)[0] < 0.1 < losses("a", "a", [0.0] * 4, either)[0]
    assert losses("a", "b", [0.0] * 4, None) == [0.0, 0.0]
