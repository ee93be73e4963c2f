"""Random tokenizers over a vocabulary that is there: every type of model, normalizer, pre-tokenizer and template.

A `tokenizer.json` is changed part by part and keeps its vocabulary's size, so that the embedding still fits.
What the tokenizers library does not read is not written.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

Part = dict[str, Any]

BEHAVIOURS = ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
PATTERNS = [r"\s+", r"\p{N}{1,3}", r"[^\s\p{L}]+", r"'(?:s|t|re)|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+|\s+", r"\b"]


def normalizer(rng: random.Random) -> Part | None:
    def one() -> Part:
        kind = rng.choice(["BertNormalizer", "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Strip", "Replace",
                           "Prepend", "Nmt", "Replace"])  # fmt: skip
        options: Part = {}
        if kind == "BertNormalizer":
            options = {key: rng.random() < 0.6 for key in ("clean_text", "handle_chinese_chars", "lowercase")}
            options["strip_accents"] = rng.choice([None, True, False])
        elif kind == "Strip":
            options = {"strip_left": rng.random() < 0.5, "strip_right": rng.random() < 0.5}
        elif kind == "Replace":
            pattern = rng.choice([{"String": "ﬁ"}, {"String": "  "}, {"Regex": r"\s+"}, {"Regex": r"[\u0300-\u036f]+"}])
            options = {"pattern": pattern, "content": rng.choice(["", " ", "fi"])}
        elif kind == "Prepend":
            options = {"prepend": rng.choice(["▁", "x "])}
        return {"type": kind, **options}

    drawn = rng.choice(["keep", "none", "one", "one", "several"])
    if drawn == "several":
        return {"type": "Sequence", "normalizers": [one() for _ in range(rng.randint(2, 4))]}
    return one() if drawn == "one" else {"type": drawn}


def pre_tokenizer(rng: random.Random) -> Part:
    def one() -> Part:
        kind = rng.choice(["BertPreTokenizer", "ByteLevel", "Whitespace", "WhitespaceSplit", "Punctuation", "Digits", "Split",
                           "Metaspace", "CharDelimiterSplit", "UnicodeScripts"])  # fmt: skip
        options: Part = {}
        if kind == "ByteLevel":
            options = {key: rng.random() < 0.5 for key in ("add_prefix_space", "trim_offsets", "use_regex")}
        elif kind == "Punctuation":
            options = {"behavior": rng.choice(BEHAVIOURS)}
        elif kind == "Digits":
            options = {"individual_digits": rng.random() < 0.5}
        elif kind == "Split":
            options = {"pattern": {"Regex": rng.choice(PATTERNS)}, "behavior": rng.choice(BEHAVIOURS)}
            options["invert"] = rng.random() < 0.3
        elif kind == "Metaspace":
            options = {"replacement": "▁", "prepend_scheme": rng.choice(["always", "first", "never"])}
            options["split"] = rng.random() < 0.7
        elif kind == "CharDelimiterSplit":
            options = {"delimiter": rng.choice("-,_")}
        return {"type": kind, **options}

    drawn = rng.choice(["keep", "keep", "one", "several"])
    if drawn == "several":
        return {"type": "Sequence", "pretokenizers": [one() for _ in range(rng.randint(2, 3))]}
    return one() if drawn == "one" else {"type": "keep"}


def model(rng: random.Random, before: Part) -> Part:
    """Another type of model with the same tokens and ids."""
    if before["type"] == "Unigram":
        tokens = [piece for piece, _ in before["vocab"]]
    else:
        tokens = sorted(before["vocab"], key=before["vocab"].get)
    unknown = next((t for t in ("[UNK]", "<unk>") if t in tokens), tokens[0])
    vocabulary = {token: i for i, token in enumerate(tokens)}
    kind = rng.choice(["keep", "keep", "WordLevel", "Unigram", "WordPiece", "BPE"])
    if kind == "WordLevel":
        return {"type": kind, "vocab": vocabulary, "unk_token": unknown}
    if kind == "WordPiece":
        prefix = rng.choice(["##", "##", "", "@@"])
        limit = rng.choice([100, 100, 7])
        return {
            "type": kind, "vocab": vocabulary, "unk_token": unknown,
            "continuing_subword_prefix": prefix, "max_input_chars_per_word": limit,
        }  # fmt: skip
    if kind == "Unigram":
        scored = [[token, -float(i % 17) - 1.5] for i, token in enumerate(tokens)]
        return {"type": kind, "vocab": scored, "unk_id": vocabulary[unknown], "byte_fallback": rng.random() < 0.3}
    if kind == "BPE":
        merges = [[a, b] for a in tokens for b in tokens if a + b in vocabulary and len(a + b) > 2 and len(b) < 3][:80]
        return {
            "type": kind, "vocab": vocabulary, "merges": merges, "unk_token": rng.choice([unknown, None]),
            "fuse_unk": rng.random() < 0.5, "byte_fallback": rng.random() < 0.3, "ignore_merges": rng.random() < 0.3,
            "dropout": None, "continuing_subword_prefix": None, "end_of_word_suffix": rng.choice([None, None, "</w>"]),
        }  # fmt: skip
    return before | ({"max_input_chars_per_word": 9} if before["type"] == "WordPiece" and rng.random() < 0.3 else {})


def template(rng: random.Random, config: Part) -> Part | None:
    """What stands around the tokens: some marks, or BERT's or RoBERTa's processor, or both in a row."""
    marks = {t["content"]: t["id"] for t in config["added_tokens"]}
    first = next((t for t in ("[CLS]", "<s>") if t in marks), None)
    last = next((t for t in ("[SEP]", "</s>") if t in marks), None)
    if first is None or last is None:
        return {"type": "keep"}
    kind = rng.choice(["keep", "keep", "BertProcessing", "RobertaProcessing", "Template", "Sequence", "none"])

    def piece(mark: str, types: int) -> Part:
        return {"SpecialToken": {"id": mark, "type_id": types}}

    def words(name: str, types: int) -> Part:
        return {"Sequence": {"id": name, "type_id": types}}

    second = rng.choice([0, 1])
    shape: Part = {
        "type": "TemplateProcessing",
        "single": [piece(first, 0)] * rng.choice([0, 1, 1]) + [words("A", 0)] + [piece(last, 0)] * rng.choice([0, 1, 2]),
        "pair": [piece(first, 0), words("A", 0), piece(last, 0), words("B", second), piece(last, second)],
        "special_tokens": {m: {"id": m, "ids": [marks[m]], "tokens": [m]} for m in (first, last)},
    }
    both = {"sep": [last, marks[last]], "cls": [first, marks[first]]}
    around = {"trim_offsets": rng.random() < 0.5, "add_prefix_space": rng.random() < 0.5}
    if kind == "Sequence":
        return {"type": kind, "processors": [{"type": "ByteLevel", **around, "use_regex": True}, shape]}
    if kind == "Template":
        return shape
    return {"type": kind, **both, **(around if kind.startswith("Roberta") else {})}


def added(rng: random.Random, config: Part) -> None:
    """Words of the vocabulary that are cut out of texts before all else."""
    vocabulary = config["model"]["vocab"]
    words = [w for w in (vocabulary if isinstance(vocabulary, dict) else [p for p, _ in vocabulary]) if len(w) > 2]
    ids = vocabulary if isinstance(vocabulary, dict) else {p: i for i, (p, _) in enumerate(vocabulary)}
    taken = {t["id"] for t in config["added_tokens"]}
    for word in rng.sample(sorted(words), min(len(words), rng.randint(1, 3))):
        if ids[word] not in taken:
            flags = {key: rng.random() < 0.4 for key in ("lstrip", "rstrip", "single_word", "normalized", "special")}
            config["added_tokens"].append({"id": ids[word], "content": word, **flags})
    config["added_tokens"].sort(key=lambda token: token["id"])


CLASSES = {
    "WordPiece": ["BertTokenizer", "DistilBertTokenizer", "MPNetTokenizer"],
    "BPE": ["RobertaTokenizer", "Qwen2Tokenizer", "GemmaTokenizer"],
    "Unigram": ["XLMRobertaTokenizer", "CamembertTokenizer", "T5Tokenizer", "AlbertTokenizer", "DebertaV2Tokenizer"],
}
SWITCHES = ["do_lower_case", "keep_accents", "add_prefix_space", "split_by_punct", "strip_accents", "remove_space"]


def choose_class(rng: random.Random, folder: Path) -> Part:
    """Draws a tokenizer's class and what it reads of tokenizer_config.json, added tokens too."""
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    vocabulary = model["vocab"] if isinstance(model["vocab"], dict) else {p: i for i, (p, _) in enumerate(model["vocab"])}
    words = sorted(w for w in vocabulary if w.isalpha() and len(w) > 1) or sorted(vocabulary)
    drawn: Part = {key: rng.random() < 0.5 for key in SWITCHES if rng.random() < 0.3}
    if rng.random() < 0.3:
        drawn[rng.choice(["additional_special_tokens", "extra_special_tokens"])] = rng.sample(words, min(2, len(words)))
    if rng.random() < 0.2:
        drawn[rng.choice(["boi_token", "mask_token", "bos_token"])] = rng.choice(words)
    if rng.random() < 0.2:
        flags = {key: rng.random() < 0.4 for key in ("lstrip", "rstrip", "single_word", "normalized", "special")}
        drawn["added_tokens_decoder"] = {str(vocabulary[w]): {"content": w, **flags} for w in rng.sample(words, min(2, len(words)))}
    if rng.random() < 0.8:
        name = rng.choice([*CLASSES.get(model["type"], []), "PreTrainedTokenizerFast"])
        drawn["tokenizer_class"] = name + rng.choice(["", "" if name.endswith("Fast") else "Fast"])
    else:
        drawn["tokenizer_class"] = None
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text()) | drawn
    if config["tokenizer_class"] is None:
        del config["tokenizer_class"]
    file.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return drawn


def vary(rng: random.Random, folder: Path) -> list[str]:
    """Changes a folder's tokenizer.json; returns what was changed."""
    file = folder / "tokenizer.json"
    config = json.loads(file.read_text())
    changed = []
    parts: dict[str, Any] = {"normalizer": normalizer(rng), "pre_tokenizer": pre_tokenizer(rng)}
    parts["model"], parts["post_processor"] = model(rng, config["model"]), template(rng, config)
    for name, part in parts.items():
        if rng.random() < 0.5 or part.get("type") == "keep":
            continue
        before = config[name]
        config[name] = None if part["type"] == "none" else part
        try:
            Tokenizer.from_str(json.dumps(config))
            changed.append(f"{name}: {part['type']}")
        except Exception:
            config[name] = before
    if rng.random() < 0.3:
        added(rng, config)
        changed.append("added tokens")
    file.write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return changed
