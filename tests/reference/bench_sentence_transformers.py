"""Measures the reference library: raw strings in, floats out, at its best settings on this machine.

Every batch size, and for bfloat16 both ways the library has (weights cast, and autocast), is tried
twice on a sample; the fastest is then run --runs times. The library sorts by length itself. Prints
one JSON object on stdout, and what it tries on stderr.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer, SparseEncoder
from transformers.utils import logging

logging.disable_progress_bar()

BATCH_SIZES = [16, 32, 64, 128]
LATENCY_CALLS = 200
PASSAGES = 100
PASSAGE_TOKENS = 120
PRODUCT_SIZE = 2048
WARM_UP_TEXTS = 256
SAMPLE = 1024  # inputs on which the settings are tried
TASKS = {"dense": SentenceTransformer, "sparse": SparseEncoder, "cross": CrossEncoder}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
Work = Callable[[int], object]  # runs everything once at a batch size


def seconds_of(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def precision_of(mode: str) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if mode == "autocast" else nullcontext()


def product_gflops(dtype: torch.dtype) -> float:
    """The machine's best rate in two seconds of large matrix products, in 10^9 operations a second."""
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE).to(dtype) for _ in range(2))
    out = torch.empty(PRODUCT_SIZE, PRODUCT_SIZE, dtype=dtype)
    best, end = float("inf"), time.perf_counter() + 2
    while time.perf_counter() < end:
        best = min(best, seconds_of(lambda: torch.mm(left, right, out=out)))
    return 2 * PRODUCT_SIZE**3 / best / 1e9


def product_rates() -> dict[str, float]:
    return {precision: product_gflops(dtype) for precision, dtype in DTYPES.items()}


def read_texts(path: Path) -> list[str]:
    """Both sentences of every row of a headerless CSV whose rows are sentence, sentence, score."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows or any(len(row) < 2 for row in rows):
        raise ValueError(f"{path}: expected rows of two sentences and a score")
    return [row[column] for column in (0, 1) for row in rows]


def passages(texts: list[str], tokenizer: Any) -> list[str]:
    """Texts of exactly PASSAGE_TOKENS tokens: sentences strung together and cut at a token's end."""
    found: list[str] = []
    sentences = iter(texts * (1 + PASSAGES * PASSAGE_TOKENS // len(texts)))
    while len(found) < PASSAGES:
        text, ends = "", list[int]()
        while len(ends) < PASSAGE_TOKENS:
            text = f"{text} {next(sentences)}".strip()
            offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
            ends = [end for _, end in offsets["offset_mapping"]]
        found.append(text[: ends[PASSAGE_TOKENS - 1]])
    return found


def load(options: argparse.Namespace, mode: str) -> Any:
    dtype = torch.bfloat16 if mode == "cast" else torch.float32
    model = TASKS[options.task](str(options.model), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype})
    return model.eval()


def one_pass(task: str, model: Any, inputs: list[Any]) -> Work:
    if task == "cross":
        return lambda batch: model.predict(inputs, batch_size=batch, show_progress_bar=False)
    return lambda batch: model.encode(inputs, batch_size=batch, show_progress_bar=False)


def latency_ms(work: Callable[[], object]) -> dict[str, float]:
    for _ in range(20):
        work()
    times = sorted(1000 * seconds_of(work) for _ in range(LATENCY_CALLS))
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}


def product_operations(model: Any, inputs: list[Any]) -> tuple[int, float]:
    """Real tokens of all inputs, and the operations of the per-token matrix products over them.

    Counts each Linear of the network once per token, without padding; attention's own products and
    the layers that see one token per text (pooler, classifier) are left out.
    """
    tokens = sum(model.preprocess([one])["attention_mask"].sum().item() for one in inputs)
    weights = sum(
        module.weight.numel()
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and not {"pooler", "classifier", "pre_classifier"} & set(name.split("."))
    )
    return int(tokens), 2.0 * tokens * weights


def fastest(candidates: dict[str, Any], options: argparse.Namespace, inputs: list[Any]) -> tuple[str, int, list[Any]]:
    """Tries every mode at every batch size; returns the best of them and all that was seen."""
    sample = inputs[:: 1 + (len(inputs) - 1) // SAMPLE]
    seen: list[dict[str, Any]] = []
    for mode, model in candidates.items():
        work = one_pass(options.task, model, sample)
        with precision_of(mode):
            one_pass(options.task, model, sample[:WARM_UP_TEXTS])(BATCH_SIZES[0])
            for batch in BATCH_SIZES:
                rate = len(sample) / min(seconds_of(partial(work, batch)) for _ in range(2))
                seen.append({"mode": mode, "batch_size": batch, "texts_per_second": rate})
                print(f"{mode} at batch {batch}: {rate:.1f}/s", file=sys.stderr)
    best = max(seen, key=lambda entry: entry["texts_per_second"])
    return best["mode"], best["batch_size"], seen


def measure(precision: str, options: argparse.Namespace, texts: list[str]) -> dict[str, Any]:
    modes = ["cast", "autocast"] if precision == "bfloat16" else ["plain"]
    candidates = {mode: load(options, mode) for mode in modes}
    any_model = next(iter(candidates.values()))
    inputs: list[Any] = texts
    if options.task == "cross":
        inputs = [(texts[0], passage) for passage in passages(texts[1:], any_model.tokenizer)]
    mode, batch, seen = fastest(candidates, options, inputs)
    model = candidates[mode]
    work = one_pass(options.task, model, inputs)
    with precision_of(mode):
        times = [seconds_of(lambda: work(batch)) for _ in range(options.runs)]
        latency = {m: latency_of(candidates[m], m, options, inputs) for m in modes}
    quickest = min(modes, key=lambda m: latency[m]["p50"])
    tokens, operations = product_operations(any_model, inputs)
    return {
        "mode": mode,
        "batch_size": batch,
        "texts_per_second": len(inputs) / min(times),
        "texts_per_second_median": len(inputs) / statistics.median(times),
        "seconds": min(times),
        "seconds_median": statistics.median(times),
        "runs": options.runs,
        "texts": len(inputs),
        "tokens": tokens,
        "product_gflops": operations / min(times) / 1e9,
        "latency_mode": quickest,
        "latency_ms_p50": latency[quickest]["p50"],
        "latency_ms_p99": latency[quickest]["p99"],
        "tried": seen,
    }


def latency_of(model: Any, mode: str, options: argparse.Namespace, inputs: list[Any]) -> dict[str, float]:
    short = (inputs[0][0], inputs[0][0]) if options.task == "cross" else inputs[0]
    with precision_of(mode):
        return latency_ms(lambda: one_pass(options.task, model, [short])(1))


def rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="a sentence-transformers folder")
    parser.add_argument("--data", type=Path, required=True, metavar="CSV", help="such as STSb's test.csv")
    parser.add_argument("--task", choices=TASKS, default="dense", help=f"cross: one query, {PASSAGES} passages")
    parser.add_argument("--precision", choices=DTYPES, nargs="+", default=list(DTYPES))
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--runs", type=int, default=5, help="of the best setting (default: %(default)s)")
    parser.add_argument("--limit", type=int, help="only the first so many texts")
    options = parser.parse_args()
    if not (options.model / "config.json").is_file() and not (options.model / "modules.json").is_file():
        parser.error(f"--model {options.model} is no model folder: it has neither modules.json nor config.json")
    if not options.data.is_file():
        parser.error(f"--data {options.data} does not exist")
    return options


def main() -> int:
    options = arguments()
    torch.set_num_threads(options.threads)
    texts = read_texts(options.data)[: options.limit]
    # Measured before and after, the better counts: other work on the machine must not flatter a share.
    before = product_rates()
    measured = {precision: measure(precision, options, texts) for precision in options.precision}
    machine = {precision: max(rate, before[precision]) for precision, rate in product_rates().items()}
    for precision, figures in measured.items():
        figures["share_of_machine"] = figures["product_gflops"] / machine[precision]
    report = {
        "model": options.model.resolve().name,
        "task": options.task,
        "threads": options.threads,
        "machine": platform.machine(),
        "machine_product_gflops": machine,
        "versions": {name: version(name) for name in ("sentence-transformers", "transformers", "torch")},
        **measured,
    }
    print(json.dumps(rounded(report)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
