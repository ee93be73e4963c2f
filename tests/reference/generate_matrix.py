"""What the reference library makes of every key of a model folder's settings, for every kind of model.

Each case is a golden's folder with one setting changed, and the library's answers: "same" as without the
change, new ones, or why it refuses the folder. `FolderMatrixTest` asks Semlux the same. What is committed has
each change for one or two kinds; `--all` has it for each (tests/README.md).
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

from transformers.activations import ACT2FN

import answers

HERE = Path(__file__).resolve().parent
RESOURCES = HERE.parent / "src" / "test" / "resources"
TEXTS = [
    "The RAIN fell on Brûlée and CAFÉ, didn't it?",
    "  数据 rain\n [MASK] <mask> </s>  rain",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
]
PAIRS = [[TEXTS[0], "snow"], [TEXTS[1], TEXTS[0]], [TEXTS[2], TEXTS[0]], ["a", TEXTS[2]]]
BASES = [
    "dense-bert-mean-normalize",
    "dense-bert-mean-dense",
    "dense-roberta-mean",
    "dense-xlm-roberta-mean",
    "dense-mpnet-mean-normalize",
    "dense-distilbert-cls-max",
    "dense-modernbert-mean",
    "dense-static-embedding",
    "dense-word-embeddings-bilstm-mean",
    "sparse-bert",
    "sparse-inference-free-query",
    "cross-bert",
    "cross-bert-modules",
]
ADDED = {"content": "rain", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}

# Those of transformers that have no weights, and one that has.
ACTIVATIONS = [name for name in ACT2FN if name not in ("gelu", "relu", "gelu_new", "silu", "xielu")]

# file, key, values; a key with dots stands within objects, and "+" adds the file where it is not.
TOKENIZER: list[tuple[str, list[Any]]] = [
    ("truncation_side", ["left", "right"]),
    ("padding_side", ["left"]),
    ("do_lower_case", [True, False]),
    ("strip_accents", [True, False]),
    ("tokenize_chinese_chars", [False]),
    ("add_prefix_space", [True, False]),
    ("model_input_names", [["input_ids", "attention_mask"]]),
    ("model_max_length", [7]),
    ("max_len", [7]),
    ("max_length", [7]),
    ("stride", [2]),
    ("truncation", [True]),
    ("truncation_strategy", ["only_first"]),
    ("padding", ["max_length"]),
    ("pad_to_multiple_of", [8]),
    ("pad_token_type_id", [1]),
    ("additional_special_tokens", [["rain"], []]),
    ("extra_special_tokens", [{"odd_token": "rain"}, ["rain"]]),
    ("added_tokens_decoder", [{"9": ADDED}, {"7": ADDED | {"content": "zzz"}}]),
    ("split_special_tokens", [True, False]),
    ("never_split", [["RAIN"]]),
    ("do_basic_tokenize", [False]),
    ("clean_up_tokenization_spaces", [True]),
    ("errors", ["ignore"]),
    ("trim_offsets", [False]),
    ("keep_accents", [False]),
    ("remove_space", [False]),
    ("legacy", [False]),
    ("from_slow", [True]),
    ("use_fast", [False]),
    ("wordpieces_prefix", ["@@"]),
    ("add_bos_token", [True]),
    ("add_eos_token", [False, True]),
    ("split_by_punct", [True]),
    ("cls_token", ["[MASK]", "<mask>"]),
    ("sep_token", ["[MASK]", "<mask>"]),
    ("unk_token", ["[MASK]", "<mask>"]),
    ("mask_token", ["rain"]),
    ("pad_token", ["[UNK]", "rain"]),
    ("bos_token", ["rain"]),
    ("eos_token", ["rain"]),
    ("tokenizer_class", ["PreTrainedTokenizerFast", "BertTokenizer", "RobertaTokenizerFast", "XLMRobertaTokenizer",
                         "MPNetTokenizer", "DistilBertTokenizerFast", "TokenizersBackend", "NobodysTokenizer"]),
    ("sp_model_kwargs", [{"enable_sampling": False}]),
    ("chat_template", ["{{ messages }}"]),
    ("vocab_size", [3]),
    ("nobodys_key", [1]),
]  # fmt: skip
TRANSFORMER: list[tuple[str, list[Any]]] = [
    ("max_seq_length", [6, 1000, None, 1, 2]),
    ("do_lower_case", [True]),
    ("query_length", [6]),
    ("document_length", [6]),
    ("query_expansion", [{"length": 9}]),
    ("unpad_inputs", [True, False]),
    ("module_output_name", ["sentence_embedding"]),
    ("transformer_task", ["fill-mask", "feature-extraction"]),
    ("processing_kwargs", [{}, {"text": {"add_special_tokens": False}}, {"text": {"max_length": 6, "truncation": True}}]),
    ("model_args", [{"attn_implementation": "eager"}, {"torch_dtype": "float16"}]),
    ("model_kwargs", [{"attn_implementation": "eager"}, {"dtype": "bfloat16"}]),
    ("config_args", [{"hidden_act": "relu"}]),
    ("config_kwargs", [{"hidden_act": "relu"}, {}]),
    ("tokenizer_args", [{"model_max_length": 6}, {}]),
    ("processor_kwargs", [{"model_max_length": 6}]),
    ("nobodys_key", [1]),
]  # fmt: skip
CONFIG: list[tuple[str, list[Any]]] = [
    ("hidden_act", ["relu", "gelu_new", "silu", *ACTIVATIONS]),
    ("activation", ["relu"]),
    ("hidden_activation", ["relu"]),
    ("layer_norm_eps", [0.1]),
    ("norm_eps", [0.1]),
    ("position_embedding_type", ["relative_key"]),
    ("is_decoder", [True]),
    ("tie_word_embeddings", [False]),
    ("chunk_size_feed_forward", [2]),
    ("dtype", ["bfloat16", "float16"]),
    ("torch_dtype", ["bfloat16"]),
    ("quantization_config", [{"quant_method": "bitsandbytes", "load_in_8bit": True}]),
    ("num_hidden_layers", [1]),
    ("num_attention_heads", [2]),
    ("pad_token_id", [2]),
    ("local_attention", [4]),
    ("global_attn_every_n_layers", [2]),
    ("rope_parameters", [{"full_attention": {"rope_type": "linear", "rope_theta": 160000.0, "factor": 2.0},
                          "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}]),
    ("relative_attention_num_buckets", [16]),
    ("classifier_pooling", ["mean", "cls"]),
    ("classifier_activation", ["relu"]),
    ("hidden_dropout_prob", [0.5]),
    ("problem_type", ["multi_label_classification"]),
    ("id2label", [{"0": "a", "1": "b"}]),
    ("sentence_transformers", [{"activation_fn": "torch.nn.modules.activation.Tanh"}]),
    ("auto_map", [{"AutoModel": "nobody.Nobody"}]),
    ("output_hidden_states", [True]),
    ("nobodys_key", [1]),
]  # fmt: skip
LIBRARY: list[tuple[str, list[Any]]] = [
    ("prompts", [{"query": "q: ", "document": ""}, {"clustering": "c: "}]),
    ("default_prompt_name", ["query", None]),
    ("truncate_dim", [5]),
    ("similarity_fn_name", ["dot", "euclidean"]),
    ("activation_fn", ["torch.nn.modules.activation.Tanh", "torch.nn.modules.linear.Identity"]),
    ("max_active_dims", [3]),
    ("model_type", ["SentenceTransformer", "SparseEncoder", "CrossEncoder"]),
    ("nobodys_key", [1]),
]  # fmt: skip
POOLING: list[tuple[str, list[Any]]] = [
    ("pooling_mode", ["cls", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken", ["mean", "cls"], "nobodys"]),
    ("pooling_mode_max_tokens", [True]),
    ("include_prompt", [False]),
    ("nobodys_key", [1]),
]  # fmt: skip
DENSE: list[tuple[str, list[Any]]] = [
    ("activation_function", ["torch.nn.modules.activation.ReLU", "torch.nn.modules.linear.Identity", "nobody.Act"]),
    ("bias", [False]),
    ("use_residual", [True]),
    ("module_input_name", ["token_embeddings"]),
    ("module_output_name", ["scores", "nobodys"]),
    ("nobodys_key", [1]),
]  # fmt: skip
SPLADE: list[tuple[str, list[Any]]] = [
    ("pooling_strategy", ["sum", "nobodys"]),
    ("activation_function", ["log1p_relu", "relu"]),
    ("chunk_size", [4]),
    ("nobodys_key", [1]),
]  # fmt: skip
OTHER: list[tuple[str, list[Any]]] = [
    ("module_input_name", ["token_embeddings"]),
    ("module_output_name", ["token_embeddings"]),
    ("update_embeddings", [True]),
    ("max_seq_length", [3]),
    ("dropout", [0.5]),
    ("num_layers", [1]),
    ("bidirectional", [False]),
    ("default_route", ["query"]),
    ("allow_empty_key", [False]),
    ("route_mappings", [{"(\"query\", None)": "document"}]),
    ("frozen", [True]),
    ("nobodys_key", [1]),
]  # fmt: skip
FILES: list[tuple[str, Any]] = [
    ("generation_config.json", {"max_length": 3, "repetition_penalty": 2.0}),
    ("adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "nobody/nothing"}),
    ("special_tokens_map.json", {"unk_token": "[MASK]"}),
    ("added_tokens.json", {"rain": 9}),
    ("preprocessor_config.json", {"do_lower_case": False}),
    ("README.md", {"nothing": True}),
]


def edits(folder: Path) -> list[tuple[str, str, Any]]:
    """The changes that a folder of this kind can have: file, key, value."""
    tables = {"tokenizer_config.json": TOKENIZER, "sentence_bert_config.json": TRANSFORMER, "config.json": CONFIG}
    tables["config_sentence_transformers.json"] = LIBRARY
    found: list[tuple[str, str, Any]] = []
    for name, table in tables.items():
        if name == "config.json" and not (folder / name).is_file():
            continue
        if name in ("tokenizer_config.json", "sentence_bert_config.json") and not (folder / "config.json").is_file():
            continue
        found += [(name, key, value) for key, values in table for value in values]
    for file in sorted(folder.rglob("*/config.json")):
        name = file.parent.name
        table = next((t for part, t in (("Pooling", POOLING), ("Dense", DENSE), ("Splade", SPLADE)) if part in name), OTHER)
        keys = json.loads(file.read_text())
        if table is POOLING and "Splade" in name:
            table = SPLADE
        place = str(file.relative_to(folder))
        for key, values in table:
            if table is not OTHER or key in keys or key.startswith(("nobody", "module")):
                found += [(place, key, value) for value in values]
    modules = folder / "modules.json"
    if modules.is_file():
        last = len(json.loads(modules.read_text())) - 1
        found += [("modules.json", f"{last}.type", "nobody.modules.Nothing"), ("modules.json", f"{last}.kwargs", ["task"])]
        found += [("modules.json", f"{last}.nobodys_key", 1), ("modules.json", f"{last}.idx", 7)]
    return found + [(name, "", content) for name, content in FILES]


def apply(folder: Path, file: str, key: str, value: Any) -> None:
    """Changes one setting; without a key the value is the whole file."""
    path = folder / file
    if not key:
        path.write_text(json.dumps(value))
        return
    whole = config = json.loads(path.read_text()) if path.is_file() else {}
    if file == "modules.json":
        index, key = key.split(".")
        config = config[int(index)]
    config[key] = value
    path.write_text(json.dumps(whole))


def answered(folder: Path) -> dict[str, Any] | str:
    try:
        found = answers.answers(answers.load(folder), TEXTS, PAIRS)
    except (KeyboardInterrupt, MemoryError):  # of this machine, not of the folder
        raise
    except BaseException as error:  # whatever else it is: the library has no answer
        return f"{type(error).__name__}: {str(error).replace(f'{folder.parent}/', '')[:100]}"
    for key in ("texts", "pairs", "queries", "documents", "decoded_top5"):
        found.pop(key, None)
    if found["kind"] == "dense":
        found.pop("similarity_fn", None)
    return found


def case(base: str, edit: tuple[str, str, Any], plain: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / base
        shutil.copytree(RESOURCES / "goldens" / base, folder)
        apply(folder, *edit)
        found = answered(folder)
    entry: dict[str, Any] = {"base": base, "file": edit[0], "key": edit[1], "value": edit[2]}
    if isinstance(found, str):
        return entry | {"refused": found}
    # What a folder says of half precision is how the library computes, and float32 is what it should answer.
    half = "float16" in json.dumps(edit)
    problems, _ = answers.differences(plain, found, 1e-5)
    same = half or (not problems and set(plain) == set(found))
    return entry | ({} if same else {"answers": found})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=RESOURCES / "matrix.json")
    parser.add_argument("--all", action="store_true", help="each change for each kind of model")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    plain: dict[str, Any] = {}
    cases: list[dict[str, Any]] = []
    seen: set[str] = set()
    for base in BASES:
        folder = RESOURCES / "goldens" / base
        plain[base] = answered(folder)
        if isinstance(plain[base], str):
            raise ValueError(f"the library refuses the golden itself: {plain[base]}")
        answers.require_telling(plain[base], base)
        for edit in edits(folder):
            # The first of a kind, dense, sparse or cross, speaks for the others.
            kind = json.dumps((base.split("-")[0], *edit))
            if not options.all and kind in seen:
                continue
            seen.add(kind)
            cases.append(case(base, edit, plain[base]))
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
    head = json.dumps({"texts": TEXTS, "pairs": PAIRS, "plain": plain}, separators=(",", ":"))
    options.output.write_text(head[:-1] + ',"cases":[\n' + lines + "\n]}\n")
    changed, refused = sum("answers" in c for c in cases), sum("refused" in c for c in cases)
    print(f"{len(cases)} cases, {changed} of other answers, {refused} refused; {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
