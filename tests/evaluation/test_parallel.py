"""The benchmark of running calls while the plan goes on, in small."""

import json

import pytest

from tinyagent.evaluation import parallel


def test_independent_calls_are_sooner_done_and_a_chain_takes_its_time():
    rows = parallel.measure(parallel.SHAPES[:4], delay=0.15, step=0.005, repeat=1)
    by = {row["shape"]: row for row in rows}
    # What the machine does beside this may stretch any of these times; nothing can shorten them.
    assert all(row["ours_s"] > 0.15 for row in rows)
    for calls in (2, 5):
        assert by[f"{calls} independent calls"]["one_after_another_s"] > calls * 0.15
    assert all(
        row["ratio"] == pytest.approx(row["one_after_another_s"] / row["ours_s"], rel=0.1) for row in rows
    )
    chain = next(row for row in rows if row["shape"] == "chain of 3 calls")
    assert min(chain["ours_s"], chain["one_after_another_s"]) > 0.45


def test_it_prints_a_table_and_json(capsys, monkeypatch):
    monkeypatch.setattr(parallel, "SHAPES", parallel.SHAPES[:1])
    monkeypatch.setattr(parallel.measure, "__defaults__", (parallel.SHAPES[:1],))
    parallel.main(["--delay", "0.01", "--step", "0", "--repeat", "1"])
    printed = capsys.readouterr().out
    assert "2 independent calls" in printed
    assert "first call" in printed
    parallel.main(["--delay", "0.01", "--step", "0", "--repeat", "1", "--json"])
    given = json.loads(capsys.readouterr().out)
    assert (given["delay_s"], given["rows"][0]["shape"]) == (0.01, "2 independent calls")
    assert {"ours_s", "ratio", "first_call_s", "late_s"} < set(given["rows"][0])


def test_the_first_call_starts_while_the_rest_is_planned_and_a_diamond_is_sooner_done():
    *_, diamond = parallel.SHAPES
    [row] = parallel.measure([diamond], delay=0.1, step=0.05, repeat=1)
    # One step goes before the first call, three calls come after each other.
    assert 0.05 <= row["first_call_s"] <= row["ours_s"] - 3 * 0.1
    assert row["late_s"] >= 0
    assert row["one_after_another_s"] >= 4 * 0.15
    assert row["ours_s"] >= 0.05 + 3 * 0.1


def test_a_call_that_fails_is_no_measurement(tmp_path):
    broken = parallel.Shape("broken", ((7,),))
    with pytest.raises(RuntimeError, match="a call of broken was not done"):
        parallel.run(broken, 0, 0, tmp_path, wait=False)
