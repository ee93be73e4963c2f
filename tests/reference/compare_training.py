"""Semlux's trainer and the library's in turns on one machine: pairs per second and peak memory.

On STSb's training pairs, those of these whose model is given: a MiniLM bi-encoder at batch 16, a MiniLM-sized
cross-encoder at batch 64, an LSTM of 1,024 both ways over word vectors at batch 32, a SPLADE encoder at batch 16; both
sides in one precision. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def run(command: list[str | Path]) -> tuple[str, float]:
    """Standard output, and the peak of resident memory in MB."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            errors.seek(0)
            sys.exit(f"{words[0]} failed: {errors.read()[-2000:]}")
    return out, usage.ru_maxrss / 1024


def semlux(options: argparse.Namespace, words: list[str | Path], batch: int, steps: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = [options.semlux, "train", *words, "--train", options.train, "--output", output]
        command += ["--per-device-train-batch-size", str(batch), "--max-steps", str(steps), "--logging-steps", "10"]
        command += ["--bf16" if options.precision == "bfloat16" else "--fp32"]
        _, memory = run(command)
        log = [json.loads(line) for line in (output / "training_log.jsonl").read_text().splitlines()]
    # The first entry finds memory and makes kernels, as the library's first steps do.
    return statistics.harmonic_mean([entry["pairs_per_second"] for entry in log[1:]]), memory


def library(options: argparse.Namespace, words: list[str | Path], batch: int, steps: int) -> tuple[float, float]:
    command = [sys.executable, HERE / "bench_training.py", *words, "--train", options.train]
    command += ["--precision", options.precision, "--batch", str(batch), "--max-steps", str(steps)]
    out, memory = run(command)
    return json.loads(out.splitlines()[-1])["pairs_per_second"], memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, metavar="DIR", help="all-MiniLM-L6-v2")
    parser.add_argument("--cross-encoder", type=Path, metavar="DIR", help="one of make_models.py")
    parser.add_argument("--word-vectors", type=Path, metavar="FILE")
    parser.add_argument("--sparse-encoder", type=Path, metavar="DIR", help="what `semlux sparsify` made of the first")
    parser.add_argument("--precision", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--train", type=Path, required=True, metavar="CSV")
    parser.add_argument("--semlux", type=Path, default=REPOSITORY / "training/target/semlux/bin/semlux")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    systems = [
        ("bi-encoder, batch 16", 16, ["--task", "bi-encoder", "--base", options.model], ["--model", options.model]),
        (
            "cross-encoder, batch 64",
            64,
            ["--task", "cross-encoder", "--base", options.cross_encoder],
            ["--task", "cross-encoder", "--model", options.cross_encoder],
        ),
        (
            "BiLSTM, batch 32",
            32,
            ["--task", "bi-encoder", "--word-vectors", options.word_vectors],
            ["--word-vectors", options.word_vectors],
        ),
        (
            "SPLADE, batch 16",
            16,
            ["--task", "sparse-encoder", "--base", options.sparse_encoder],
            ["--task", "sparse-encoder", "--model", options.sparse_encoder],
        ),
    ]
    systems = [system for system in systems if None not in system[3]]
    print("| system | Semlux pairs/s | sentence-transformers | times | peak MB | its peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, batch, ours, theirs in systems:
        steps = max(30, options.steps * 16 // batch)
        figures = [
            (semlux(options, ours, batch, steps), library(options, theirs, batch, steps)) for _ in range(options.rounds)
        ]
        best = [max(figure[side][0] for figure in figures) for side in (0, 1)]
        memory = [max(figure[side][1] for figure in figures) for side in (0, 1)]
        print(
            f"| {name} | {best[0]:,.0f} | {best[1]:,.0f} | {best[0] / best[1]:.2f} | {memory[0]:,.0f} | {memory[1]:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
