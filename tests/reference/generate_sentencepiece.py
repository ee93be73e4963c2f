"""What the reference makes of SentencePiece models without a tokenizer.json.

A small Unigram model for each tokenizer class, some settings, and the ids and types of texts in many
scripts and of pairs.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import sentencepiece
from transformers import AutoTokenizer

from answers import require_telling

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parents[1] / "encoders" / "src" / "test" / "resources" / "sentencepiece"
LENGTH = 24
TEXTS = [
    "The rain in Spain falls mainly on the plain.",
    "THE RAIN fell on Brûlée and CAFÉ, didn't it? ``quoted'' 1,234.5",
    "  rain\n and\t\tsnow  ",
    "Дождь идёт весь день, и снег тоже.",
    "今天下雨了，明天会下雪吗？",
    "雨が降っています。ﾊﾝｶｸ ﬁne Ａｂｃ ①",
    "비가 내리고 있습니다",
    "المطر يهطل طوال اليوم",
    "הגשם יורד כל היום",
    "बारिश हो रही है",
    "ฝนตกทั้งวัน",
    "Η βροχή πέφτει όλη μέρα",
    "🇩🇪 rain 👩‍👩‍👧 snow e\u0301 \u200b x\u00a0y",
    "<s> rain </s> <mask> [MASK] [CLS] <extra_id_0> <pad> user_word",
    "",
    "   ",
    "a",
]
PAIRS = [["the rain", "Snow"], [TEXTS[0], TEXTS[1]], [TEXTS[3], ""], ["", "a"]]
RULES = {"ﬁ": "fi", "Ａ": "A", "ｂ": "b", "ｃ": "c", "①": "1", "\u00a0": " ", "\t": " ", "\n": " ", "\u200b": " "}
SPECIAL: dict[str, dict[str, Any]] = {
    "xlm-roberta": {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1},
    "t5": {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1},
    "albert": {
        "pad_id": 0, "unk_id": 1, "bos_id": -1, "eos_id": -1,
        "control_symbols": ["[CLS]", "[SEP]", "[MASK]"],
    },
    "deberta-v2": {
        "pad_id": 0, "bos_id": 1, "eos_id": 2, "unk_id": 3,
        "pad_piece": "[PAD]", "bos_piece": "[CLS]", "eos_piece": "[SEP]", "unk_piece": "[UNK]",
    },
}  # fmt: skip
CLASSES = {
    "XLMRobertaTokenizer": ("xlm-roberta", "sentencepiece.bpe.model", [{}, {"add_prefix_space": False}]),
    "CamembertTokenizer": ("xlm-roberta", "sentencepiece.bpe.model", [{}]),
    "T5Tokenizer": ("t5", "spiece.model", [{}, {"extra_ids": 3}]),
    "AlbertTokenizer": (
        "albert",
        "spiece.model",
        [{}, {"do_lower_case": False}, {"keep_accents": True}, {"mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True}}],
    ),
    "DebertaV2Tokenizer": ("deberta-v2", "spm.model", [{}, {"do_lower_case": True}]),
}
# What a folder has to be for the library to take the class that nobody names.
ARCHITECTURES = {
    "XLMRobertaTokenizer": ["xlm-roberta", "jina_embeddings_v3"],
    "CamembertTokenizer": ["camembert"],
    "T5Tokenizer": ["t5", "mt5"],
    "AlbertTokenizer": ["albert"],
    "DebertaV2Tokenizer": ["deberta-v2"],
}


def train(name: str, rules: Path) -> bytes:
    """A model of some hundred pieces, with a piece that its maker defined."""
    text = "\n".join([t for t in TEXTS if t.strip()] * 20)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.splitlines()),
        model_writer=model,
        vocab_size=330,
        hard_vocab_limit=False,
        normalization_rule_tsv=str(rules),
        user_defined_symbols=["user_word"],
        num_threads=1,
        minloglevel=2,
        **SPECIAL[name],
    )
    return model.getvalue()


def tokens(encoding: Any) -> dict[str, Any]:
    return {"ids": encoding["input_ids"], "types": encoding.get("token_type_ids")}


def pair(batch: Any) -> dict[str, Any]:
    """Of a batch, as a cross-encoder reads pairs: alone, an empty second text would be none."""
    return {"ids": batch["input_ids"][0], "types": batch["token_type_ids"][0]}


def require_same(folder: Path, settings: dict[str, Any], architecture: str, texts: list[Any]) -> None:
    """Refuses an architecture whose class is another one."""
    unnamed = folder.with_name(f"{folder.name}-{architecture}")
    shutil.copytree(folder, unnamed)
    rest = {key: value for key, value in settings.items() if key != "tokenizer_class"}
    (unnamed / "tokenizer_config.json").write_text(json.dumps(rest))
    (unnamed / "config.json").write_text(json.dumps({"model_type": architecture}))
    tokenizer = AutoTokenizer.from_pretrained(unnamed)
    if [tokens(tokenizer(t, truncation=True, return_token_type_ids=True)) for t in TEXTS] != texts:
        raise ValueError(f"{architecture} reads texts otherwise than {settings}")


def main() -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    cases = []
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        rules = Path("rules.tsv")  # the name is written into the models
        hexes = {" ".join(f"{ord(c):X}" for c in a): " ".join(f"{ord(c):X}" for c in b) for a, b in RULES.items()}
        rules.write_text("".join(f"{a}\t{b}\n" for a, b in hexes.items()))
        for name in SPECIAL:
            (OUTPUT / f"{name}.model").write_bytes(train(name, rules))
        for tokenizer_class, (name, file, settings) in CLASSES.items():
            for given in settings:
                folder = Path(scratch) / f"model{len(cases)}"
                folder.mkdir()
                shutil.copy(OUTPUT / f"{name}.model", folder / file)
                config = {"tokenizer_class": tokenizer_class, "model_max_length": LENGTH, **given}
                (folder / "tokenizer_config.json").write_text(json.dumps(config))
                tokenizer = AutoTokenizer.from_pretrained(folder)
                texts = [tokens(tokenizer(t, truncation=True, return_token_type_ids=True)) for t in TEXTS]
                for architecture in ARCHITECTURES[tokenizer_class]:
                    require_same(folder, config, architecture, texts)
                require_telling({"rows": [text["ids"] for text in texts]}, f"{tokenizer_class} with {config}")
                cases.append(
                    {
                        "model": name,
                        "file": file,
                        "settings": config,
                        "architectures": ARCHITECTURES[tokenizer_class],
                        "texts": texts,
                        "pairs": [
                            pair(tokenizer([[a, b]], truncation="longest_first", return_token_type_ids=True))
                            for a, b in PAIRS
                        ],
                    }
                )
    result = {"texts": TEXTS, "pairs": PAIRS, "cases": cases}
    (OUTPUT / "cases.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
