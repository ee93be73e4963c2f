"""Semlux's trainer and the library's in turns on one machine: how many a second, CPU time, and peak memory.

On STSb's training pairs, those of these whose model is given: a MiniLM bi-encoder at batch 16 on scores, the same with
in-batch negatives, hard negatives mined with it, a MiniLM-sized cross-encoder at batch 64, what it labels, an LSTM of
1,024 both ways over word vectors at batch 32, a SPLADE encoder at batch 16. Semlux runs in what it measures to be fastest
here, the library in the faster of its precisions (for mining and labelling weights cast or autocast, too), which a first
turn tells; --precision asks both sides for one. Medians of the turns, as Markdown. What another program on the machine takes
lengthens both sides' seconds, and CPU time (user and system) much less. Of training the first steps are left out. Mining
and labelling are the whole command here, Java's start included; there loading and the function, without Python's start.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class System(NamedTuple):
    """What both sides do, on which `unit`s; `batch` and `steps` are 0 where it is no training."""

    name: str
    model: Path | None
    ours: list[str | Path]
    theirs: list[str | Path]
    batch: int = 0
    steps: int = 0
    unit: str = "pairs"

    def untimed(self) -> int:
        return min(10, max(1, self.steps // 4))


class Figure(NamedTuple):
    rate: float  # a second
    cpu: float  # ms of one
    memory: float  # MB


def run(command: list[str | Path], log: Path | None = None) -> tuple[str, list[tuple[float, float]], float]:
    """Standard output, seconds and CPU seconds at each line of the log and at the end, and the peak of resident MB."""
    words = [str(word) for word in command]
    marks: list[tuple[float, float]] = []
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(words, stdout=out, stderr=errors, text=True)
        while (done := os.wait4(process.pid, 0 if log is None else os.WNOHANG))[0] == 0:
            if log.exists() and log.read_bytes().count(b"\n") > len(marks):
                fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
                marks.append((time.perf_counter() - start, (int(fields[11]) + int(fields[12])) / TICKS))
            time.sleep(0.02)
        _, status, usage = done
        marks.append((time.perf_counter() - start, usage.ru_utime + usage.ru_stime))
        errors.seek(0)
        if status:
            sys.exit(f"{words[0]} failed: {errors.read()[-2000:]}")
        out.seek(0)
        return out.read(), marks, usage.ru_maxrss / 1024


def semlux(options: argparse.Namespace, system: System, count: int) -> Figure:
    """Of `count` of the system's units, where it is no training."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        command = [options.semlux, *system.ours, "--threads", options.threads, "--output", output]
        if not system.batch:
            command += ["--precision", options.precision or "auto"]
            _, [(seconds, cpu)], memory = run(command)
            return Figure(count / seconds, 1000 * cpu / count, memory)
        # The first line of the log comes when memory has been found and kernels are made, as the library's first steps do.
        command += ["--per-device-train-batch-size", system.batch, "--max-steps", system.steps]
        command += ["--logging-steps", system.untimed()]
        command += {"bfloat16": ["--bf16"], "float32": ["--fp32"], None: []}[options.precision]
        _, marks, memory = run(command, output / "training_log.jsonl")
        pairs = (system.steps - system.untimed()) * system.batch
        lines = -(-system.steps // system.untimed())
        (start, cpu_start), (end, cpu_end) = marks[0], marks[lines - 1]
        return Figure(pairs / (end - start), 1000 * (cpu_end - cpu_start) / pairs, memory)


def library(options: argparse.Namespace, system: System, mode: str) -> tuple[Figure, int]:
    """And how many units there were."""
    command = [sys.executable, HERE / system.theirs[0], *system.theirs[1:], "--threads", options.threads]
    if system.batch:
        command += ["--batch", system.batch, "--max-steps", system.steps, "--untimed", system.untimed()]
        out, _, memory = run([*command, "--precision", mode])
        found = json.loads(out.splitlines()[-1])
        return Figure(found["pairs_per_second"], found["cpu_ms_per_pair"], memory), 0
    out, _, memory = run([*command, "--mode", mode])
    found = json.loads(out.splitlines()[-1])
    return Figure(found["per_second"], found["cpu_ms"], memory), found["count"]


def modes(options: argparse.Namespace, system: System) -> list[str]:
    if system.batch:
        return [options.precision] if options.precision else ["bfloat16", "float32"]
    return {"bfloat16": ["cast", "autocast"], "float32": ["plain"], None: ["cast", "autocast", "plain"]}[options.precision]


def systems_of(options: argparse.Namespace, pairs: Path, some: Path) -> list[System]:
    def training(name: str, model: Path | None, task: str, batch: int, base: str = "--base", given: str = "--model") -> System:
        data, task_words = ["--train", options.train], ["--task", task]
        steps = max(options.steps // 2, options.steps * 16 // batch)
        theirs = ["bench_training.py", *task_words, given, model, *data]
        return System(f"{name}, batch {batch}", model, ["train", *task_words, base, model, *data], theirs, batch, steps)

    def ranking(batch: int, *cached: str) -> System:
        loss = ["--loss", "MultipleNegativesRanking", *cached]
        ours = ["train", "--task", "bi-encoder", "--base", options.model, "--train", pairs, *loss]
        theirs = ["bench_training.py", "--model", options.model, "--train", options.train, *loss]
        name = f"in-batch negatives, batch {batch}{', cached by 32' if cached else ''}"
        return System(name, options.model, ours, theirs, batch, max(3, options.steps * 32 // batch))

    bench, data = "bench_mining.py", ["--data", some]
    mine = ["mine", *data, "--model", options.model, "--relative-margin", "0.05"]
    label = ["label", *data, "--model", options.cross_encoder]
    return [
        training("bi-encoder", options.model, "bi-encoder", 16),
        training("cross-encoder", options.cross_encoder, "cross-encoder", 64),
        training("BiLSTM", options.word_vectors, "bi-encoder", 32, "--word-vectors", "--word-vectors"),
        training("SPLADE", options.sparse_encoder, "sparse-encoder", 16),
        ranking(64),
        ranking(256, "--mini-batch-size", "32"),
        System("mining", options.model, mine, [bench, "--task", "mine", "--model", options.model, *data], unit="texts"),
        System("labelling", options.cross_encoder, label, [bench, "--task", "label", "--model", options.cross_encoder, *data]),
    ]


def compare(options: argparse.Namespace, system: System) -> str:
    """The table's row."""
    tried = {mode: library(options, system, mode) for mode in modes(options, system)}
    mode = min(tried, key=lambda name: tried[name][0].cpu)
    for name, (figure, _) in tried.items():
        print(f"{system.name}, the library in {name}: {figure}", file=sys.stderr)
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(semlux(options, system, tried[mode][1]))
        theirs.append(library(options, system, mode)[0])
        print(f"{system.name}: {ours[-1]}, the library {theirs[-1]}", file=sys.stderr, flush=True)
    (rate, cpu, memory), (its_rate, its_cpu, its_memory) = (
        [statistics.median(values) for values in zip(*side, strict=True)] for side in (ours, theirs)
    )
    return (
        f"| {system.name} | {rate:,.0f} {system.unit} | {its_rate:,.0f} ({mode}) | {rate / its_rate:.1f} "
        f"| {cpu:.2f} ms | {its_cpu:.2f} ms | {its_cpu / cpu:.1f} | {memory:,.0f} | {its_memory:,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, metavar="DIR", help="all-MiniLM-L6-v2")
    parser.add_argument("--cross-encoder", type=Path, metavar="DIR", help="one of make_models.py")
    parser.add_argument("--word-vectors", type=Path, metavar="FILE")
    parser.add_argument("--sparse-encoder", type=Path, metavar="DIR", help="what `semlux sparsify` made of the first")
    parser.add_argument("--only", metavar="NAME", nargs="+", default=[""], help="systems whose names begin so")
    parser.add_argument("--precision", choices=["bfloat16", "float32"])
    parser.add_argument("--train", type=Path, required=True, metavar="CSV")
    parser.add_argument("--semlux", type=Path, default=REPOSITORY / "training/target/semlux/bin/semlux")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--limit", type=int, help="mine and label the first so many pairs")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    options = parser.parse_args()
    print("| system | Semlux, a second | sentence-transformers | times | CPU time of one | there | times | peak MB | there |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder, options.train.open(newline="", encoding="utf-8") as file:
        rows = [json.dumps({"anchor": row[0], "positive": row[1]}) + "\n" for row in csv.reader(file)]
        pairs, some = Path(folder) / "pairs.jsonl", Path(folder) / "some.jsonl"
        pairs.write_text("".join(rows))
        some.write_text("".join(rows[: options.limit]))
        for system in systems_of(options, pairs, some):
            if system.model and system.name.startswith(tuple(options.only)):
                print(compare(options, system), flush=True)


if __name__ == "__main__":
    main()
