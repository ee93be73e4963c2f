"""Measures the reference library: raw strings in, floats out, at its best settings on this machine.

Every batch size, and for bfloat16 both ways the library has (weights cast, and autocast), is tried
twice on a sample; the fastest is then run --runs times. The library sorts by length itself. Prints
one JSON object on stdout, and what it tries on stderr.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer, SparseEncoder
from transformers.utils import logging

import measuring

logging.disable_progress_bar()

PRODUCT_SIZE = 2048
TASKS = {"dense": SentenceTransformer, "sparse": SparseEncoder, "cross": CrossEncoder}
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
MODES = {"float32": ["plain"], "bfloat16": ["cast", "autocast"]}


def product_gflops(dtype: torch.dtype) -> float:
    """The machine's best rate in two seconds of large matrix products, in 10^9 operations a second."""
    left, right = (torch.randn(PRODUCT_SIZE, PRODUCT_SIZE).to(dtype) for _ in range(2))
    out = torch.empty(PRODUCT_SIZE, PRODUCT_SIZE, dtype=dtype)
    best, end = float("inf"), time.perf_counter() + 2
    while time.perf_counter() < end:
        best = min(best, measuring.seconds_of(lambda: torch.mm(left, right, out=out)))
    return 2 * PRODUCT_SIZE**3 / best / 1e9


def product_rates(precisions: Iterable[str]) -> dict[str, float]:
    return {precision: product_gflops(DTYPES[precision]) for precision in precisions}


def load(task: str, folder: Path, mode: str) -> Any:
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise ValueError(f"{folder} is no model folder: it has neither modules.json nor config.json")
    dtype = torch.bfloat16 if mode == "cast" else torch.float32
    model = TASKS[task](str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": dtype})
    return model.eval()


def precision_of(mode: str) -> AbstractContextManager[Any]:
    return torch.autocast("cpu", torch.bfloat16) if mode == "autocast" else nullcontext()


def way(task: str, model: Any, mode: str) -> measuring.Way:
    function = model.predict if task == "cross" else model.encode

    def answer(inputs: list[Any], batch: int) -> Any:
        with precision_of(mode):
            return function(inputs, batch_size=batch, show_progress_bar=False)

    return answer


def as_array(found: Any) -> np.ndarray:
    """Rows of float32; sparse ones become dense."""
    if isinstance(found, torch.Tensor):
        return (found.to_dense() if found.is_sparse else found).float().numpy()
    return np.asarray(found, dtype=np.float32)


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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="a sentence-transformers folder")
    parser.add_argument(
        "--task", choices=TASKS, default="dense", help=f"cross: one query, {measuring.PASSAGES} passages"
    )
    measuring.add_arguments(parser, measuring.PRECISIONS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    inputs = measuring.inputs_of(options.task, measuring.texts_of(options), options.model)
    torch.set_num_threads(options.threads)
    # Measured before and after, the better counts: other work on the machine must not flatter a share.
    before = product_rates(options.precision)
    tokens, operations = product_operations(load(options.task, options.model, "plain"), inputs)

    def ways_in(precision: str) -> measuring.Ways:
        return {m: way(options.task, load(options.task, options.model, m), m) for m in MODES[precision]}

    measured = measuring.measure_all(ways_in, inputs, options, as_array)
    machine = {precision: max(rate, before[precision]) for precision, rate in product_rates(options.precision).items()}
    for precision, figures in measured.items():
        figures["tokens"] = tokens
        figures["product_gflops"] = operations / figures["seconds"] / 1e9
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
    print(measuring.as_json(report))


if __name__ == "__main__":
    sys.exit(measuring.run(main))
