"""Speech to text with the real model and a real synthesiser: words, silence, noise, a damaged or missing model."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tinyagent.errors import MissingExtraError, VoiceError
from tinyagent.evaluation.speech import heard_in, pink
from tinyagent.evaluation.word_errors import in_figures, word_errors
from tinyagent.voice import transcribe
from tinyagent.voice.protocols import RATE, Sound
from tinyagent.voice.speak import open_synthesiser
from tinyagent.voice.transcribe import Heard, WhisperTranscriber, transcript_of
from tinyagent.voice.typed import typed


@pytest.fixture(scope="module")
def whisper(cache):
    return WhisperTranscriber(cache=cache)


@pytest.fixture(scope="module")
def say():
    assert shutil.which("espeak-ng"), "run `sudo apt install espeak-ng`"
    voice = open_synthesiser("espeak-ng")
    return lambda text: heard_in(voice.speak(text), None, np.random.default_rng(1)).samples


def test_a_command_is_heard(whisper, say):
    heard = whisper.transcribe(say("Set a timer for ten minutes."))
    assert word_errors("set a timer for ten minutes", heard.text) == (0, 6)
    assert heard.text.startswith("Set") and heard.text.endswith(".")
    assert heard.heard == heard.text and 0.3 < heard.confidence <= 1


def test_a_name_is_heard_when_it_is_known(whisper, say):
    samples = say("Send an email to Katarzyna.")
    without, knowing = whisper.transcribe(samples), whisper.transcribe(samples, ["Tom", "Katarzyna", "Priya"])
    assert "Katarzyna" in knowing.text
    assert knowing.confidence >= without.confidence


@pytest.mark.parametrize("length", [0, 100, RATE])
def test_silence_says_nothing(whisper, length):
    assert whisper.transcribe(np.zeros(length, np.int16), ["Ana"]).text == ""


def _noises():
    random = np.random.default_rng(5)
    pinkish = pink(3.0, random).samples
    hum = (3000 * np.sin(2 * np.pi * 50 * np.arange(2 * RATE) / RATE)).astype(np.int16)
    clicks = np.zeros(2 * RATE, np.int16)
    clicks[:: RATE // 3] = 20_000
    return {"pink": pinkish, "faint": pinkish // 30, "white": random.normal(0, 2000, 2 * RATE).astype(np.int16),
            "hum": hum, "clicks": clicks}  # fmt: skip


@pytest.mark.parametrize("name", ["pink", "faint", "white", "hum", "clicks"])
def test_noise_says_nothing(whisper, name):
    assert whisper.transcribe(_noises()[name], ["Ana", "Sid"]).text == ""


def test_what_is_longer_than_a_window_is_heard_to_its_end(whisper, say):
    once = say("Lock the screen.")
    heard = whisper.transcribe(np.concatenate([np.zeros(30 * RATE, np.int16), once]))
    assert "screen" in heard.text.lower()


@pytest.mark.parametrize(
    ("segment", "kept"),
    [
        (Heard("Call Sid.", -0.3, 0.1), True),
        (Heard("Thank you.", -0.7, 0.2), False),
        (Heard("Thank you.", -0.2, 0.1), True),
        (Heard("Call Sid.", -0.9, 0.8), False),
        (Heard("Call Sid.", -1.5, 0.1), False),
        (Heard("Set a timer.", -0.3, 0.7), False),
        (Heard("Set a timer.", -0.3, 0.1), True),
        (Heard(" [Music] ", -0.2, 0.1), False),
        (Heard("no no no no no no", -0.2, 0.1), False),
        (Heard("and the day " * 20, -0.2, 0.1), False),
    ],
)
def test_what_is_not_believed(segment, kept):
    assert (transcript_of([segment], 2.0) is not None) is kept


def test_the_confidence_is_the_mean_over_tokens():
    heard = transcript_of([Heard("Call Sid", -0.1, 0.0, 3), Heard(" and Ana.", -0.5, 0.0, 1)], 3.0)
    assert heard.text == "Call Sid and Ana." and heard.confidence == pytest.approx(np.exp(-0.2))


def test_the_model_is_checked_once(tmp_path):
    engine = WhisperTranscriber(cache=tmp_path)
    folder = engine.check()
    record = tmp_path / "models" / "whisper-tiny.en.json"
    assert json.loads(record.read_text())["size"] == (folder / "model.bin").stat().st_size
    before = record.stat().st_mtime_ns
    assert engine.check() == folder and record.stat().st_mtime_ns == before


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    model = tmp_path / "damaged_model" / "model"
    model.mkdir(parents=True)
    (tmp_path / "damaged_model" / "__init__.py").write_text("raise RuntimeError('imported')")
    (model / "model.bin").write_bytes(b"x" * 1000)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(transcribe, "PACKAGE", "damaged_model")
    return model


def test_a_damaged_model_is_refused_with_its_cure(damaged, tmp_path):
    with pytest.raises(VoiceError, match=r"damaged: run `uv sync --reinstall-package damaged-model`"):
        WhisperTranscriber(cache=tmp_path).load()
    assert not (tmp_path / "models").exists()


def test_weights_that_changed_are_looked_at_again(damaged, tmp_path, monkeypatch):
    weights = damaged / "model.bin"
    monkeypatch.setattr(transcribe, "MODEL_SHA256", transcribe.sha256(weights))
    engine = WhisperTranscriber(cache=tmp_path)
    assert engine.check() == damaged
    weights.write_bytes(b"y" * 1000)
    os.utime(weights, ns=(1, 1))
    with pytest.raises(VoiceError, match="damaged"):
        engine.check()


def test_without_weights_or_package_it_says_what_to_do(damaged, monkeypatch):
    (damaged / "model.bin").unlink()
    with pytest.raises(VoiceError, match="is missing"):
        WhisperTranscriber().check()
    monkeypatch.setattr(transcribe, "PACKAGE", "no_such_model")
    with pytest.raises(MissingExtraError, match=r"tinyagent\[voice\]"):
        WhisperTranscriber().check()


def test_importing_it_loads_nothing_heavy():
    code = "import sys, tinyagent.voice.transcribe, tinyagent.voice.repair; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"faster_whisper", "ctranslate2", "onnxruntime", "torch", "av"} & set(loaded)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" remind me at 6-30 to go", "Remind me at 6:30 to go."),
        ("Wake me 7-30 a.m.", "Wake me 7:30 a.m."),
        ("A timer for 1 1/2 hours.", "A timer for 1 and a half hours."),
        ("2½ hours", "2 and a half hours."),
        ("1/2 cup", "1/2 cup."),
        ("What's 12-10?", "What's 12-10?"),
        ("The number is 020-7946-0881.", "The number is 020-7946-0881."),
        ("Add Noor, email noor.a at example.org", "Add Noor, email noor.a@example.org."),
        ("um... call Ana...", "Um, call Ana."),
        ("[Music] ♪ (coughing)", ""),
        ("...", ""),
        ("- Yes!", "Yes!"),
    ],
)
def test_text_is_written_as_it_is_typed(written, expected):
    assert typed(written) == expected


@pytest.mark.parametrize(
    ("one", "other"), [("two dozen eggs", "24 eggs"), ("half past 9", "half past nine"), ("a cup", "a cup")]
)
def test_figures_and_words_are_the_same_number(one, other):
    assert in_figures(one) == in_figures(other)


def test_word_errors_count_what_differs():
    assert word_errors("Wake me at eight thirty.", "wait me at 8 thirty") == (1, 5)
    assert word_errors("call Sid", "") == (2, 2)


def test_noise_lies_as_far_below_as_asked():
    tone = Sound((8000 * np.sin(np.arange(2 * RATE))).astype(np.int16), RATE)
    quiet = heard_in(tone, None, np.random.default_rng(1)).samples.astype(float)
    noisy = heard_in(tone, 10.0, np.random.default_rng(1)).samples.astype(float)
    ratio = 10 * np.log10(np.mean(quiet**2) / np.mean((noisy - quiet) ** 2))
    assert ratio == pytest.approx(10.0, abs=0.5)
