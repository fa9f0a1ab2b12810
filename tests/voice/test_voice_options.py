"""The table [voice], and the sound that is kept only for who wants that."""

import stat
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from tinyagent.errors import SettingsError
from tinyagent.settings import load
from tinyagent.tools.contacts import add_contact
from tinyagent.voice import build, keep
from tinyagent.voice.events import Listened, Spoken, Trouble
from tinyagent.voice.options import Options, read_options
from tinyagent.voice.sound import read_wav

SPOKEN = Spoken(np.full(1600, 500, np.int16), 0, 3)


@pytest.fixture
def settings(tmp_path):
    return load({"TINYAGENT_HOME": str(tmp_path)})


def table(settings, **given):
    return replace(settings, tools={"voice": given})


def test_the_defaults(settings):
    assert read_options(settings) == Options()
    assert (Options().wake, Options().keep_audio, Options().headset) == ("push-to-talk", False, False)


def test_what_is_given(settings):
    options = read_options(table(settings, wake="pocketsphinx", headset=True, microphone="USB"))
    assert (options.wake, options.headset, options.microphone) == ("pocketsphinx", True, "USB")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mikrophone": "x"}, "unknown setting 'mikrophone'"),
        ({"headset": "yes"}, "must be true or false"),
        ({"phrase": 3}, "must be a text in quotes"),
        ({"wake": "alexa"}, "must be one of push-to-talk"),
    ],
)
def test_mistakes(settings, given, says):
    with pytest.raises(SettingsError, match=says):
        read_options(table(settings, **given))


def test_no_sound_is_kept(settings):
    news = []
    tell = build._keeping(settings, Options(), news.append)
    tell(Listened(SPOKEN))
    assert len(news) == 1
    assert not settings.state.exists()


def test_sound_is_kept_for_who_wants_it(settings):
    news = []
    tell = build._keeping(settings, Options(keep_audio=True), news.append)
    tell(Listened(SPOKEN))
    (path,) = (settings.state / "voice").glob("*.wav")
    assert np.array_equal(read_wav(path).samples, SPOKEN.samples)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_oldest_sound_goes(settings, monkeypatch):
    monkeypatch.setattr(keep, "KEPT", 3)
    now = [datetime(2026, 3, 2, 9)]
    keeper = keep.Keeper(settings.state, lambda: now[0])
    for _ in range(5):
        keeper.keep(SPOKEN)
        now[0] += timedelta(seconds=1)
    assert sorted(path.name[9:15] for path in keeper.folder.glob("*.wav")) == ["090002", "090003", "090004"]


def test_sound_that_cannot_be_kept_is_told(settings):
    settings.state.parent.mkdir(parents=True, exist_ok=True)
    settings.state.write_text("in the way")
    news = []
    build._keeping(settings, Options(keep_audio=True), news.append)(Listened(SPOKEN))
    assert isinstance(news[1], Trouble)


def test_names_are_read_again_after_a_while(settings):
    now = [0.0]
    names = build.Names(settings, lambda: now[0])
    assert "Zoe Quill" not in names()
    add_contact(settings.context(datetime(2026, 3, 2, 9)), "Zoe Quill")
    assert "Zoe Quill" not in names()
    now[0] = build.NAMES_KEPT
    assert "Zoe Quill" in names()
