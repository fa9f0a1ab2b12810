"""The number format that this machine trains in fastest.

Processors with AMX or AVX512-BF16 multiply bfloat16 at twice the rate of float32 or more; on others it is emulated and
four times slower. Which it is, is measured: what a processor says of itself differs between systems.
"""

from __future__ import annotations

import time
from functools import cache
from typing import Any

_SIZE = 512
_ROUNDS = 3


@cache
def fastest() -> Any:
    """Return `torch.bfloat16` or `torch.float32`, whichever multiplies matrices faster here."""
    import torch

    def seconds(dtype: Any) -> float:
        a = torch.ones(_SIZE, _SIZE, dtype=dtype)
        a @ a
        taken = []
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            a @ a
            taken.append(time.perf_counter() - started)
        return min(taken)

    return min((torch.bfloat16, torch.float32), key=seconds)
