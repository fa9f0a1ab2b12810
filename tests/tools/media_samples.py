"""Small audio files with tags: a tone by the standard library, encoded by mpv itself, tagged by mutagen."""

import math
import shutil
import struct
import subprocess
import wave

import mutagen
import pytest

SECONDS = 30


def needs(*programs):
    """Fail with the line that installs what is missing."""
    for name, package in programs:
        if not shutil.which(name):
            pytest.fail(f"{name} is missing: apt-get install -y --no-install-recommends {package}")


def tones(folder):
    """Write tone.wav, tone.flac, tone.mp3, tone.ogg and tone.m4a; return their folder."""
    needs(("mpv", "mpv mpv-mpris"))
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(3000 * math.sin(n / 6)) for n in range(8000 * SECONDS))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    for ending in ("flac", "mp3", "ogg", "m4a"):
        subprocess.run(
            ["mpv", "--no-config", "--no-terminal", folder / "tone.wav", f"--o={folder}/tone.{ending}"],
            check=True,
        )
    return folder


def put(tones, path, **tags):
    """Put a tone with tags at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(tones / f"tone{path.suffix}", path)
    if tags:
        file = mutagen.File(path, easy=True)
        if file.tags is None:
            file.add_tags()
        for name, value in tags.items():
            file[name] = value
        file.save()
    return str(path)


def stock(tones, home):
    """Fill a home folder with music, a podcast, an audiobook and playlists; return the paths by title."""
    music = home / "Music"
    paths = {}
    for number, title in enumerate(("Paper Lanterns", "Harbour Lights", "Copper River"), 1):
        paths[title] = put(
            tones, music / "Ada Flint" / "Small Hours" / f"{number:02} {title}.flac", title=title, artist="Ada Flint",
            album="Small Hours", genre="Jazz", date="2019", tracknumber=str(number),
        )  # fmt: skip
    paths["Kerosene Sky"] = put(
        tones, music / "k.mp3", title="Kerosene Sky", artist="Ada Flint", album="Salt and Thunder", genre="Rock",
        date="2023",
    )  # fmt: skip
    paths["Hello"] = put(tones, music / "h1.ogg", title="Hello", artist="The Copper Owls", genre="Folk; Rock")
    paths["Hello 2"] = put(tones, music / "h2.m4a", title="Hello", artist="Björk Önd", album="Blue")
    paths["Untagged"] = put(tones, music / "Marta Oyelaran - Midnight_Tram.wav")
    show = home / "Podcasts" / "Two Bees"
    paths["Episode 1"] = put(tones, show / "e1.mp3", title="Honey", album="Two Bees", date="2024")
    paths["Episode 2"] = put(tones, show / "e2.mp3", title="Wax", album="Two Bees", date="2025")
    for number in (1, 2, 10):
        paths[f"Chapter {number}"] = put(tones, home / "Audiobooks" / "The Salt Roads" / f"{number}.mp3")
    outside = put(tones, home.parent / "outside" / "secret.mp3", title="Secret Song")
    (music / "link.mp3").symlink_to(outside)
    (music / "Workout.m3u").write_text(
        "#EXTM3U\n#EXTINF:1,x\nk.mp3\nAda Flint/Small Hours/02 Harbour Lights.flac\n"
        f"{outside}\n../../outside/secret.mp3\n"
        "http://example.org/x.mp3\nmissing.mp3\n",
        "utf-8",
    )
    (music / "Chill.pls").write_text("[playlist]\nFile1=h1.ogg\nTitle1=Hello\nNumberOfEntries=1\n")
    (music / "Empty.m3u8").write_text("#EXTM3U\nhttps://example.org/a.mp3\n")
    return paths
