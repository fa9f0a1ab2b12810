from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.tools import cities
from tinyagent.tools.cities import find_zone, is_here

VALUES = Path(__file__).parents[2] / "tool_index" / "values" / "city.txt"


def test_every_zone_of_the_table_exists():
    towns = cities._names().values()
    assert len(towns) > 300
    for town in towns:
        ZoneInfo(town.zone)


def test_every_city_of_the_workshop_is_known():
    assert [line for line in VALUES.read_text().splitlines() if find_zone(line) is None] == []


@pytest.mark.parametrize(
    ("words", "zone"),
    [
        ("Tokyo", "Asia/Tokyo"), ("in new york right now", "America/New_York"), ("Paris, France", "Europe/Paris"),
        ("the UK", "Europe/London"), ("são paulo", "America/Sao_Paulo"), ("sao paulo", "America/Sao_Paulo"),
        ("MÜNCHEN", "Europe/Berlin"), ("berlim", "Europe/Berlin"), ("ushuaia", "America/Argentina/Ushuaia"),
        ("Europe/Madrid", "Europe/Madrid"), ("pacific time", "America/Los_Angeles"), ("GMT", "UTC"),
        ("the city of Dublin", "Europe/Dublin"), ("Washington DC", "America/New_York"), ("xi'an", "Asia/Shanghai"),
        ("atlantis", None), ("", None), ("../../etc/passwd", None), ("a", None), ("time", None),
    ],
)  # fmt: skip
def test_places(words, zone):
    town = find_zone(words)
    assert (town.zone if town else None) == zone


def test_a_country_of_many_zones_says_whose():
    assert find_zone("Australia").capital == "Canberra"
    assert is_here("here") and not is_here("Rome")


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_never_raises(words):
    find_zone(words)
