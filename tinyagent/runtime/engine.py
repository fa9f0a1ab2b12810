"""One model, one context, and the record of which adapters every cached token was computed under.

llama.cpp does not know under which adapter it computed a cached token, so the engine keeps that record: each token
of the state has an *owner*, the tuple of adapter names that were active. `begin` keeps the longest prefix whose
tokens *and* owners agree and drops the rest (the KV rule). Owner `()` is the bare base model.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyagent.errors import ModelError
from tinyagent.runtime import native
from tinyagent.runtime.adapters import AdapterPool

Owner = tuple[str, ...]
Owned = tuple[int, Owner]
Logits = NDArray[np.float32]


class Engine:
    """A base model ready to evaluate tokens under any set of pooled adapters.

    `context` is in tokens; `threads` 0 means every core. Not thread-safe: one plan at a time.
    """

    def __init__(
        self, model: Path, *, context: int = 2048, threads: int = 0, pool: AdapterPool | None = None
    ) -> None:
        self._lib = native.library()
        self._model = native.load_model(model)
        self._vocabulary = self._lib.llama_model_get_vocab(self._model)
        self.vocabulary_size: int = self._lib.llama_vocab_n_tokens(self._vocabulary)
        params = self._lib.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = min(context, 512)
        params.n_threads = params.n_threads_batch = threads or os.cpu_count() or 1
        params.no_perf = True
        self._context = self._lib.llama_init_from_model(self._model, params)
        if not self._context:
            raise ModelError("There is not enough memory for the model's context.")
        self._memory = self._lib.llama_get_memory(self._context)
        self._batch = self._lib.llama_batch_init(params.n_batch, 0, 1)
        self._batch_size: int = params.n_batch
        self.context = context
        self.pool = pool or AdapterPool({})
        self.pool.bind(self._model)
        self._active: Owner | None = ()
        self.state: list[Owned] = []
        # False while cache and state may disagree: a Ctrl-C can come between the two.
        self._agreed = True
        self.evaluated = 0
        self.swaps = 0

    def close(self) -> None:
        """Free context, adapters and model; the engine cannot be used afterwards."""
        if self._context:
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self._context)
            self.pool.clear()
            self._lib.llama_model_free(self._model)
            self._context = None

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the token ids of `text`, without a beginning-of-text token."""
        return tokenize(self._vocabulary, text, special=special)

    def detokenize(self, tokens: Sequence[int]) -> str:
        """Return the text of token ids."""
        return detokenize(self._vocabulary, tokens)

    def begin(self, prompt: Sequence[Owned]) -> Logits:
        """Make `prompt` the state, reusing what is still valid; return the logits after its last token, [vocabulary].

        Each token comes with its owner, so one prompt may start under no adapter and go on under one.
        """
        if len(prompt) > self.context:
            raise ModelError(f"The command is too long: {len(prompt)} tokens of at most {self.context}.")
        if not self._agreed:
            self._forget()
        keep = 0
        for have, want in zip(self.state, prompt, strict=False):
            if have != want:
                break
            keep += 1
        self.truncate(min(keep, len(prompt) - 1))
        position = len(self.state)
        logits: Logits | None = None
        while position < len(prompt):
            owner = prompt[position][1]
            end = position
            while end < len(prompt) and prompt[end][1] == owner and end - position < self._batch_size:
                end += 1
            logits = self._decode([token for token, _ in prompt[position:end]], owner, every=False)
            position = end
        assert logits is not None
        last: Logits = logits[-1]
        return last

    def extend(self, tokens: Sequence[int], *, every: bool = False) -> Logits:
        """Append tokens under the owner of the last token; return logits [n, vocabulary] (`every`) or [1, vocabulary].

        The array is a view of the context's buffer, valid until the next evaluation.
        """
        if len(self.state) + len(tokens) > self.context:
            raise ModelError("The command is too long for the model's context.")
        owner, left = self.state[-1][1], list(tokens)
        rows: list[Logits] = []
        while len(left) > self._batch_size:
            part = self._decode(left[: self._batch_size], owner, every=every)
            rows += [part.copy()] if every else []
            left = left[self._batch_size :]
        last = self._decode(left, owner, every=every)
        return np.concatenate([*rows, last]) if rows else last

    def truncate(self, length: int) -> None:
        """Drop every cached token from position `length` on."""
        if length < len(self.state):
            self._agreed = False
            self._lib.llama_memory_seq_rm(self._memory, 0, length, -1)
            del self.state[length:]
            self._agreed = True

    def _forget(self) -> None:
        """Drop all that is cached, and what is known of the adapters that are set."""
        self._lib.llama_memory_clear(self._memory, True)
        self.state.clear()
        self._active = None
        self._agreed = True

    def _decode(self, tokens: list[int], owner: Owner, *, every: bool) -> Logits:
        self._activate(owner)
        self._agreed = False
        batch, start = self._batch, len(self.state)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i] = token
            batch.pos[i] = start + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = every or i == len(tokens) - 1
        if self._lib.llama_decode(self._context, batch) != 0:
            self._forget()
            raise ModelError("The model could not evaluate the command; try again.")
        self.state.extend((token, owner) for token in tokens)
        self._agreed = True
        self.evaluated += len(tokens)
        rows = len(tokens) if every else 1
        first = 0 if every else len(tokens) - 1
        pointer = self._lib.llama_get_logits_ith(self._context, first)
        view: Logits = np.ctypeslib.as_array(pointer, shape=(rows, self.vocabulary_size))
        return view

    def _activate(self, owner: Owner) -> None:
        if owner == self._active:
            return
        # Asked for first, so that a damaged adapter leaves the active set as it is; what is over the budget is freed
        # last, when it is no longer active.
        handles = [self.pool.get(name) for name in owner]
        count = len(handles)
        array = (self._lib.llama_adapter_lora_p_ctypes * count)(*handles) if count else None
        scales = (ctypes.c_float * count)(*([1.0] * count)) if count else None
        self._agreed = False
        if self._lib.llama_set_adapters_lora(self._context, array, count, scales) != 0:
            self._agreed = True
            raise ModelError(f"The adapters {', '.join(owner)} cannot be used with this base model.")
        self._active = owner
        self._agreed = True
        self.swaps += 1
        self.pool.shrink(keep=owner)


def tokenize(vocabulary: Any, text: str, *, special: bool = False) -> list[int]:
    """Return the token ids of `text` under a llama.cpp vocabulary."""
    lib = native.library()
    data = text.encode("utf-8")
    room = len(data) + 8
    buffer = (lib.llama_token * room)()
    count = lib.llama_tokenize(vocabulary, data, len(data), buffer, room, False, special)
    return list(buffer[:count])


def detokenize(vocabulary: Any, tokens: Sequence[int]) -> str:
    """Return the text of token ids under a llama.cpp vocabulary."""
    lib = native.library()
    parts = []
    buffer = ctypes.create_string_buffer(256)
    for token in tokens:
        length = lib.llama_token_to_piece(vocabulary, token, buffer, 256, 0, True)
        parts.append(buffer.raw[: max(length, 0)])
    return b"".join(parts).decode("utf-8", "replace")
