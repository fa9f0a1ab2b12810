"""The tool index: Tool2Vec, the heads, and their file."""

import json

import numpy as np
import pytest

from tinyagent.errors import ProductError
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder, Reading, normalised
from tinyagent.retrieval.index import FOLLOWS, NONE, ToolIndex, cluster
from tinyagent.tools.registry import catalogue


def small(rng_seed=1):
    rng = np.random.default_rng(rng_seed)
    centroids = normalised(rng.normal(size=(5, 16)).astype(np.float32))
    return ToolIndex(
        centroids,
        ("set_timer", "set_timer", "read_list", NONE, NONE),
        rng.normal(size=(4, 17)).astype(np.float32),
        ("set_timer", "read_list", NONE, NONE),
        rng.normal(size=(3, 17)).astype(np.float32),
        rng.normal(size=(4, 17)).astype(np.float32),
        rng.normal(size=(4, 17)).astype(np.float32),
        ("set_timer", "read_list", NONE),
        {"embedder_sha256": "abc", "calibration": {"sure": 0.7}},
    )


def test_what_is_saved_is_loaded(tmp_path):
    made = small()
    tool_index.save(made, tmp_path / "new")
    loaded = tool_index.load(tmp_path / "new", embedder_digest="abc", check=True)
    assert (loaded.owners, loaded.classes) == (made.owners, made.classes)
    assert loaded.manifest["calibration"] == {"sure": 0.7}
    for name in ("centroids", "head", "count_head", "follow_head", "part_head"):
        assert getattr(loaded, name).dtype == np.float32
        assert np.allclose(getattr(loaded, name), getattr(made, name), atol=2e-3)
    query = np.random.default_rng(2).normal(size=16).astype(np.float32)
    assert loaded.similarities(query) == pytest.approx(made.similarities(query), abs=5e-3)
    assert loaded.counts(query) == pytest.approx(made.counts(query), abs=1e-2)
    assert loaded.follows(query) == pytest.approx(made.follows(query), abs=1e-2)
    assert loaded.parts == made.parts


def test_similarities_are_those_of_the_best_centroid():
    made = small()
    query = np.random.default_rng(3).normal(size=16).astype(np.float32)
    cosines = made.centroids @ normalised(query)
    expected = {"set_timer": cosines[:2].max(), "read_list": cosines[2], NONE: cosines[3:].max()}
    assert made.similarities(query) == pytest.approx(expected, abs=1e-5)
    assert list(made.similarities(query, nearest=1)) == [max(expected, key=expected.get)]


def test_probabilities_sum_to_one_and_fine_classes_to_none():
    made = small()
    query = np.random.default_rng(4).normal(size=16).astype(np.float32) * 50
    scores = np.exp(made.head[:, :-1] @ query + made.head[:, -1] - (made.head[:, :-1] @ query).max())
    p = scores / scores.sum()
    expected = {"set_timer": p[0], "read_list": p[1], NONE: p[2] + p[3]}
    assert made.head_probabilities(query) == pytest.approx(expected, abs=1e-4)
    assert sum(made.head_probabilities(query).values()) == pytest.approx(1)
    assert sum(made.counts(query)) == pytest.approx(1)


def test_each_way_of_following_has_its_row_of_the_head():
    made = small()
    query = np.random.default_rng(8).normal(size=16).astype(np.float32)
    scores = np.exp(made.follow_head[:, :-1] @ query + made.follow_head[:, -1])
    assert tuple(made.follows(query)) == FOLLOWS
    assert list(made.follows(query).values()) == pytest.approx(list(scores / scores.sum()), abs=1e-5)


def test_another_embedder_is_refused_with_the_command(tmp_path):
    tool_index.save(small(), tmp_path)
    with pytest.raises(ProductError, match=r"made with another embedder: run `tinyagent index`\.$"):
        tool_index.load(tmp_path, embedder_digest="def")


@pytest.mark.parametrize("how", ["missing", "cut", "empty", "text", "other", "no head", "no follow head"])
def test_a_damaged_index_is_one_sentence(tmp_path, how):
    tool_index.save(small(), tmp_path)
    path = tmp_path / "index.npz"
    data = path.read_bytes()
    path.unlink()
    if how == "other":
        with path.open("wb") as stream:
            np.savez(
                stream,
                centroids=np.ones((2, 16)),
                head=np.ones((4, 17)),
                count_head=np.ones((3, 17)),
                follow_head=np.ones((4, 17)),
                part_head=np.ones((4, 17)),
            )
    elif how == "no head":
        with path.open("wb") as stream:
            np.savez(stream, centroids=np.ones((5, 16)))
    elif how == "no follow head":  # as it was before there were conversations
        with path.open("wb") as stream:
            np.savez(stream, centroids=np.ones((5, 16)), head=np.ones((4, 17)), count_head=np.ones((3, 17)))
    elif how != "missing":
        path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "text": b"hello" * 9}[how])
    with pytest.raises(ProductError, match=r"index\.npz .*: run `tinyagent index`\.$"):
        tool_index.load(tmp_path)


def test_a_part_head_of_another_size_is_refused(tmp_path):
    made = small()
    tool_index.save(made, tmp_path)
    with (tmp_path / "index.npz").open("wb") as stream:
        arrays = {name: getattr(made, name) for name in ("centroids", "head", "count_head", "follow_head")}
        np.savez(stream, **arrays, part_head=np.ones((3, 17)))
    with pytest.raises(ProductError, match="does not fit its manifest"):
        tool_index.load(tmp_path)


def test_a_command_is_cut_by_what_the_head_says_of_its_tokens():
    made = small()
    # Two directions of the embedding mean a tool each, a third that a wish begins.
    made.part_head[:] = 0
    made.part_head[0, 0] = made.part_head[1, 1] = made.part_head[3, 2] = 20
    made.part_head[3, -1] = -10
    tokens = np.zeros((4, 16), np.float32)
    tokens[:2, 0] = tokens[2:, 1] = tokens[[0, 2], 2] = 1
    reading = Reading(tokens.mean(0), tokens, ((0, 3), (4, 7), (8, 11), (12, 15)))
    assert [(p.tool, p.start, p.end) for p in made.cut(reading)] == [
        ("set_timer", 0, 7),
        ("read_list", 8, 15),
    ]
    # What is not there to be used is no part of its own.
    assert {p.tool for p in made.cut(reading, ["set_timer"])} <= {"set_timer", NONE}


def test_a_check_compares_the_digest(tmp_path):
    tool_index.save(small(), tmp_path)
    with (tmp_path / "index.npz").open("wb") as stream:
        other = small(2)
        np.savez(
            stream,
            centroids=other.centroids,
            head=other.head,
            count_head=other.count_head,
            follow_head=other.follow_head,
            part_head=other.part_head,
        )
    tool_index.load(tmp_path)
    with pytest.raises(ProductError, match="not the file its manifest describes"):
        tool_index.load(tmp_path, check=True)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"owners": []}', "{}"])
def test_a_damaged_manifest_is_one_sentence(tmp_path, text):
    tool_index.save(small(), tmp_path)
    (tmp_path / "index.json").unlink()
    if text is not None:
        (tmp_path / "index.json").write_text(text, "utf-8")
    with pytest.raises(ProductError, match=r": run `tinyagent index`\.$"):
        tool_index.load(tmp_path)


def test_clusters_find_the_groups_and_have_length_one():
    rng = np.random.default_rng(5)
    groups = np.eye(8, dtype=np.float32)[:3]
    vectors = np.concatenate([group * 7 + rng.normal(0, 0.1, (20, 8)) for group in groups]).astype(np.float32)
    found = cluster(vectors, 3)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert sorted((found @ groups.T).argmax(1)) == [0, 1, 2]
    assert ((found @ groups.T).max(1) > 0.98).all()
    assert np.array_equal(found, cluster(vectors, 3))


@pytest.mark.parametrize(("examples", "expected"), [(1, 1), (7, 1), (16, 2), (100, 4)])
def test_few_examples_make_few_centroids(examples, expected):
    vectors = np.random.default_rng(6).normal(size=(examples, 8)).astype(np.float32)
    assert cluster(vectors, 4).shape == (expected, 8)
    assert cluster(np.ones((examples, 8), np.float32), 4).shape == (expected, 8)


def test_a_tool_is_added_without_touching_the_index():
    made = small()
    vectors = np.random.default_rng(7).normal(size=(12, 16)).astype(np.float32)
    added = made.with_tool("play_music", vectors)
    assert added.owners == (*made.owners, "play_music")
    assert (
        max(added.similarities(vectors.mean(0)), key=added.similarities(vectors.mean(0)).get) == "play_music"
    )
    assert "play_music" not in made.similarities(vectors.mean(0))


def test_the_committed_index_fits_the_embedder_and_knows_every_tool():
    index = tool_index.load(embedder_digest=Embedder().digest, check=True)
    names = {tool.name for tool in catalogue() if tool.function.__module__.startswith("tinyagent.")}
    assert names <= set(index.owners)
    assert names <= set(index.classes)
    assert NONE in index.owners
    assert index.follow_head.shape == (len(FOLLOWS), index.centroids.shape[1] + 1)
    assert NONE in index.classes
    assert json.dumps(index.manifest["calibration"])
