"""Writes embedding-similarity.json and the CSV file beside it: what the reference library's evaluator
(sentence-transformers 6.2.0) makes of random vectors and of scores with ties.

Run it in the environment of tests/reference/requirements.txt.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator

PAIRS, DIMENSIONS = 40, 6
FOLDER = Path(__file__).parent

random = np.random.default_rng(7)
first = random.normal(size=(PAIRS, DIMENSIONS)).astype(np.float32)
second = (0.5 * first + random.normal(size=(PAIRS, DIMENSIONS))).astype(np.float32)
first[3] = 0  # a cosine of 0
second[5], first[5], second[6], first[6] = second[4], first[4], second[4], first[4]  # ties
scores = np.round(5 * random.random(PAIRS)).tolist()


class Vectors(EmbeddingSimilarityEvaluator):
    """The library's evaluator, given the embeddings instead of a model."""

    def embed_inputs(self, model, sentences, **options):
        return first if sentences[0] == "first" else second


model = SimpleNamespace(
    similarity_fn_name="cosine",
    model_card_data=SimpleNamespace(set_evaluation_metrics=lambda *arguments: None),
)
functions = ["cosine", "euclidean", "manhattan", "dot"]
evaluator = Vectors(
    ["first"] * PAIRS, ["second"] * PAIRS, scores, similarity_fn_names=functions, name="vectors"
)
(FOLDER / evaluator.csv_file).unlink(missing_ok=True)
metrics = evaluator(model, str(FOLDER))
evaluator(model, str(FOLDER), epoch=0.5, steps=180)
expected = {
    "first": [[float(str(x)) for x in row] for row in first],
    "second": [[float(str(x)) for x in row] for row in second],
    "scores": scores,
    "primary_metric": evaluator.primary_metric,
    "metrics": metrics,
}
lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in expected.items()]
(FOLDER / "embedding-similarity.json").write_text("{" + ",\n".join(lines) + "}\n")
