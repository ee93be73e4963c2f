"""What compare.py measures: Semlux by its own command line, each peer by its script here.

Every measurement is a process of its own, so that no one's threads or memory stand in another's way.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import bench_sentence_transformers as library
import measuring

HERE = Path(__file__).resolve().parent
SEMLUX, LIBRARY, OPENVINO, ONNXRUNTIME = "semlux", "sentence-transformers", "openvino", "onnxruntime"
NAMES = [SEMLUX, LIBRARY, OPENVINO, ONNXRUNTIME]
REFERENCE_BATCH = 32
SAME_MODEL = 0.99  # a cosine that two runtimes of one model do not fall below in float32

Figures = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What everyone answers: the inputs, as files too, and the library's float32 answers to them."""

    task: str
    model: Path
    inputs: list[Any]
    passes: int
    tokens: int  # of all inputs, without padding
    operations: float  # of the per-token matrix products over them
    reference: np.ndarray  # [inputs, dimensions], or [inputs] for scores
    scratch: Path

    @property
    def texts_file(self) -> Path:
        return self.scratch / "texts.csv"

    @property
    def passages_file(self) -> Path:
        return self.scratch / "passages.txt"

    @property
    def reference_file(self) -> Path:
        return self.scratch / "reference.npy"


@dataclass(frozen=True)
class System:
    """One peer in one precision; `measure` takes its first figures from the second round on."""

    name: str
    precision: str
    measure: Callable[[Figures | None], Figures]

    def __str__(self) -> str:
        return f"{self.name} {self.precision}"


def prepare(task: str, model: Path, texts: list[str], passes: int, scratch: Path) -> Job:
    """Asks the library in float32 what everyone else is compared with, and writes the files."""
    texts = texts[: len(texts) // 2 * 2]
    inputs = measuring.inputs_of(task, texts, model)
    plain = library.load(task, model, "plain")
    reference = library.as_array(library.way(task, plain, "plain")(inputs, REFERENCE_BATCH))
    tokens, operations = library.product_operations(plain, inputs)
    job = Job(task, model, inputs, passes, tokens, operations, reference, scratch)
    half = len(texts) // 2
    with job.texts_file.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((*pair, 0) for pair in zip(texts[:half], texts[half:], strict=True))
    if task == "cross":
        job.passages_file.write_text("".join(f"{passage}\n" for _, passage in inputs), encoding="utf-8")
    np.save(job.reference_file, reference)
    return job


def _json_of(who: str, command: Sequence[str | Path]) -> Figures:
    return json.loads(output_of(who, command).strip().splitlines()[-1])


def output_of(who: str, command: Sequence[str | Path]) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ValueError(f"{who} failed: {said[-1]}")
    return done.stdout


def semlux(job: Job, command: Path, precision: str) -> System:
    who = f"{SEMLUX} {precision}"
    data = job.passages_file if job.task == "cross" else job.texts_file
    common = ["--model", job.model, "--precision", precision]

    def measure(first: Figures | None) -> Figures:
        benchmark = [command, "benchmark", *common, "--data", data, "--rounds", str(job.passes), "--json"]
        figures = _json_of(who, benchmark)
        counted = figures.get("tokens", job.tokens)
        if abs(counted - job.tokens) > 0.02 * job.tokens:
            print(f"{who} counts {counted} tokens where the library counts {job.tokens}", file=sys.stderr)
        if first is None:
            figures |= measuring.accuracy(job.reference, _semlux_answers(job, who, command, common))
        return figures

    return System(SEMLUX, precision, measure)


def _semlux_answers(job: Job, who: str, command: Path, common: Sequence[str | Path]) -> np.ndarray:
    lines, out = job.scratch / "inputs.txt", job.scratch / "answers.jsonl"
    lines.write_text("".join(json.dumps(one) + "\n" for one in job.inputs), encoding="utf-8")
    verb = ["score"] if job.task == "cross" else ["encode"]
    options = ["--token-ids"] if job.task == "sparse" else []
    output_of(who, [command, *verb, *common, "--input", lines, "--output", out, *options])
    with out.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    if job.task == "cross":
        return np.array([row["score"] for row in rows], np.float32)
    if job.task == "dense":
        return np.array([row["embedding"] for row in rows], np.float32)
    found = np.zeros((len(rows), job.reference.shape[1]), np.float32)
    for row, answer in zip(found, rows, strict=True):
        weights = answer["weights_by_id"]
        row[[int(i) for i in weights]] = list(weights.values())
    return found


def peer(job: Job, name: str, script: str, precision: str, *options: str | Path) -> System:
    """A script of this folder; from its second round on it keeps to the setting that it chose."""
    files = ["--data", job.texts_file, "--reference", job.reference_file]
    command = [sys.executable, HERE / script, *files, "--precision", precision, "--runs", str(job.passes), *options]

    def measure(first: Figures | None) -> Figures:
        chosen = ["--setting", f"{first['mode']}:{first['batch_size']}"] if first else []
        return _json_of(f"{name} {precision}", [*command, *chosen])[precision]

    return System(name, precision, measure)


def check_same_model(system: System, figures: Figures) -> None:
    """Figures of another model would compare nothing."""
    cosine = figures.get("cosine_min", 1.0)
    if system.precision == "float32" and cosine < SAME_MODEL:
        raise ValueError(f"{system} gives vectors as far as {cosine:.3f} from the library's: it runs another model")
