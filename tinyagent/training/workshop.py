"""The training commands end to end: data → sequences → adapter → GGUF → manifest. What `tinyagent train` calls."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from tinyagent.dualtune import adapters
from tinyagent.dualtune.arguments import GENERIC
from tinyagent.errors import ProductError, TinyAgentError
from tinyagent.products import folder, read_manifest
from tinyagent.quantization import embedder as embedder_export
from tinyagent.retrieval import index as tool_index
from tinyagent.retrieval.embedder import Embedder
from tinyagent.training import (
    arguments,
    build_index,
    commands,
    encoder,
    export,
    plans,
    select,
    sequences,
    usage,
)
from tinyagent.training.bench import DATA, Bench, VocabularyTokenizer, part
from tinyagent.training.lora import LoraRecipe, Trainee

SELECT = LoraRecipe(rank=16, alpha=32, first_layer=10, epochs=1)
GENERIC_RECIPE = LoraRecipe(rank=16, alpha=32, first_layer=8, epochs=2)
GO_ON_RATE = 5e-4
"""The learning rate of an adapter that goes on learning."""
_GO_ON_ENCODER = encoder.EncoderRecipe(encoder_rate=5e-5, head_rate=1e-3, seed=2)
OWN_RECIPE = LoraRecipe(rank=2, alpha=4, modules="attention", first_layer=20, epochs=1)
_SINGLE_COPIES = 2
_JOINED = 7000
_REPEATED = 2000
_TURN_COPIES = 4
_NONE_SHARE = 0.2


def train_embedder(
    bench: Bench, *, leave_out: Collection[str] = (), epochs: int = 3, rehearse: float | None = None
) -> dict[str, Any]:
    """Fine-tune the encoder with its heads; `leave_out` tools stay unseen. Writes to the work folder.

    With `rehearse` the encoder that is there goes on learning: commands of several calls, and this share of the others.
    """
    tools = sorted(set(bench.tools) - set(leave_out))
    rng = random.Random(0 if rehearse is None else 1)
    own = commands.own(tools, copies=_SINGLE_COPIES, rng=rng)
    rows = commands.joined(own, _JOINED, rng) + commands.repeated(tools, _REPEATED, rng)
    people = (
        []
        if bench.data is None
        else [
            command
            for command in commands.shared(bench.data, bench.tools, none_share=_NONE_SHARE, rng=rng)
            if not set(command.tools) & set(leave_out)
        ]
    )
    if rehearse is not None:
        singles = [*(c for c in own if len(c.tools) < 2), *people]
        rows += [c for c in own if len(c.tools) > 1] + part(singles, rehearse, rng)
        rows += part(commands.following(tools, rows, copies=1, rng=rng), rehearse, rng)
        recipe = replace(_GO_ON_ENCODER, epochs=epochs)
        return encoder.train(rows, bench.work / "embedder", recipe, bench.progress, go_on=True)
    rows += own + people
    rows = part(rows, bench.share, rng)
    rows += part(commands.following(tools, rows, copies=_TURN_COPIES, rng=rng), bench.share, rng)
    return encoder.train(rows, bench.work / "embedder", encoder.EncoderRecipe(epochs=epochs), bench.progress)


def quantise_embedder(bench: Bench, target: Path | None = None) -> dict[str, Any]:
    """Export the fine-tuned encoder to int8 ONNX; returns its manifest."""
    return embedder_export.export(bench.work / "embedder", target or folder("quantize"))


def make_index(
    bench: Bench, target: Path | None = None, embedder: Embedder | None = None
) -> tool_index.ToolIndex:
    """Build and write the tool index with the calibration that the current one has."""
    target = target or folder("tool_index")
    index = build_index.build(bench.work / "embedder", embedder or Embedder(), sorted(bench.tools))
    if (target / "index.json").exists():
        current = read_manifest(target / "index.json", tool_index.REBUILD).get("calibration", {})
        index = replace(index, manifest={**index.manifest, "calibration": current})
    tool_index.save(index, target)
    return index


def calibrate_index(bench: Bench, cases: Path) -> dict[str, float]:
    """Fit the calibration on evaluation cases and the held-out templates, and write it to the index's manifest."""
    from dataclasses import asdict

    from tinyagent.assistant import Assistant
    from tinyagent.evaluation.cases import read_cases
    from tinyagent.training.calibrate import Labelled, calibrate, calibrate_steps, steps

    rows = [
        Labelled(
            c.text,
            frozenset(name for call in c.calls for name in call.tools)
            or frozenset({"none", *c.accept_tools}),
        )
        for c in read_cases(cases)
        if len(c.calls) < 2
    ]
    for command in commands.own(sorted(bench.tools), copies=1, rng=random.Random(0)):
        if command.held_out and len(command.tools) < 2:
            rows.append(Labelled(command.text, frozenset(command.tools or {"none"})))
    assistant = Assistant()
    compounds = [plans.parse(row) for row in usage.read_rows("calibration")]
    compounds = [compound for compound in compounds if compound.end == "done"]
    judged = [steps(assistant.retriever, assistant.selector, compound, bench.tools) for compound in compounds]
    found = asdict(calibrate_steps(calibrate(assistant.retriever, assistant.selector, rows), judged))
    index = tool_index.load()
    tool_index.save(replace(index, manifest={**index.manifest, "calibration": found}), folder("tool_index"))
    return found


def train_select(
    bench: Bench,
    recipe: LoraRecipe = SELECT,
    *,
    leave_out: Collection[str] = (),
    rehearse: float | None = None,
) -> dict[str, Any]:
    """Train, export and record the selection adapter; returns the report. `rehearse` is as in `train_generic`."""
    tools = {name: tool for name, tool in bench.tools.items() if name not in leave_out}
    rng = random.Random(recipe.seed)
    share = 1.0 if rehearse is None else rehearse
    rows = select.build(VocabularyTokenizer(bench.served), tools, bench.data, rng, rehearse=share)
    trainee = Trainee(bench.served, bench.threads)
    return _train(bench, trainee, "select", part(rows, bench.share, rng), recipe, go_on=rehearse is not None)


def train_generic(
    bench: Bench,
    recipe: LoraRecipe = GENERIC_RECIPE,
    *,
    joint: bool = False,
    target: Path | None = None,
    rehearse: float | None = None,
) -> dict[str, Any]:
    """Train the generic argument adapter on all tools; returns the report.

    With `rehearse` the adapter that is there goes on learning: all of the compound commands and conversations, and
    this share of the single commands.

    With `target` the adapter is written there and not recorded, for comparisons. `joint` (only then) also learns
    the tool's name, and `none`: one adapter for both steps.
    """
    if joint and target is None:
        raise TinyAgentError("A joint adapter is only for comparison: say where to write it with --target.")
    rng = random.Random(recipe.seed)
    rows, lost = _argument_rows(bench, recipe, joint=joint, rehearse=1.0 if rehearse is None else rehearse)
    everything = [row for tool in sorted(rows) for row in rows[tool]]
    if joint:
        everything += select.nothing(VocabularyTokenizer(bench.served), sorted(bench.tools), bench.data, rng)
    rng.shuffle(everything)
    trainee = Trainee(bench.served, bench.threads)
    chosen = part(everything, bench.share, random.Random(0))
    report = _train(bench, trainee, GENERIC, chosen, recipe, target, go_on=rehearse is not None)
    return {**report, "unreachable": lost}


def train_arguments(
    bench: Bench, names: Sequence[str], recipe: LoraRecipe = OWN_RECIPE
) -> dict[str, dict[str, Any]]:
    """Train tools' own argument adapters on top of the frozen generic one; returns the reports by tool."""
    for name in names:
        if name not in bench.tools:
            raise TinyAgentError(f"There is no tool called {name}; `tinyagent tools` lists them.")
    files = adapters.files(bench.base, bench.adapters)
    if GENERIC not in files:
        raise ProductError("The generic argument adapter is missing: run `tinyagent train generic`.")
    rows, lost = _argument_rows(bench, recipe)
    trainee = Trainee(bench.served, bench.threads)
    under = adapters.report(bench.base, GENERIC, bench.adapters)["recipe"]
    trainee.attach("generic", LoraRecipe(**under))
    trainee.load("generic", export.read_adapter(files[GENERIC], **_heads(trainee)))
    reports = {}
    for name in names:
        if not bench.tools[name].parameters or not rows[name]:
            continue
        own = part(rows[name], bench.share, random.Random(0))
        reports[name] = _train(bench, trainee, f"arguments/{name}", own, recipe)
        reports[name]["unreachable"] = {key: n for key, n in lost.items() if key.startswith(name + ".")}
    return reports


def _argument_rows(
    bench: Bench, recipe: LoraRecipe, *, joint: bool = False, rehearse: float = 1.0
) -> tuple[dict[str, list[sequences.Sequence_]], dict[str, int]]:
    tokenizer, rng = VocabularyTokenizer(bench.served), random.Random(recipe.seed)
    rows, lost = arguments.build(tokenizer, bench.tools, bench.data, rng, learn_name=joint, rehearse=rehearse)
    return rows, dict(lost.most_common())


def _train(
    bench: Bench,
    trainee: Trainee,
    name: str,
    rows: Sequence[sequences.Sequence_],
    recipe: LoraRecipe,
    target: Path | None = None,
    go_on: bool = False,
) -> dict[str, Any]:
    short = name.replace("/", "-")
    checkpoint = bench.work / f"{target.stem if target else short}.pt"
    trainee.attach(short, recipe)
    stages = []
    if go_on:
        known = adapters.report(bench.base, name, bench.adapters)
        stages = [*known.pop("stages", []), known]
        trainee.load(short, export.read_adapter(bench.home / f"{name}.gguf", **_heads(trainee)))
    report = trainee.train(short, rows, recipe, checkpoint, bench.progress)
    file = target or bench.home / f"{name}.gguf"
    size = export.write_adapter(trainee.weights(short), file, alpha=recipe.alpha, **_heads(trainee))
    trainee.detach(short)
    report["bytes"] = size
    if stages:
        report["stages"] = stages
    report["data"] = DATA if bench.data is not None else DATA[:1]
    if target is None:
        adapters.record(bench.base, name, file, report, bench.adapters)
    # The run is over and recorded: another one starts anew.
    checkpoint.unlink(missing_ok=True)
    return report


class _Heads(TypedDict):
    heads: int
    key_heads: int


def _heads(trainee: Trainee) -> _Heads:
    return {"heads": trainee.heads, "key_heads": trainee.key_heads}
