"""Trains small models with `semlux train` and `semlux adapt` and loads what they wrote in the reference library.

Each system is trained on the pairs of generate_training.py, or on rows of generate_losses.py; then the library loads
the folder and must answer what `semlux encode` and `semlux score` answer, and the Hub's own code must read the model
card. Exits with 1 where something is refused or differs. Needs `mvn package`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import ModelCard, metadata_load
from huggingface_hub.repocard_data import eval_results_to_model_index

import corpus
import generate_goldens
import generate_losses
import generate_training
import roundtrip

ROOT = generate_goldens.HERE.parents[1]
MODELS = generate_goldens.OUTPUT
PAIRS = generate_training.OUTPUT / "pairs.csv"
WORD_VECTORS = "--word-vectors"
TEXTS = [text for text in corpus.TEXTS if text.strip() and "\n" not in text]
BI, SPARSE, CROSS, MULTI = "bi-encoder", "sparse-encoder", "cross-encoder", "multi-vector-encoder"
METRICS = {BI: "sentence-similarity", SPARSE: "feature-extraction", CROSS: "text-ranking", MULTI: "feature-extraction"}
ADAPTED = "adapted"  # in place of rows: `semlux adapt` makes its own


class System(NamedTuple):
    """What is trained, from which golden, with which options, and on which rows (PAIRS where it does not say)."""

    task: str
    base: str
    options: str = ""
    rows: str = ""


LOOKED_UP = "--inference-free --query-table-learning-rate 1e-2"
MNR = "--loss MultipleNegativesRanking"
SPARSE_MNR = "--loss SparseMultipleNegativesRanking"
SYSTEMS: dict[str, System] = {
    "bi-encoder-from-scratch": System(BI, "sparse-bert"),
    "bi-encoder": System(BI, "dense-bert-mean-dense", "--loss CoSENT"),
    "bi-encoder-bf16": System(BI, "dense-modernbert-mean", "--loss AnglE --bf16"),
    "bi-encoder-lora": System(BI, "dense-bert-mean-dense", "--lora-rank 4 --lora-target-modules query,value"),
    "bi-encoder-mnr": System(BI, "dense-mpnet-mean-normalize", MNR, "negatives"),
    "bi-encoder-mnr-cached": System(BI, "dense-qwen3-lasttoken-normalize", f"{MNR} --mini-batch-size 4", "triplets"),
    "bi-encoder-mnr-prompts": System(BI, "dense-bert-exclude-prompt", f"{MNR} --prompts answer:", "triplets"),
    "bi-encoder-mnr-lora": System(BI, "dense-nomic-bert-native-names", f"{MNR} --lora-rank 2", "triplets"),
    "bi-encoder-triplet": System(BI, "dense-deberta-v2-mean", "--loss Triplet", "triplets"),
    "bi-encoder-contrastive": System(BI, "dense-eurobert-mean", "--loss OnlineContrastive", "labelled"),
    "bi-encoder-margin-mse": System(BI, "dense-jina-embeddings-v3-native-names", "--loss MarginMSE", "scored"),
    "bi-encoder-distilled": System(BI, "dense-t5-mean-dense", "--loss DistillKLDiv", "scored"),
    "matryoshka": System(BI, "dense-gemma3-mean-normalize", f"{MNR} --matryoshka-dims 32,16,8", "triplets"),
    "matryoshka-truncated": System(BI, "dense-bert-truncate-dim", f"{MNR} --matryoshka-dims 12,8", "triplets"),
    "matryoshka-lora": System(BI, "dense-albert-cls-normalize", "--matryoshka-dims 32,8 --lora-rank 2"),
    "static-embedding": System(BI, "dense-static-embedding"),
    "static-embedding-mnr": System(BI, "dense-static-embedding", f"{MNR} --matryoshka-dims 32,8", "triplets"),
    "word-vectors": System(BI, WORD_VECTORS, "--hidden-dim 8"),
    "word-vectors-trained": System(BI, WORD_VECTORS, "--hidden-dim 8 --num-layers 2 --update-embeddings"),
    "sparse-encoder": System(SPARSE, "sparse-distilbert"),
    "sparse-encoder-untied": System(SPARSE, "sparse-mpnet", "--query-regularizer-weight 1e-3"),
    "sparse-encoder-lora": System(SPARSE, "sparse-bert", "--lora-rank 4"),
    "sparse-encoder-mnr": System(SPARSE, "sparse-roberta", SPARSE_MNR, "negatives"),
    "sparse-encoder-margin-mse": System(SPARSE, "sparse-modernbert", "--loss SparseMarginMSE", "scored"),
    "sparse-encoder-distilled": System(SPARSE, "sparse-electra", "--loss SparseDistillKLDiv --lora-rank 2", "scored"),
    "sparse-encoder-inference-free": System(SPARSE, "sparse-bert", LOOKED_UP),
    "sparse-encoder-inference-free-mnr": System(SPARSE, "sparse-distilbert", f"{LOOKED_UP} {SPARSE_MNR}", "triplets"),
    "sparse-encoder-router": System(SPARSE, "sparse-inference-free-query"),
    "sparse-encoder-router-mnr": System(SPARSE, "sparse-inference-free-query", f"{SPARSE_MNR} --lora-rank 2", "triplets"),
    "sparse-encoder-router-margin-mse": System(SPARSE, "sparse-inference-free-query", "--loss SparseMarginMSE", "scored"),
    "router": System(BI, "dense-router", "--loss CoSENT --max-seq-length 20"),
    "router-mnr": System(BI, "dense-router", f"{MNR} --matryoshka-dims 16,8", "triplets"),
    "router-distilled": System(BI, "dense-router-static-embedding", "--loss DistillKLDiv --lora-rank 2", "scored"),
    "router-sparse-mnr": System(SPARSE, "sparse-router", SPARSE_MNR, "triplets"),
    "cross-encoder": System(CROSS, "cross-roberta"),
    "cross-encoder-lora": System(CROSS, "dense-mpnet-mean-normalize", "--lora-rank 4"),
    "cross-encoder-bert": System(CROSS, "dense-bert-mean-normalize"),
    "cross-encoder-distilbert": System(CROSS, "dense-distilbert-cls-max"),
    "cross-encoder-roberta": System(CROSS, "sparse-roberta"),
    "cross-encoder-mpnet": System(CROSS, "dense-mpnet-mean-normalize"),
    "cross-encoder-modernbert": System(CROSS, "dense-modernbert-mean"),
    "cross-encoder-lambda": System(CROSS, "cross-distilbert", "--loss Lambda --ndcg-k 2", "lists"),
    "cross-encoder-rank-net": System(CROSS, "cross-bert-modules", "--loss RankNet", "lists"),
    "cross-encoder-list-net": System(CROSS, "cross-eurobert", "--loss ListNet", "lists"),
    "cross-encoder-list-net-new": System(CROSS, "dense-bert-mean-normalize", "--loss ListNet --lora-rank 2", "lists"),
    "cross-encoder-list-net-prompt": System(CROSS, "cross-mpnet", "--loss ListNet --prompts rank:", "lists"),
    "cross-encoder-mse": System(CROSS, "cross-modernbert", "--loss MSE", "labelled"),
    "cross-encoder-margin-mse": System(CROSS, "cross-t5-modules", "--loss MarginMSE", "scored"),
    "cross-encoder-distilled": System(CROSS, "cross-qwen3", "--loss DistillKLDiv --mini-batch-size 4", "scored"),
    "multi-vector": System(MULTI, "multi-vector-bert-fixed", "", "triplets"),
    "multi-vector-lora": System(MULTI, "multi-vector-roberta-plain", "--lora-rank 2", "triplets"),
    "multi-vector-margin-mse": System(MULTI, "multi-vector-modernbert-min", "--loss MarginMSE", "scored"),
    "multi-vector-distilled": System(MULTI, "multi-vector-distilbert-pylate", "--loss DistillKLDiv", "scored"),
    "multi-vector-prompts": System(MULTI, "multi-vector-distilbert-pylate", "--prompts ask:", "pairs"),
    "multi-vector-from-bi-encoder": System(MULTI, "dense-roberta-mean", "", "negatives"),
    "adapted-bi-encoder": System(BI, "dense-bert-mean-normalize", "", ADAPTED),
    "adapted-bi-encoder-prompts": System(BI, "dense-bert-prompts", "--num-negatives 0 --lora-rank 2", ADAPTED),
    "adapted-router": System(BI, "dense-router", "", ADAPTED),
    "adapted-router-static-embedding": System(BI, "dense-router-static-embedding", "", ADAPTED),
    "adapted-router-sparse": System(SPARSE, "sparse-router", "--retriever RETRIEVER", ADAPTED),
    "adapted-sparse-encoder": System(SPARSE, "sparse-bert", "--retriever RETRIEVER", ADAPTED),
    "adapted-sparse-encoder-inference-free": System(SPARSE, "sparse-mpnet", "--retriever RETRIEVER --inference-free", ADAPTED),
    "adapted-cross-encoder": System(CROSS, "cross-bert", "--retriever RETRIEVER", ADAPTED),
    "adapted-cross-encoder-new": System(CROSS, "dense-bert-mean-normalize", "", ADAPTED),
    "adapted-multi-vector": System(MULTI, "dense-mpnet-mean-normalize", "", ADAPTED),
    "adapted-multi-vector-again": System(MULTI, "multi-vector-bert-fixed", "--retriever RETRIEVER", ADAPTED),
}  # fmt: skip


def write_vectors(path: Path) -> Path:
    numbers = random.Random(1)
    rows = [[word, *(f"{numbers.uniform(-1, 1):.4f}" for _ in range(12))] for word in corpus.WORDS]
    path.write_text("".join(" ".join(row) + "\n" for row in rows))
    return path


def write_corpus(path: Path) -> Path:
    """Documents whose titles say words of theirs; 120, so that some are held out."""
    numbers = random.Random(1)
    documents = []
    for i in range(120):
        words = numbers.sample(corpus.WORDS, 12)
        documents.append({"_id": str(i), "title": " ".join(words[:3]), "text": " ".join(words[2:]) + "."})
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return path


def semlux(command: Path, *arguments: object) -> None:
    run = subprocess.run([str(command), *map(str, arguments)], capture_output=True, text=True)
    if run.returncode:
        raise ValueError(f"semlux {arguments[0]} failed: {run.stderr.strip()}")


def train(command: Path, system: System, folder: Path, output: Path) -> None:
    base = MODELS / system.base
    options = [str(MODELS / "dense-bert-mean-normalize") if word == "RETRIEVER" else word for word in system.options.split()]
    options += ["--task", system.task, "--output", output, "--learning-rate", "1e-3"]
    if system.rows == ADAPTED:
        semlux(command, "adapt", "--base", base, "--corpus", write_corpus(folder / "corpus.jsonl"), *options)
        return
    words = system.base == WORD_VECTORS
    options += [WORD_VECTORS, write_vectors(folder / "vectors.txt")] if words else ["--base", base]
    rows = generate_losses.OUTPUT / f"{system.rows}.jsonl" if system.rows else PAIRS
    semlux(command, "train", "--train", rows, "--dev", PAIRS, "--test", PAIRS, *options)


def same_answers(command: Path, system: System, model: Path, folder: Path, tolerance: float) -> bool:
    """Loads the model in the library; true if it answers the same."""
    texts, found = folder / "inputs.jsonl", folder / "answers.jsonl"

    def same(verb: str, inputs: list, *options: str, side: str | None = None) -> bool:
        texts.write_text("".join(json.dumps(value) + "\n" for value in inputs))
        semlux(command, verb, "--model", model, "--input", texts, "--output", found, "--precision", "float32", *options)
        return roundtrip.run(
            argparse.Namespace(
                model=model, texts=texts, answers=found, tolerance=tolerance, input_type=side, prompt_name=None
            )
        )

    alike = True
    if system.task in (CROSS, MULTI):
        alike &= same("score", [list(pair) for pair in zip(TEXTS, TEXTS[1:], strict=False)])
    if system.task != CROSS:
        options = ["--token-ids"] if system.task == SPARSE else []
        sided = system.task == MULTI or (model / "router_config.json").exists() or "prompts" in system.base
        for side in ("query", "document") if sided else (None,):
            alike &= same("encode", TEXTS, *options, *(["--input-type", side] if side else []), side=side)
    return alike


def check_card(system: System, model: Path) -> None:
    """Raises where the Hub's code would not take the card or a number is missing in it."""
    card = ModelCard.load(model / "README.md", ignore_metadata_errors=False)
    data = card.data
    if metadata_load(model / "README.md") is None or data.pipeline_tag != METRICS[system.task]:
        raise ValueError(f"the card's metadata are {data.to_dict()}")
    if system.rows == ADAPTED:  # it has tables of its own
        return
    if not data.model_name or not data.eval_results:
        raise ValueError(f"the card's metadata name no results: {data.to_dict()}")
    eval_results_to_model_index(data.model_name, data.eval_results)
    for result in data.eval_results:
        if not isinstance(result.metric_value, (int, float)):
            raise ValueError(f"{result.metric_type} is {result.metric_value!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command = ROOT / "training" / "target" / "semlux" / "bin" / "semlux"
    parser.add_argument("--semlux", type=Path, default=command, help="the command (default: %(default)s)")
    parser.add_argument("--only", metavar="PREFIX", nargs="+", default=[""], help="only systems whose names begin so")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="relative to a row's largest magnitude")
    options = parser.parse_args()
    failed = []
    for name, system in SYSTEMS.items():
        if not name.startswith(tuple(options.only)):
            continue
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                model = Path(folder) / name
                train(options.semlux, system, Path(folder), model)
                check_card(system, model)
                if not same_answers(options.semlux, system, model, Path(folder), options.tolerance):
                    failed.append(name)
            except (OSError, ValueError) as error:
                print(f"roundtrip_training.py: {name}: {error}", file=sys.stderr)
                failed.append(name)
    print(f"{len(failed)} failed: {', '.join(failed)}" if failed else "all the same")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
