"""Semlux and its peers in one run on one machine: texts per second, latency, accuracy, side by side.

Everyone answers the same texts, raw strings in and floats out, at its own best batch size and order.
They take turns: a round measures each of them, --passes times over all texts, and the next begins
one further, so that a machine that slows down or warms up does so for all. The first round also
chooses each peer's setting. Prints a Markdown table on stdout, what it does on stderr.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from transformers.utils import logging

import bench_sentence_transformers as library
import make_models
import measuring
import onnx_texts
import systems
from systems import Figures, Job, System

logging.set_verbosity_error()  # a body without a pooler is no news

REPOSITORY = systems.HERE.parent.parent
BASES = [  # what each of Semlux's rows is a multiple of
    (systems.LIBRARY, "float32"),
    (systems.LIBRARY, "bfloat16"),
    (systems.OPENVINO, "bfloat16"),
    (systems.ONNXRUNTIME, "float32"),
    (systems.ONNXRUNTIME, measuring.EIGHT_BITS),
]
BUSY = 0.5  # load average from which other work is likely to be in the figures
DEFAULT_MODELS = {"dense": onnx_texts.MODEL, "sparse": "splade-minilm", "cross": "cross-minilm"}
SPARSE_TEXTS = 500
MISSING = "–"


def default_model(task: str, semlux: Path) -> Path:
    """The task's model under tests/target/reference-models, made now if it is not there."""
    folder = onnx_texts.TARGET / DEFAULT_MODELS[task]
    if folder.is_dir():
        return folder
    print(f"Making {folder}", file=sys.stderr)
    if task != "dense":
        return make_models.make(folder.name, folder.parent)
    options = ["--normalize", "--max-seq-length", str(onnx_texts.MAX_TOKENS)]
    command = [semlux, "import", onnx_texts.artifact(), "--output", folder, *options]
    systems.output_of("semlux import", command)
    return folder


def all_systems(job: Job, options: argparse.Namespace) -> list[System]:
    onnx: list[str | Path] = ["--onnx", options.onnx, "--tokenizer", options.tokenizer] if options.onnx else []
    model = ["--model", job.model, "--task", job.task]
    found = []
    for precision in options.precision:
        found.append(systems.semlux(job, options.semlux, precision))
        eight_bits = precision == measuring.EIGHT_BITS
        if not eight_bits:
            found.append(systems.peer(job, systems.LIBRARY, "bench_sentence_transformers.py", precision, *model))
        if job.task == "dense" and (onnx or job.model.resolve().name == onnx_texts.MODEL):
            if not eight_bits:
                found.append(systems.peer(job, systems.OPENVINO, "bench_openvino.py", precision, *onnx))
            if precision != "bfloat16":
                found.append(systems.peer(job, systems.ONNXRUNTIME, "bench_onnxruntime.py", precision, *onnx))
    return found


def warn_if_busy() -> float:
    load = os.getloadavg()[0]
    if load > BUSY:
        print(f"The load average is {load:.1f}: other work runs on this machine and is in the figures", file=sys.stderr)
    return load


def run_rounds(peers: list[System], rounds: int) -> tuple[dict[System, list[Figures]], dict[str, float]]:
    """Each system's figures, one entry a round, and the machine's best product rates meanwhile."""
    found: dict[System, list[Figures]] = {system: [] for system in peers}
    machine = library.product_rates(measuring.PRECISIONS)
    for number in range(rounds):
        turn = number % len(peers)
        for system in peers[turn:] + peers[:turn]:
            print(f"round {number + 1} of {rounds}: {system}", end=" ", file=sys.stderr, flush=True)
            figures = system.measure(found[system][0] if found[system] else None)
            print(f"{figures['texts_per_second']:.1f}/s", file=sys.stderr)
            systems.check_same_model(system, figures)
            found[system].append(figures)
        machine = {p: max(rate, machine[p]) for p, rate in library.product_rates(measuring.PRECISIONS).items()}
    return found, machine


def summary(job: Job, system: System, rounds: list[Figures], machine: dict[str, float]) -> Figures:
    """One system over all rounds: the best and the median pass, the median round's latency."""
    first = rounds[0]
    best = max(figures["texts_per_second"] for figures in rounds)
    rate = best / len(job.inputs) * job.operations / 1e9
    accuracy = {key: first[key] for key in ("cosine_min", "cosine_mean", "largest_difference") if key in first}
    return {
        "system": system.name,
        "precision": system.precision,
        "setting": f"{first['mode']}:{first['batch_size']}" if "mode" in first else None,
        "texts_per_second": best,
        "texts_per_second_median": statistics.median(f["texts_per_second_median"] for f in rounds),
        "latency_ms_p50": statistics.median(f["latency_ms_p50"] for f in rounds),
        "latency_ms_p99": statistics.median(f["latency_ms_p99"] for f in rounds),
        "product_gflops": rate,
        "share_of_machine": rate / machine[system.precision] if system.precision in machine else None,
        **accuracy,
    }


def add_ratios(rows: list[Figures]) -> None:
    """Gives Semlux's rows their speed and the time of one text as multiples of each of BASES."""
    by_system = {(row["system"], row["precision"]): row for row in rows}
    for row in rows:
        if row["system"] == systems.SEMLUX:
            bases = {f"{name} {p}": by_system[name, p] for name, p in BASES if (name, p) in by_system}
            for key in ("texts_per_second", "latency_ms_p50"):
                row[f"{key}_ratios"] = {name: row[key] / base[key] for name, base in bases.items()}


def table(rows: list[Figures], task: str) -> str:
    nearness = (
        ("largest difference", "largest_difference", ".1e") if task == "cross" else ("min cosine", "cosine_min", ".5f")
    )
    columns = [
        ("system", "system", ""),
        ("precision", "precision", ""),
        ("setting", "setting", ""),
        ("texts/s best" if task != "cross" else "pairs/s best", "texts_per_second", ",.0f"),
        ("median", "texts_per_second_median", ",.0f"),
        nearness,
        ("one text, p50 ms", "latency_ms_p50", ".2f"),
        ("p99 ms", "latency_ms_p99", ".2f"),
        ("share of product rate", "share_of_machine", ".0%"),
    ]
    bases = list(dict.fromkeys(base for row in rows for base in row.get("texts_per_second_ratios", {})))
    head = [title for title, _, _ in columns] + [f"× {base}" for base in bases]
    body = []
    for row in rows:
        cells = [MISSING if row.get(key) is None else format(row[key], spec) for _, key, spec in columns]
        ratios = row.get("texts_per_second_ratios", {})
        body.append(cells + [f"{ratios[base]:.2f}" if base in ratios else MISSING for base in bases])
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = [head, ["-" * width for width in widths], *body]
    return "\n".join(f"| {' | '.join(c.ljust(w) for c, w in zip(line, widths, strict=True))} |" for line in lines)


def notes(report: dict[str, Any]) -> str:
    """What the table does not say: the machine, the work, and the time of one text against the peers'."""
    rates = ", ".join(f"{rate:,.0f} in {precision}" for precision, rate in report["machine_product_gflops"].items())
    lines = [
        f"{report['model']}, {report['task']}: {report['inputs']:,} inputs of {report['tokens']:,} tokens,"
        f" {report['rounds']} rounds of {report['passes']} passes; {report['cores']} cores, whose large matrix"
        f" products make {rates} GFLOPS; load average {report['load_average']:.1f} at the start."
    ]
    for row in report["systems"]:
        ratios = row.get("latency_ms_p50_ratios", {})
        if ratios:
            times = ", ".join(f"{ratio:.2f} of {name}" for name, ratio in ratios.items())
            lines.append(f"One text with Semlux {row['precision']} takes {times}.")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=DEFAULT_MODELS, default="dense", help="cross: one query, 100 passages")
    parser.add_argument("--model", type=Path, metavar="DIR", help="default: all-MiniLM-L6-v2, or random weights")
    parser.add_argument("--data", type=Path, metavar="CSV", help="default: STSb's test.csv beside the checkout")
    parser.add_argument(
        "--onnx", type=Path, metavar="FILE", help=f"default for {onnx_texts.MODEL}: {onnx_texts.ARTIFACT}"
    )
    parser.add_argument("--tokenizer", type=Path, metavar="FILE", help="tokenizer.json of --onnx")
    parser.add_argument("--semlux", type=Path, metavar="FILE", help="default: training/target/semlux/bin/semlux")
    parser.add_argument(
        "--precision", choices=[*measuring.PRECISIONS, measuring.EIGHT_BITS], nargs="+", default=measuring.PRECISIONS
    )
    parser.add_argument("--only", choices=systems.NAMES, nargs="+", default=systems.NAMES)
    parser.add_argument("--rounds", type=int, default=5, help="turns of everyone (default: %(default)s)")
    parser.add_argument("--passes", type=int, default=3, help="over all texts in a turn (default: %(default)s)")
    parser.add_argument(
        "--limit", type=int, help=f"only the first so many texts (default: all; sparse: {SPARSE_TEXTS})"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="everything measured, as JSON")
    options = parser.parse_args()
    options.data = options.data or REPOSITORY.parent / "shared" / "data" / "stsb" / "test.csv"
    options.semlux = options.semlux or REPOSITORY / "training" / "target" / "semlux" / "bin" / "semlux"
    if options.limit is None and options.task == "sparse":
        options.limit = SPARSE_TEXTS
    return options


def check(options: argparse.Namespace) -> None:
    if not options.data.is_file():
        raise ValueError(f"{options.data} does not exist: give --data a CSV of sentence, sentence, score")
    if not os.access(options.semlux, os.X_OK):
        raise ValueError(f"{options.semlux} does not exist: run `mvn package` first, or give --semlux")
    if (options.onnx is None) != (options.tokenizer is None):
        raise ValueError("--onnx and --tokenizer belong together: give both or neither")
    if min(options.rounds, options.passes) < 1 or (options.limit is not None and options.limit < 2):
        raise ValueError("--rounds and --passes start at 1, --limit at 2")


def main() -> None:
    options = arguments()
    check(options)
    model = options.model or default_model(options.task, options.semlux)
    load = warn_if_busy()
    with tempfile.TemporaryDirectory() as scratch:
        texts = measuring.read_texts(options.data)[: options.limit]
        job = systems.prepare(options.task, model, texts, options.passes, Path(scratch))
        peers = [system for system in all_systems(job, options) if system.name in options.only]
        if not peers:
            raise ValueError(f"none of {', '.join(options.only)} runs {model} in {', '.join(options.precision)}")
        found, machine = run_rounds(peers, options.rounds)
    report: dict[str, Any] = {
        "model": model.resolve().name,
        "task": options.task,
        "inputs": len(job.inputs),
        "tokens": job.tokens,
        "rounds": options.rounds,
        "passes": options.passes,
        "cores": len(os.sched_getaffinity(0)),
        "load_average": load,
        "machine_product_gflops": machine,
        "versions": {name: version(name) for name in systems.NAMES if name != systems.SEMLUX}
        | {"torch": version("torch")},
        "systems": [summary(job, system, rounds, machine) for system, rounds in found.items()],
    }
    add_ratios(report["systems"])
    print(table(report["systems"], options.task), notes(report), sep="\n\n")
    if options.output:
        report["rounds_of"] = {str(system): rounds for system, rounds in found.items()}
        options.output.write_text(measuring.as_json(report) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(measuring.run(main))
