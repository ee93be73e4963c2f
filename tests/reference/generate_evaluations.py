"""Makes the goldens of the evaluators that search and rerank, with committed models.

Writes a small corpus, queries, judgements and samples for reranking, then for each model what the
reference library's evaluators answer: expected.json, by evaluator, and the CSV files.
"""

from __future__ import annotations

import json
import shutil
import sys
from itertools import product
from pathlib import Path

from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator
from sentence_transformers.multi_vector_encoder.evaluation import (
    MultiVectorInformationRetrievalEvaluator,
    MultiVectorRerankingEvaluator,
)
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator, RerankingEvaluator
from sentence_transformers.sparse_encoder.evaluation import (
    SparseInformationRetrievalEvaluator,
    SparseRerankingEvaluator,
)

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "src" / "test" / "resources" / "goldens"
OUTPUT = ROOT / "training" / "src" / "test" / "resources" / "evaluate" / "ranking"
NAME = "small"
MULTI_VECTOR = ["multi-vector-bert-fixed", "multi-vector-modernbert-min"]

WHO = ["A man", "Two women", "The old dog"]
DOES = ["is playing a guitar", "is cutting an onion", "runs along the beach", "sleeps on a chair"]
WHERE = ["", " in the rain", " near the station"]

CORPUS = {f"d{i:02}": f"{who} {does}{where}." for i, (who, does, where) in enumerate(product(WHO, DOES, WHERE))}
QUERIES = {
    "q1": "playing music",
    "q2": "Who cuts vegetables?",
    "q3": "running outside",
    "q4": "dogs at rest",
    "unanswered": "bread",
}
NEEDLES = {"q1": "guitar", "q2": "onion", "q3": "beach", "q4": "dog sleeps"}


def answers(query: str) -> list[str]:
    return [key for key, text in CORPUS.items() if NEEDLES[query] in text]


def samples(cross: bool) -> list[dict]:
    """Of each query its answers and other texts; for cross-encoders some in a first search's order."""
    found = []
    for query in NEEDLES:
        positive = [CORPUS[key] for key in answers(query)]
        negative = [text for text in list(CORPUS.values())[:: 1 + len(found)] if text not in positive]
        found.append({"query": QUERIES[query], "positive": positive, "negative": negative})
    if cross:
        first = found[0]
        found[0] = {
            "query": first["query"],
            "positive": first["positive"],
            "documents": first["negative"][:3] + first["positive"][2:6] + first["negative"][3:9],
        }
        found.append({"query": "nothing fits", "positive": [], "negative": ["A cat.", "A dog."]})
    return found


def evaluate(evaluator, model, folder: Path) -> dict[str, float]:
    metrics = {key: float(value) for key, value in evaluator(model, str(folder)).items()}
    if not any(0 < value < 1 for value in metrics.values()):
        raise ValueError(f"{folder.name}: no metric lies between 0 and 1, nothing could be tested: {metrics}")
    return {"primary_metric": evaluator.primary_metric, "metrics": metrics}


def search(kind, model, folder: Path) -> dict:
    relevant = {query: set(answers(query)) for query in NEEDLES}
    return evaluate(kind(QUERIES, CORPUS, relevant, name=NAME), model, folder)


def write_lines(file: str, rows: list[dict]) -> None:
    (OUTPUT / file).write_text("".join(json.dumps(row) + "\n" for row in rows))


def main() -> int:
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    write_lines("queries.jsonl", [{"_id": key, "text": text} for key, text in QUERIES.items()])
    write_lines("corpus.jsonl", [{"_id": key, "title": "", "text": text} for key, text in CORPUS.items()])
    judgements = [f"{query}\t{key}\t1\n" for query in NEEDLES for key in answers(query)]
    judgements.append("unanswered\td00\t0\n")
    (OUTPUT / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(judgements))
    write_lines("samples.jsonl", samples(cross=False))
    write_lines("samples-cross.jsonl", samples(cross=True))
    expected = {}
    for name in ["dense-bert-mean-normalize", "dense-bert-prompts", "sparse-bert", "cross-bert", *MULTI_VECTOR]:
        folder, output = str(MODELS / name), OUTPUT / name
        if name.startswith("cross"):
            model = CrossEncoder(folder)
            rerank = CrossEncoderRerankingEvaluator(samples(cross=True), name=NAME)
            expected[name] = {"reranking": evaluate(rerank, model, output)}
        elif name in MULTI_VECTOR:
            model = MultiVectorEncoder(folder)
            rerank = MultiVectorRerankingEvaluator(samples(cross=False), name=NAME)
            expected[name] = {
                "search": search(MultiVectorInformationRetrievalEvaluator, model, output),
                "reranking": evaluate(rerank, model, output),
            }
        elif name.startswith("sparse"):
            model = SparseEncoder(folder)
            rerank = SparseRerankingEvaluator(samples(cross=False), name=NAME)
            expected[name] = {
                "search": search(SparseInformationRetrievalEvaluator, model, output),
                "reranking": evaluate(rerank, model, output),
            }
        else:
            model = SentenceTransformer(folder)
            rerank = RerankingEvaluator(samples(cross=False), name=NAME)
            expected[name] = {
                "search": search(InformationRetrievalEvaluator, model, output),
                "reranking": evaluate(rerank, model, output),
            }
    (OUTPUT / "expected.json").write_text(json.dumps(expected, indent=1, allow_nan=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
