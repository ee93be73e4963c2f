"""What the reference library answers for a model folder, and how far two answers lie apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Router, Transformer
from transformers.utils import logging

logging.disable_progress_bar()

Model = SentenceTransformer | SparseEncoder | CrossEncoder | MultiVectorEncoder
Answers = dict[str, Any]
_KINDS: dict[str, type[Model]] = {
    "SentenceTransformer": SentenceTransformer,
    "SparseEncoder": SparseEncoder,
    "CrossEncoder": CrossEncoder,
    "MultiVectorEncoder": MultiVectorEncoder,
    "ColBERT": MultiVectorEncoder,
}
_INPUTS = {"kind", "texts", "pairs", "queries", "documents"}
_EXACT = {"token_ids", "query_token_ids", "document_token_ids", "max_seq_length", "similarity_fn"}
_NAMES_ONLY = {"decoded_top5"}  # follows from the weights; near ties may swap places
_ANSWERS = ("embeddings", "term_weights", "scores", "raw", "similarities", "token_ids", "loss_per_step", "rows")


def load(folder: Path, **options: Any) -> Model:
    """Loads a folder as what its config_sentence_transformers.json says it is."""
    config = folder / "config_sentence_transformers.json"
    settings = json.loads(config.read_text()) if config.is_file() else {}
    kind = settings.get("model_type") or ("ColBERT" if "query_prefix" in settings else None)
    kind = kind or _kind_of_architecture(folder)
    if kind not in _KINDS:
        raise ValueError(f"{config}: model_type {kind!r} is none of {', '.join(_KINDS)}")
    model = _KINDS[kind](str(folder), device="cpu", local_files_only=True, **options)
    return model.eval()


def _kind_of_architecture(folder: Path) -> str:
    config = folder / "config.json"
    names = json.loads(config.read_text()).get("architectures") if config.is_file() else None
    architecture = (names or [""])[0]
    if architecture == "HF_ColBERT":
        return "MultiVectorEncoder"
    if architecture.endswith("ForSequenceClassification"):
        return "CrossEncoder"
    return "SparseEncoder" if architecture.endswith("ForMaskedLM") else "SentenceTransformer"


def _numbers(array: Any) -> list[Any]:
    """Nested lists of the shortest decimals that give the same float32 again."""
    values = np.asarray(array, dtype=np.float32)
    if not np.isfinite(values).all():
        raise ValueError("the library answered with a number that is not finite")
    if values.ndim > 1:
        return [_numbers(row) for row in values]
    return [float(str(v)) for v in values]


def _token_ids(model: Model, inputs: Sequence[Any]) -> list[list[int]]:
    return [model.preprocess([one])["input_ids"][0].tolist() for one in inputs]


def term_weights(embeddings: torch.Tensor) -> list[dict[str, float]]:
    """One {token id: weight} per row, ascending ids, without the zeros."""
    rows = embeddings.to_dense().float().numpy()
    return [{str(i): float(str(row[i])) for i in np.flatnonzero(row)} for row in rows]


def dense_answers(model: SentenceTransformer, texts: list[str]) -> Answers:
    answers: Answers = {"kind": "dense", "texts": texts, "embeddings": _numbers(model.encode(texts))}
    if isinstance(model[0], Transformer):
        answers["max_seq_length"] = model.max_seq_length
        answers["similarity_fn"] = model.similarity_fn_name
        answers["token_ids"] = _token_ids(model, texts)
    if isinstance(model[0], Router):
        answers["query_embeddings"] = _numbers(model.encode_query(texts))
        answers["document_embeddings"] = _numbers(model.encode_document(texts))
    for name, prompt in model.prompts.items():
        if prompt:
            answers[f"embeddings_prompt_{name}"] = _numbers(model.encode(texts, prompt_name=name))
    return answers


def sparse_answers(model: SparseEncoder, texts: list[str]) -> Answers:
    answers: Answers = {"kind": "sparse", "texts": texts}
    if isinstance(model[0], Router):
        answers["query_term_weights_by_token_id"] = term_weights(model.encode_query(texts))
        answers["document_term_weights_by_token_id"] = term_weights(model.encode_document(texts))
        return answers
    embeddings = model.encode(texts)
    answers["term_weights_by_token_id"] = term_weights(embeddings)
    answers["decoded_top5"] = model.decode(embeddings, top_k=5)
    return answers


def cross_answers(model: CrossEncoder, pairs: Sequence[Sequence[str]]) -> Answers:
    both = [tuple(pair) for pair in pairs]
    return {
        "kind": "cross",
        "pairs": [list(pair) for pair in pairs],
        "scores": _numbers(model.predict(both)),
        "raw": _numbers(model.predict(both, activation_fn=torch.nn.Identity())),
        "token_ids": _token_ids(model, both),
    }


def multi_vector_answers(model: MultiVectorEncoder, texts: list[str], pairs: Sequence[Sequence[str]]) -> Answers:
    """Both sides of all texts, and what a pair scores whose first text is the query."""

    def ids(side: str) -> list[list[int]]:
        prompt = model.prompts.get(side)
        return [model.preprocess([one], prompt=prompt, task=side)["input_ids"][0].tolist() for one in texts]

    queries, documents = model.encode_query(texts), model.encode_document(texts)
    first = model.encode_query([pair[0] for pair in pairs])
    second = model.encode_document([pair[1] for pair in pairs])
    scores = _numbers(model.similarity_pairwise(first, second))
    return {
        "kind": "multi-vector",
        "queries": texts,
        "documents": texts,
        "query_token_ids": ids("query"),
        "document_token_ids": ids("document"),
        "query_token_embeddings": [_numbers(one) for one in queries],
        "document_token_embeddings": [_numbers(one) for one in documents],
        "similarity_fn": model.similarity_fn_name,
        "similarities": _numbers(model.similarity(queries, documents)),
        "pairs": [list(pair) for pair in pairs],
        "scores": scores,
        "raw": scores,
    }


def answers(model: Model, texts: list[str], pairs: Sequence[Sequence[str]]) -> Answers:
    """Everything that an expected.json of the model's kind holds."""
    if isinstance(model, CrossEncoder):
        return cross_answers(model, pairs)
    if isinstance(model, MultiVectorEncoder):
        return multi_vector_answers(model, texts, pairs)
    return sparse_answers(model, texts) if isinstance(model, SparseEncoder) else dense_answers(model, texts)


def require_telling(found: Answers, where: str) -> None:
    """Refuses what a reader that computes nothing would answer too: no rows, rows of nothing, all rows alike."""
    for key, rows in found.items():
        if not isinstance(rows, list) or not any(part in key for part in _ANSWERS):
            continue
        # of a row of mined texts each value is a text or a list
        values = (list(row.values()) if isinstance(row, dict) else [row] for row in rows)
        empty = sum(not any(np.any(value) for value in row) for row in values)
        if not rows or 2 * empty > len(rows):
            raise ValueError(f"{where}: {empty} of {len(rows)} rows of {key} are empty or 0: nothing could be tested")
        if len(rows) > 1 and all(row == rows[0] for row in rows):
            raise ValueError(f"{where}: all {len(rows)} rows of {key} are alike: nothing could be tested")


def write(answers_: Answers, path: Path) -> None:
    """JSON with one line per text, so that a changed answer is one changed line; only what can be tested."""
    require_telling(answers_, path.name if path.name != "expected.json" else path.parent.name)

    def one(value: Any) -> str:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)

    def entry(key: str, value: Any) -> str:
        if not isinstance(value, list):
            return f"{one(key)}: {one(value)}"
        return f"{one(key)}: [\n" + ",\n".join(f"  {one(item)}" for item in value) + "\n ]"

    path.write_text("{\n " + ",\n ".join(entry(k, v) for k, v in answers_.items()) + "\n}\n")


def row_distance(expected: Any, actual: Any) -> float:
    """The largest difference of two rows, relative to the largest magnitude in `expected`.

    Rows are lists of numbers, {token id: weight}, where a missing id weighs nothing, or one number,
    whose difference is taken as it is while the number is below one: near zero a ratio says nothing.
    """
    if isinstance(expected, dict):
        ids = sorted(set(expected) | set(actual))
        expected, actual = ([row.get(i, 0.0) for i in ids] for row in (expected, actual))
    left, right = np.atleast_1d(np.float64(expected)), np.atleast_1d(np.float64(actual))
    if left.shape != right.shape:
        return float("inf")
    if left.size == 0:
        return 0.0
    largest = np.abs(left).max()
    scale = max(largest, 1.0) if np.ndim(expected) == 0 else largest or 1.0
    distance = np.abs(left - right).max() / scale
    return float(distance) if np.isfinite(distance) else float("inf")


def _first_unequal(expected: Any, actual: Any) -> str:
    if isinstance(expected, list) and len(expected) == len(actual):
        row = next(i for i, pair in enumerate(zip(expected, actual, strict=True)) if pair[0] != pair[1])
        return f"row {row} is {expected[row]} where the library gives {actual[row]}"
    return f"{expected} where the library gives {actual}"


def differences(expected: Answers, actual: Answers, tolerance: float) -> tuple[list[str], float]:
    """One sentence per entry of `expected` that `actual` misses, and the largest distance seen."""
    problems, worst = [], 0.0
    for key, value in expected.items():
        if key in _INPUTS or key in _NAMES_ONLY:
            continue
        if key not in actual:
            problems.append(f"{key}: the library gives no such answer")
        elif key in _EXACT:
            if value != actual[key]:
                problems.append(f"{key}: {_first_unequal(value, actual[key])}")
        elif len(value) != len(actual[key]):
            problems.append(f"{key}: {len(value)} rows where the library gives {len(actual[key])}")
        else:
            distances = [row_distance(e, a) for e, a in zip(value, actual[key], strict=True)]
            worst = max([worst, *distances])
            far = [i for i, d in enumerate(distances) if d > tolerance]
            if far:
                problems.append(f"{key}: {len(far)} rows differ, the first is {far[0]}, by {distances[far[0]]:.2e}")
    return problems, worst
