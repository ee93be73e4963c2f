"""Makes the goldens of losses: a few steps of the reference library's own trainers with each loss that ranks.

As generate_training.py, with rows of every shape that training takes: pairs, triplets, several negatives, labelled
pairs, a teacher's scores, and lists of several lengths. One entry of CASES is one file; the rows lie beside them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import (
    CrossEncoderTrainer,
    CrossEncoderTrainingArguments,
    MultiVectorEncoderTrainer,
    MultiVectorEncoderTrainingArguments,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
    SparseEncoderTrainer,
    SparseEncoderTrainingArguments,
    util,
)
from sentence_transformers.base.modules import Router, Transformer
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler
from sentence_transformers.cross_encoder import losses as cross
from sentence_transformers.multi_vector_encoder import losses as tokens
from sentence_transformers.sentence_transformer import losses as dense
from sentence_transformers.sparse_encoder import losses as sparse

import answers
import corpus
import generate_goldens
import generate_training

OUTPUT = generate_training.OUTPUT / "losses"
DEFAULTS: dict[str, Any] = {"num_train_epochs": 2, "per_device_train_batch_size": 8, "learning_rate": 5e-4}
SYMMETRIC = ("query_to_doc", "doc_to_query")
EVERY = ("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc")
TRIPLET = dense.TripletDistanceMetric
SIAMESE = dense.SiameseDistanceMetric
FLOPS = {"document_regularizer_weight": 1e-3, "query_regularizer_weight": 5e-4}
ALL_DOCUMENTS = {"document_regularizer_weight": 1e-3}
SLOWLY = {"learning_rate": 2e-4}  # where the reference on one thread and on two would part ways


SLOWEST = {"learning_rate": 2e-5}  # where Adam's first steps follow the sign of gradients that rounding decides


INFERENCE_FREE = "sparse-inference-free-query"
ROUTED = (INFERENCE_FREE, "dense-router", "dense-router-static-embedding", "sparse-router")
PROMPTED = {"anchor": "search for: ", "positive": "passage: ", "negative": "passage: "}
QUERIES = ("anchor", "sentence1")
DOCUMENTS = ("positive", "negative", "negative_1", "negative_2", "sentence2")


def splade(
    make: Callable[..., torch.nn.Module],
    only_documents: bool = False,
    query_weight: float | None = 5e-4,
    **settings: Any,
) -> Callable:
    regularizers: dict[str, Any] = {"document_regularizer_weight": 1e-3}
    regularizers |= {"use_document_regularizer_only": True} if only_documents else {"query_regularizer_weight": query_weight}
    return lambda model: sparse.SpladeLoss(model, make(model, **settings), **regularizers)


Case = tuple[str, str, str, Callable[[Any], torch.nn.Module], dict[str, Any]]
# name: model, loss, rows, the reference's loss, arguments beside DEFAULTS
CASES: dict[str, Case] = {
    "mnr": ("dense-mpnet-mean-normalize", "MultipleNegativesRanking", "pairs", dense.MultipleNegativesRankingLoss, {}),
    "mnr-negatives": (
        "dense-roberta-mean",
        "MultipleNegativesRanking",
        "negatives",
        lambda m: dense.MultipleNegativesRankingLoss(m, scale=10),
        {"scale": 10, "weight_decay": 0.5},
    ),
    "mnr-dot": (
        "dense-mpnet-mean-normalize",
        "MultipleNegativesRanking",
        "triplets",
        lambda m: dense.MultipleNegativesRankingLoss(m, scale=3, similarity_fct=util.dot_score),
        {"scale": 3, "similarity_fct": "dot", "gradient_accumulation_steps": 2},
    ),
    "mnr-symmetric": (
        "dense-distilbert-cls-max",
        "MultipleNegativesRanking",
        "triplets",
        lambda m: dense.MultipleNegativesRankingLoss(m, directions=SYMMETRIC, partition_mode="per_direction"),
        {"directions": ",".join(SYMMETRIC), "per_direction": True},
    ),
    "mnr-every-direction": (
        "dense-bert-mean-dense",
        "MultipleNegativesRanking",
        "triplets",
        lambda m: dense.MultipleNegativesRankingLoss(m, directions=EVERY),
        {"directions": ",".join(EVERY)},
    ),
    "mnr-cached": (
        "dense-mpnet-mean-normalize",
        "MultipleNegativesRanking",
        "negatives",
        lambda m: dense.CachedMultipleNegativesRankingLoss(m, mini_batch_size=4),
        {"mini_batch_size": 4, "per_device_train_batch_size": 24, "num_train_epochs": 4},
    ),
    "mnr-no-duplicates": (
        "dense-mpnet-mean-normalize",
        "MultipleNegativesRanking",
        "repeated",
        dense.MultipleNegativesRankingLoss,
        {"batch_sampler": "no_duplicates"},
    ),
    "mnr-round-robin": (
        "dense-mpnet-mean-normalize",
        "MultipleNegativesRanking",
        "pairs triplets",
        dense.MultipleNegativesRankingLoss,
        {"multi_dataset_batch_sampler": "round_robin"},
    ),
    "mnr-prompts": (
        "dense-bert-prompts",
        "MultipleNegativesRanking",
        "triplets",
        dense.MultipleNegativesRankingLoss,
        {"prompts": PROMPTED},
    ),
    "mnr-prompts-not-pooled": (
        "dense-bert-exclude-prompt",
        "MultipleNegativesRanking",
        "triplets",
        dense.MultipleNegativesRankingLoss,
        {"prompts": {"anchor": "find the text that answers: ", "negative": "no answer: "}},
    ),
    "mnr-prompts-by-file": (
        "dense-roberta-mean",
        "MultipleNegativesRanking",
        "pairs triplets",
        dense.MultipleNegativesRankingLoss,
        {"multi_dataset_batch_sampler": "round_robin", "prompts": {"triplets": PROMPTED, "pairs": "either: "}},
    ),
    "contrastive-prompt-not-pooled": (
        "dense-bert-exclude-prompt",
        "Contrastive",
        "labelled",
        dense.ContrastiveLoss,
        {"prompts": "find the text that answers: "},
    ),
    "triplet": ("dense-roberta-mean", "Triplet", "triplets", dense.TripletLoss, SLOWEST),
    "triplet-cosine": (
        "dense-mpnet-mean-normalize",
        "Triplet",
        "triplets",
        lambda m: dense.TripletLoss(m, distance_metric=TRIPLET.COSINE, triplet_margin=0.3),
        {"distance_metric": "cosine", "margin": 0.3},
    ),
    "triplet-manhattan": (
        "dense-roberta-mean",
        "Triplet",
        "triplets",
        lambda m: dense.TripletLoss(m, distance_metric=TRIPLET.MANHATTAN),
        {"distance_metric": "manhattan"} | SLOWEST,
    ),
    "contrastive": ("dense-mpnet-mean-normalize", "Contrastive", "labelled", dense.ContrastiveLoss, {}),
    "contrastive-euclidean": (
        "dense-roberta-mean",
        "Contrastive",
        "labelled",
        lambda m: dense.ContrastiveLoss(m, distance_metric=SIAMESE.EUCLIDEAN, margin=2),
        {"distance_metric": "euclidean", "margin": 2} | SLOWEST,
    ),
    "contrastive-manhattan": (
        "dense-roberta-mean",
        "Contrastive",
        "labelled",
        lambda m: dense.ContrastiveLoss(m, distance_metric=SIAMESE.MANHATTAN, margin=2),
        {"distance_metric": "manhattan", "margin": 2} | SLOWEST,
    ),
    "online-contrastive": ("dense-mpnet-mean-normalize", "OnlineContrastive", "labelled", dense.OnlineContrastiveLoss, {}),
    "margin-mse": ("dense-roberta-mean", "MarginMSE", "margins", dense.MarginMSELoss, {}),
    "margin-mse-scores": ("dense-distilbert-cls-max", "MarginMSE", "scored", dense.MarginMSELoss, {}),
    "distill-kl-div": (
        "dense-roberta-mean",
        "DistillKLDiv",
        "scored",
        lambda m: dense.DistillKLDivLoss(m, temperature=2),
        {"temperature": 2},
    ),
    "matryoshka-mnr": (
        "dense-mpnet-mean-normalize",
        "MultipleNegativesRanking",
        "triplets",
        lambda m: dense.MatryoshkaLoss(m, dense.MultipleNegativesRankingLoss(m), [32, 16, 8], [1, 0.5, 2]),
        {"matryoshka_dims": "32,16,8", "matryoshka_weights": "1,0.5,2"},
    ),
    "matryoshka-cosine": (
        "dense-roberta-mean",
        "CosineSimilarity",
        "labelled",
        lambda m: dense.MatryoshkaLoss(m, dense.CosineSimilarityLoss(m), [32, 8]),
        {"matryoshka_dims": "32,8", "score_column": "label"},
    ),
    "cross-lambda": ("cross-bert", "Lambda", "lists", cross.LambdaLoss, SLOWEST),
    "cross-lambda-at-2": ("cross-distilbert", "Lambda", "lists", lambda m: cross.LambdaLoss(m, k=2), {"ndcg_k": 2} | SLOWEST),
    "cross-rank-net": ("cross-bert", "RankNet", "lists", cross.RankNetLoss, SLOWEST),
    "cross-list-net": ("cross-mpnet", "ListNet", "lists", cross.ListNetLoss, {}),
    "cross-list-net-prompt": ("cross-mpnet", "ListNet", "lists", cross.ListNetLoss, SLOWEST | {"prompts": "rank by use: "}),
    "cross-mse": ("cross-bert", "MSE", "labelled", cross.MSELoss, {}),
    "cross-margin-mse": ("cross-bert", "MarginMSE", "scored", cross.MarginMSELoss, SLOWEST),
    "sparse-mnr": (
        "sparse-bert",
        "SparseMultipleNegativesRanking",
        "triplets",
        splade(sparse.SparseMultipleNegativesRankingLoss),
        FLOPS | SLOWLY,
    ),
    "sparse-mnr-cached": (
        "sparse-mpnet",
        "SparseMultipleNegativesRanking",
        "negatives",
        splade(sparse.SparseMultipleNegativesRankingLoss),
        FLOPS | SLOWLY | {"mini_batch_size": 5},
    ),
    "sparse-margin-mse": (
        "sparse-distilbert",
        "SparseMarginMSE",
        "scored",
        splade(sparse.SparseMarginMSELoss, only_documents=True),
        ALL_DOCUMENTS | SLOWLY,
    ),
    "sparse-distill-kl-div": (
        "sparse-bert",
        "SparseDistillKLDiv",
        "scored",
        splade(sparse.SparseDistillKLDivLoss, only_documents=True),
        ALL_DOCUMENTS | SLOWLY,
    ),
    "sparse-looked-up-mnr": (
        INFERENCE_FREE,
        "SparseMultipleNegativesRanking",
        "triplets",
        splade(sparse.SparseMultipleNegativesRankingLoss, query_weight=None),
        ALL_DOCUMENTS | SLOWLY | {"query_table_learning_rate": 1e-2},
    ),
    "sparse-looked-up-mnr-prompts": (
        INFERENCE_FREE,
        "SparseMultipleNegativesRanking",
        "triplets",
        splade(sparse.SparseMultipleNegativesRankingLoss, query_weight=None),
        ALL_DOCUMENTS | SLOWLY | {"query_table_learning_rate": 1e-2, "prompts": PROMPTED},
    ),
    "sparse-looked-up-mnr-cached": (
        INFERENCE_FREE,
        "SparseMultipleNegativesRanking",
        "negatives",
        splade(sparse.SparseMultipleNegativesRankingLoss),
        FLOPS | SLOWLY | {"mini_batch_size": 5, "weight_decay": 0.5, "query_table_learning_rate": 1e-3},
    ),
    "sparse-looked-up-margin-mse": (
        INFERENCE_FREE,
        "SparseMarginMSE",
        "scored",
        splade(sparse.SparseMarginMSELoss, query_weight=None),
        ALL_DOCUMENTS | SLOWLY | {"gradient_accumulation_steps": 2, "query_table_learning_rate": 1e-2},
    ),
    "lora-mnr": (
        "dense-bert-mean-dense",
        "MultipleNegativesRanking",
        "triplets",
        dense.MultipleNegativesRankingLoss,
        {"lora_rank": 4, "lora_alpha": 16, "lora_target_modules": "query,value", "weight_decay": 0.5},
    ),
    "lora-cross-mse": ("cross-bert", "MSE", "labelled", cross.MSELoss, {"lora_rank": 2, "gradient_accumulation_steps": 2}),
    "lora-sparse-margin-mse": (
        "sparse-distilbert",
        "SparseMarginMSE",
        "scored",
        splade(sparse.SparseMarginMSELoss, only_documents=True),
        ALL_DOCUMENTS | SLOWLY | {"lora_rank": 8, "lora_alpha": 8, "mini_batch_size": 6},
    ),
    "router-mnr": ("dense-router", "MultipleNegativesRanking", "triplets", dense.MultipleNegativesRankingLoss, {}),
    "router-mnr-prompts": (
        "dense-router",
        "MultipleNegativesRanking",
        "pairs triplets",
        dense.MultipleNegativesRankingLoss,
        {"multi_dataset_batch_sampler": "round_robin", "prompts": {"triplets": PROMPTED, "pairs": "either: "}},
    ),
    "router-mnr-cached": (
        "dense-router",
        "MultipleNegativesRanking",
        "negatives",
        lambda m: dense.CachedMultipleNegativesRankingLoss(m, mini_batch_size=4),
        {"mini_batch_size": 4, "per_device_train_batch_size": 24, "num_train_epochs": 4},
    ),
    "router-mnr-symmetric-matryoshka": (
        "dense-router",
        "MultipleNegativesRanking",
        "negatives",
        lambda m: dense.MatryoshkaLoss(m, dense.MultipleNegativesRankingLoss(m, directions=SYMMETRIC), [16, 8], [1, 0.5]),
        {"directions": ",".join(SYMMETRIC), "matryoshka_dims": "16,8", "matryoshka_weights": "1,0.5"},
    ),
    "router-margin-mse": (
        "dense-router",
        "MarginMSE",
        "scored",
        dense.MarginMSELoss,
        {"gradient_accumulation_steps": 2, "weight_decay": 0.5},
    ),
    "router-distill-kl-div": (
        "dense-router-static-embedding",
        "DistillKLDiv",
        "scored",
        lambda m: dense.DistillKLDivLoss(m, temperature=2),
        {"temperature": 2, "mini_batch_size": 5, "weight_decay": 0.5},
    ),
    "router-triplet-cosine": (
        "dense-router-static-embedding",
        "Triplet",
        "triplets",
        lambda m: dense.TripletLoss(m, distance_metric=TRIPLET.COSINE, triplet_margin=0.3),
        {"distance_metric": "cosine", "margin": 0.3},
    ),
    "router-contrastive": ("dense-router", "Contrastive", "labelled", dense.ContrastiveLoss, {}),
    "router-lora-mnr": (
        "dense-router-static-embedding",
        "MultipleNegativesRanking",
        "triplets",
        dense.MultipleNegativesRankingLoss,
        {"lora_rank": 4},
    ),
    "router-lora-margin-mse": ("dense-router", "MarginMSE", "scored", dense.MarginMSELoss, {"lora_rank": 2, "weight_decay": 0.5}),
    "sparse-router-mnr": (
        "sparse-router",
        "SparseMultipleNegativesRanking",
        "triplets",
        splade(sparse.SparseMultipleNegativesRankingLoss),
        FLOPS | SLOWEST,
    ),
    "sparse-router-margin-mse-cached": (
        "sparse-router",
        "SparseMarginMSE",
        "scored",
        splade(sparse.SparseMarginMSELoss),
        FLOPS | SLOWLY | {"mini_batch_size": 5, "weight_decay": 0.5},
    ),
    "multi-vector-mnr": (
        "multi-vector-bert-fixed",
        "MultipleNegativesRanking",
        "triplets",
        tokens.MultiVectorMultipleNegativesRankingLoss,
        {},
    ),
    "multi-vector-mnr-prompts": (
        "multi-vector-bert-fixed",
        "MultipleNegativesRanking",
        "triplets",
        tokens.MultiVectorMultipleNegativesRankingLoss,
        {"prompts": PROMPTED},
    ),
    "multi-vector-mnr-scale": (
        "multi-vector-modernbert-min",
        "MultipleNegativesRanking",
        "negatives",
        lambda m: tokens.MultiVectorMultipleNegativesRankingLoss(m, scale=2.5),
        {"scale": 2.5, "weight_decay": 0.5},
    ),
    "multi-vector-mnr-cached": (
        "multi-vector-roberta-plain",
        "MultipleNegativesRanking",
        "pairs",
        lambda m: tokens.CachedMultiVectorMultipleNegativesRankingLoss(m, mini_batch_size=4),
        {"mini_batch_size": 4} | SLOWLY,
    ),
    "multi-vector-mnr-pylate": (
        "multi-vector-distilbert-pylate",
        "MultipleNegativesRanking",
        "pairs",
        tokens.MultiVectorMultipleNegativesRankingLoss,
        {},
    ),
    "multi-vector-margin-mse": (
        "multi-vector-bert-fixed",
        "MarginMSE",
        "scored",
        tokens.MultiVectorMarginMSELoss,
        SLOWLY,
    ),
    "multi-vector-distill-kl-div": (
        "multi-vector-modernbert-min",
        "DistillKLDiv",
        "scored",
        lambda m: tokens.MultiVectorDistillKLDivLoss(m, temperature=2),
        {"temperature": 2} | SLOWLY,
    ),
}
# What is said to the command line alone: the reference's losses are made with it.
OURS = {
    "scale", "similarity_fct", "directions", "per_direction", "mini_batch_size", "distance_metric", "margin",
    "temperature", "ndcg_k", "matryoshka_dims", "matryoshka_weights", "document_regularizer_weight",
    "query_regularizer_weight", "score_column", "batch_sampler", "query_table_learning_rate",
    "lora_rank", "lora_alpha", "lora_target_modules",
}  # fmt: skip
TRAINERS = {
    "dense": (SentenceTransformerTrainer, SentenceTransformerTrainingArguments),
    "cross": (CrossEncoderTrainer, CrossEncoderTrainingArguments),
    "multi": (MultiVectorEncoderTrainer, MultiVectorEncoderTrainingArguments),
    "sparse": (SparseEncoderTrainer, SparseEncoderTrainingArguments),
}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Rows of every shape, of texts that differ but in `repeated`."""
    texts = [text for text in corpus.TEXTS if text.strip()]

    def words(i: int, count: int) -> str:
        return " ".join(corpus.WORDS[(7 * i + j) % len(corpus.WORDS)] for j in range(count))

    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("pairs", "triplets", "negatives", "labelled", "margins", "scored", "lists", "repeated")
    }
    for i in range(24):
        query, long = words(i, 2 + i % 4), texts[i % len(texts)] + " " + words(i + 31, 2)
        others = [words(i + 60, 3 + i % 7), texts[(3 * i + 1) % len(texts)] + " " + words(i + 47, 1), words(i + 80, 9)]
        scores = [3 + (i * 5 % 7) / 2, (i * 3 % 11) / 4, -1 + (i % 5) / 3]
        row = {"anchor": query, "positive": long}
        found["pairs"].append(row)
        found["triplets"].append(row | {"negative": others[i % 2]})
        found["negatives"].append(row | {"negative_1": others[0], "negative_2": others[1]})
        found["labelled"].append({"sentence1": query, "sentence2": long if i % 3 else others[0], "label": float(i % 3 > 0)})
        found["margins"].append(row | {"negative": others[0], "label": scores[0] - scores[1]})
        found["scored"].append(row | {"negative_1": others[0], "negative_2": others[1], "scores": scores})
        documents = [others[0], long, *others[1 : 1 + i % 3]]
        found["lists"].append({"query": query, "docs": documents, "labels": [0.0, 1.0 + i % 2, *[0.0, 1.0][: i % 3]]})
        found["repeated"].append({"anchor": words(i % 9, 2), "positive": texts[i % len(texts)] + " " + words(i, 2)})
    return found


class LowRank(torch.nn.Module):
    """A product with two narrow matrices beside it, as PEFT's LoRA has it without dropout."""

    def __init__(self, product: torch.nn.Linear, a: torch.Tensor, alpha: float) -> None:
        super().__init__()
        self.product = product
        self.lora_a = torch.nn.Parameter(a)
        self.lora_b = torch.nn.Parameter(torch.zeros(product.out_features, len(a)))
        self.scale = alpha / len(a)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.product(x) + x @ self.lora_a.T @ self.lora_b.T * self.scale


def uniform(seed: int) -> Iterator[float]:
    """Java's SplittableRandom.nextDouble."""
    mask, state = (1 << 64) - 1, seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield ((z ^ (z >> 31)) >> 11) * 2.0**-53


def with_lora(model: Any, given: dict[str, Any], cross_encoder: bool) -> None:
    """Freezes networks but for matrices beside their products; of a classifier's head everything learns."""
    numbers = uniform(42)
    routes = model[0].sub_modules if isinstance(model[0], Router) else {"": model}
    for _, modules in sorted(routes.items()):
        if isinstance(modules[0], Transformer):
            add_lora(modules[0].auto_model, given, cross_encoder, numbers)


def add_lora(network: torch.nn.Module, given: dict[str, Any], cross_encoder: bool, numbers: Iterator[float]) -> None:
    rank, names = given["lora_rank"], given.get("lora_target_modules", "").split(",")
    for name, parameter in network.named_parameters():
        head = cross_encoder and any(part in ("classifier", "pooler") for part in name.split("."))
        parameter.requires_grad_(head)
    for name, module in sorted(network.named_modules(), key=lambda named: f"{named[0]}.weight"):
        asked = names == [""] or name.split(".")[-1] in names
        if isinstance(module, torch.nn.Linear) and ".layer." in name and asked:
            drawn = [[(2 * next(numbers) - 1) / module.in_features**0.5 for _ in range(module.in_features)] for _ in range(rank)]
            parent, _, last = name.rpartition(".")
            adapted = LowRank(module, torch.tensor(drawn), given.get("lora_alpha", 2 * rank))
            setattr(network.get_submodule(parent), last, adapted)


def no_duplicates(dataset: Dataset, **options: Any) -> NoDuplicatesBatchSampler:
    options.pop("generator", None)
    return NoDuplicatesBatchSampler(dataset, **options)


def train(folder: Path, case: Case, data: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    golden, _, names, make, given = case
    model = answers.load(folder)
    generate_training.without_dropout(model)
    arguments = {key: value for key, value in (DEFAULTS | given).items() if key not in OURS}
    if golden in ROUTED:
        arguments["router_mapping"] = dict.fromkeys(QUERIES, "query") | dict.fromkeys(DOCUMENTS, "document")
    if golden == INFERENCE_FREE:
        arguments["learning_rate_mapping"] = {r"query\.0\.weight": given["query_table_learning_rate"]}
    sampler = no_duplicates if given.get("batch_sampler") else generate_training.in_order
    trainer_class, arguments_class = TRAINERS[golden.split("-")[0]]
    sets = {name: Dataset.from_list(data[name]) for name in names.split()}
    if "lora_rank" in given:
        with_lora(model, given, golden.startswith("cross"))
    loss = make(model)
    with tempfile.TemporaryDirectory() as output, mock.patch("torch.randperm", lambda n, **_: torch.arange(n)):
        trainer = generate_training.Watch.over(trainer_class)(
            model=model,
            args=arguments_class(
                output_dir=output,
                use_cpu=True,
                report_to=[],
                save_strategy="no",
                logging_steps=1,
                disable_tqdm=True,
                batch_sampler=sampler,
                **arguments,
            ),
            train_dataset=DatasetDict(sets) if len(sets) > 1 else next(iter(sets.values())),
            loss=loss,
        )
        per_epoch = len(trainer.get_train_dataloader())
        trainer.train()
    return generate_training.seen(trainer, model, given.get("gradient_accumulation_steps", 1), per_epoch)


def generate(name: str, data: dict[str, list[dict[str, Any]]], output: Path) -> None:
    golden, loss, names, _, given = CASES[name]
    torch.manual_seed(1)
    case = {"model": golden, "loss": loss, "rows": names.split(), "arguments": DEFAULTS | given, "changes": {}}
    answers.write(case | train(generate_goldens.OUTPUT / golden, CASES[name], data), output / f"{name}.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PREFIX", default="", help="only the cases whose names begin so")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where to write (default: %(default)s)")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # models this small run slower on more
    data = rows()
    for shape, some in data.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in some)
        (options.output / f"{shape}.jsonl").write_text("".join(lines))
    for name in CASES:
        if name.startswith(options.only):
            generate(name, data, options.output)
            print(f"{(options.output / name).with_suffix('.json').stat().st_size:>9,} bytes  {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
