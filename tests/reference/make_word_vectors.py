"""Word vectors in GloVe's text format out of a model's own embedding: its whole words, in their order.

For comparing trainers on the same vectors where no published ones are at hand.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from safetensors.numpy import load_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--dimensions", type=int, default=300)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    weights = load_file(options.model / "model.safetensors")
    table = next(value for name, value in weights.items() if name.endswith("word_embeddings.weight"))
    tokenizer = json.loads((options.model / "tokenizer.json").read_text(encoding="utf-8"))
    # Scaled to what GloVe's numbers look like: LSTMs are set up for such.
    table = table[:, : options.dimensions]
    table = table / table.std() * 0.4
    with open(options.output, "w", encoding="utf-8") as file:
        for word, row in sorted(tokenizer["model"]["vocab"].items(), key=lambda entry: entry[1]):
            if not word.startswith(("[", "##")):
                file.write(word + " " + " ".join(f"{number:.5f}" for number in table[row]) + "\n")


if __name__ == "__main__":
    main()
