"""LoRA fine-tuning on a processor with few cores (PEFT), on the dequantised weights of the base that is served.

Weights, adapters and activations are bfloat16 where the processor has it; the optimiser keeps float32 master copies of
the adapters. Batches hold sequences of similar length up to a budget of tokens, and logits are computed at target
positions only.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tinyagent.errors import MissingExtraError, ProductError
from tinyagent.training.checkpoints import fingerprint, restore, save
from tinyagent.training.precision import fastest
from tinyagent.training.sequences import Sequence_

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
FEED_FORWARD = ("gate_proj", "up_proj", "down_proj")
MODULES = {"attention": ATTENTION, "feed-forward": FEED_FORWARD, "all": (*ATTENTION, *FEED_FORWARD)}


@dataclass(frozen=True, slots=True)
class LoraRecipe:
    """Hyper-parameters of one adapter. `first_layer` leaves the layers below it without adapter (and gradient)."""

    rank: int = 16
    alpha: int = 32
    modules: str = "all"
    first_layer: int = 0
    epochs: float = 2.0
    rate: float = 1e-3
    batch_tokens: int = 1024
    seed: int = 1


class Trainee:
    """The base model in torch, loaded once, on which adapters are trained one after the other."""

    def __init__(self, served: Path, threads: int = 0) -> None:
        try:
            import torch
            from transformers import AutoModelForCausalLM
        except ImportError:
            raise MissingExtraError("train", "torch") from None
        if threads:
            torch.set_num_threads(threads)
        self.model: Any = AutoModelForCausalLM.from_pretrained(
            str(served.parent), gguf_file=served.name, dtype=fastest()
        )
        self.model.config.use_cache = False
        self.layers: int = self.model.config.num_hidden_layers
        self.heads: int = self.model.config.num_attention_heads
        self.key_heads: int = self.model.config.num_key_value_heads
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self._wrapped: Any = None

    def attach(self, name: str, recipe: LoraRecipe) -> None:
        """Add a fresh adapter `name`; adapters already attached stay active underneath, frozen."""
        import torch
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(recipe.seed)
        config = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            target_modules=list(MODULES[recipe.modules]),
            layers_to_transform=list(range(recipe.first_layer, self.layers)),
        )
        if self._wrapped is None:
            self._wrapped = get_peft_model(
                self.model, config, adapter_name=name, autocast_adapter_dtype=False
            )
            self._names = [name]
        else:
            self._wrapped.add_adapter(name, config, autocast_adapter_dtype=False)
            self._names.append(name)
        self._wrapped.base_model.set_adapter(self._names)
        for key, parameter in self._wrapped.named_parameters():
            parameter.requires_grad_(f".{name}." in key)

    def load(self, name: str, tensors: Mapping[str, Any]) -> None:
        """Fill the attached adapter `name` with tensors named as `weights` names them.

        Raises `ProductError` where they are those of an adapter of another shape.
        """
        import torch

        weights = self.weights(name)
        if {k: tuple(w.shape) for k, w in weights.items()} != {k: t.shape for k, t in tensors.items()}:
            raise ProductError(f"The adapter that is there for {name} has another rank, modules or layers.")
        with torch.no_grad():
            for key, weight in weights.items():
                weight.copy_(torch.from_numpy(tensors[key]))

    def detach(self, name: str) -> None:
        """Remove an adapter."""
        self._names.remove(name)
        self._wrapped.delete_adapter(name)
        if self._names:
            self._wrapped.base_model.set_adapter(self._names)

    def weights(self, name: str) -> dict[str, Any]:
        """Return the adapter's tensors by module path (`layers.3.self_attn.q_proj.lora_A`, ...)."""
        found = {}
        for key, value in self._wrapped.named_parameters():
            if f".{name}.weight" in key:
                found[key[key.index("layers.") :].replace(f".{name}.weight", "")] = value.detach()
        return found

    def loss(self, batch: Sequence[Sequence_]) -> tuple[Any, int]:
        """Return the summed cross-entropy over the targets of a batch, and how many there are."""
        import torch

        width = max(len(s.tokens) for s in batch)
        ids = torch.tensor([[*s.tokens, *([0] * (width - len(s.tokens)))] for s in batch])
        mask = torch.tensor([[1] * len(s.tokens) + [0] * (width - len(s.tokens)) for s in batch])
        rows = torch.tensor([row for row, s in enumerate(batch) for _ in s.targets])
        columns = torch.tensor([target for s in batch for target in s.targets])
        model = self._wrapped.base_model.model if self._wrapped is not None else self.model
        hidden = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        logits = model.lm_head(hidden[rows, columns - 1]).float()
        return torch.nn.functional.cross_entropy(logits, ids[rows, columns], reduction="sum"), len(rows)

    def train(
        self,
        name: str,
        sequences: Sequence[Sequence_],
        recipe: LoraRecipe,
        checkpoint: Path | None = None,
        progress: Callable[[float, str], None] = lambda done, text: None,
        every: int = 100,
    ) -> dict[str, Any]:
        """Train the attached adapter `name`; with `checkpoint`, save there every `every` steps and go on from it.

        `progress` gets the share done in [0, 1] and a line of text. Returns a report (steps, tokens, seconds, loss).
        """
        import torch

        weights = [p for p in self._wrapped.parameters() if p.requires_grad]
        masters = [w.detach().float().requires_grad_(True) for w in weights]
        optimizer = torch.optim.AdamW(masters, lr=recipe.rate, weight_decay=0.0, fused=True)
        plan = _plan(sequences, recipe)
        started = time.monotonic()
        step, tokens, recent = 0, 0, math.nan
        if checkpoint is not None and checkpoint.is_file():
            step, tokens, recent = restore(checkpoint, fingerprint(recipe, sequences), masters, optimizer)
            for weight, master in zip(weights, masters, strict=True):
                weight.data.copy_(master.data)
        warm, before = max(1, len(plan) // 25), tokens
        self._wrapped.train()
        while step < len(plan):
            batch = [sequences[i] for i in plan[step]]
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate * min((step + 1) / warm, max(0.05, 1 - step / len(plan)))
            total, count = self.loss(batch)
            (total / count).backward()
            for weight, master in zip(weights, masters, strict=True):
                master.grad = weight.grad.float() if weight.grad is not None else None
                weight.grad = None
            torch.nn.utils.clip_grad_norm_(masters, 1.0)
            optimizer.step()
            for weight, master in zip(weights, masters, strict=True):
                weight.data.copy_(master.data)
            value = float(total.detach()) / count
            recent = value if math.isnan(recent) else 0.97 * recent + 0.03 * value
            tokens += sum(len(s.tokens) for s in batch)
            step += 1
            if step % 10 == 0 or step == len(plan):
                rate = (tokens - before) / (time.monotonic() - started)
                progress(step / len(plan), f"step {step}/{len(plan)}, loss {recent:.3f}, {rate:.0f} tokens/s")
            if checkpoint is not None and (step % every == 0 or step == len(plan)):
                state = {"step": step, "tokens": tokens, "loss": recent}
                save(checkpoint, {**state, "run": fingerprint(recipe, sequences)}, masters, optimizer)
        self._wrapped.eval()
        return {
            "steps": len(plan),
            "examples": len(sequences),
            "tokens": tokens,
            "seconds": round(time.monotonic() - started),
            "loss": round(recent, 4),
            "recipe": asdict(recipe),
        }

    def mean_loss(self, sequences: Sequence[Sequence_], recipe: LoraRecipe) -> float:
        """Return the mean cross-entropy per target over sequences, without training."""
        import torch

        total, count = 0.0, 0
        with torch.no_grad():
            for chosen in _batches(sequences, recipe.batch_tokens, random.Random(0)):
                value, targets = self.loss([sequences[i] for i in chosen])
                total, count = total + float(value), count + targets
        return total / max(1, count)


def _batches(sequences: Sequence[Sequence_], budget: int, rng: random.Random) -> list[list[int]]:
    order = sorted(range(len(sequences)), key=lambda i: len(sequences[i].tokens) + 2 * rng.random())
    batches: list[list[int]] = []
    current: list[int] = []
    for i in order:
        width = len(sequences[i].tokens)
        if current and width * (len(current) + 1) > budget:
            batches.append(current)
            current = []
        current.append(i)
    if current:
        batches.append(current)
    rng.shuffle(batches)
    return batches


def _plan(sequences: Sequence[Sequence_], recipe: LoraRecipe) -> list[list[int]]:
    """Return the batches of all epochs; the same for the same recipe, so that a resumed run goes on where it was."""
    rng = random.Random(recipe.seed)
    plan: list[list[int]] = []
    for _ in range(math.ceil(recipe.epochs)):
        plan += _batches(sequences, recipe.batch_tokens, rng)
    return plan[: max(1, round(len(plan) * recipe.epochs / math.ceil(recipe.epochs)))]
