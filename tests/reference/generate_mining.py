"""Makes the goldens of mining: what the reference library's mine_hard_negatives takes, with committed models."""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from datasets import Dataset
from sentence_transformers.util import mine_hard_negatives

import answers
import corpus
import generate_goldens

OUTPUT = generate_goldens.HERE.parents[1] / "training" / "src" / "test" / "resources" / "mine"
MODEL = "dense-mpnet-mean-normalize"
DOT_MODEL = "dense-electra-mean"  # its vectors have lengths, and it is asked as though it compared by dot product
TEACHER = "cross-bert"
# name: arguments; the corpus is searched but for `positives`, the teacher scores where it is named
CASES: dict[str, dict[str, Any]] = {
    "positives": {"num_negatives": 2},
    "corpus": {"num_negatives": 3, "output_scores": True},
    "range": {"range_min": 2, "range_max": 9, "num_negatives": 3, "output_format": "n-tuple"},
    "absolute-margin": {"absolute_margin": 0.05, "output_scores": True, "output_format": "n-tuple"},
    "relative-margin": {"relative_margin": 0.05, "num_negatives": 4, "output_format": "labeled-list"},
    "scores": {"max_score": 0.8, "min_score": 0.5, "num_negatives": 5, "output_format": "labeled-list", "output_scores": True},
    "teacher": {"absolute_margin": 0.02, "num_negatives": 2, "output_scores": True},
    "dot": {"num_negatives": 3, "relative_margin": 0.02, "output_scores": True},
    "teacher-range": {"relative_margin": 0.1, "range_min": 1, "range_max": 12, "output_format": "labeled-list"},
}


def pairs() -> list[dict[str, str]]:
    """Some queries with several answers, all short: texts that are cut to the same tokens rank in any order."""
    texts = [text for text in corpus.TEXTS if text.strip() and len(text) < 100]
    found = []
    for i in range(30):
        query = " ".join(corpus.WORDS[(11 * (i % 22) + j) % len(corpus.WORDS)] for j in range(2 + i % 3 * (i < 22)))
        answer = texts[i % len(texts)] + " " + corpus.WORDS[(5 * i) % 60] if i % 5 else corpus.WORDS[i] + " " + query
        found.append({"question": query, "answer": answer})
    return found


def passages() -> list[str]:
    words = corpus.WORDS
    return [" ".join(words[(7 * i + 3 * j) % len(words)] for j in range(2 + i % 9)) for i in range(60)]


def main() -> int:
    torch.set_num_threads(1)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    rows, texts = pairs(), passages()
    (OUTPUT / "pairs.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    (OUTPUT / "corpus.txt").write_text("".join(text + "\n" for text in texts))
    model = answers.load(generate_goldens.OUTPUT / MODEL)
    dot_model = answers.load(generate_goldens.OUTPUT / DOT_MODEL)
    dot_model.similarity_fn_name = "dot"
    teacher = answers.load(generate_goldens.OUTPUT / TEACHER)
    for name, arguments in CASES.items():
        found = mine_hard_negatives(
            Dataset.from_list(rows),
            dot_model if name == "dot" else model,
            corpus=None if name == "positives" else texts,
            cross_encoder=teacher if name.startswith("teacher") else None,
            verbose=False,
            **arguments,
        )
        case = {
            "model": DOT_MODEL if name == "dot" else MODEL,
            "similarity": "dot" if name == "dot" else "cosine",
            "cross_encoder": TEACHER if name.startswith("teacher") else "",
            "corpus": name != "positives",
            "arguments": arguments,
            "rows": found.to_list(),
        }
        answers.write(case, OUTPUT / f"{name}.json")
        print(f"{len(case['rows']):>5} rows  {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
