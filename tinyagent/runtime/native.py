"""llama.cpp through its low-level Python API: the only module that imports `llama_cpp`.

The OpenMP settings have to be in the environment before the library is loaded: spinning barriers make a plan
several times slower as soon as another program keeps a core busy.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import types
from functools import cache
from pathlib import Path
from typing import Any

from tinyagent.errors import ModelError

_FORMATS = {"Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "F16": 1, "BF16": 32, "IQ4_NL": 25}


@cache
def library() -> Any:
    """Load llama.cpp once, silent, with passive waits; `ModelError` when the build cannot be imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GGML_METAL_LOG_LEVEL", "0")
    try:
        lib = _bindings()
    except (ImportError, OSError, RuntimeError, FileNotFoundError) as error:
        raise ModelError(
            f"llama.cpp cannot be loaded ({error}): reinstall it with `uv sync --reinstall-package llama-cpp-python`."
        ) from None
    lib.llama_log_set(_silence, ctypes.c_void_p(0))
    lib.llama_backend_init()
    return lib


def _bindings() -> Any:
    """Import the low-level bindings without the package's `__init__`.

    That would import the high-level class and a template engine too: a quarter of a second for nothing.
    """
    name = "llama_cpp"
    if name in sys.modules:
        return importlib.import_module("llama_cpp.llama_cpp")
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("llama-cpp-python is not installed")
    package = types.ModuleType(name)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = package
    try:
        return importlib.import_module("llama_cpp.llama_cpp")
    finally:
        # Whoever imports the package later gets the real one.
        del sys.modules[name]


def _make_silence() -> Any:
    callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

    def quiet(_level: int, _text: bytes, _data: Any) -> None:
        if os.environ.get("TINYAGENT_DEBUG_LLAMA"):
            sys.stderr.write(_text.decode("utf-8", "replace"))

    return callback(quiet)


_silence = _make_silence()


def load_model(path: Path, *, vocabulary_only: bool = False) -> Any:
    """Load a GGUF file, memory-mapped; `ModelError` when it is damaged. Free with `llama_model_free`."""
    lib = library()
    params = lib.llama_model_default_params()
    params.vocab_only = vocabulary_only
    model = lib.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ModelError(
            f"The model file {path} cannot be loaded: remove it and run `tinyagent quantize base`."
        )
    return model


def requantise(source: Path, target: Path, name: str) -> None:
    """Write `source` in another number format (`Q4_0`, `Q8_0`, ...) to `target`."""
    lib = library()
    params = lib.llama_model_quantize_default_params()
    params.ftype = _FORMATS[name]
    params.allow_requantize = True
    params.nthread = os.cpu_count() or 1
    if lib.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)) != 0:
        raise ModelError(f"{source} cannot be converted to {name}: is the disk full?")
