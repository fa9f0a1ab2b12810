"""The words that say what to do with what plays, and what kind of thing to play."""

from __future__ import annotations

ONCE_MORE = frozenset({"again", "once more", "one more time", "once again", "encore"})
"""Words of "repeat" that ask for the track once more, not for ever."""

ACTIONS = (
    ("pause", ("pause", "paused", "pausing", "hold", "freeze", "suspend", "pase")),
    ("resume", ("resume", "resumed", "resuming", "continue", "unpause", "unpaused", "carry on", "keep playing",
                "keep going", "play", "back on", "back up", "go on", "restart", "pick up", "start up", "start")),
    ("next", ("next", "skip", "skipped", "forward", "forwards", "ahead", "different", "following", "another",
              "nxt", "skp")),
    ("previous", ("previous", "back", "backward", "backwards", "last", "before", "earlier", "preceding", "prior",
                  "prev", "bak")),
    ("stop", ("stop", "stopped", "stopping", "off", "shut off", "kill", "cut", "end",
              "enough", "quit", "silence", "stp", "of")),
    ("shuffle", ("shuffle", "shuffled", "shuffling", "random", "randomly", "randomise", "randomize", "mix",
                 "mix up", "mixed", "jumble", "scramble")),
    ("repeat", ("repeat", "repeated", "repeating", "loop", "looped", "looping", "again", "once again", "once more",
                "one more time", "over and over", "encore", "replay")),
)  # fmt: skip

KINDS = (
    ("song", ("song", "songs", "track", "tracks", "tune", "tunes", "single", "sng")),
    ("artist", ("artist", "artists", "band", "singer", "group", "musician", "composer", "rapper")),
    ("album", ("album", "albums", "record", "lp", "ep")),
    ("genre", ("genre", "genres", "style")),
    ("playlist", ("playlist", "playlists", "mix", "mixtape", "play list")),
    ("podcast", ("podcast", "podcasts")),
    ("radio", ("radio", "station", "stations", "channel")),
    ("audiobook", ("audiobook", "audiobooks", "audio book", "audio books", "book")),
)  # fmt: skip
