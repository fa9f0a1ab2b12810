"""How right spoken commands are: word error rate, and whether the call that comes out is the right one.

    python -m tinyagent.evaluation.speech [--count 150] [--json]

Held-out usage lines (`data/speech_commands.txt`) are spoken by two synthesisers (espeak-ng with two voices, Piper) and
put under pink noise: none, 20 dB and 10 dB below the speech. Each is transcribed with the person's names as hotwords
and without, and what comes out is planned as it is and with its names repaired, by the assistant that plans the typed
line too. No sound is written anywhere and nothing is executed.

Synthetic speech is clearer in some ways and stranger in others than a person's: the figures compare one part with
another, and are no promise.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from tinyagent.evaluation.cases import Case, parse_case
from tinyagent.evaluation.metrics import exact_call
from tinyagent.evaluation.runner import Planner
from tinyagent.evaluation.speech_report import Cell, Report
from tinyagent.evaluation.word_errors import in_figures, word_errors
from tinyagent.grounding.base import Unresolved, World
from tinyagent.voice.protocols import RATE, Sound, Synthesiser, Transcriber
from tinyagent.voice.repair import repaired
from tinyagent.voice.sound import joined, resampled, silence, with_noise

COMMANDS = Path(__file__).parent / "data" / "speech_commands.txt"
NOISES: Mapping[str, float | None] = {"clean": None, "20 dB": 20.0, "10 dB": 10.0}
ESPEAK_VOICES = ("en-us", "en-gb+f3")
SEED = 20260302


def evaluate(
    cases: Sequence[Case],
    planner: Planner,
    world_of: Callable[[datetime], World],
    voices: Mapping[str, Sequence[Synthesiser]],
    transcriber: Transcriber,
    names: Sequence[str],
    *,
    noises: Mapping[str, float | None] = NOISES,
    hotwords: Iterable[bool] = (False, True),
    clock: Callable[[], float] = time.process_time,
    progress: Callable[[Report], None] = lambda so_far: None,
) -> Report:
    """Speak, hear and plan every case; of several synthesisers under one name, each takes its turn.

    `clock` gives seconds (of this process's own work, unless given). `progress` is told the report so far.
    """
    judge = _Judge(planner, world_of)
    report = Report()
    cells: dict[tuple[str, str, bool], Cell] = {}
    hints = tuple(hotwords)
    for number, case in enumerate(cases):
        report.count += 1
        report.typed += judge.right(case, case.text)
        for voice, speakers in voices.items():
            spoken = speakers[number % len(speakers)].speak(case.text)
            for noise, decibels in noises.items():
                samples = heard_in(spoken, decibels, np.random.default_rng(SEED + number)).samples
                for hint in hints:
                    cell = cells.setdefault((voice, noise, hint), Cell(voice, noise, hint))
                    started = clock()
                    text = transcriber.transcribe(samples, names if hint else ()).text
                    cell.seconds.append(clock() - started)
                    _count(cell, case, text, names, judge)
        report.cells = list(cells.values())
        progress(report)
    return report


def _count(cell: Cell, case: Case, text: str, names: Sequence[str], judge: _Judge) -> None:
    errors, words = word_errors(case.text, text)
    cell.errors, cell.words = cell.errors + errors, cell.words + words
    mended = repaired(text, names)
    before = judge.right(case, text)
    after = before if mended == text else judge.right(case, mended)
    cell.right, cell.right_repaired = cell.right + before, cell.right_repaired + after
    if before != after:
        (cell.helped if after else cell.harmed).append((case.text, text, mended))


class _Judge:
    """Whether a text gives the one right call; every text is planned once."""

    def __init__(self, planner: Planner, world_of: Callable[[datetime], World]) -> None:
        self._planner, self._world_of = planner, world_of
        self._known: dict[tuple[str, str], bool] = {}

    def right(self, case: Case, text: str) -> bool:
        if (case.id, text) not in self._known:
            self._known[case.id, text] = bool(text.strip()) and self._right(case, text)
        return self._known[case.id, text]

    def _right(self, case: Case, text: str) -> bool:
        plan = self._planner.plan(text, now=case.now)
        if len(plan.calls) != len(case.calls) or plan.end != "done":
            return False

        def ground(tool: str, parameter: str, words: str) -> Any:
            return in_figures(_grounded(tool, parameter, words, self._world_of(case.now)))

        pairs = zip(case.calls, plan.calls, strict=True)
        return all(
            exact_call(case, due, replace(call, args=in_figures(call.args)), ground) for due, call in pairs
        )


def _grounded(tool: str, parameter: str, words: str, world: World) -> Any:
    from tinyagent.grounding.resolvers import resolve
    from tinyagent.tools.registry import catalogue

    try:
        return resolve(words, catalogue()[tool].parameter(parameter), world)
    except (KeyError, Unresolved):
        return words


def heard_in(spoken: Sound, decibels: float | None, random: np.random.Generator) -> Sound:
    """Return speech at 16 kHz as a microphone gets it: a little silence around it, pink noise so far below."""
    around = joined(silence(0.2, RATE), resampled(spoken, RATE), silence(0.4, RATE))
    return around if decibels is None else with_noise(around, decibels, random, pink(4.0, random))


def pink(seconds: float, random: np.random.Generator) -> Sound:
    """Return noise that has equal power in each octave above 50 Hz, as rooms have it."""
    size = int(seconds * RATE)
    spectrum = np.fft.rfft(random.standard_normal(size))
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    spectrum = np.where(hertz >= 50, spectrum / np.sqrt(np.maximum(hertz, 1.0)), 0)
    noise = np.fft.irfft(spectrum, size)
    return Sound((noise / np.abs(noise).max() * 20_000).astype(np.int16), RATE)


def cases_of(path: Path = COMMANDS, count: int = 0) -> list[Case]:
    """Return the cases of the command file, in order; `count` of them, evenly spaced."""
    from tinyagent.evaluation.held_out import cases

    by_text = {given["text"]: given for given in cases()}
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    found = [parse_case(by_text[line]) for line in lines if line in by_text]
    count = min(count or len(found), len(found))
    return [found[i * len(found) // count] for i in range(count)]


def _voices() -> Mapping[str, Sequence[Synthesiser]]:
    from tinyagent.voice.speak import open_synthesiser

    espeak = [open_synthesiser("espeak-ng", voice) for voice in ESPEAK_VOICES]
    return {"espeak-ng": espeak, "Piper joe": [open_synthesiser("piper")]}


def _told(so_far: Report) -> None:
    sys.stderr.write(f"\r{so_far.count} commands …")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    from tinyagent.cli.scratch import scratch_settings, stock_for
    from tinyagent.evaluation.stocked import StockedAssistant
    from tinyagent.settings import load
    from tinyagent.voice.hotwords import names
    from tinyagent.voice.transcribe import BEAM, WhisperTranscriber

    parser = argparse.ArgumentParser(description="Measure spoken commands.")
    parser.add_argument("--count", type=int, default=150, help="how many commands (0: all of the file)")
    parser.add_argument("--beam", type=int, default=BEAM, help="hypotheses kept while decoding")
    parser.add_argument("--hotwords", choices=("both", "yes", "no"), default="both")
    parser.add_argument("--json", action="store_true", help="print every figure as one JSON object")
    given = parser.parse_args(arguments)
    hints = {"both": (False, True), "yes": (True,), "no": (False,)}[given.hotwords]
    cases, stock = cases_of(count=given.count), stock_for(COMMANDS)
    with scratch_settings(load(), stock) as settings:
        report = evaluate(
            cases,
            StockedAssistant(settings, stock.world),
            stock.world,
            _voices(),
            WhisperTranscriber(cache=settings.cache, beam=given.beam),
            names(stock.world(cases[0].now)),
            hotwords=hints,
            progress=_told,
        )
    sys.stdout.write(
        (json.dumps(report.as_json(), ensure_ascii=False) if given.json else report.table()) + "\n"
    )


if __name__ == "__main__":
    main()
