"""The benchmark of running calls while the plan goes on, in small."""

import json

import pytest

from tinyagent.evaluation import parallel


def test_independent_calls_are_sooner_done_and_a_chain_takes_its_time():
    rows = parallel.measure(delay=0.15, step=0.005, repeat=1)
    ratios = {row["shape"]: row["ratio"] for row in rows}
    assert ratios["2 independent calls"] > 1.25
    assert ratios["5 independent calls"] > ratios["2 independent calls"] > ratios["chain of 3 calls"] > 0.7
    assert all(row["ours_s"] > 0.15 for row in rows)
    chain = next(row for row in rows if row["shape"] == "chain of 3 calls")
    assert min(chain["ours_s"], chain["one_after_another_s"]) > 0.45


def test_it_prints_a_table_and_json(capsys, monkeypatch):
    monkeypatch.setattr(parallel, "SHAPES", parallel.SHAPES[:1])
    monkeypatch.setattr(parallel.measure, "__defaults__", (parallel.SHAPES[:1],))
    parallel.main(["--delay", "0.01", "--step", "0", "--repeat", "1"])
    printed = capsys.readouterr().out
    assert "2 independent calls" in printed
    assert " x\n" in printed
    parallel.main(["--delay", "0.01", "--step", "0", "--repeat", "1", "--json"])
    given = json.loads(capsys.readouterr().out)
    assert (given["delay_s"], given["rows"][0]["shape"]) == (0.01, "2 independent calls")


def test_a_call_that_fails_is_no_measurement(tmp_path):
    broken = parallel.Shape("broken", ((7,),))
    with pytest.raises(RuntimeError, match="a call of broken was not done"):
        parallel.run(broken, 0, 0, tmp_path, wait=False)
