"""The app over a shop, as a program for tests in a real terminal: `python scripted_screen.py HOME`.

`tests/` has to be on the path. The commands are fixed: "hang" sums up (until the file HOME/go is there), "noise"
writes to the error stream as a library would, anything else sets a timer.
"""

import os
import sys
import time
from pathlib import Path

from scripted_path import Models
from test_stream import SUM, TIMER, Shop

from tinyagent.tui import app
from tinyagent.tui.session import Session
from tinyagent.tui.start import run


class Gate:
    """Opens when a file is there."""

    def __init__(self, path):
        self.path = path

    def wait(self, _):
        while not self.path.exists():
            time.sleep(0.02)
        return True


class Noise:
    """Lets everybody through, noisily."""

    def wait(self, _):
        return os.write(2, b"SCRIBBLE" * 20)


def main(home):
    app.AGAIN = 60.0  # a loaded machine takes its time between two keys
    shop = Shop(home)
    shop.gates = {"sum_up": Gate(home / "go"), "lock": Noise()}
    assistant = shop.wants(TIMER)
    stream = assistant.stream

    def scripted(text, **more):
        wanted = SUM if "hang" in text else ("lock", {}) if "noise" in text else TIMER
        Models(shop.tools, [wanted]).into(assistant)
        return stream("sum up the lease" if "hang" in text else "set a ten minutes timer", **more)

    assistant.stream = scripted
    return run(Session(assistant.settings, assistant=assistant))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
