"""A real pseudo-terminal with a program on it."""

import os
import pty
import re
import select
import signal
import sys
import time


class Terminal:
    """A child process whose standard streams are a pseudo-terminal; `to` is a file that its standard output goes to."""

    def __init__(self, *arguments, to=None):
        self.screen = ""
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            # A test run in the background ignores Ctrl-C, and its children would inherit that.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if to is not None:
                os.dup2(os.open(to, os.O_WRONLY | os.O_CREAT), 1)
            os.execv(sys.executable, [sys.executable, "-W", "error", *map(str, arguments)])

    def wait_for(self, text, seconds=60):
        """Read until `text` is on the screen, and forget what is up to it; returns that."""
        until = time.monotonic() + seconds
        while text not in self.screen:
            assert time.monotonic() < until, f"{text!r} is not in {self.screen!r}"
            assert self._read(0.1), f"ended before {text!r}: {self.screen!r}"
        before, found, self.screen = self.screen.partition(text)
        return before + found

    def _read(self, seconds):
        if not select.select([self.file], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.file, 4096)
        except OSError:  # Linux's way of saying that the other end is closed
            return False
        self.screen += data.decode()
        return bool(data)

    def type(self, text):
        os.write(self.file, text.encode())

    def interrupt(self, text):
        """Press Ctrl-C and read until `text`; once more where it came between a prompt and the waiting for input."""
        self.type("\x03")
        try:
            return self.wait_for(text, 20)
        except AssertionError:
            self.type("\x03")
            return self.wait_for(text)

    def end(self, seconds=60):
        """Read to the end; return the exit code."""
        until = time.monotonic() + seconds
        while self._read(0.1):
            assert time.monotonic() < until, self.screen
        os.close(self.file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def plain(screen):
    """Return the text without what moves the cursor and colours it."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)
