"""Makes the goldens of training: a few steps of the reference library's own trainers on committed models.

Each case trains one golden of generate_goldens.py on the same small pairs, with dropout off, in file
order, and keeps what the trainer saw at every step and what the trained model answers. One entry of
CASES is one file. `arguments` are those of the trainer; tests give them to `semlux train`.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers import (
    CrossEncoderTrainer,
    CrossEncoderTrainingArguments,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
    SparseEncoderTrainer,
    SparseEncoderTrainingArguments,
)
from sentence_transformers.base.sampler import DefaultBatchSampler
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from sentence_transformers.sentence_transformer.losses import AnglELoss, CoSENTLoss, CosineSimilarityLoss
from sentence_transformers.sparse_encoder.callbacks import SpladeRegularizerWeightSchedulerCallback
from sentence_transformers.sparse_encoder.losses import SparseCosineSimilarityLoss, SpladeLoss
from torch.utils.data import SequentialSampler

import answers
import corpus
import dropped
import generate_goldens

OUTPUT = generate_goldens.HERE.parents[1] / "training" / "src" / "test" / "resources" / "train"
WATCHED = [*corpus.TEXTS[:3], corpus.TEXTS[7]]
LOSSES = {
    "CosineSimilarity": CosineSimilarityLoss,
    "CoSENT": CoSENTLoss,
    "AnglE": AnglELoss,
    "BinaryCrossEntropy": BinaryCrossEntropyLoss,
}
DEFAULTS: dict[str, Any] = {"num_train_epochs": 2, "per_device_train_batch_size": 8, "learning_rate": 1e-3}
RAMPED = {"document_regularizer_weight": 1e-3, "query_regularizer_weight": 5e-4, "regularizer_warmup_ratio": 0.5}
SLOWLY = {"learning_rate": 2e-4}  # where the reference on one thread and on two would part ways
FEW = SLOWLY | {"max_steps": 3, "weight_decay": 0.5}
DECAY = {"weight_decay": 0.5}  # at this rate of learning a smaller one would hide in the tolerance

# name: model, loss, arguments beside DEFAULTS, what is changed in the model's files
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, dict[str, Any]]]] = {
    "distilbert": ("dense-distilbert-cls-max", "CosineSimilarity", {"warmup_steps": 3}, {}),
    "roberta": ("dense-roberta-mean", "CosineSimilarity", DECAY, {}),
    "mpnet": ("dense-mpnet-mean-normalize", "CosineSimilarity", DECAY | {"max_grad_norm": 0.2}, {}),
    "xlm-roberta": ("dense-xlm-roberta-mean", "CoSENT", {"gradient_accumulation_steps": 2}, {}),
    "modernbert": ("dense-modernbert-mean", "CosineSimilarity", {"lr_scheduler_type": "cosine", "warmup_ratio": 0.3}, {}),
    "dense-module": ("dense-bert-mean-dense", "CoSENT", {"lr_scheduler_type": "constant_with_warmup", "warmup_steps": 2}, {}),
    "legacy-layout": ("dense-bert-legacy-layout", "AnglE", {"lr_scheduler_type": "constant"}, {}),
    "prompts": ("dense-bert-prompts", "AnglE", DECAY, {}),
    "truncate-dim": ("dense-bert-truncate-dim", "CosineSimilarity", {"adam_beta1": 0.8, "adam_beta2": 0.99, "adam_epsilon": 1e-6}, {}),
    "lasttoken": ("dense-bert-lasttoken", "CosineSimilarity", {"max_steps": 5}, {}),
    "weightedmean": ("dense-bert-weightedmean", "CosineSimilarity", {"num_train_epochs": 1}, {}),
    "static-embedding": ("dense-static-embedding", "CosineSimilarity", DECAY, {}),
    "word-vectors": (
        "dense-word-embeddings-bilstm-mean",
        "CosineSimilarity",
        {"learning_rate": 1e-2},
        {"wordembedding_config.json": {"update_embeddings": True}},
    ),
    "word-vectors-frozen": ("dense-word-embeddings-bilstm-mean", "CoSENT", DECAY, {}),
    "cross-bert": ("cross-bert", "BinaryCrossEntropy", DECAY, {}),
    "cross-distilbert": ("cross-distilbert", "BinaryCrossEntropy", {"warmup_ratio": 0.25}, {}),
    "cross-mpnet": ("cross-mpnet", "BinaryCrossEntropy", {"gradient_accumulation_steps": 3}, {}),
    "cross-xlm-roberta": ("cross-xlm-roberta", "BinaryCrossEntropy", {"max_grad_norm": 0}, {}),
    "cross-modernbert": ("cross-modernbert", "BinaryCrossEntropy", DECAY, {}),
    "cross-modernbert-cls": ("cross-modernbert-cls", "BinaryCrossEntropy", {"lr_scheduler_type": "cosine"}, {}),
    "sparse-bert": ("sparse-bert", "SparseCosineSimilarity", RAMPED | {"num_train_epochs": 1}, {}),
    "sparse-mpnet": ("sparse-mpnet", "SparseCosineSimilarity", DECAY | {"document_regularizer_weight": 1e-3, "regularizer_warmup_ratio": 1}, {}),
    "sparse-roberta": ("sparse-roberta", "SparseCosineSimilarity", DECAY | SLOWLY | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-distilbert": ("sparse-distilbert", "SparseCosineSimilarity", RAMPED | SLOWLY | {"gradient_accumulation_steps": 2}, {}),
    "nomic-bert": ("dense-nomic-bert-mean", "CosineSimilarity", FEW, {}),
    "jina-embeddings-v3": ("dense-jina-embeddings-v3-mean-normalize", "CosineSimilarity", FEW, {}),
    "eurobert": ("dense-eurobert-mean", "CosineSimilarity", FEW, {}),
    "deberta-v2": ("dense-deberta-v2-mean", "CosineSimilarity", FEW, {}),
    "albert": ("dense-albert-cls-normalize", "CosineSimilarity", FEW, {}),
    "electra": ("dense-electra-mean", "CosineSimilarity", FEW, {}),
    "t5-gated": ("dense-t5-gated-mean", "CosineSimilarity", FEW, {}),
    "gemma3": ("dense-gemma3-mean-normalize", "CosineSimilarity", FEW, {}),
    "qwen3": ("dense-qwen3-lasttoken-normalize", "CoSENT", FEW, {}),
    "cross-electra": ("cross-electra", "BinaryCrossEntropy", FEW, {}),
    "cross-deberta-v2": ("cross-deberta-v2", "BinaryCrossEntropy", FEW, {}),
    "cross-eurobert": ("cross-eurobert", "BinaryCrossEntropy", FEW, {}),
    "cross-nomic-bert": ("cross-nomic-bert", "BinaryCrossEntropy", FEW, {}),
    "cross-qwen3": ("cross-qwen3", "BinaryCrossEntropy", FEW, {}),
    "sparse-albert": ("sparse-albert", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-electra": ("sparse-electra", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-deberta-v2-convolution": ("sparse-deberta-v2-convolution", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-eurobert": ("sparse-eurobert", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-nomic-bert": ("sparse-nomic-bert", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
    "sparse-jina-embeddings-v3": ("sparse-jina-embeddings-v3", "SparseCosineSimilarity", FEW | {"document_regularizer_weight": 3e-3}, {}),
}
DROPOUTS = ("dropout", "dropout_prob", "attention_probs_dropout_prob", "hidden_dropout_prob", "attention_dropout")


def pairs() -> list[tuple[str, str, float]]:
    """Short and long texts of several scripts, one without words, with scores of which some are equal."""
    texts = [text for text in corpus.TEXTS if text.strip()]
    found = []
    for i in range(44):
        left, right = texts[(5 * i) % len(texts)], texts[(5 * i + 1 + i % 7) % len(texts)]
        words = corpus.WORDS[(7 * i) % 90 :][: 1 + i % 6]
        found.append((left, " ".join(words) if i % 2 else right, (i * 3 % 11) / 10))
    return found


class Watch:
    """Wraps a trainer's class so that it keeps what it sees, and takes the rows in their order."""

    @staticmethod
    def over(trainer: type) -> type:
        class Watched(trainer):
            def __init__(self, *arguments: Any, **named: Any) -> None:
                super().__init__(*arguments, **named)
                self.seen: list[dict[str, float]] = []
                self.parts: list[dict[str, float]] = []

            def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
                result = super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
                loss = result[0] if return_outputs else result
                self.parts.append({"loss": loss.item()})
                return result

            def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
                if "grad_norm" in logs or "loss" in logs:
                    self.seen.append(dict(logs))
                super().log(logs, start_time)

            def create_optimizer(self, *arguments: Any):
                optimizer = super().create_optimizer(*arguments)
                self.rates: list[float] = []
                optimizer.register_step_pre_hook(lambda o, *_: self.rates.append(o.param_groups[0]["lr"]))
                return optimizer

        return Watched


def in_order(dataset: Dataset, **options: Any) -> DefaultBatchSampler:
    options.pop("valid_label_columns", None)
    options.pop("generator", None)
    options.pop("seed", None)
    return DefaultBatchSampler(SequentialSampler(dataset), **options)


def without_dropout(model: torch.nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.LSTM):
            module.dropout = 0.0
        for name in DROPOUTS:
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)
        config = getattr(module, "config", None)
        for name in DROPOUTS:
            if isinstance(getattr(config, name, None), float):
                setattr(config, name, 0.0)


def loss_of(model: answers.Model, name: str, arguments: dict[str, Any]) -> tuple[torch.nn.Module, list[Any]]:
    if name != "SparseCosineSimilarity":
        return LOSSES[name](model), []
    ramp = arguments.pop("regularizer_warmup_ratio", 1 / 3)
    query = arguments.pop("query_regularizer_weight", None)
    loss = SpladeLoss(
        model,
        SparseCosineSimilarityLoss(model),
        document_regularizer_weight=arguments.pop("document_regularizer_weight"),
        query_regularizer_weight=query,
        use_document_regularizer_only=query is None,
    )
    return loss, [SpladeRegularizerWeightSchedulerCallback(loss, warmup_ratio=ramp)]


def trainer_of(name: str) -> tuple[type, type]:
    if name == "BinaryCrossEntropy":
        return CrossEncoderTrainer, CrossEncoderTrainingArguments
    if name == "SparseCosineSimilarity":
        return SparseEncoderTrainer, SparseEncoderTrainingArguments
    return SentenceTransformerTrainer, SentenceTransformerTrainingArguments


def train(folder: Path, loss_name: str, given: dict[str, Any], drops: bool = False) -> dict[str, Any]:
    model = answers.load(folder)
    if not drops:
        without_dropout(model)
    arguments = dict(DEFAULTS | given)
    loss, callbacks = loss_of(model, loss_name, arguments)
    trainer_class, arguments_class = trainer_of(loss_name)
    columns = list(zip(*pairs(), strict=True))
    dataset = Dataset.from_dict(dict(zip(("sentence1", "sentence2", "label"), map(list, columns), strict=True)))
    with tempfile.TemporaryDirectory() as output:
        trainer = Watch.over(trainer_class)(
            model=model,
            args=arguments_class(
                output_dir=output,
                use_cpu=True,
                report_to=[],
                save_strategy="no",
                logging_steps=1,
                disable_tqdm=True,
                batch_sampler=in_order,
                **arguments,
            ),
            train_dataset=dataset,
            loss=loss,
            callbacks=callbacks,
        )
        with dropped.counted(model) as counts:
            trainer.train()
    per_epoch = -(-len(pairs()) // arguments["per_device_train_batch_size"])
    found = seen(trainer, model, given.get("gradient_accumulation_steps", 1), per_epoch)
    return dropped.means(found, counts) if drops else found


def seen(trainer: Any, model: answers.Model, accumulated: int, per_epoch: int) -> dict[str, Any]:
    batches = [part["loss"] for part in trainer.parts]
    steps = []
    for start in range(0, len(batches), per_epoch):
        epoch = batches[start : start + per_epoch]
        for first in range(0, len(epoch), accumulated):
            some = epoch[first : first + accumulated]
            steps.append(sum(some) / len(some))
    norms = [float(log["grad_norm"]) for log in trainer.seen if "grad_norm" in log]
    model.eval()
    watched = [list(pair) for pair in zip(WATCHED, WATCHED[1:] + WATCHED[:1], strict=True)]
    found = answers.answers(model, WATCHED, watched)
    sides = [f"{side}{key}" for key in ("embeddings", "term_weights_by_token_id") for side in ("", "query_", "document_")]
    kept = (*sides, "texts", "pairs", "raw")
    return {
        "loss_per_step": steps[: len(trainer.rates)],
        "gradient_norm_per_step": norms,
        "learning_rate_per_step": trainer.rates,
    } | {key: found[key] for key in kept if key in found}


def generate(name: str, output: Path) -> None:
    drops = name in dropped.CASES
    if drops:
        golden, loss, changes = dropped.CASES[name]
        arguments: dict[str, Any] = {"learning_rate": 0.0, "num_train_epochs": dropped.EPOCHS}
        if loss == "SparseCosineSimilarity":
            arguments |= {"document_regularizer_weight": 0.0}
    else:
        golden, loss, arguments, changes = CASES[name]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / golden
        shutil.copytree(generate_goldens.OUTPUT / golden, folder)
        for file, values in changes.items():
            path = folder / file
            path.write_text(json.dumps(json.loads(path.read_text()) | values, indent=4))
        torch.manual_seed(1)
        case = {"model": golden, "loss": loss, "arguments": DEFAULTS | arguments, "changes": changes}
        answers.write(case | train(folder, loss, arguments, drops), output / f"{name}.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PREFIX", default="", help="only the cases whose names begin so")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where to write (default: %(default)s)")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # models this small run slower on more
    with (options.output / "pairs.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("sentence1", "sentence2", "score"), *pairs()])
    for name in (*CASES, *dropped.CASES):
        if name.startswith(options.only):
            generate(name, options.output)
            print(f"{(options.output / name).with_suffix('.json').stat().st_size:>9,} bytes  {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
