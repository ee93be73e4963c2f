"""Makes random variations of model folders and asks the reference library what they answer.

Each folder is one seed's: an architecture, what stands around it, how it is stored, what its settings say,
and texts that no corpus has. variation.json tells what was drawn; expected.json is a golden's.
`FolderFuzzTest` asks Semlux the same (tests/README.md). What the library itself cannot load is left out.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import CrossEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Dense, Normalize
from sentence_transformers.sentence_transformer.modules import Dropout, LayerNorm, Pooling, StaticEmbedding
from sentence_transformers.sparse_encoder.modules import SpladePooling
from torch import nn
from transformers.activations import ACT2FN

import answers
import corpus
import fuzz_tokenizers
import generate_goldens
import tiny_models as tiny
from generate_tokenizers import use_vocabulary_files

AT_ONCE = 50

MODES = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
ACTIVATIONS: list[Callable[[], nn.Module]] = [nn.Tanh, nn.ReLU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Identity]
PREFIXES = {"bert": "bert.", "distilbert": "distilbert.", "roberta": "roberta.", "xlm-roberta": "roberta."}
PREFIXES |= {"mpnet": "mpnet.", "modernbert": "model."}
SCRIPTS = [
    (0x0041, 0x007A), (0x00C0, 0x024F), (0x0370, 0x03FF), (0x0400, 0x04FF), (0x0530, 0x058F), (0x05D0, 0x05EA),
    (0x0620, 0x064A), (0x0900, 0x097F), (0x0E01, 0x0E3A), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1E00, 0x1EFF),
    (0x3041, 0x30FF), (0x4E00, 0x4EFF), (0xAC00, 0xACFF), (0x1D400, 0x1D4FF), (0x20000, 0x200FF),
]  # fmt: skip
SPLADE = ["bert", "distilbert", "roberta", "xlm-roberta", "mpnet", "modernbert", "electra", "albert", "deberta-v2"]
SPLADE += ["deberta-v2-convolution", "eurobert", "nomic-bert", "jina-embeddings-v3"]
CROSS = [*SPLADE, "qwen3"]
LOOKUP = ["bert", "roberta", "xlm-roberta", "mpnet", "modernbert"]
KINDS = ["dense"] * 4 + ["sparse"] * 3 + ["cross"] * 3 + ["cross-modules", "lookup"]

# What a config may say otherwise, by what an architecture is kin to. A key is drawn with VARIED's chance.
VARIED = 0.25
_ACTS = [name for name in ACT2FN if name not in ("prelu", "xielu")]
_BERT: dict[str, list[Any]] = {
    "hidden_act": _ACTS,
    "layer_norm_eps": [1e-12, 1e-5, 1e-2],
    "intermediate_size": [17, 64, 96],
    "num_attention_heads": [1, 2, 8, 16],
    "num_hidden_layers": [1, 2, 4],
    "type_vocab_size": [0, 1, 2],
}
_ROTARY: dict[str, list[Any]] = {"max_position_embeddings": [12, 20, 31]}
_LLAMA: dict[str, list[Any]] = _ROTARY | {
    "hidden_act": _ACTS,
    "rms_norm_eps": [1e-8, 1e-5, 1e-2],
    "intermediate_size": [17, 64, 96],
    "num_attention_heads": [4, 8],
    "num_key_value_heads": [1, 2, 4],
    "head_dim": [6, 8, 14],
    "num_hidden_layers": [1, 2, 4],
    "attention_bias": [True],
}
_FEED_FORWARD = ["relu", "gelu", "gelu_new", "silu", "gated-gelu", "gated-silu", "gated-relu", "gated-gelu_new", "gated-mish", "quick_gelu"]
_T5: dict[str, list[Any]] = {
    "feed_forward_proj": _FEED_FORWARD,
    "d_ff": [17, 64, 96],
    "d_kv": [3, 8, 16],
    "num_heads": [1, 3, 8],
    "num_layers": [1, 3],
    "layer_norm_epsilon": [1e-8, 1e-2],
    "relative_attention_num_buckets": [4, 16, 32],
    "relative_attention_max_distance": [17, 128],
}
_DEBERTA = _BERT | {
    "position_buckets": [-1, 4, 16],
    "max_relative_positions": [-1, 12],
    "share_att_key": [True, False],
    "pos_att_type": ["c2p", ["p2c"], "p2c|c2p"],
    "norm_rel_ebd": ["none", "layer_norm"],
    "position_biased_input": [True, False],
    "pooler_hidden_act": ["gelu", "tanh", "relu"],
    "legacy": [True, False],
}
_MODERN: dict[str, list[Any]] = {
    "hidden_activation": _ACTS,
    "norm_eps": [1e-8, 1e-2],
    "norm_bias": [True, False],
    "attention_bias": [True, False],
    "mlp_bias": [True, False],
    "global_attn_every_n_layers": [1, 2, 3],
    "local_attention": [2, 8, 128],
}
_GEMMA: dict[str, list[Any]] = {
    "hidden_activation": _ACTS,
    "rms_norm_eps": [1e-8, 1e-2],
    "sliding_window": [2, 3, 50],
    "query_pre_attn_scalar": [1, 256],
    "attention_bias": [True],
}
SETTINGS: dict[str, dict[str, list[Any]]] = {
    **dict.fromkeys(["bert", "roberta", "xlm-roberta", "mpnet"], _BERT),
    "distilbert": {"activation": _ACTS, "hidden_dim": [17, 64], "n_heads": [1, 8], "n_layers": [1, 3]},
    "modernbert": _MODERN,
    "electra": _BERT | {"embedding_size": [8, 32, 40]},
    "albert": _BERT | {"embedding_size": [8, 32, 40], "num_hidden_groups": [1, 2, 3], "inner_group_num": [1, 2]},
    **dict.fromkeys(["deberta-v2", "deberta-v2-convolution"], _DEBERTA),
    "nomic-bert": _BERT | _ROTARY,
    "jina-embeddings-v3": _BERT | _ROTARY,
    "eurobert": _LLAMA | {"mlp_bias": [True]},
    "qwen3": _LLAMA,
    **dict.fromkeys(["t5", "t5-gated", "mt5"], _T5),
    **dict.fromkeys(["gemma3", "gemma3-causal"], _GEMMA),
}
TURNED = ["nomic-bert", "jina-embeddings-v3", "eurobert", "qwen3"]
# Keys that a published config may lack: the reference has a default for each.
LACKED = ["layer_norm_eps", "rms_norm_eps", "layer_norm_epsilon", "hidden_act", "type_vocab_size", "head_dim"]
LACKED += ["num_key_value_heads", "rope_parameters", "classifier_pooling", "tie_word_embeddings", "pad_token_id"]
LACKED += ["attention_bias", "mlp_bias", "max_position_embeddings", "feed_forward_proj", "legacy", "is_gated_act"]
LACKED += ["num_hidden_groups", "pooler_hidden_act", "conv_act", "dense_act_fn", "relative_attention", "id2label"]
EXTRA: list[tuple[str, Any]] = [
    ("unheard_of", 7),
    ("use_cache", False),
    ("chunk_size_feed_forward", 3),
    ("output_hidden_states", True),
    ("output_attentions", True),
    ("pruned_heads", {}),
    ("head_dim", None),
    ("attention_dropout", 0.5),
    ("hidden_dropout_prob", 0.5),
    ("dense_act_fn", "relu"),
    ("is_gated_act", True),
    ("num_hidden_layers", 1),
    ("partial_rotary_factor", 1.0),
    ("partial_rotary_factor", 0.5),
    ("rope_theta", 300.0),
    ("sliding_window", 4),
    ("is_decoder", True),
    ("tie_word_embeddings", True),
    ("tie_word_embeddings", False),
]
EMOJI = ["👩‍🚀", "🇩🇪", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "🚲", "👨‍👩‍👧‍👦", "1️⃣", "🇫🇷🇩", "🧑🏿‍🤝‍🧑🏻", "☺\ufe0e"]
ODD = ["\u0000", "\u0007", "\u00ad", "\u200b", "\u200d", "\ufeff", "\u202e", "\u2028", "\t", "\r\n", "\u00a0", "\ufffd", "ﬁ", "ﷺ"]
SPECIAL = ["[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<mask>", "[UNK]", "<pad>", "[PAD]"]


def word(rng: random.Random) -> str:
    """One word: of the corpus, of a script of the world, or nothing that is a word."""
    kind = rng.randrange(8)
    if kind < 3:
        return rng.choice([str.lower, str.upper, str.title])(rng.choice(corpus.WORDS))
    if kind < 5:
        first, last = rng.choice(SCRIPTS)
        drawn = "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 9)))
        return unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC"]), drawn)
    if kind == 5:
        return rng.choice(EMOJI) * rng.randint(1, 3)
    if kind == 6:
        return rng.choice(SPECIAL + ["3.14", "2026-11-28", "a_b-c/d", "don't", "C++", "…", "''", "e\u0301\u0301\u0301"])
    return rng.choice("aW9 -.\u0301字") * rng.choice([1, 7, 99, 101, 400])


def text(rng: random.Random) -> str:
    """A text of up to sixty words, with the separators that people and machines use."""
    if rng.random() < 0.05:
        return rng.choice(["", " ", "\n", "  \t "])
    parts: list[str] = []
    for _ in range(rng.choice([1, 2, 5, 12, 60])):
        parts += [word(rng), rng.choice([" ", " ", " ", "  ", "", ", ", rng.choice(ODD)])]
    return "".join(parts)


def dense_layer(rng: random.Random, width: int, out: int, name: str | None = None) -> Dense:
    layer = Dense(
        width,
        out,
        bias=rng.random() < 0.7,
        activation_function=rng.choice(ACTIVATIONS)(),
        module_output_name=name,
        use_residual=rng.random() < 0.3,
    )
    tiny.randomize(layer)
    return layer


def tail(rng: random.Random, width: int) -> tuple[list[nn.Module], int]:
    """Some modules behind the pooling, and how wide they leave a row."""
    modules: list[nn.Module] = []
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        kind = rng.choice(["dense", "dense", "norm", "normalize", "dropout"])
        if kind == "dense":
            out = rng.choice([8, 24, width])
            modules.append(dense_layer(rng, width, out))
            width = out
        elif kind == "norm":
            modules.append(LayerNorm(width))
            tiny.randomize(modules[-1])
        else:
            modules.append(Normalize() if kind == "normalize" else Dropout(0.3))
    return modules, width


def stretch(rng: random.Random) -> dict[str, Any]:
    """Rotary positions of any type that is known."""
    kind = rng.choice(["default", "linear", "dynamic", "llama3", "yarn"])
    rope: dict[str, Any] = {"rope_type": kind, "rope_theta": rng.choice([100.0, 10_000.0, 160_000.0])}
    if kind != "default":
        rope["factor"] = rng.choice([1.0, 1.5, 4.0, 40])
    if kind == "llama3":
        rope |= {"low_freq_factor": rng.choice([0.1, 1.0]), "high_freq_factor": rng.choice([1.5, 4.0])}
    if kind == "yarn":
        keys: dict[str, list[Any]] = {"beta_fast": [32, 2], "beta_slow": [1, 0.05], "truncate": [True, False]}
        keys |= {"mscale": [0.7, 1.0], "mscale_all_dim": [0.7, 1.5], "attention_factor": [1.0, 1.3]}
        rope |= {key: rng.choice(values) for key, values in keys.items() if rng.random() < 0.4}
    if kind in ("llama3", "yarn") and rng.random() < 0.7:
        rope["original_max_position_embeddings"] = rng.choice([8, 16])
    return rope


def sizes(rng: random.Random, architecture: str) -> dict[str, Any]:
    """Settings of the network itself."""
    varied = SETTINGS.get(architecture, {})
    options = {key: rng.choice(values) for key, values in varied.items() if rng.random() < VARIED}
    if architecture in TURNED and rng.random() < 0.6:
        options["rope_parameters"] = stretch(rng)
    if architecture.startswith("gemma3") and rng.random() < 0.6:
        options["rope_parameters"] = {"full_attention": stretch(rng), "sliding_attention": stretch(rng)}
    return options


def age(rng: random.Random, folder: Path, note: dict[str, Any]) -> None:
    """A config.json as others write it: yesterday's keys, keys that are missing, keys that mean nothing."""
    path = folder / "config.json"
    if not path.is_file():
        return
    config = json.loads(path.read_text())
    rope = config.get("rope_parameters") or {}
    if "rope_theta" in rope and rng.random() < 0.4:
        theta = config["rope_theta"] = rope.pop("rope_theta")
        kind = rope.pop("rope_type", "default")
        if rng.random() < 0.2:
            config["rope_parameters"] = {"rope_type": "default", "rope_theta": theta / 3}
        else:
            del config["rope_parameters"]
        config["rope_scaling"] = rope | {rng.choice(["type", "rope_type"]): kind} if kind != "default" else None
        note["yesterday"] = True
    there = [key for key in LACKED if key in config]
    note["lacks"] = rng.sample(there, min(len(there), rng.choice([0, 0, 0, 1, 2])))
    note["has"] = dict(rng.sample(EXTRA, rng.choice([0, 0, 1, 1])))
    kept = {key: value for key, value in config.items() if key not in note["lacks"]}
    path.write_text(json.dumps(kept | note["has"], indent=1))


def lookup(rng: random.Random, note: dict[str, Any]) -> answers.Model:
    """A model without a transformer, or with one for documents alone."""
    note["network"] = rng.choice(["static", "static", "lstm", "inference-free"])
    if note["network"] == "lstm":
        note["kind"] = "dense"
        return tiny.bilstm()
    if note["network"] == "inference-free":
        note["kind"] = "sparse"
        return tiny.inference_free()
    note["kind"] = "dense"
    tokenizer = tiny.ARCHITECTURES[note["architecture"]].tokenizer(None)
    table = StaticEmbedding(tokenizer, embedding_weights=torch.randn(len(tokenizer), tiny.HIDDEN))
    modules, _ = tail(rng, tiny.HIDDEN)
    note["tail"] = [type(m).__name__ for m in modules]
    return SentenceTransformer(modules=[table, *modules], device="cpu")


def draw(rng: random.Random, note: dict[str, Any], among: list[str]) -> answers.Model:
    """A model of a random kind, of one of the architectures."""
    heads = {"sparse": SPLADE, "cross": CROSS, "lookup": LOOKUP}
    known = {kind: [a for a in heads.get(kind, list(tiny.ARCHITECTURES)) if a in among] for kind in KINDS}
    kind = note["kind"] = rng.choice([kind for kind in KINDS if known[kind]])
    architecture = note["architecture"] = rng.choice(known[kind])
    if kind == "lookup":
        return lookup(rng, note)
    network = note["network"] = sizes(rng, architecture)
    if kind == "sparse":
        if rng.random() < 0.3:
            network["tie_word_embeddings"] = rng.choice([True, False])
        body = tiny.transformer(architecture, "fill-mask", **network)
        return SparseEncoder(
            modules=[body, SpladePooling(rng.choice(["max", "sum"]), rng.choice(["relu", "log1p_relu"]))], device="cpu"
        )
    if kind == "cross":
        activation = rng.choice([None, nn.Identity(), nn.Sigmoid(), nn.Tanh()])
        if architecture in ("modernbert", "eurobert"):
            network["classifier_pooling"] = rng.choice(["cls", "mean"] if architecture == "modernbert" else ["bos", "mean", "late"])
        if rng.random() < 0.3:
            network["problem_type"] = rng.choice(["regression", "single_label_classification", "multi_label_classification"])
        return tiny.cross(architecture, rng.choice([1, 1, 2, 3]), activation, **network)
    modes = tuple(rng.sample(MODES, rng.choice([1, 1, 1, 2, 3])))
    note["pooling"] = modes
    prompt = rng.random() < 0.7
    body = tiny.transformer(architecture, "feature-extraction", **network)
    pooling = Pooling(tiny.HIDDEN, modes if len(modes) > 1 else modes[0], include_prompt=prompt)
    modules, width = tail(rng, tiny.HIDDEN * len(modes))
    note["tail"] = [type(m).__name__ for m in modules]
    if kind == "cross-modules":
        last = dense_layer(rng, width, rng.choice([1, 1, 2, 5]), "scores")
        return CrossEncoder(modules=[body, pooling, *modules, last], device="cpu")
    options: dict[str, Any] = {}
    if rng.random() < 0.4:
        options["prompts"] = {"query": rng.choice(["query: ", "Find the answer:\n", "q", ""]), "document": "doc: "}
        if rng.random() < 0.5:
            options["default_prompt_name"] = rng.choice(["query", "document"])
    if rng.random() < 0.2:
        options["truncate_dim"] = rng.choice([1, 5, 1000])
    note["options"] = options
    return SentenceTransformer(modules=[body, pooling, *modules], device="cpu", **options)


def edit(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    config = json.loads(file.read_text()) if file.is_file() else {}
    change(config)
    file.write_text(json.dumps(config, indent=1))


def store(rng: random.Random, folder: Path, note: dict[str, Any]) -> None:
    """Other types, prefixes and shapes of the same weights."""
    file = folder / "model.safetensors"
    if not file.is_file() or not (folder / "config.json").is_file():
        return
    tensors = load_file(file)
    kind = note["dtype"] = rng.choice(["F32", "F32", "F16", "BF16", "F64"])
    dtype = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64}[kind]
    # As float32 it is what the library must compute in: half of a number is another number.
    tensors = {name: t.to(dtype).contiguous() for name, t in tensors.items()}
    if note["kind"] in ("dense", "cross-modules") and note["architecture"] in PREFIXES and rng.random() < 0.3:
        prefix = note["prefix"] = PREFIXES[note["architecture"]]
        tensors = {prefix + name: t for name, t in tensors.items()}
    save_file(tensors, file, metadata={"format": "pt"})
    edit(folder / "config.json", lambda c: c.update(dtype="float32"))


def settle(rng: random.Random, folder: Path, note: dict[str, Any]) -> None:
    """Settings beside the weights: those of tokenizers and of texts' lengths."""
    if not (folder / "tokenizer.json").is_file() or not (folder / "config.json").is_file():
        return
    tokenizer: dict[str, Any] = {}
    if rng.random() < 0.25:
        tokenizer["truncation_side"] = rng.choice(["left", "right"])
    if rng.random() < 0.25:
        tokenizer["do_lower_case"] = rng.choice([True, False])
    if rng.random() < 0.15:
        tokenizer["strip_accents"] = rng.choice([True, False, None])
    if rng.random() < 0.15:
        tokenizer["add_prefix_space"] = rng.choice([True, False])
    if rng.random() < 0.2:
        tokenizer["model_input_names"] = ["input_ids", "attention_mask"]
    if rng.random() < 0.3:
        tokenizer["model_max_length"] = rng.choice([8, 17, 1000000000000000019884624838656])
    if rng.random() < 0.3:
        names = {"bert": "BertTokenizer", "distilbert": "DistilBertTokenizer", "roberta": "RobertaTokenizer"}
        names |= {"xlm-roberta": "XLMRobertaTokenizer", "mpnet": "MPNetTokenizer"}
        tokenizer["tokenizer_class"] = rng.choice(
            [names.get(note["architecture"], "PreTrainedTokenizerFast"), "PreTrainedTokenizerFast"]
        )
    note["tokenizer_config"] = tokenizer
    edit(folder / "tokenizer_config.json", lambda c: c.update(tokenizer))
    transformer: dict[str, Any] = {}
    if rng.random() < 0.3:
        transformer["max_seq_length"] = rng.choice([5, 12, 33, 40])
    if rng.random() < 0.1:
        transformer["do_lower_case"] = rng.choice([True, False])
    if transformer:
        edit(folder / "sentence_bert_config.json", lambda c: c.update(transformer))
    note["sentence_bert_config"] = transformer
    if rng.random() < 0.2:
        generate_goldens.ship_truncation(folder)
        note["truncation"] = True
    if rng.random() < 0.5:
        note["tokenizer"] = fuzz_tokenizers.vary(rng, folder)
    elif rng.random() < 0.15 and note["architecture"] != "xlm-roberta":
        note["tokenizer"] = sorted(use_vocabulary_files(folder))


def make(seed: int, output: Path, among: list[str], classes: bool) -> Path | None:
    """One seed's folder; None where the library does not load or answer it."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    note: dict[str, Any] = {"seed": seed}
    try:
        model = draw(rng, note, among)
    except Exception as error:
        print(f"{seed}: the library makes none: {type(error).__name__}: {str(error)[:120]!r}", file=sys.stderr)
        return None
    folder = output / f"{note['kind'].removesuffix('-modules')}-{seed:05d}"
    shutil.rmtree(folder, ignore_errors=True)
    model.save(str(folder), create_model_card=False)
    try:
        store(rng, folder, note)
        age(rng, folder, note)
        settle(rng, folder, note)
        if classes and (folder / "tokenizer.json").is_file() and (folder / "config.json").is_file():
            note["class"] = fuzz_tokenizers.choose_class(random.Random(f"class of {seed}"), folder)
        generate_goldens.compact_tokenizers(folder)
        texts = [text(rng) for _ in range(8)]
        if note.get("network") == "inference-free":  # padding of the batch takes a written one's weight away
            texts = [t.replace("[PAD]", "").replace("<pad>", "") for t in texts]
        pairs = [[text(rng), text(rng)] for _ in range(6)]
        loaded = answers.load(folder)
        if isinstance(loaded, CrossEncoder):  # of padding alone it reads what the batch's padding gives
            padding = loaded.tokenizer.pad_token_id
            pairs = [p for p in pairs if loaded.preprocess([p])["input_ids"].ne(padding).any()]
        found = answers.answers(loaded, texts, pairs)
        found.pop("decoded_top5", None)
        answers.write(found, folder / "expected.json")
    except Exception as error:  # whatever it is: the library has no answer, or none that tells
        print(f"{folder.name}: the library refuses it: {type(error).__name__}: {str(error)[:120]!r}", file=sys.stderr)
        shutil.rmtree(folder)
        return None
    (folder / "variation.json").write_text(json.dumps(note, indent=1, default=str) + "\n")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True, help="a folder for the folders")
    parser.add_argument("--folders", type=int, default=1000, help="how many seeds (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: %(default)s)")
    parser.add_argument("--among", nargs="+", choices=tiny.ARCHITECTURES, default=list(tiny.ARCHITECTURES), metavar="NAME")
    parser.add_argument("--classes", action="store_true", help="draw the tokenizers' classes too")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    options.output.mkdir(parents=True, exist_ok=True)
    end = options.seed + options.folders
    if options.folders <= AT_ONCE:
        made = [make(seed, options.output, options.among, options.classes) for seed in range(options.seed, end)]
        print(f"{sum(m is not None for m in made)} of {len(made)} folders", flush=True)
        return 0
    # The library keeps some 40 MB of every model that it loaded: a process of its own for each few.
    for first in range(options.seed, end, AT_ONCE):
        part = [f"--output={options.output}", f"--seed={first}", f"--folders={min(AT_ONCE, end - first)}"]
        part += ["--among", *options.among] + (["--classes"] if options.classes else [])
        subprocess.run([sys.executable, __file__, *part], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
