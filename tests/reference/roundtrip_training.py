"""Trains small models with `semlux train` and loads what it wrote in the reference library.

Each system is trained on the pairs of generate_training.py; then the library loads the folder and must
answer what `semlux encode` and `semlux score` answer, and the Hub's own code must read the model card.
Exits with 1 where something is refused or differs. Needs `mvn package`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from huggingface_hub import ModelCard, metadata_load
from huggingface_hub.repocard_data import eval_results_to_model_index

import corpus
import generate_goldens
import generate_training
import roundtrip

ROOT = generate_goldens.HERE.parents[1]
MODELS = generate_goldens.OUTPUT
PAIRS = generate_training.OUTPUT / "pairs.csv"
WORD_VECTORS = "--word-vectors"
TEXTS = [text for text in corpus.TEXTS if text.strip() and "\n" not in text]
METRICS = {"bi-encoder": "sentence-similarity", "sparse-encoder": "feature-extraction", "cross-encoder": "text-ranking"}

# name: task, base, options
SYSTEMS: dict[str, tuple[str, str, list[str]]] = {
    "bi-encoder-from-scratch": ("bi-encoder", "sparse-bert", []),
    "bi-encoder": ("bi-encoder", "dense-bert-mean-dense", ["--loss", "CoSENT"]),
    "bi-encoder-bf16": ("bi-encoder", "dense-modernbert-mean", ["--loss", "AnglE", "--bf16"]),
    "static-embedding": ("bi-encoder", "dense-static-embedding", []),
    "word-vectors": ("bi-encoder", WORD_VECTORS, ["--hidden-dim", "8"]),
    "word-vectors-trained": ("bi-encoder", WORD_VECTORS, ["--hidden-dim", "8", "--num-layers", "2", "--update-embeddings"]),
    "sparse-encoder": ("sparse-encoder", "sparse-distilbert", []),
    "sparse-encoder-untied": ("sparse-encoder", "sparse-mpnet", ["--query-regularizer-weight", "1e-3"]),
    "sparse-encoder-lora": ("sparse-encoder", "sparse-bert", ["--lora-rank", "4"]),
    "sparse-encoder-inference-free": ("sparse-encoder", "sparse-bert", ["--inference-free", "--query-table-learning-rate", "1e-2"]),
    "sparse-encoder-router": ("sparse-encoder", "sparse-inference-free-query", []),
    "bi-encoder-lora": ("bi-encoder", "dense-bert-mean-dense", ["--lora-rank", "4", "--lora-target-modules", "query,value"]),
    "cross-encoder": ("cross-encoder", "cross-roberta", []),
    "cross-encoder-lora": ("cross-encoder", "dense-mpnet-mean-normalize", ["--lora-rank", "4"]),
    "cross-encoder-bert": ("cross-encoder", "dense-bert-mean-normalize", []),
    "cross-encoder-distilbert": ("cross-encoder", "dense-distilbert-cls-max", []),
    "cross-encoder-roberta": ("cross-encoder", "sparse-roberta", []),
    "cross-encoder-mpnet": ("cross-encoder", "dense-mpnet-mean-normalize", []),
    "cross-encoder-modernbert": ("cross-encoder", "dense-modernbert-mean", []),
}


def write_vectors(path: Path) -> Path:
    numbers = random.Random(1)
    rows = [[word, *(f"{numbers.uniform(-1, 1):.4f}" for _ in range(12))] for word in corpus.WORDS]
    path.write_text("".join(" ".join(row) + "\n" for row in rows))
    return path


def semlux(command: Path, *arguments: object) -> None:
    run = subprocess.run([str(command), *map(str, arguments)], capture_output=True, text=True)
    if run.returncode:
        raise ValueError(f"semlux {arguments[0]} failed: {run.stderr.strip()}")


def train(command: Path, name: str, folder: Path) -> Path:
    task, base, options = SYSTEMS[name]
    start = [base, write_vectors(folder / "vectors.txt")] if base == WORD_VECTORS else ["--base", MODELS / base]
    output = folder / name
    data = ["--train", PAIRS, "--dev", PAIRS, "--test", PAIRS, "--output", output]
    semlux(command, "train", "--task", task, *start, *data, "--learning-rate", "1e-3", *options)
    return output


def same_answers(command: Path, model: Path, folder: Path, tolerance: float) -> bool:
    """Loads the model in the library; true if it answers the same."""
    cross = SYSTEMS[model.name][0] == "cross-encoder"
    inputs = [list(pair) for pair in zip(TEXTS, TEXTS[1:], strict=False)] if cross else TEXTS
    texts, found = folder / "inputs.jsonl", folder / "answers.jsonl"
    texts.write_text("".join(json.dumps(value) + "\n" for value in inputs))
    options = ["--token-ids"] if SYSTEMS[model.name][0] == "sparse-encoder" else []
    verb = "score" if cross else "encode"
    same = True
    for side in ("query", "document") if (model / "router_config.json").exists() else (None,):
        asked = options if side is None else [*options, "--input-type", side]
        semlux(command, verb, "--model", model, "--input", texts, "--output", found, "--precision", "float32", *asked)
        same &= roundtrip.run(
            argparse.Namespace(
                model=model, texts=texts, answers=found, tolerance=tolerance, input_type=side, prompt_name=None
            )
        )
    return same


def check_card(model: Path) -> None:
    """Raises where the Hub's code would not take the card or a number is missing in it."""
    card = ModelCard.load(model / "README.md", ignore_metadata_errors=False)
    data = card.data
    if metadata_load(model / "README.md") is None or not data.model_name or not data.eval_results:
        raise ValueError(f"{model.name}: the card's metadata name no results: {data.to_dict()}")
    if data.pipeline_tag != METRICS[SYSTEMS[model.name][0]]:
        raise ValueError(f"{model.name}: pipeline_tag is {data.pipeline_tag}")
    eval_results_to_model_index(data.model_name, data.eval_results)
    for result in data.eval_results:
        if not isinstance(result.metric_value, (int, float)):
            raise ValueError(f"{model.name}: {result.metric_type} is {result.metric_value!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command = ROOT / "training" / "target" / "semlux" / "bin" / "semlux"
    parser.add_argument("--semlux", type=Path, default=command, help="the command (default: %(default)s)")
    parser.add_argument("--only", metavar="PREFIX", default="", help="only the systems whose names begin so")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="relative to a row's largest magnitude")
    options = parser.parse_args()
    failed = []
    for name in (name for name in SYSTEMS if name.startswith(options.only)):
        print(name, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                model = train(options.semlux, name, Path(folder))
                check_card(model)
                if not same_answers(options.semlux, model, Path(folder), options.tolerance):
                    failed.append(name)
            except (OSError, ValueError) as error:
                print(f"roundtrip_training.py: {name}: {error}", file=sys.stderr)
                failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
