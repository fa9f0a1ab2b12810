"""A model that writes a script: a tokenizer with one token per piece of text, and logits that follow the script."""

import re
from pathlib import Path

import numpy as np

from tinyagent.runtime.adapters import AdapterPool

_PIECES = re.compile(r"<\|im_start\|>|\n| ?[^\W_]+|\s|[^\w\s]|_")


class ScriptedEngine:
    """Has the protocol of `Engine`. Wherever what is written is a start of `script`, the next token of it is likeliest;
    elsewhere (and without a script) every token is as likely as any other.

    `script` is text or token ids. `tokenizer` (default: one token per word or sign) may be a real one.
    """

    def __init__(self, script=(), adapters=("select", "arguments/generic"), tokenizer=None, size=4096):
        self._tokenizer = tokenizer
        self._ids = {}
        self.vocabulary_size = size
        self.pool = AdapterPool({name: Path(name) for name in adapters})
        self.state = []
        self.batches = []
        self.owners = set()
        self.script = self.tokenize(script, special=True) if isinstance(script, str) else list(script)

    def tokenize(self, text, *, special=False):
        if self._tokenizer is not None:
            return self._tokenizer.tokenize(text, special=special)
        return [self._ids.setdefault(piece, len(self._ids)) for piece in _PIECES.findall(text)]

    def text(self, tokens):
        pieces = {i: piece for piece, i in self._ids.items()}
        return "".join(pieces[token] for token in tokens)

    def begin(self, prompt):
        self.state = []
        return self._append(prompt)[-1]

    def extend(self, tokens, *, every=False):
        rows = self._append([(token, self.state[-1][1]) for token in tokens])
        return rows if every else rows[-1:]

    def truncate(self, length):
        del self.state[length:]

    def _append(self, owned):
        self.batches.append(len(owned))
        rows = np.zeros((len(owned), self.vocabulary_size), np.float32)
        for i, pair in enumerate(owned):
            self.state.append(pair)
            self.owners.add(pair[1])
            written = [token for token, _ in self.state]
            if written == self.script[: len(written)] and len(written) < len(self.script):
                rows[i, self.script[len(written)]] = 20
        return rows
