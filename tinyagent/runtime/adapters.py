"""The adapter pool: LoRA adapters loaded from GGUF on first use, the least recently used dropped over a budget."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from tinyagent.errors import ProductError
from tinyagent.runtime import native


class AdapterPool:
    """Adapters by name. `files` maps names to GGUF files, `budget` is in bytes of files kept loaded."""

    def __init__(self, files: Mapping[str, Path], budget: int = 64 << 20) -> None:
        self.files = dict(files)
        self.budget = budget
        self._model: Any = None
        self._loaded: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def bind(self, model: Any) -> None:
        """Tie the pool to a loaded base model."""
        self._model = model

    def __contains__(self, name: object) -> bool:
        return name in self.files

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the loaded adapters, least recently used first."""
        return tuple(self._loaded)

    def get(self, name: str) -> Any:
        """Return the native handle of an adapter, loading it when needed.

        Raises `ProductError` when the file is missing, truncated or made for another base.
        """
        if name in self._loaded:
            self._loaded.move_to_end(name)
            return self._loaded[name][0]
        path = self.files.get(name)
        short = name.rpartition("/")[2]
        rebuild = f"tinyagent train {short if short in ('select', 'generic') else 'arguments ' + short}"
        if path is None or not path.is_file():
            raise ProductError(f"The adapter {name} is missing: run `{rebuild}`.")
        handle = native.library().llama_adapter_lora_init(self._model, str(path).encode())
        if not handle:
            raise ProductError(
                f"The adapter file {path} is damaged or made for another base: run `{rebuild}`."
            )
        self._loaded[name] = (handle, path.stat().st_size)
        return handle

    def shrink(self, keep: Collection[str] = ()) -> None:
        """Free the least recently used adapters over the budget, but none of `keep`.

        Call it once no freed adapter can be active any more: llama.cpp holds on to the active ones by address.
        """
        over = sum(size for _, size in self._loaded.values()) - self.budget
        for name in [name for name in self._loaded if name not in keep]:
            if over <= 0:
                break
            handle, size = self._loaded.pop(name)
            native.library().llama_adapter_lora_free(handle)
            over -= size

    def clear(self) -> None:
        """Free every adapter."""
        while self._loaded:
            _, (handle, _) = self._loaded.popitem()
            native.library().llama_adapter_lora_free(handle)
