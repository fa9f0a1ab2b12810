"""Speaking instead of typing: the real endpointer, a source and a recogniser that are given."""

import numpy as np
import pytest
from tui_stage import play, until

from tinyagent.errors import VoiceError
from tinyagent.tui import dictation as dictating
from tinyagent.tui.app import TinyAgentApp
from tinyagent.tui.dictation import HEARING, NOTHING, Ears, is_possible
from tinyagent.tui.help import listed
from tinyagent.tui.history import History
from tinyagent.tui.keys import TALK
from tinyagent.tui.prompt import PromptLine
from tinyagent.voice.endpoint import Endpointer
from tinyagent.voice.protocols import FRAME, Transcript

LOUD, QUIET = np.full(FRAME, 9000, np.int16), np.zeros(FRAME, np.int16)


class Given:
    """A microphone that records these frames, then what `rest` is (nothing: it goes away); and all other stages."""

    def __init__(self, *frames, rest=QUIET, error=None):
        self.given, self.rest, self.error = frames, rest, error
        self.opened = self.closed = 0
        self.heard = []

    async def frames(self):
        import asyncio

        self.opened += 1
        try:
            for frame in self.given:
                yield frame
            while self.error is None:
                await asyncio.sleep(0.005)
                yield self.rest
            raise self.error
        finally:
            self.closed += 1

    def probability(self, frame):
        return 0.9 if frame.any() else 0.02

    def reset(self):
        return None

    def transcribe(self, samples, hotwords=()):
        self.heard.append(len(samples))
        return Transcript(" Add milk. ", "add milk")

    def ears(self):
        return Ears(self, self, Endpointer(patience=0.3, longest=3600), self)


@pytest.fixture
def prompt_of(tmp_path):
    return lambda ears: PromptLine(History(tmp_path / "history"), ears=ears)


def test_a_pause_ends_it_and_the_words_stand_in_the_prompt_unsent(prompt_of):
    given = Given(*[QUIET] * 5, *[LOUD] * 20)
    prompt = prompt_of(given.ears)

    async def act(app, pilot):
        prompt.put("please")
        prompt.dictation.talk()
        await until(pilot, lambda: not prompt.dictation.active)
        assert prompt.text == "please Add milk."
        assert app.posted == []
        assert (len(given.heard), given.opened, given.closed) == (1, 1, 1)
        await pilot.press("ctrl+z")
        assert prompt.text == "please"

    play(act, prompt)


def test_the_key_again_ends_it(prompt_of):
    given = Given(rest=LOUD)
    prompt = prompt_of(given.ears)

    async def act(app, pilot):
        prompt.dictation.talk()
        await until(pilot, lambda: HEARING in app.text)
        prompt.dictation.talk()
        await until(pilot, lambda: not prompt.dictation.active)
        assert prompt.text == "Add milk."

    play(act, prompt)


def test_it_is_left_and_the_microphone_is_closed(prompt_of):
    given = Given(rest=LOUD)
    prompt = prompt_of(given.ears)

    async def act(app, pilot):
        prompt.dictation.talk()
        await until(pilot, lambda: HEARING in app.text)
        prompt.dictation.hush()
        await until(pilot, lambda: given.closed == 1)
        assert HEARING not in app.text
        assert (prompt.text, given.heard) == ("", [])

    play(act, prompt)


def test_silence_is_nothing(prompt_of, monkeypatch):
    monkeypatch.setattr(dictating, "SILENCE", 0.5)
    given = Given()
    prompt = prompt_of(given.ears)

    async def act(app, pilot):
        prompt.dictation.talk()
        await until(pilot, lambda: NOTHING in app.text)
        assert given.heard == []

    play(act, prompt)


@pytest.mark.parametrize("when", ["opening", "listening"])
def test_a_device_that_is_not_there_is_one_sentence(prompt_of, when):
    missing = VoiceError("There is no microphone: plug one in.")

    def ears():
        if when == "opening":
            raise missing
        return Given(error=missing).ears()

    prompt = prompt_of(ears)

    async def act(app, pilot):
        prompt.dictation.talk()
        await until(pilot, lambda: "There is no microphone: plug one in." in app.text)
        await pilot.press("a")
        assert prompt.text == "a"
        assert not prompt.dictation.active

    async def focused(app, pilot):
        prompt.focus()
        await act(app, pilot)

    play(focused, prompt)


def test_the_key_is_told_of_only_where_it_works():
    assert (TALK in list(listed(TinyAgentApp))) == is_possible()
