"""Puts the voice daemon together from the settings: the one place that knows which engine stands for a stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from tinyagent.calls import Answer, Call, Tool
from tinyagent.errors import TinyAgentError
from tinyagent.settings import Settings
from tinyagent.voice import consent, spoken
from tinyagent.voice.daemon import Daemon
from tinyagent.voice.ears import Mode
from tinyagent.voice.events import Listened, News, Tell, Trouble
from tinyagent.voice.options import PUSH_TO_TALK, Options, read_options
from tinyagent.voice.protocols import AudioSink, AudioSource, Synthesiser, Transcriber
from tinyagent.voice.stages import Stages

if TYPE_CHECKING:
    from tinyagent.assistant import Assistant


NAMES_KEPT = 30.0
"""Seconds for which the names of the person's things are not read again."""


class Names:
    """The names of the person's own things, read from the stores where they are no longer fresh."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._clock = settings, clock
        self._names: Sequence[str] = ()
        self._read = -NAMES_KEPT

    def __call__(self) -> Sequence[str]:
        """Return the names, the likeliest to be said first; those of before where a store cannot be read."""
        from tinyagent.voice.hotwords import names
        from tinyagent.world import world_of

        if self._clock() - self._read >= NAMES_KEPT:
            with suppress(TinyAgentError):
                world = world_of(self._settings, self._settings.folders)
                self._names = names(world, self._settings.tools)
            self._read = self._clock()
        return self._names


class Manner:
    """How the assistant speaks and what it takes for a yes; a `turn.Wording`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def answer(self, given: Answer) -> str:
        """Return the sentences of an answer and the question it ends in, with the options to choose from."""
        asked = given.plan.question
        if asked is None:
            return spoken.answer(given)
        told = "\n".join(line for line in given.text.splitlines() if line.strip() != asked.text.strip())
        question = spoken.question(asked, now=self._now())
        return f"{spoken.answer(replace(given, text=told))} {question}".strip() if told else question

    def read_back(self, tool: Tool, call: Call) -> str:
        """Return the question whether a call may run."""
        return spoken.read_back(tool, call, now=self._now())

    def agrees(self, text: str, tool: str) -> bool | None:
        """Return whether it is a yes or a no; None where it is neither."""
        said = consent.verdict(text, tool)
        return None if said is consent.Verdict.UNCLEAR else said is consent.Verdict.YES


def build(
    settings: Settings,
    tell: Tell,
    *,
    options: Options | None = None,
    source: AudioSource | None = None,
    sink: AudioSink | None = None,
    assistant: Callable[[], Assistant] | None = None,
) -> Daemon:
    """Return a daemon that has loaded nothing yet.

    `options` are those of the settings file unless given. With a `source` in place of the microphone it takes
    everything for a command, or, with a wake word, what follows that. Raises `TinyAgentError` for an engine that is
    not there.
    """
    chosen = options or read_options(settings)
    return Daemon(stages(settings, chosen, source, sink, assistant), _keeping(settings, chosen, tell))


def stages(
    settings: Settings,
    options: Options,
    source: AudioSource | None = None,
    sink: AudioSink | None = None,
    assistant: Callable[[], Assistant] | None = None,
) -> Stages:
    """Return the engines of these options."""
    from tinyagent.scheduler.ringing import ring_for
    from tinyagent.voice.activity import SharedActivity, SileroActivity
    from tinyagent.voice.earcons import earcon
    from tinyagent.voice.endpoint import Endpointer
    from tinyagent.voice.microphone import Microphone
    from tinyagent.voice.notice import show
    from tinyagent.voice.speaker import Speaker
    from tinyagent.voice.wake import open_wake_word
    from tinyagent.voice.wyoming_shared import SharedSynthesiser

    activity = SharedActivity(SileroActivity())
    wake = None if options.wake == PUSH_TO_TALK else open_wake_word(options.wake, options.phrase, activity)
    voice = synthesiser(options)
    return Stages(
        source or Microphone(options.microphone),
        activity,
        wake,
        Endpointer(),
        transcriber(settings, options),
        assistant or partial(_assistant, settings),
        SharedSynthesiser(voice) if options.wyoming_listen else voice,
        sink or Speaker(options.speaker),
        Manner(lambda: settings.context().now),
        ring=partial(ring_for, settings),
        show=show,
        earcon=earcon if options.earcons else None,
        mode=Mode.ALWAYS if wake else Mode.TAPE if source else Mode.IN_WINDOWS,
        headset=options.headset,
    )


def transcriber(settings: Settings, options: Options) -> Transcriber:
    """Return the speech recogniser, with the names of the person's own world repaired."""
    from tinyagent.voice.repair import Repairing

    engine: Transcriber
    if options.wyoming_asr:
        from tinyagent.voice.wyoming_engines import WyomingTranscriber

        engine = WyomingTranscriber(options.wyoming_asr)
    else:
        from tinyagent.voice.transcribe import WhisperTranscriber

        engine = WhisperTranscriber(threads=1, cache=settings.cache)

    return Repairing(engine, Names(settings))


def synthesiser(options: Options) -> Synthesiser:
    """Return the voice."""
    if options.wyoming_tts:
        from tinyagent.voice.wyoming_engines import WyomingSynthesiser

        return WyomingSynthesiser(options.wyoming_tts)
    from tinyagent.voice.speak import open_synthesiser

    return open_synthesiser(options.voice_engine, options.voice)


def _assistant(settings: Settings) -> Assistant:
    from tinyagent.assistant import Assistant

    return Assistant(settings)


def _keeping(settings: Settings, options: Options, tell: Tell) -> Tell:
    """Return `tell`, with what was said kept on the disk where the person wants that."""
    if not options.keep_audio:
        return tell
    from tinyagent.voice.keep import Keeper

    keeper = Keeper(settings.state)

    def telling(news: News) -> None:
        tell(news)
        if isinstance(news, Listened):
            try:
                keeper.keep(news.spoken)
            except (TinyAgentError, OSError) as error:
                tell(Trouble(str(error)))

    return telling
