"""What the reference makes of settings beside a tokenizer.json, and of folders without one.

Each case is a golden's folder with another tokenizer_config.json or other tokenizer files, and the
ids and types of some texts and pairs.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from answers import require_telling

HERE = Path(__file__).resolve().parent
GOLDENS = HERE.parent / "src" / "test" / "resources" / "goldens"
OUTPUT = HERE.parents[1] / "encoders" / "src" / "test" / "resources" / "tokenizers.json"
LENGTH = 14
TEXTS = [
    "the rain",
    "The RAIN fell on Brûlée and CAFÉ, didn't it?",
    "  rain\n and  snow ",
    "数据 rain [MASK] <mask> </s> rain",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen",
    "",
    "<S> [unk] <MASK> [Mask] rain",
]
PAIRS = [["the rain", "Snow"], [TEXTS[4], TEXTS[1]], [TEXTS[1], TEXTS[4]], ["a", TEXTS[4]]]
CLASSES = {
    "dense-bert-mean-normalize": "BertTokenizer",
    "dense-distilbert-cls-max": "DistilBertTokenizer",
    "dense-mpnet-mean-normalize": "MPNetTokenizer",
    "dense-roberta-mean": "RobertaTokenizer",
    "dense-xlm-roberta-mean": "XLMRobertaTokenizer",
    "dense-modernbert-mean": "PreTrainedTokenizerFast",
}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"truncation_side": "left"},
    {"do_lower_case": False},
    {"do_lower_case": True, "strip_accents": False},
    {"do_lower_case": False, "strip_accents": True},
    {"tokenize_chinese_chars": False},
    {"add_prefix_space": True},
    {"add_prefix_space": False},
    {"model_input_names": ["input_ids", "attention_mask"]},
]


def use_vocabulary_files(folder: Path) -> dict[str, str]:
    """Takes tokenizer.json away and writes what older folders hold; returns the new files."""
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "tokenizer.json").unlink()
    if model["type"] == "WordPiece":
        words = sorted(model["vocab"], key=model["vocab"].get)
        files = {"vocab.txt": "\n".join(words) + "\n"}
    else:
        merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
        vocabulary = json.dumps(model["vocab"], ensure_ascii=False)
        files = {"vocab.json": vocabulary, "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n"}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return files


def case(golden: str, settings: dict[str, Any], truncation: str | None = None, files: bool = False) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "model"
        shutil.copytree(GOLDENS / golden, folder)
        path = folder / "tokenizer_config.json"
        config = json.loads(path.read_text()) | {"model_max_length": LENGTH} | settings
        path.write_text(json.dumps(config))
        if truncation:
            tokenizer = json.loads((folder / "tokenizer.json").read_text())
            tokenizer["truncation"] = {
                "direction": truncation,
                "max_length": LENGTH,
                "strategy": "LongestFirst",
                "stride": 0,
            }
            (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
        written = use_vocabulary_files(folder) if files else {}
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        answers = [tokenizer(text, truncation=True) for text in TEXTS]
        pairs = [tokenizer(*pair, truncation=True) for pair in PAIRS]
        require_telling({"rows": [a["input_ids"] for a in answers]}, f"{golden} with {settings}")
        return {
            "golden": golden,
            "settings": settings,
            "truncation": truncation,
            "files": sorted(written),
            "ids": [a["input_ids"] for a in answers],
            "pairs": [p["input_ids"] for p in pairs],
            "types": [p.get("token_type_ids", [0] * len(p["input_ids"])) for p in pairs],
        }


def main() -> None:
    cases = []
    for golden, name in CLASSES.items():
        for settings in SETTINGS:
            cases.append(case(golden, settings | {"tokenizer_class": name}))
            cases.append(case(golden, settings | {"tokenizer_class": "PreTrainedTokenizerFast"}))
        cases.append(case(golden, {}, truncation="Left"))
        cases.append(case(golden, {"truncation_side": "right"}, truncation="Left"))
    for golden in ("dense-bert-mean-normalize", "dense-mpnet-mean-normalize", "dense-roberta-mean"):
        cases.append(case(golden, {"tokenizer_class": CLASSES[golden]}, files=True))
    cases.append(case("dense-bert-mean-normalize", {"tokenizer_class": None}, files=True))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    answers = {"length": LENGTH, "texts": TEXTS, "pairs": PAIRS, "cases": cases}
    OUTPUT.write_text(json.dumps(answers, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(cases)} cases, {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
