"""What the reference's tokenizer classes make of a tokenizer.json whose steps are not theirs.

transformers 4 wrote files with other steps than the classes of transformers 5 build: these take the vocabulary,
and settings, added tokens and special tokens beside it. Each case has a tokenizer.json of that kind, the files
beside it, and the ids and types of texts and pairs. Where a class is known to take the file as it is, too.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer, models, normalizers, trainers
from transformers import AutoTokenizer

from answers import require_telling

HERE = Path(__file__).resolve().parent
GOLDENS = HERE.parent / "src" / "test" / "resources" / "goldens"
RESOURCES = HERE.parents[1] / "encoders" / "src" / "test" / "resources"
OUTPUT = RESOURCES / "tokenizer-classes.json"
LENGTH = 40
TEXTS = [
    "The rain in Spain… falls mainly, on the plain.",
    "THE RAIN fell on Brûlée and CAFÉ, didn't it? ``quoted'' 1,234.5",
    "  rain\n and\t\tsnow  \r\n",
    "Ｔｈｅ Ａｂｃ ｒａｉｎ ﬁne ① ½ ﾊﾝｶｸ",
    "Дождь идёт весь день. 今天下雨了，明天会下雪吗？",
    "rain,snow(ice)!? rain-snow don't we'll",
    "🇩🇪 rain 👩‍👩‍👧 snow e\u0301 \u200b x\u00a0y",
    "<s> rain </s><mask> [MASK] [CLS] the  <mask>  rain <extra_id_0> <pad> [mask] <bos> <unk> <s>NOTUSED",
    "zzz rain snow raining ZZZ user_word <|endoftext|> <|im_end|>",
    "",
    "   ",
    "a",
    "<S> [unk] <MASK> [Mask] SNOW Zzz </S> <Pad>",
]
PAIRS = [["the rain", "Snow"], [TEXTS[0], TEXTS[1]], [TEXTS[4], ""], ["", "a"]]
CONFIG, NETWORK, MAP, ADDED = "tokenizer_config.json", "config.json", "special_tokens_map.json", "added_tokens.json"
SNOW = {"content": "snow", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False, "special": False}
MASK = {"content": "[MASK]", "lstrip": True, "normalized": False, "rstrip": False, "single_word": False, "special": True}
# Flags that none is given for: tokens are looked for in the normalized text unless they are special.
BARE = [{"content": "zzz"}, {"content": "rain", "special": True}, {"content": "snow"}]
DECODERS = [
    {"9": SNOW},
    {"7": SNOW | {"content": "zzz", "special": True, "rstrip": True}, "3": SNOW, "4": MASK},
    {str(i): token for i, token in enumerate(BARE)},
]


def piece(content: str) -> dict[str, Any]:
    return MASK | {"content": content, "lstrip": content in ("<mask>", "[MASK]")}


def step(kind: str, **given: Any) -> dict[str, Any]:
    return {"type": kind, **given}


def unigram(model: str, specials: list[str], before: list[str], behind: list[str], skipped: int) -> dict[str, Any]:
    """A file as transformers 4 converted it from a SentencePiece model."""
    stored = sentencepiece_model_pb2.ModelProto()
    stored.ParseFromString((RESOURCES / "sentencepiece" / f"{model}.model").read_bytes())
    pieces = [[p.piece, p.score] for p in stored.pieces][skipped:]
    vocabulary = [[t, 0.0] for t in before] + pieces + [[t, 0.0] for t in behind]
    places = {text: i for i, (text, _) in enumerate(vocabulary)}
    map_ = base64.b64encode(stored.normalizer_spec.precompiled_charsmap).decode()
    begin, end = specials[:2]
    ids = {t: {"id": t, "ids": [places[t]], "tokens": [t]} for t in dict.fromkeys([begin, end]) if t in places}
    around = [{"SpecialToken": {"id": begin, "type_id": 0}}] if begin in places else []
    one = {"Sequence": {"id": "A", "type_id": 0}}
    two = {"Sequence": {"id": "B", "type_id": 1}}
    closing = {"SpecialToken": {"id": end, "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": places[t]} | piece(t) for t in sorted(set(specials) & set(places), key=lambda t: places[t])
        ],
        "normalizer": step(
            "Sequence",
            normalizers=[
                step("Precompiled", precompiled_charsmap=map_),
                step("Replace", pattern={"Regex": " {2,}"}, content=" "),
            ],
        ),
        "pre_tokenizer": step("Metaspace", replacement="▁", prepend_scheme="always", split=True),
        "post_processor": step(
            "TemplateProcessing",
            single=[*around, one, closing],
            pair=[*around, one, closing, two, closing],
            special_tokens=ids,
        ),
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": places.get("<unk>", places.get("[UNK]")), "vocab": vocabulary},
    }


def gemma() -> dict[str, Any]:
    """Byte pairs with a fallback to bytes, and steps that the class does not have."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    specials = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{b:02X}>" for b in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator([text for text in TEXTS[:6] for _ in range(3)], trainer)
    file = json.loads(tokenizer.to_str())
    ids = {"<bos>": {"id": "<bos>", "ids": [2], "tokens": ["<bos>"]}}
    begin, one, two = (
        {"SpecialToken": {"id": "<bos>", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 1}},
    )
    return file | {
        "added_tokens": [token for token in file["added_tokens"] if token["id"] < 5],
        "normalizer": step("Sequence", normalizers=[step("NFKC"), file["normalizer"]]),
        "pre_tokenizer": step("Metaspace", replacement="▁", prepend_scheme="always", split=True),
        "post_processor": step(
            "TemplateProcessing", single=[begin, one], pair=[begin, one, two], special_tokens=ids
        ),
    }


FILES: dict[str, dict[str, Any]] = {
    "deberta-v2": unigram("deberta-v2", ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]"], [], ["[MASK]"], 0),
    "albert": unigram("albert", ["[CLS]", "[SEP]", "<pad>", "<unk>", "[MASK]"], [], [], 0),
    "xlm-roberta": unigram(
        "xlm-roberta", ["<s>", "</s>", "<pad>", "<unk>", "<mask>"], ["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"], 3
    ),
    "camembert": unigram(
        "xlm-roberta",
        ["<s>", "</s>", "<pad>", "<unk>", "<mask>"],
        ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"],
        ["<mask>"],
        1,
    ),
    "t5": unigram("t5", ["", "</s>", "<pad>", "<unk>"], [], [f"<extra_id_{i}>" for i in range(99, -1, -1)], 0),
    "gemma": gemma(),
}
COMMON: list[dict[str, Any]] = [{}, {"add_prefix_space": False}, *({"added_tokens_decoder": d} for d in DECODERS)]
EXTRA: list[dict[str, Any]] = [
    {"additional_special_tokens": ["rain", "zzz"]},
    {"extra_special_tokens": ["snow"], "additional_special_tokens": ["rain"]},
    {"extra_special_tokens": {"odd_token": "rain"}, "boi_token": "snow"},
]
NAMED: list[dict[str, Any]] = [
    {"mask_token": "snow", "added_tokens_decoder": {"9": SNOW}},
    {"mask_token": "snow", "odd_token": "zzz", "added_tokens_decoder": DECODERS[2]},
    {"extra_special_tokens": [*({"__type": "AddedToken"} | t for t in (BARE[0], {"content": "<mask>", "rstrip": True})), "snow"]},
]
NO_MASK = {"mask_token": None}
CASED: list[dict[str, Any]] = [{"do_lower_case": True}, {"do_lower_case": False}]
# class: architecture, tokenizer.json of FILES or of a golden, settings
CLASSES: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "DebertaV2Tokenizer": (
        "deberta-v2", "deberta-v2",
        [*COMMON, *CASED, *EXTRA, *NAMED, NO_MASK, {"split_by_punct": True}, {"split_by_punct": True, "add_prefix_space": False},
         {"keep_accents": False, "remove_space": False}, {"unk_id": 3}, {"unk_token": "[PAD]"}, {"unk_token": "rain", "unk_id": 5}],
    ),
    "AlbertTokenizer": (
        "albert", "albert",
        [*COMMON, *CASED, *EXTRA, *NAMED, NO_MASK, {"keep_accents": True}, {"keep_accents": True, "do_lower_case": False}, {"remove_space": False},
         {"mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True}}],
    ),
    "XLMRobertaTokenizer": ("xlm-roberta", "xlm-roberta", [*COMMON, *EXTRA, *NAMED, NO_MASK, {"do_lower_case": True}]),
    "CamembertTokenizer": ("camembert", "camembert", [*COMMON, *EXTRA, *NAMED, NO_MASK, {"keep_accents": True}]),
    "T5Tokenizer": ("t5", "t5", [*COMMON, *EXTRA, *NAMED, {"pad_token": None}, {"extra_ids": 3}, {"extra_ids": 0}, {"additional_special_tokens": []}]),
    "Qwen2Tokenizer": ("qwen3", "dense-qwen3-lasttoken-normalize", [*COMMON, {"add_prefix_space": True}, EXTRA[0]]),
    "GemmaTokenizer": ("gemma3_text", "gemma", [*COMMON, EXTRA[1], *NAMED, NO_MASK, {"unk_token": "<0x41>"}]),
    "RobertaTokenizer": ("roberta", "dense-roberta-mean", [*COMMON, *EXTRA, *NAMED, NO_MASK, {"add_prefix_space": True}]),
    "MPNetTokenizer": ("mpnet", "dense-mpnet-mean-normalize", [*COMMON, *EXTRA, *NAMED, NO_MASK]),
    "BertTokenizer": ("bert", "dense-bert-mean-normalize", [*COMMON, *EXTRA, *NAMED, NO_MASK]),
    "PreTrainedTokenizerFast": ("bert", "dense-bert-mean-normalize", [*COMMON, *EXTRA, *NAMED, NO_MASK]),
    "DPRContextEncoderTokenizer": ("bert", "dense-bert-mean-normalize", [*CASED, {"strip_accents": False}]),
}  # fmt: skip


def tokens(ids: list[int], types: list[int]) -> dict[str, Any]:
    return {"ids": ids, "types": types}


def case(name: str, source: str, files: dict[str, Any]) -> dict[str, Any]:
    golden = GOLDENS / source / "tokenizer.json"
    content = FILES[source] if source in FILES else json.loads(golden.read_text())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        for file, value in ({"tokenizer.json": content} | files).items():
            (folder / file).write_text(json.dumps(value))
        tokenizer = AutoTokenizer.from_pretrained(folder)
        if name and type(tokenizer).__name__ != name and not name.startswith("PreTrained"):
            raise ValueError(f"{type(tokenizer).__name__} instead of {name}")
        texts, pairs = [], []
        for text in TEXTS:
            found = tokenizer(text, truncation=True, return_token_type_ids=True)
            texts.append(tokens(found["input_ids"], found["token_type_ids"]))
        for pair in PAIRS:
            found = tokenizer([pair], truncation="longest_first", return_token_type_ids=True)
            pairs.append(tokens(found["input_ids"][0], found["token_type_ids"][0]))
    require_telling({"rows": [text["ids"] for text in texts]}, f"{source} with {files}")
    place = {"file": source} if source in FILES else {"golden": source}
    return place | {"files": files, "texts": texts, "pairs": pairs}


def main() -> None:
    cases = []
    for name, (architecture, source, settings) in CLASSES.items():
        network = {"model_type": architecture}
        length = {"model_max_length": LENGTH}
        for given in settings:
            config = {"tokenizer_class": name} | length | given
            cases.append(case(name, source, {NETWORK: network, CONFIG: config}))
        if not name.startswith(("PreTrained", "DPR")):
            fast = {"tokenizer_class": f"{name}Fast"} | length
            cases.append(case(name, source, {NETWORK: network, CONFIG: fast}))
            cases.append(case(name, source, {NETWORK: network, CONFIG: length}))
        named = {"tokenizer_class": name} | length
        older = {"zzz": 5, "snow": 6}
        cases.append(case(name, source, {NETWORK: network, CONFIG: named, ADDED: older}))
        cases.append(case(name, source, {NETWORK: network, CONFIG: named | {"mask_token": "zzz"}, ADDED: older}))
        listed = named | {"extra_special_tokens": ["snow"]}
        cases.append(case(name, source, {NETWORK: network, CONFIG: listed, ADDED: older | {"<mask>": 7, "[MASK]": 8}}))
        mask = {"mask_token": {key: value for key, value in SNOW.items() if key != "special"} | {"content": "zzz"}}
        special = mask | {"additional_special_tokens": ["rain"]}
        cases.append(case(name, source, {NETWORK: network, CONFIG: named, MAP: special}))
        special = mask | {"odd_token": "rain", "extra_special_tokens": ["day", BARE[2]], "pad_token": None}
        cases.append(case(name, source, {NETWORK: network, CONFIG: listed, MAP: special, ADDED: older}))
    result = {"length": LENGTH, "texts": TEXTS, "pairs": PAIRS, "files": FILES}
    head = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    lines = [json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in cases]
    OUTPUT.write_text(head[:-1] + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    print(f"{len(cases)} cases, {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
