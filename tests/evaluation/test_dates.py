"""The benchmark of time resolvers, on a few lines of its own."""

import json
from datetime import datetime

from tinyagent.evaluation.dates import main, ours, point_fits, read_lines, score_points, span_fits


def _line(text, words, kind, *values):
    result = {"text": words, "type": f"datetimeV2.{kind}", "values": list(values)}
    return json.dumps({"input": text, "reference": "2026-03-02T09:00:00", "results": [result]})


def _file(tmp_path):
    lines = [
        _line("see you tomorrow", "tomorrow", "date", {"value": "2026-03-03"}),
        _line("lunch is at noon", "noon", "time", {"value": "12:00:00"}),
        _line("call at 3 pm today", "3 pm today", "datetime", {"value": "2026-03-02 15:00:00"}),
        _line("never on feb 30", "feb 30", "date", {"value": "not resolved"}),
        _line("back on the day it rains", "the day", "date", {"value": "2026-03-05"}),
        _line("away next week", "next week", "daterange", {"start": "2026-03-09", "end": "2026-03-16"}),
        _line(
            "monday to wednesday",
            "monday to wednesday",
            "daterange",
            {"start": "2026-03-09", "end": "2026-03-11"},
        ),
        _line("for ten minutes", "ten minutes", "duration", {"value": "600"}),
        _line("every monday", "every monday", "set", {"value": "not resolved"}),
        json.dumps({"input": "two", "reference": "2026-03-02T09:00:00", "results": []}),
    ]
    path = tmp_path / "dates.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_points_are_scored(tmp_path):
    lines = read_lines(_file(tmp_path))
    right, failures = score_points(lines, ours)
    assert right == 4
    assert [line.text for line, _ in failures] == ["back on the day it rains"]


def test_a_time_of_day_is_compared_without_its_date(tmp_path):
    line = read_lines(_file(tmp_path))[1]
    assert line.now == datetime(2026, 3, 2, 9)
    assert point_fits(line, "2026-03-02T12:00:00")
    assert not point_fits(line, "2026-03-02")


def test_the_last_day_said_may_count(tmp_path):
    line = read_lines(_file(tmp_path))[6]
    assert span_fits(line, "2026-03-09T00:00:00/2026-03-11T00:00:00")
    assert span_fits(line, "2026-03-09T00:00:00/2026-03-12T00:00:00")
    assert not span_fits(line, "2026-03-09T00:00:00/2026-03-13T00:00:00")


def test_the_table_names_every_system(tmp_path, capsys):
    assert main([str(_file(tmp_path)), "--failures"]) == 0
    printed = capsys.readouterr().out
    assert "5 lines with a single date" in printed
    assert "tinyagent                       4 right  0.800" in printed
    assert all(name in printed for name in ("dateparser", "parsedatetime", "recognizers-text-date-time"))
    assert "back on the day it rains" in printed
