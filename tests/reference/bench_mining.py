"""The library's mining of hard negatives (mine_hard_negatives) and its labelling (CrossEncoder.predict), on pairs.

Prints one JSON object: texts, or pairs, per second, the CPU time of one, and the peak of resident memory. Loading the
model counts, Python's own start and imports do not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from datasets import Dataset
from sentence_transformers.util import mine_hard_negatives

import bench_sentence_transformers as library


def mine(options: argparse.Namespace, rows: list[dict[str, str]]) -> int:
    """How many texts were read."""
    model = library.load("dense", options.model, options.mode)
    pairs = Dataset.from_list(rows)
    with library.precision_of(options.mode):
        mine_hard_negatives(
            pairs, model, relative_margin=0.05, num_negatives=3, batch_size=options.batch, verbose=False
        )
    return len({row["anchor"] for row in rows}) + len({row["positive"] for row in rows})


def label(options: argparse.Namespace, rows: list[dict[str, str]]) -> int:
    """How many pairs were scored, before the activation, as margins need it."""
    model = library.load("cross", options.model, options.mode)
    pairs = [(row["anchor"], row["positive"]) for row in rows]
    with library.precision_of(options.mode):
        model.predict(pairs, activation_fn=torch.nn.Identity(), batch_size=options.batch, show_progress_bar=False)
    return len(pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=["mine", "label"], required=True)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, required=True, metavar="JSONL", help="rows of anchor and positive")
    parser.add_argument("--mode", choices=["plain", "cast", "autocast"], default="plain", help="float32, or bfloat16 how")
    parser.add_argument("--batch", type=int, default=32, help="default: the library's, %(default)s")
    parser.add_argument("--limit", type=int, help="only the first so many rows")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rows = [json.loads(line) for line in options.data.read_text(encoding="utf-8").splitlines()][: options.limit]
    start, cpu = time.perf_counter(), sum(os.times()[:2])
    count = {"mine": mine, "label": label}[options.task](options, rows)
    seconds, cpu_seconds = time.perf_counter() - start, sum(os.times()[:2]) - cpu
    found = {
        "per_second": count / seconds,
        "cpu_ms": 1000 * cpu_seconds / count,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "count": count,
    }
    json.dump(found, sys.stdout)
    print()


if __name__ == "__main__":
    main()
