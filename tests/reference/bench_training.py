"""The library's own trainer on pairs with scores: seconds, pairs per second, and what comes out.

Bi-encoders (CosineSimilarityLoss and others, and in-batch negatives, for which scores are left out), cross-encoders
(BinaryCrossEntropyLoss) and sparse encoders (SpladeLoss around SparseCosineSimilarityLoss), bfloat16 autocast or float32,
with the library's default of eager attention chosen by transformers. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.cross_encoder import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.evaluation import CrossEncoderCorrelationEvaluator
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator
from sentence_transformers.sentence_transformer.losses import (
    AnglELoss,
    CachedMultipleNegativesRankingLoss,
    CoSENTLoss,
    CosineSimilarityLoss,
    MultipleNegativesRankingLoss,
)
from sentence_transformers.sentence_transformer.modules import LSTM, Pooling, WordEmbeddings
from sentence_transformers.sparse_encoder import SparseEncoder, SparseEncoderTrainer, SparseEncoderTrainingArguments
from sentence_transformers.sparse_encoder.evaluation import SparseEmbeddingSimilarityEvaluator
from sentence_transformers.sparse_encoder.losses import SparseCosineSimilarityLoss, SpladeLoss
from transformers import TrainerCallback

RANKING = "MultipleNegativesRanking"
LOSSES = {
    "CosineSimilarity": CosineSimilarityLoss,
    "CoSENT": CoSENTLoss,
    "AnglE": AnglELoss,
    RANKING: MultipleNegativesRankingLoss,
}


def read(path: Path) -> list[tuple[str, str, float]]:
    with open(path, newline="", encoding="utf-8") as file:
        return [(row[0], row[1], float(row[2]) / 5) for row in csv.reader(file)]


class Clock(TrainerCallback):
    """Times steps, leaving out the first ones, in which memory is found and kernels are made."""

    def __init__(self, warmup: int) -> None:
        self.warmup = warmup
        self.start = 0.0
        self.cpu_start = 0.0
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        self.steps = 0

    def on_step_end(self, args, state, control, **kwargs):  # noqa: ANN001, ANN003
        now, cpu = time.perf_counter(), sum(os.times()[:2])
        if state.global_step == self.warmup:
            self.start, self.cpu_start = now, cpu
        elif state.global_step > self.warmup:
            self.seconds, self.cpu_seconds = now - self.start, cpu - self.cpu_start
            self.steps = state.global_step - self.warmup


def model_of(options: argparse.Namespace):  # noqa: ANN201
    if options.word_vectors:
        words = WordEmbeddings.from_text_file(str(options.word_vectors))
        lstm = LSTM(words.get_embedding_dimension(), options.hidden_dim, bidirectional=True)
        pooling = Pooling(lstm.get_embedding_dimension(), pooling_mode="mean")
        return SentenceTransformer(modules=[words, lstm, pooling], device="cpu")
    if options.task == "cross-encoder":
        return CrossEncoder(str(options.model), num_labels=1, device="cpu")
    if options.task == "sparse-encoder":
        return SparseEncoder(str(options.model), device="cpu")
    return SentenceTransformer(str(options.model), device="cpu")


def loss_of(options: argparse.Namespace, model):  # noqa: ANN001, ANN201
    if options.task == "cross-encoder":
        return BinaryCrossEntropyLoss(model)
    if options.task == "sparse-encoder":
        cosines = SparseCosineSimilarityLoss(model)
        return SpladeLoss(model, loss=cosines, document_regularizer_weight=options.document_regularizer_weight)
    if options.mini_batch_size:
        return CachedMultipleNegativesRankingLoss(model, mini_batch_size=options.mini_batch_size)
    return LOSSES[options.loss](model)


def evaluate(model, task: str, path: Path | None) -> dict[str, float]:  # noqa: ANN001
    if path is None:
        return {}
    rows = read(path)
    first, second, scores = zip(*rows)
    if task == "cross-encoder":
        evaluator = CrossEncoderCorrelationEvaluator(list(zip(first, second)), list(scores), name=path.stem)
    elif task == "sparse-encoder":
        evaluator = SparseEmbeddingSimilarityEvaluator(list(first), list(second), list(scores), name=path.stem)
    else:
        evaluator = EmbeddingSimilarityEvaluator(list(first), list(second), list(scores), name=path.stem)
    return {key: float(value) for key, value in evaluator(model).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=["bi-encoder", "cross-encoder", "sparse-encoder"], default="bi-encoder")
    parser.add_argument("--model", type=Path, metavar="DIR")
    parser.add_argument("--word-vectors", type=Path, metavar="FILE", help="for an LSTM over them")
    parser.add_argument("--hidden-dim", type=int, default=1024)
    parser.add_argument("--train", type=Path, required=True, metavar="CSV")
    parser.add_argument("--test", type=Path, metavar="CSV")
    parser.add_argument("--dev", type=Path, metavar="CSV")
    parser.add_argument("--loss", choices=LOSSES, default="CosineSimilarity")
    parser.add_argument("--mini-batch-size", type=int, default=0, help=f"of {RANKING} with cached gradients")
    parser.add_argument("--document-regularizer-weight", type=float, default=3e-3, help="of sparse encoders")
    parser.add_argument("--precision", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--max-steps", type=int, default=-1)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--warmup-ratio", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--untimed", type=int, default=10, help="first steps that are not timed")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = model_of(options)
    rows = read(options.train)
    columns = ("sentence1", "sentence2") if options.loss == RANKING else ("sentence1", "sentence2", "label")
    data = Dataset.from_dict({name: [row[i] for row in rows] for i, name in enumerate(columns)})
    kind, trainer_kind = {
        "bi-encoder": (SentenceTransformerTrainingArguments, SentenceTransformerTrainer),
        "cross-encoder": (CrossEncoderTrainingArguments, CrossEncoderTrainer),
        "sparse-encoder": (SparseEncoderTrainingArguments, SparseEncoderTrainer),
    }[options.task]
    clock = Clock(options.untimed)
    with tempfile.TemporaryDirectory() as output:
        arguments = kind(
            output_dir=output,
            num_train_epochs=options.epochs,
            max_steps=options.max_steps,
            per_device_train_batch_size=options.batch,
            learning_rate=options.learning_rate,
            warmup_ratio=options.warmup_ratio,
            bf16=options.precision == "bfloat16",
            use_cpu=True,
            seed=options.seed,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            logging_steps=1_000_000,
        )
        loss = loss_of(options, model)
        trainer = trainer_kind(model=model, args=arguments, train_dataset=data, loss=loss, callbacks=[clock])
        trainer.train()
    found = {
        "pairs_per_second": clock.steps * options.batch / clock.seconds if clock.seconds else None,
        "cpu_ms_per_pair": 1000 * clock.cpu_seconds / clock.steps / options.batch if clock.steps else None,
        "seconds": clock.seconds,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cpu_seconds": sum(os.times()[:2]),
    }
    found.update(evaluate(model, options.task, options.dev))
    found.update(evaluate(model, options.task, options.test))
    json.dump(found, sys.stdout)
    print()


if __name__ == "__main__":
    main()
