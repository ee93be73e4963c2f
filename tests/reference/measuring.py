"""How each peer is measured: the same inputs, the same clock, the same report.

A peer is a set of ways to answer (batch size left open), by name. Every way is tried at every batch
size, twice, on a sample; the fastest then answers everything once unmeasured and --runs times
measured. One short text is measured in every way, and the quickest counts.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

BATCH_SIZES = [16, 32, 64, 128]
LATENCY_CALLS = 200
LATENCY_WARM_UP = 20
PASSAGES = 100
PASSAGE_TOKENS = 120
PRECISIONS = ["float32", "bfloat16"]
EIGHT_BITS = "int8"  # answers differ by more than bfloat16's, so it is measured when asked for
SAMPLE = 1024  # inputs on which the settings are tried
# What `semlux benchmark` times alone; the first is also the query that it scores all passages with.
SHORT_TEXT = "How do I reset my password?"
SHORT_ANSWER = "Choose a new one on the account page."
WARM_UP_TEXTS = 256

Way = Callable[[list[Any], int], Any]  # answers all inputs, in batches of at most so many
Ways = dict[str, Way]


def seconds_of(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def read_texts(path: Path) -> list[str]:
    """Both sentences of every row of a headerless CSV whose rows are sentence, sentence, score."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows or any(len(row) < 2 for row in rows):
        raise ValueError(f"{path}: expected rows of two sentences and a score")
    return [row[column] for column in (0, 1) for row in rows]


def read_tokenizer(path: Path, max_tokens: int | None = None) -> Tokenizer:
    """A tokenizer.json without the padding and with no truncation but `max_tokens`."""
    if not path.is_file():
        raise ValueError(f"{path} does not exist: a tokenizer.json is needed")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    if max_tokens is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer


def passages(texts: Sequence[str], tokenizer: Tokenizer) -> list[str]:
    """Lines of exactly PASSAGE_TOKENS tokens: sentences strung together and cut at a token's end."""
    found: list[str] = []
    sentences = iter([*texts] * (1 + PASSAGES * PASSAGE_TOKENS // len(texts)))
    while len(found) < PASSAGES:
        text, ends = "", list[int]()
        while len(ends) < PASSAGE_TOKENS:
            text = " ".join([*text.split(), *next(sentences).split()])
            ends = [end for _, end in tokenizer.encode(text, add_special_tokens=False).offsets]
        found.append(text[: ends[PASSAGE_TOKENS - 1]])
    return found


def inputs_of(task: str, texts: list[str], model: Path) -> list[Any]:
    """The texts themselves, or for a cross-encoder SHORT_TEXT with each of PASSAGES passages."""
    if task != "cross":
        return texts
    return [(SHORT_TEXT, passage) for passage in passages(texts, read_tokenizer(model / "tokenizer.json"))]


def latency_ms(work: Callable[[], object]) -> dict[str, float]:
    for _ in range(LATENCY_WARM_UP):
        work()
    times = sorted(1000 * seconds_of(work) for _ in range(LATENCY_CALLS))
    return {"p50": times[len(times) // 2], "p99": times[int(len(times) * 0.99)]}


def _cosine(expected: np.ndarray, actual: np.ndarray) -> float:
    left, right = np.float64(expected), np.float64(actual)
    lengths = np.linalg.norm(left) * np.linalg.norm(right)
    return float(left @ right / lengths) if lengths else float(left.any() == right.any())


def accuracy(expected: np.ndarray, actual: np.ndarray) -> dict[str, float]:
    """How near the rows of `actual` are to those of `expected`; for scores, the largest difference."""
    if expected.shape != actual.shape:
        raise ValueError(f"the answers are of shape {actual.shape}, those in float32 of {expected.shape}")
    if not np.isfinite(actual).all():
        raise ValueError("an answer holds a number that is not finite")
    if expected.ndim == 1:
        return {"largest_difference": float(np.abs(np.float64(expected) - actual).max())}
    cosines = [_cosine(e, a) for e, a in zip(expected, actual, strict=True)]
    return {"cosine_min": min(cosines), "cosine_mean": statistics.fmean(cosines)}


def fastest(ways: Ways, inputs: list[Any]) -> tuple[str, int, list[dict[str, Any]]]:
    """Tries every way at every batch size; returns the best of them and all that was seen."""
    sample = inputs[:: 1 + (len(inputs) - 1) // SAMPLE]
    seen: list[dict[str, Any]] = []
    for mode, way in ways.items():
        way(sample[:WARM_UP_TEXTS], BATCH_SIZES[0])
        for batch in BATCH_SIZES:
            rate = len(sample) / min(seconds_of(partial(way, sample, batch)) for _ in range(2))
            seen.append({"mode": mode, "batch_size": batch, "texts_per_second": rate})
            print(f"{mode} at batch {batch}: {rate:.1f}/s", file=sys.stderr)
    best = max(seen, key=lambda entry: entry["texts_per_second"])
    return best["mode"], best["batch_size"], seen


def _setting(text: str, ways: Ways) -> tuple[str, int]:
    mode, _, batch = text.partition(":")
    if mode not in ways or not batch.isdigit() or int(batch) < 1:
        raise ValueError(f"--setting {text} is no MODE:BATCH; the modes are {', '.join(ways)}")
    return mode, int(batch)


def measure(ways: Ways, inputs: list[Any], short: Any, options: argparse.Namespace) -> tuple[dict[str, Any], Any]:
    """The figures of one precision, and its answers to all inputs."""
    seen: list[dict[str, Any]] = []
    if options.setting:
        mode, batch = _setting(options.setting, ways)
    else:
        mode, batch, seen = fastest(ways, inputs)
    work = partial(ways[mode], inputs, batch)
    found = work()
    times = [seconds_of(work) for _ in range(options.runs)]
    latency = {name: latency_ms(partial(way, [short], 1)) for name, way in ways.items()}
    quickest = min(latency, key=lambda name: latency[name]["p50"])
    return {
        "mode": mode,
        "batch_size": batch,
        "texts_per_second": len(inputs) / min(times),
        "texts_per_second_median": len(inputs) / statistics.median(times),
        "seconds": min(times),
        "seconds_median": statistics.median(times),
        "runs": options.runs,
        "texts": len(inputs),
        "latency_mode": quickest,
        "latency_ms_p50": latency[quickest]["p50"],
        "latency_ms_p99": latency[quickest]["p99"],
        **({"tried": seen} if seen else {}),
    }, found


def measure_all(
    ways_in: Callable[[str], Ways],
    inputs: list[Any],
    options: argparse.Namespace,
    as_array: Callable[[Any], np.ndarray] = np.asarray,
) -> dict[str, dict[str, Any]]:
    """Figures by precision, each with how near its answers are to --reference, else to its own float32."""
    short = (SHORT_TEXT, SHORT_ANSWER) if isinstance(inputs[0], tuple) else SHORT_TEXT
    reference = np.load(options.reference) if options.reference else None
    compared_with = str(options.reference) if options.reference else "its own float32"
    measured = {}
    for precision in sorted(options.precision, key=[*PRECISIONS, EIGHT_BITS].index):
        ways = ways_in(precision)
        figures, found = measure(ways, inputs, short, options)
        rows = as_array(found)
        if reference is None:
            reference = rows if precision == "float32" else as_array(_first(ways_in("float32"))(inputs, BATCH_SIZES[0]))
        figures |= accuracy(reference, rows) | {"compared_with": compared_with}
        measured[precision] = figures
    return measured


def _first(ways: Ways) -> Way:
    return next(iter(ways.values()))


def add_arguments(parser: argparse.ArgumentParser, precisions: list[str]) -> None:
    """The options that every peer's script has."""
    parser.add_argument("--data", type=Path, required=True, metavar="CSV", help="such as STSb's test.csv")
    parser.add_argument("--precision", choices=precisions, nargs="+", default=precisions)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--runs", type=int, default=5, help="of the best setting (default: %(default)s)")
    parser.add_argument("--limit", type=int, help="only the first so many texts")
    parser.add_argument("--setting", metavar="MODE:BATCH", help="try no others (default: the fastest on a sample)")
    parser.add_argument("--reference", type=Path, metavar="NPY", help="float32 answers to compare with, a row a text")


def texts_of(options: argparse.Namespace) -> list[str]:
    """What --data, --limit say, once --runs and --threads are checked too."""
    if options.runs < 1 or options.threads < 1 or (options.limit is not None and options.limit < 2):
        raise ValueError("--runs and --threads start at 1, --limit at 2")
    return read_texts(options.data)[: options.limit]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def as_json(report: dict[str, Any]) -> str:
    """One line; numbers to six digits, as cosines differ in the fifth."""
    return json.dumps(_rounded(report))


def run(main: Callable[[], None]) -> int:
    """Runs a script; what is wrong with its files or options becomes one sentence and exit code 1."""
    try:
        main()
    except (OSError, ValueError) as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return 1
    return 0
