"""Writes cross-encoder-correlation.json and the CSV file beside it: what the reference library's
evaluator (sentence-transformers 6.2.0) makes of random predictions and of scores with ties.

Run it in the environment of tests/reference/requirements.txt.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from sentence_transformers.cross_encoder.evaluation import CrossEncoderCorrelationEvaluator

PAIRS = 40
FOLDER = Path(__file__).parent

random = np.random.default_rng(13)
scores = np.round(5 * random.random(PAIRS)).tolist()
predicted = (np.array(scores) / 5 + random.normal(size=PAIRS)).astype(np.float32)
predicted[5] = predicted[4]  # a tie

model = SimpleNamespace(
    predict=lambda pairs, **options: predicted,
    model_card_data=SimpleNamespace(set_evaluation_metrics=lambda *arguments, **options: None),
)
evaluator = CrossEncoderCorrelationEvaluator([["a", "b"]] * PAIRS, scores, name="pairs")
(FOLDER / evaluator.csv_file).unlink(missing_ok=True)
metrics = evaluator(model, str(FOLDER))
evaluator(model, str(FOLDER), epoch=0.5, steps=180)
expected = {
    "predicted": [float(str(x)) for x in predicted],
    "scores": scores,
    "primary_metric": evaluator.primary_metric,
    "metrics": metrics,
}
lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in expected.items()]
(FOLDER / "cross-encoder-correlation.json").write_text("{" + ",\n".join(lines) + "}\n")
