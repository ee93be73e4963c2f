"""Makes the goldens of the tests from the reference library, or checks existing ones against it.

A golden is a model folder with random weights, as the library saves it, and an expected.json with
what the library answers for the texts of corpus.py. One entry of CASES is one golden.
"""

from __future__ import annotations

import argparse
import json
import shutil
import string
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from torch import nn

import answers
import corpus
import tiny_models as tiny

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "src" / "test" / "resources" / "goldens"
MAX_TOKENS_SHIPPED = 12  # many published tokenizer.json cut and pad by themselves; readers must not

CASES: dict[str, Callable[[], answers.Model]] = {
    # every pooling, over BERT
    "dense-bert-cls": lambda: tiny.dense("bert", "cls"),
    "dense-bert-max": lambda: tiny.dense("bert", "max"),
    "dense-bert-mean-normalize": lambda: tiny.dense("bert", "mean", tiny.normalize),
    "dense-bert-mean-sqrt-len": lambda: tiny.dense("bert", "mean_sqrt_len_tokens"),
    "dense-bert-weightedmean": lambda: tiny.dense("bert", "weightedmean"),
    "dense-bert-lasttoken": lambda: tiny.dense("bert", "lasttoken"),
    # what may stand around it
    "dense-bert-prompts": lambda: tiny.dense(
        "bert",
        "mean",
        prompts={"query": "search for: ", "document": "passage: "},
        default_prompt_name="document",
    ),
    "dense-bert-exclude-prompt": lambda: tiny.dense(
        "bert", "mean", include_prompt=False, prompts={"query": "find the text that answers: "}
    ),
    "dense-bert-truncate-dim": lambda: tiny.dense("bert", "mean", tiny.normalize, truncate_dim=12),
    "dense-bert-mean-dense": lambda: tiny.dense("bert", "mean", tiny.tanh_dense),
    "dense-bert-mean-residual": lambda: tiny.dense("bert", "mean", tiny.residual_dense),
    "dense-bert-legacy-layout": lambda: tiny.dense("bert", ("cls", "mean")),
    # the other networks
    "dense-distilbert-cls-max": lambda: tiny.dense("distilbert", ("cls", "max")),
    "dense-roberta-mean": lambda: tiny.dense("roberta", "mean"),
    "dense-xlm-roberta-mean": lambda: tiny.dense("xlm-roberta", "mean"),
    "dense-mpnet-mean-normalize": lambda: tiny.dense("mpnet", "mean", tiny.normalize),
    "dense-modernbert-mean": lambda: tiny.dense("modernbert", "mean"),
    "dense-electra-mean": lambda: tiny.dense("electra", "mean"),
    "dense-electra-wide-mean": lambda: tiny.dense("electra-wide", "mean"),
    "dense-albert-wide-mean": lambda: tiny.dense("albert-wide", "mean"),
    "dense-albert-cls-normalize": lambda: tiny.dense("albert", "cls", tiny.normalize),
    "dense-deberta-v2-mean": lambda: tiny.dense("deberta-v2", "mean"),
    "dense-deberta-v2-convolution-cls": lambda: tiny.dense("deberta-v2-convolution", "cls"),
    "dense-nomic-bert-mean": lambda: tiny.dense("nomic-bert", "mean"),
    "dense-nomic-bert-native-names": lambda: tiny.dense("nomic-bert", "mean"),
    "dense-jina-embeddings-v3-native-names": lambda: tiny.dense("jina-embeddings-v3", "mean"),
    "dense-jina-embeddings-v3-mean-normalize": lambda: tiny.dense("jina-embeddings-v3", "mean", tiny.normalize),
    "dense-eurobert-mean": lambda: tiny.dense("eurobert", "mean"),
    "dense-t5-mean-dense": lambda: tiny.dense("t5", "mean", tiny.tanh_dense),
    "dense-t5-gated-mean": lambda: tiny.dense("t5-gated", "mean"),
    "dense-mt5-mean": lambda: tiny.dense("mt5", "mean"),
    "dense-qwen3-yarn-lasttoken": lambda: tiny.dense("qwen3-yarn", "lasttoken"),
    "dense-eurobert-llama3-mean": lambda: tiny.dense("eurobert-llama3", "mean"),
    "dense-nomic-bert-dynamic-mean": lambda: tiny.dense("nomic-bert-dynamic", "mean"),
    "dense-jina-embeddings-v3-yarn-mean": lambda: tiny.dense("jina-embeddings-v3-yarn", "mean"),
    "dense-qwen3-lasttoken-normalize": lambda: tiny.dense("qwen3", "lasttoken", tiny.normalize),
    "dense-gemma3-mean-normalize": lambda: tiny.dense("gemma3", "mean", tiny.normalize),
    "dense-gemma3-old-config-mean": lambda: tiny.dense("gemma3", "mean"),
    "dense-gemma3-causal-lasttoken": lambda: tiny.dense("gemma3-causal", "lasttoken"),
    "dense-static-embedding": tiny.static_embedding,
    "dense-word-embeddings-bilstm-mean": tiny.bilstm,
    "dense-router": tiny.routed,
    "dense-router-static-embedding": tiny.routed_static,
    # term weights
    "sparse-bert": lambda: tiny.splade("bert"),
    "sparse-distilbert": lambda: tiny.splade("distilbert", "max", "log1p_relu"),
    "sparse-roberta": lambda: tiny.splade("roberta"),
    "sparse-xlm-roberta": lambda: tiny.splade("xlm-roberta"),
    "sparse-mpnet": lambda: tiny.splade("mpnet", "sum"),
    "sparse-modernbert": lambda: tiny.splade("modernbert-narrow"),
    "sparse-electra": lambda: tiny.splade("electra"),
    "sparse-albert": lambda: tiny.splade("albert"),
    "sparse-deberta-v2": lambda: tiny.splade("deberta-v2"),
    "sparse-deberta-v2-convolution": lambda: tiny.splade("deberta-v2-convolution", legacy=False),
    "sparse-eurobert": lambda: tiny.splade("eurobert", mlp_bias=True),
    "sparse-nomic-bert": lambda: tiny.splade("nomic-bert", "max", "log1p_relu"),
    "sparse-jina-embeddings-v3": lambda: tiny.splade("jina-embeddings-v3"),
    "sparse-inference-free-query": tiny.inference_free,
    "sparse-router": tiny.routed_splade,
    # scores of pairs
    "cross-bert": lambda: tiny.cross("bert"),
    "cross-bert-3-labels": lambda: tiny.cross("bert", labels=3),
    "cross-roberta": lambda: tiny.cross("roberta"),
    "cross-xlm-roberta": lambda: tiny.cross("xlm-roberta"),
    "cross-distilbert": lambda: tiny.cross("distilbert"),
    "cross-mpnet": lambda: tiny.cross("mpnet", activation=nn.Identity()),
    "cross-modernbert": lambda: tiny.cross("modernbert", classifier_pooling="mean"),
    "cross-modernbert-cls": lambda: tiny.cross("modernbert", classifier_pooling="cls"),
    "cross-electra": lambda: tiny.cross("electra"),
    "cross-albert": lambda: tiny.cross("albert"),
    "cross-deberta-v2": lambda: tiny.cross("deberta-v2"),
    "cross-deberta-v2-convolution-3-labels": lambda: tiny.cross("deberta-v2-convolution", labels=3),
    "cross-eurobert": lambda: tiny.cross("eurobert"),
    "cross-eurobert-mean-3-labels": lambda: tiny.cross("eurobert", labels=3, classifier_pooling="mean"),
    "cross-eurobert-bos": lambda: tiny.cross("eurobert", classifier_pooling="bos"),
    "cross-nomic-bert": lambda: tiny.cross("nomic-bert"),
    "cross-jina-embeddings-v3-3-labels": lambda: tiny.cross("jina-embeddings-v3", labels=3),
    "cross-qwen3": lambda: tiny.cross("qwen3"),
    "cross-qwen3-yes-or-no": lambda: tiny.yes_or_no("qwen3"),
    "cross-qwen3-plain-yes-or-no": lambda: tiny.plain_yes_or_no("qwen3", tiny.YES_OR_NO),
    "cross-qwen3-plain-text-yes-or-no": lambda: tiny.plain_yes_or_no("qwen3"),
    "cross-bert-modules": lambda: tiny.cross_modules("bert", "cls", tiny.HIDDEN),
    "cross-distilbert-modules-3-labels": lambda: tiny.cross_modules("distilbert", "mean", 40, labels=3),
    "cross-t5-modules": lambda: tiny.cross_modules("t5", "mean", tiny.HIDDEN),
    # a vector a token
    "multi-vector-bert-fixed": lambda: tiny.multi_vector(
        "bert",
        tiny.normalize_tokens,
        mask=MultiVectorMask(list(string.punctuation)),
        prompts={"query": "search: ", "document": "text: "},
        document_length=20,
        query_expansion={"strategy": "fixed", "attend": False, "length": 12},
    ),
    "multi-vector-modernbert-min": lambda: tiny.multi_vector(
        "modernbert",
        tiny.normalize_tokens,
        mask=MultiVectorMask(["the", "of", "."], skiplist_tasks=["query", "document"]),
        similarity_fn_name="meanmaxsim",
        query_length=20,
        document_length=24,
        query_expansion={"strategy": "min", "attend": True, "length": 10},
    ),
    "multi-vector-roberta-plain": lambda: tiny.multi_vector("roberta", query_length=16, document_length=24),
    "multi-vector-distilbert-pylate": lambda: tiny.multi_vector("distilbert"),
    "multi-vector-bert-stanford": lambda: tiny.multi_vector("bert"),
}


def ship_truncation(folder: Path) -> None:
    """Writes into tokenizer.json what many published ones hold: a short truncation and padding."""
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    tokenizer["truncation"] = {
        "direction": "Right",
        "max_length": MAX_TOKENS_SHIPPED,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    tokenizer["padding"] = {
        "strategy": {"Fixed": MAX_TOKENS_SHIPPED},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    path.write_text(json.dumps(tokenizer))


def leave_out_max_length(folder: Path) -> None:
    """Takes the limit out of tokenizer_config.json: the network's positions are the limit then."""
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text())
    del config["model_max_length"]
    path.write_text(json.dumps(config, indent=2))


def use_legacy_layout(folder: Path) -> None:
    """Rewrites the configurations as versions before 6.0 saved them."""
    versions = json.loads((folder / "config_sentence_transformers.json").read_text())["__version__"]
    dimension = json.loads((folder / "1_Pooling" / "config.json").read_text())["embedding_dimension"]
    modes = ["cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"]
    pooling = {"word_embedding_dimension": dimension}
    pooling |= {f"pooling_mode_{mode}": mode in ("cls_token", "mean_tokens") for mode in modes}
    modules = json.loads((folder / "modules.json").read_text())
    for module in modules:
        module["type"] = f"sentence_transformers.models.{module['type'].rsplit('.', 1)[1]}"
    for name, content in {
        "config_sentence_transformers.json": {"__version__": versions},
        "sentence_bert_config.json": {"max_seq_length": 20, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
        "modules.json": modules,
    }.items():
        (folder / name).write_text(json.dumps(content, indent=2))


def use_pylate_layout(folder: Path) -> None:
    """Rewrites the configurations as PyLate saved them, with a marker that the tokenizer would take apart."""
    settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "pylate.models.Dense.Dense"
    dense = json.loads((folder / "1_Dense" / "config.json").read_text())
    del dense["module_input_name"], dense["module_output_name"]
    for name, content in {
        "config_sentence_transformers.json": {
            "__version__": settings["__version__"],
            "prompts": {},
            "similarity_fn_name": "MaxSim",
            "query_prefix": "##ish ",
            "document_prefix": "song ",
            "query_length": 14,
            "document_length": 22,
            "attend_to_expansion_tokens": True,
            "skiplist_words": ["the", ","],
        },
        "sentence_bert_config.json": {"max_seq_length": 22, "do_lower_case": False},
        "1_Dense/config.json": dense,
        "modules.json": modules,
    }.items():
        (folder / name).write_text(json.dumps(content, indent=2))


def use_stanford_layout(folder: Path) -> None:
    """Rewrites a folder as Stanford's ColBERT has it: one safetensors file, settings in artifact.metadata."""
    weights = load_file(folder / "model.safetensors")
    projection = load_file(folder / "1_Dense" / "model.safetensors")["linear.weight"]
    body = {f"bert.{name}": tensor for name, tensor in weights.items()}
    save_file(body | {"linear.weight": projection}, folder / "model.safetensors", {"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = ["HF_ColBERT"]
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    metadata = {
        "query_maxlen": 12,
        "doc_maxlen": 20,
        "mask_punctuation": True,
        "attend_to_mask_tokens": False,
        "query_token_id": "##ness",
        "doc_token_id": "##ly",
    }
    (folder / "artifact.metadata").write_text(json.dumps(metadata))
    shutil.rmtree(folder / "1_Dense")
    for name in ("modules.json", "config_sentence_transformers.json", "sentence_bert_config.json"):
        (folder / name).unlink()


def use_native_names(folder: Path) -> None:
    """Names tensors as the library's own modules: it saves some under the names that they were published with."""
    transformers.AutoModel.from_pretrained(folder).save_pretrained(folder, save_original_format=False)


def use_old_config(folder: Path) -> None:
    """Writes Gemma 3's config.json as versions of transformers before 5 did."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["_sliding_window_pattern"]
    rotary = config.pop("rope_parameters")
    config["rope_theta"] = rotary["full_attention"]["rope_theta"]
    config["rope_local_base_freq"] = rotary["sliding_attention"]["rope_theta"]
    config["rope_scaling"] = None
    config["sliding_window_pattern"] = config.pop("layer_types").index("full_attention") + 1
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2))


# What published folders do and the library, when it saves one, does not.
AS_PUBLISHED: dict[str, Callable[[Path], None]] = {
    "dense-bert-cls": leave_out_max_length,
    "dense-bert-mean-normalize": ship_truncation,
    "dense-bert-legacy-layout": use_legacy_layout,
    "dense-nomic-bert-native-names": use_native_names,
    "dense-jina-embeddings-v3-native-names": use_native_names,
    "dense-gemma3-old-config-mean": use_old_config,
    "cross-bert": ship_truncation,
    "multi-vector-distilbert-pylate": use_pylate_layout,
    "multi-vector-bert-stanford": use_stanford_layout,
}


def compact_tokenizers(folder: Path) -> None:
    """Rewrites tokenizer.json without indentation: half the size, the same content."""
    for path in folder.rglob("tokenizer.json"):
        path.write_text(json.dumps(json.loads(path.read_text()), separators=(",", ":")))


def generate(name: str, output: Path) -> int:
    """Makes one golden anew, whole or not at all; returns its size in bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / name
        torch.manual_seed(zlib.crc32(name.encode()))
        CASES[name]().save(str(folder), create_model_card=False)
        if name in AS_PUBLISHED:
            AS_PUBLISHED[name](folder)
        compact_tokenizers(folder)
        # The answers are those of the folder as any reader finds it, not of the model that wrote it.
        found = answers.answers(answers.load(folder), corpus.TEXTS, corpus.PAIRS)
        answers.write(found, folder / "expected.json")
        shutil.rmtree(output / name, ignore_errors=True)
        shutil.copytree(folder, output / name)
    return sum(f.stat().st_size for f in (output / name).rglob("*") if f.is_file())


def check(folder: Path, tolerance: float) -> bool:
    """Asks the library again what expected.json holds; prints one line, and the differences."""
    expected = json.loads((folder / "expected.json").read_text())
    try:
        model = answers.load(folder)
        found = answers.answers(model, expected.get("texts", []), expected.get("pairs", []))
    except (OSError, ValueError) as error:
        print(f"{folder.name}: the library cannot answer: {error}")
        return False
    problems, worst = answers.differences(expected, found, tolerance)
    print(f"{folder.name}: {'differs' if problems else 'equal'}, at most {worst:.1e}")
    for problem in problems:
        print(f"  {problem}")
    return not problems


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PREFIX", default="", help="only the goldens whose names begin so")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="where to write (default: %(default)s)")
    parser.add_argument("--check", type=Path, metavar="DIR", help="write nothing; compare the goldens under DIR")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of --check, relative to a row's largest")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    if options.check:
        found = sorted(f.parent for f in options.check.rglob("expected.json") if f.parent.name.startswith(options.only))
        if not found:
            print(f"no expected.json under {options.check} in a folder named {options.only}*", file=sys.stderr)
            return 1
        equal = [check(folder, options.tolerance) for folder in found]
        return 0 if all(equal) else 1
    names = [name for name in CASES if name.startswith(options.only)]
    if not names:
        print(f"no golden begins with {options.only}; there are: {', '.join(CASES)}", file=sys.stderr)
        return 1
    sizes = {name: generate(name, options.output) for name in names}
    for name, size in sizes.items():
        print(f"{size:>9,} bytes  {name}")
    print(f"{sum(sizes.values()):>9,} bytes  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
