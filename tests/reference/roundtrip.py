"""Loads a model folder that another tool wrote in the reference library and compares the answers.

--texts holds one input per line: a JSON string or plain text, or ["a","b"] for a pair. --answers
holds one JSON object per line, in the same order: {"embedding":[...]}, {"weights_by_id":{"id":w}},
{"token_embeddings":[[...]]}, or {"score":s} with or without "raw". Exits with 1 where they differ or do not fit
together.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SparseEncoder

import answers

KEYS = ("embedding", "weights_by_id", "token_embeddings", "score")


def read_inputs(path: Path) -> list[Any]:
    """One text or pair per line; a line that is neither a JSON string nor a pair is the text itself."""

    def parse(line: str) -> Any:
        try:
            value = json.loads(line)
        except ValueError:
            return line
        is_pair = isinstance(value, list) and [type(side) for side in value] == [str, str]
        return value if is_pair or isinstance(value, str) else line

    return [parse(line) for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]


def read_answers(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """The rows and which of KEYS they all hold."""
    rows: list[dict[str, Any]] = []
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: no JSON: {error}") from None
        keys = [key for key in KEYS if isinstance(row, dict) and key in row]
        if not keys:
            raise ValueError(f"{path}, line {number}: expected an object with one of {', '.join(KEYS)}")
        if rows and keys[0] not in rows[0]:
            raise ValueError(f"{path}, line {number}: holds {keys[0]}, unlike the lines before")
        rows.append(row)
    return next(key for key in KEYS if key in rows[0]), rows


def encode(model: Any, texts: list[str], options: argparse.Namespace) -> Any:
    if options.input_type:
        function = model.encode_query if options.input_type == "query" else model.encode_document
    else:
        function = model.encode
    return function(texts, prompt_name=options.prompt_name)


def library_answers(model: answers.Model, inputs: list[Any], options: argparse.Namespace) -> dict[str, Any]:
    """The library's rows under each key that the other tool may give."""
    if isinstance(model, CrossEncoder):
        pairs = [tuple(pair) for pair in inputs]
        raw = model.predict(pairs, activation_fn=torch.nn.Identity())
        return {"score": model.predict(pairs).tolist(), "raw": raw.tolist()}
    if isinstance(model, SparseEncoder):
        return {"weights_by_id": answers.term_weights(encode(model, inputs, options))}
    if isinstance(model, MultiVectorEncoder) and isinstance(inputs[0], list):
        queries, documents = (list(side) for side in zip(*inputs, strict=True))
        return {"score": model.similarity_pairwise(model.encode_query(queries), model.encode_document(documents)).tolist()}
    if isinstance(model, MultiVectorEncoder):
        return {"token_embeddings": [one.tolist() for one in encode(model, inputs, options)]}
    return {"embedding": encode(model, inputs, options).tolist()}


def compare(expected: list[Any], rows: list[Any], key: str, tolerance: float) -> bool:
    """Prints the largest distance under `key` and each line beyond the tolerance; true if none is."""
    distances = [answers.row_distance(e, r) for e, r in zip(expected, rows, strict=True)]
    print(f"{key}: {len(rows)} rows, at most {max(distances):.1e} apart")
    far = [i for i, distance in enumerate(distances) if distance > tolerance]
    for i in far[:5]:
        print(f"  line {i + 1} differs by {distances[i]:.2e}: {_short(rows[i])}, the library {_short(expected[i])}")
    if far:
        print(f"{key}: {len(far)} of {len(rows)} lines differ by more than {tolerance:g}", file=sys.stderr)
    return not far


def _short(row: Any) -> str:
    text = json.dumps(row)
    return text if len(text) <= 70 else f"{text[:70]}…"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR", help="the folder to load")
    parser.add_argument("--texts", type=Path, required=True, metavar="FILE", help="what was encoded or scored")
    parser.add_argument("--answers", type=Path, required=True, metavar="JSONL", help="what the other tool answered")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="relative to a row's largest magnitude")
    parser.add_argument("--input-type", choices=["query", "document"], help="encode_query or encode_document")
    parser.add_argument("--prompt-name", help="one of the model's prompts")
    return parser.parse_args()


def run(options: argparse.Namespace) -> bool:
    inputs = read_inputs(options.texts)
    key, rows = read_answers(options.answers)
    if len(rows) != len(inputs):
        raise ValueError(f"{options.answers} holds {len(rows)} lines, {options.texts} {len(inputs)}")
    model = answers.load(options.model)
    pairs = {isinstance(value, list) for value in inputs}
    if pairs != {isinstance(model, CrossEncoder)} and not (isinstance(model, MultiVectorEncoder) and len(pairs) == 1):
        raise ValueError(
            f'{options.texts}: a cross-encoder takes lines ["a","b"], a multi-vector encoder such lines or texts,'
            " any other model texts"
        )
    found = library_answers(model, inputs, options)
    for name, values in found.items():
        if len(values) > 1 and all(value == values[0] for value in values):
            raise ValueError(f"{options.model}: all {len(values)} rows of {name} are alike: nothing could be tested")
    if key not in found:
        raise ValueError(f"{options.model} answers with {next(iter(found))}, {options.answers} holds {key}")
    keys = [name for name in found if name in rows[0]]
    return all([compare(found[name], [row.get(name) for row in rows], name, options.tolerance) for name in keys])


def main() -> int:
    try:
        return 0 if run(arguments()) else 1
    except (OSError, ValueError) as error:
        print(f"roundtrip.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
