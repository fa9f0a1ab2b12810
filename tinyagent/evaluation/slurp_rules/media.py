"""SLURP's play and music intents: the toolset media, and volume of the toolset system."""

from __future__ import annotations

import re

from tinyagent.evaluation.slurp_rules.verdict import Rule, Verdict, act, ask, none

SOUND = re.compile(r"\b(volume|mute\w*|louder|quieter|softer|lower|tone|sound|audio|speak\w*)\b")
PLAY = re.compile(
    r"\b(plays?|playing|hear|listen\w*|put|turn|tun(e|es)|start|run|reading|music on|radio on|open|load|queue|shuffle|"
    r"resume|continue|find|get|go|switch|showcase|make|add|locate|show|rock|podcasts?|episodes?|radio|fm)\b"
)
THINGS = re.compile(
    r"\b(please|olly|alexa|hey|ok|google|siri|assistant|can|could|would|will|you|i|me|my|we|us|to|for|a|an|the|of|on|"
    r"at|in|it|from|and|with|is|want|wish|need|some|now|immediately|plays?|playing|listen|hear|put|turn|switch|tune|"
    r"start|run|open|find|locate|let|showcase|reading|look|selected|"
    r"music|songs?|artist|audio|file|tunes?|play ?list|radio|channel|station|podcasts?|episode|book|audiobook|"
    r"playback|program\w*|(this|that) \w+|current|recently|paused|beginning|back)\b"
)
"""Words of a command to play that do not say what."""
STEP = re.compile(
    r"\b(next (podcast|episode|song|track)|(next|back|forward|following) (one |an )?(podcast|episode)|back|forward|"
    r"rewind|skip|last next|end this|go forward)\b"
)
LIBRARY = re.compile(r"\b(entire library|current (play ?list|album)|shuffle and)\b")
WRONG = re.compile(r"\b(how many|what stations|read back|summary|top rated podcasts|at nine|to save)\b")


def _nothing_named(text: str) -> bool:
    return not re.search(r"[a-z]", THINGS.sub(" ", text))


def _music(text: str) -> Verdict | None:
    if re.match(r"load \w+$", text):
        return act("open_app", "play_media")
    if WRONG.search(text):
        return none()
    if re.search(r"\badd\b", text):
        return none("add_to_list", "play_media")
    if re.search(r"\bmake a play ?list\b(?!.* and play )", text):
        return none("create_list", "play_media")
    if re.search(r"\b(?<!would )like to listen\b", text):
        return none("play_media")  # a taste as much as a command
    if re.search(r"\bnext up\b|^next\b.*\bselected\b", text):
        return none("control_media", "play_media")  # what comes after this one cannot be chosen
    if re.search(r"\bagain\b", text):
        return act("control_media", "play_media")
    if re.search(r"\bplay (the )?next (song|track)\b", text):
        return act("control_media")
    if LIBRARY.search(text):
        return act("play_media", "control_media")
    if not PLAY.search(text) or _nothing_named(text):
        return ask("play_media", "control_media")
    return act("play_media")


def _radio(text: str) -> Verdict | None:
    if WRONG.search(text):
        return none("play_media")
    if text.endswith("dot com"):
        return act("open_website", "play_media")
    return ask("play_media", "control_media") if _nothing_named(text) else act("play_media")


def _podcast(text: str) -> Verdict | None:
    if re.search(r"\breplay\b", text):
        return act("control_media", "play_media")
    if STEP.search(text):
        return (
            act("control_media", "play_media") if re.search(r"\b(play|end)\b", text) else act("control_media")
        )
    if not PLAY.search(text):
        return None
    if re.search(r"\bstopped\b", text):
        return act("play_media", "control_media")
    if re.search(r"^show me\b", text):
        return none("play_media")
    return ask("play_media", "control_media") if _nothing_named(text) else act("play_media")


def _audiobook(text: str) -> Verdict | None:
    if re.search(r"\bpause\b", text):
        return act("control_media")
    if not PLAY.search(text):
        return None
    if WRONG.search(text) or "summary" in text:
        return none("play_media")
    if re.search(r"\b(resume|continue)\b|\bleft off\b|\blast played\b", text):
        named = re.sub(
            r"\b(resume|continue|last|played?|where|we|chapter|left|off|was|started|paused)\b", " ", text
        )
        return act("control_media") if _nothing_named(named) else act("control_media", "play_media")
    return ask("play_media", "control_media") if _nothing_named(text) else act("play_media")


def _playing(text: str) -> Verdict | None:
    if re.search(r"\bemail me\b", text):
        return none("compose_new_email")
    if text.startswith("how to repeat"):
        return none("control_media")
    if re.search(r"\blisten to this\b", text):
        return ask("play_media", "now_playing")
    if re.search(r"\bdo you hear|\bplay list\b", text):
        return none("play_media")
    if re.search(r"\b(lyrics to|detail of|likes|new on)\b", text):
        return none()
    if re.search(r"\b(lyrics|produced|year|lead singer|riff|\w+ fm)\b", text):
        return none("now_playing")  # more than a player knows
    return act("now_playing")


def _mode(text: str) -> Verdict | None:
    return none("control_media") if re.search(r"\bdisable\b", text) else act("control_media")


def _taste(text: str) -> Verdict | None:
    if re.search(r"\b(repeat|turn it off|skip)\b", text):
        return act("control_media")
    if re.search(r"\bplay ?list$", text):
        return none("play_media", "read_list")
    if re.search(r"\badd\b", text):
        return none("add_to_list")
    return none("create_note", "add_to_list") if re.search(r"\b(remember|save)\b", text) else none()


def _volume(text: str) -> Verdict | None:
    if not SOUND.search(text):
        return None
    if re.search(r"\b(stop the audio|audio on)\b", text):
        return act("set_volume", "control_media")
    return act("set_volume")


INTENTS: dict[str, Rule] = {
    "play_music": _music,
    "play_radio": _radio,
    "play_podcasts": _podcast,
    "play_audiobook": _audiobook,
    "music_query": _playing,
    "music_settings": _mode,
    "music_likeness": _taste,
    "music_dislikeness": _taste,
}
VOLUME: dict[str, Rule] = dict.fromkeys(
    ("audio_volume_up", "audio_volume_down", "audio_volume_mute"), _volume
)
