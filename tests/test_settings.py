from datetime import datetime
from pathlib import Path

import pytest

from tinyagent.errors import SettingsError
from tinyagent.settings import load


@pytest.fixture
def config(tmp_path):
    """Write a settings file; returns the environment that names it."""

    def write(text):
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return {"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(path)}

    return write


def test_one_folder_holds_everything_when_asked(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path)})
    assert settings.calendars == tmp_path / "data" / "calendars"
    assert {settings.state, settings.cache, settings.config} == {
        tmp_path / "state",
        tmp_path / "cache",
        tmp_path / "config",
    }


def test_the_variable_overrides_the_file(config):
    environment = config('timezone = "Europe/Berlin"\nthreads = 2\n')
    assert load(environment).timezone == "Europe/Berlin"
    settings = load({**environment, "TINYAGENT_TIMEZONE": "Asia/Tokyo", "TINYAGENT_THREADS": "1"})
    assert (settings.timezone, settings.threads) == ("Asia/Tokyo", 1)


def test_moving_the_data_moves_what_lies_in_it(config, tmp_path):
    settings = load(config(f'data = "{tmp_path}/elsewhere"\nnotes = "~/notes"\n'))
    assert settings.contacts == tmp_path / "elsewhere" / "contacts"
    assert settings.notes == Path.home() / "notes"


@pytest.mark.parametrize("text", ["timezone =", b'timezone = "\xff"', "[["])
def test_a_damaged_file_is_named(config, text):
    environment = config(text)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        load(environment)


def test_a_folder_for_a_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_CONFIG_FILE": str(tmp_path)})


def test_an_unknown_setting_lists_the_known_ones(config):
    with pytest.raises(SettingsError, match=r"colour.*timezone"):
        load(config('colour = "red"'))


def test_a_number_must_be_one(config):
    with pytest.raises(SettingsError, match="threads"):
        load(config('threads = "many"'))


def test_a_time_zone_must_exist(config):
    with pytest.raises(SettingsError, match="Mars/Phobos"):
        load(config('timezone = "Mars/Phobos"')).zone()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "Europe"])
def test_a_time_zone_is_no_path(config, name):
    with pytest.raises(SettingsError):
        load({**config(""), "TINYAGENT_TIMEZONE": name}).zone()


def test_the_systems_zone_comes_from_tz(monkeypatch, tmp_path):
    monkeypatch.setenv("TZ", "America/New_York")
    assert load({"TINYAGENT_HOME": str(tmp_path)}).zone().key == "America/New_York"


def test_the_context_carries_now_zone_and_folders(tmp_path):
    settings = load({"TINYAGENT_HOME": str(tmp_path), "TINYAGENT_TIMEZONE": "Asia/Kolkata"})
    context = settings.context(datetime(2026, 3, 2, 9))
    assert context.now == datetime(2026, 3, 2, 9)
    assert context.timezone.key == "Asia/Kolkata"
    assert context.folders.state == settings.state
    assert settings.context().now.tzinfo is None
