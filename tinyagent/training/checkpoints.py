"""Checkpoints of a run: what a file holds, and that one is only gone on from by the run that wrote it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinyagent.errors import ProductError
from tinyagent.training.sequences import Sequence_


def fingerprint(recipe: Any, sequences: Sequence[Sequence_]) -> str:
    """Return what a checkpoint must have been made from to be gone on from."""
    digest = hashlib.sha256(json.dumps(asdict(recipe)).encode())
    for sequence in sequences:
        digest.update(repr((sequence.tokens, sequence.targets)).encode())
    return digest.hexdigest()


def save(path: Path, state: Mapping[str, Any], masters: Sequence[Any], optimizer: Any) -> None:
    """Write a checkpoint: `state` (step, tokens, loss, run), the float32 masters and what the optimiser keeps."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    weights = {"masters": [m.detach() for m in masters], "optimizer": optimizer.state_dict()}
    torch.save({**state, **weights}, partial)
    os.replace(partial, path)


def restore(path: Path, run: str, masters: Sequence[Any], optimizer: Any) -> tuple[int, int, float]:
    """Load a checkpoint; return its step, tokens and loss. `ProductError` when it is damaged or of another run."""
    import torch

    try:
        state = torch.load(path, weights_only=True)
    except Exception:  # torch raises whatever the damage leads to
        raise ProductError(f"The checkpoint {path} is damaged: remove it to start anew.") from None
    if state.get("run") != run or len(state["masters"]) != len(masters):
        raise ProductError(
            f"The checkpoint {path} belongs to another recipe or other data: remove it to start anew."
        )
    with torch.no_grad():
        for master, saved in zip(masters, state["masters"], strict=True):
            master.copy_(saved)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), int(state["tokens"]), float(state["loss"])
