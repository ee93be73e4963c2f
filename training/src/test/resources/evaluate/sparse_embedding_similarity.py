"""Writes sparse-embedding-similarity.json and the CSV file beside it: what the reference library's
evaluator (sentence-transformers 6.2.0) makes of random sparse vectors and of scores with ties.

Run it in the environment of tests/reference/requirements.txt.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from sentence_transformers import SparseEncoder
from sentence_transformers.sparse_encoder.evaluation import SparseEmbeddingSimilarityEvaluator

PAIRS, VOCABULARY, TERMS = 40, 30, 7
FOLDER = Path(__file__).parent

random = np.random.default_rng(11)
shared = random.gamma(2, 0.5, size=(PAIRS, VOCABULARY))


def texts() -> torch.Tensor:
    """Vectors whose common part makes pairs alike, of which about TERMS terms stay."""
    weights = shared + random.gamma(2, 0.3, size=(PAIRS, VOCABULARY))
    weights[random.random((PAIRS, VOCABULARY)) > TERMS / VOCABULARY] = 0
    return torch.tensor(weights, dtype=torch.float32)


first, second = texts(), texts()
first[3] = 0  # a text without terms
first[5], second[5] = first[4], second[4]  # ties
scores = np.round(5 * random.random(PAIRS)).tolist()


class Vectors(SimpleNamespace):
    """Stands where the evaluator wants a model: it encodes "first" and "second"."""

    sparsity = staticmethod(SparseEncoder.sparsity)

    def encode(self, sentences, **options):
        return (first if sentences[0] == "first" else second).to_sparse()


model = Vectors(
    similarity_fn_name="dot",
    model_card_data=SimpleNamespace(set_evaluation_metrics=lambda *arguments, **options: None),
)
evaluator = SparseEmbeddingSimilarityEvaluator(
    ["first"] * PAIRS,
    ["second"] * PAIRS,
    scores,
    similarity_fn_names=["dot", "cosine", "euclidean", "manhattan"],
    name="terms",
)
(FOLDER / evaluator.csv_file).unlink(missing_ok=True)
metrics = evaluator(model, str(FOLDER))
evaluator(model, str(FOLDER), epoch=0.5, steps=180)


def terms(vectors: torch.Tensor) -> list[dict[int, float]]:
    return [{i: float(str(x)) for i, x in enumerate(row) if x != 0} for row in vectors.numpy()]


expected = {
    "first": terms(first),
    "second": terms(second),
    "vocabulary": VOCABULARY,
    "scores": scores,
    "primary_metric": evaluator.primary_metric,
    "metrics": metrics,
}
lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in expected.items()]
(FOLDER / "sparse-embedding-similarity.json").write_text("{" + ",\n".join(lines) + "}\n")
