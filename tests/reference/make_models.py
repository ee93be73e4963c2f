"""Makes model folders of real sizes with random weights: what they answer means nothing, their speed does.

Layers, widths and vocabulary are those of the published models, and so is the tokenizer, which comes
out of the ONNX export's jar. The sparse model's decoder is biased so that a text keeps about as many
terms as a trained one leaves.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from sentence_transformers import CrossEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.sparse_encoder.modules import SpladePooling
from transformers.utils import logging

import corpus
import measuring
import onnx_texts

logging.disable_progress_bar()

MAX_TOKENS = 512
MINILM = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 12}
BASE = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
WIDE = {"hidden_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 16}
TERMS = 100  # that a text keeps in the sparse model


def _tokenizer(file: Path) -> transformers.PreTrainedTokenizerFast:
    roles = {f"{role}_token": f"[{role.upper()}]" for role in ("pad", "unk", "cls", "sep", "mask")}
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=measuring.read_tokenizer(file),
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **roles,
    )


def _transformer(
    task: str,
    auto: Any,
    sizes: dict[str, int],
    tokenizer: Path,
    config_class: type[transformers.PreTrainedConfig] = transformers.BertConfig,
    **options: Any,
) -> Transformer:
    words = _tokenizer(tokenizer)
    config = config_class(
        **sizes, **options, vocab_size=len(words), max_position_embeddings=MAX_TOKENS, pad_token_id=words.pad_token_id
    )
    with tempfile.TemporaryDirectory() as folder:
        auto.from_config(config).save_pretrained(folder)
        words.save_pretrained(folder)
        return Transformer(folder, transformer_task=task)


def bert_base(tokenizer: Path) -> SentenceTransformer:
    body = _transformer("feature-extraction", transformers.AutoModel, BASE, tokenizer)
    return SentenceTransformer(modules=[body, Pooling(BASE["hidden_size"], "mean"), Normalize()], device="cpu")


def bert_wide(tokenizer: Path) -> SentenceTransformer:
    """Blocks of BERT as large as those of `qwen3_wide`."""
    body = _transformer("feature-extraction", transformers.AutoModel, WIDE | {"intermediate_size": 4096}, tokenizer)
    return SentenceTransformer(modules=[body, Pooling(WIDE["hidden_size"], "mean"), Normalize()], device="cpu")


def qwen3_wide(tokenizer: Path) -> SentenceTransformer:
    """Blocks of Qwen3-Embedding-0.6B, with BERT's words."""
    sizes = WIDE | {"intermediate_size": 3072, "num_key_value_heads": 8, "head_dim": 128}
    body = _transformer(
        "feature-extraction", transformers.AutoModel, sizes, tokenizer, config_class=transformers.Qwen3Config
    )
    return SentenceTransformer(modules=[body, Pooling(WIDE["hidden_size"], "lasttoken"), Normalize()], device="cpu")


def cross_minilm(tokenizer: Path) -> CrossEncoder:
    auto = transformers.AutoModelForSequenceClassification
    body = _transformer("sequence-classification", auto, MINILM, tokenizer, num_labels=1)
    return CrossEncoder(modules=[body], device="cpu")


def splade_minilm(tokenizer: Path) -> SparseEncoder:
    body = _transformer("fill-mask", transformers.AutoModelForMaskedLM, MINILM, tokenizer)
    model = SparseEncoder(modules=[body, SpladePooling("max")], device="cpu").eval()
    with torch.inference_mode():
        inputs = model.preprocess([text for text in corpus.TEXTS if text.strip()])
        logits = body.model(**{name: inputs[name] for name in ("input_ids", "attention_mask")}).logits
        logits = logits.masked_fill(inputs["attention_mask"][..., None] == 0, float("-inf"))
        highest = logits.amax(dim=1)  # [texts, vocabulary]
        body.model.get_output_embeddings().bias -= highest.topk(TERMS, dim=1).values[:, -1].median()
    return model


MODELS: dict[str, Callable[[Path], Any]] = {
    "splade-minilm": splade_minilm,
    "cross-minilm": cross_minilm,
    "bert-base": bert_base,
    "bert-wide": bert_wide,
    "qwen3-wide": qwen3_wide,
}


def make(name: str, output: Path, tokenizer: Path | None = None) -> Path:
    """Writes one of MODELS into output/name, whole or not at all."""
    folder = output / name
    torch.manual_seed(0)
    model = MODELS[name](tokenizer or onnx_texts.extract("-tokenizer.json"))
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output) as staging:
        model.save_pretrained(f"{staging}/{name}", create_model_card=False)
        shutil.rmtree(folder, ignore_errors=True)
        Path(staging, name).rename(folder)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=MODELS, nargs="+", default=list(MODELS))
    parser.add_argument("--output", type=Path, default=onnx_texts.TARGET, help="default: tests/target/reference-models")
    parser.add_argument("--tokenizer", type=Path, metavar="FILE", help=f"default: that of {onnx_texts.ARTIFACT}")
    options = parser.parse_args()
    for name in options.only:
        print(make(name, options.output, options.tokenizer))


if __name__ == "__main__":
    sys.exit(measuring.run(main))
