"""Tiny models with random weights, as the reference library builds and saves them.

Each function returns a model that answers as a trained one of its kind would be asked to. Every
parameter is random, biases and norms included, so that a reader that forgets one of them differs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import transformers
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Dense, Normalize, Router, Transformer
from sentence_transformers.base.modules.module import Module
from sentence_transformers.cross_encoder.modules import LogitScore
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from sentence_transformers.sentence_transformer.modules import LayerNorm, LSTM, Pooling, StaticEmbedding, WordEmbeddings
from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer
from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding, SpladePooling
from torch import nn

import corpus
import tiny_tokenizers

HIDDEN = 32
INTERMEDIATE = 48
LAYERS = 2
HEADS = 4
MAX_TOKENS = 32
POSITIONS = 40


@dataclass(frozen=True)
class Architecture:
    """One transformer family: its configuration and its tokenizer."""

    config: type[transformers.PreTrainedConfig]
    tokenizer: Callable[[int | None], transformers.PreTrainedTokenizerFast]
    options: dict[str, Any]
    spread: float = 0.3  # of weights: smaller where what multiplies itself would drown in rounding
    bias: float = -9.0  # lowers a language model's logits until term weights are sparse


_BERT_SIZES = {
    "hidden_size": HIDDEN,
    "intermediate_size": INTERMEDIATE,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
}
_MARKS = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
_ROBERTA = _BERT_SIZES | _MARKS | {"max_position_embeddings": POSITIONS + 2, "layer_norm_eps": 1e-5}
_DEBERTA = _BERT_SIZES | {
    "max_position_embeddings": POSITIONS,
    "relative_attention": True,
    "position_buckets": 8,
}
_T5 = {
    "d_model": HIDDEN,
    "d_ff": INTERMEDIATE,
    "d_kv": 6,
    "num_layers": LAYERS,
    "num_heads": HEADS,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 20,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": 0,
}
_GEMMA = (
    _BERT_SIZES
    | _MARKS
    | {
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "head_dim": 10,
        "query_pre_attn_scalar": 12,
        "sliding_window": 6,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
        "max_position_embeddings": POSITIONS,
    }
)
ARCHITECTURES: dict[str, Architecture] = {
    "bert": Architecture(
        transformers.BertConfig, tiny_tokenizers.bert, _BERT_SIZES | {"max_position_embeddings": POSITIONS}
    ),
    "distilbert": Architecture(
        transformers.DistilBertConfig,
        tiny_tokenizers.bert,
        {
            "dim": HIDDEN,
            "hidden_dim": INTERMEDIATE,
            "n_layers": LAYERS,
            "n_heads": HEADS,
            "max_position_embeddings": POSITIONS,
        },
    ),
    "roberta": Architecture(transformers.RobertaConfig, tiny_tokenizers.roberta, _ROBERTA | {"type_vocab_size": 1}),
    "xlm-roberta": Architecture(
        transformers.XLMRobertaConfig, tiny_tokenizers.xlm_roberta, _ROBERTA | {"type_vocab_size": 1}, bias=-3.0
    ),
    "mpnet": Architecture(transformers.MPNetConfig, tiny_tokenizers.mpnet, _ROBERTA),
    "modernbert": Architecture(
        transformers.ModernBertConfig,
        tiny_tokenizers.modernbert,
        _BERT_SIZES
        | {
            "num_hidden_layers": 3,  # one with full attention, two with the local one
            "local_attention": 8,
            "max_position_embeddings": POSITIONS,
            "pad_token_id": 0,
            "cls_token_id": 2,
            "bos_token_id": 2,
            "sep_token_id": 3,
            "eos_token_id": 3,
        },
    ),
    "electra": Architecture(
        transformers.ElectraConfig,
        tiny_tokenizers.bert,
        _BERT_SIZES | {"embedding_size": 16, "max_position_embeddings": POSITIONS},
    ),
    # embeddings as wide as the layers, as the large ones have them
    "electra-wide": Architecture(
        transformers.ElectraConfig,
        tiny_tokenizers.bert,
        _BERT_SIZES | {"embedding_size": HIDDEN, "max_position_embeddings": POSITIONS},
    ),
    "albert-wide": Architecture(
        transformers.AlbertConfig,
        tiny_tokenizers.bert,
        _BERT_SIZES | {"embedding_size": HIDDEN, "max_position_embeddings": POSITIONS},
        bias=-4.0,
    ),
    "albert": Architecture(
        transformers.AlbertConfig,
        tiny_tokenizers.bert,
        _BERT_SIZES
        | {
            "num_hidden_layers": 3,  # the first two share their weights
            "num_hidden_groups": 2,
            "embedding_size": 16,
            "max_position_embeddings": POSITIONS,
        },
        bias=-4.0,
    ),
    "deberta-v2": Architecture(
        transformers.DebertaV2Config,
        tiny_tokenizers.bert,
        _DEBERTA
        | {
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": "p2c|c2p",
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
    ),
    "deberta-v2-convolution": Architecture(
        transformers.DebertaV2Config,
        tiny_tokenizers.bert,
        _DEBERTA | {"pos_att_type": ["c2p", "p2c"], "conv_kernel_size": 3, "conv_act": "gelu", "type_vocab_size": 2},
    ),
    "nomic-bert": Architecture(
        transformers.NomicBertConfig, tiny_tokenizers.bert, _BERT_SIZES | {"max_position_embeddings": POSITIONS}, 0.2
    ),
    "jina-embeddings-v3": Architecture(
        transformers.JinaEmbeddingsV3Config,
        tiny_tokenizers.xlm_roberta,
        _BERT_SIZES | _MARKS | {"max_position_embeddings": POSITIONS},
        bias=-3.0,
    ),
    "eurobert": Architecture(
        transformers.EuroBertConfig,
        tiny_tokenizers.modernbert,
        _BERT_SIZES
        | {"num_key_value_heads": 2, "max_position_embeddings": POSITIONS, "bos_token_id": 2, "eos_token_id": 3}
        | {"pad_token_id": 0, "mask_token_id": 4},
        bias=-3.0,
    ),
    "t5": Architecture(transformers.T5Config, tiny_tokenizers.t5, _T5 | {"feed_forward_proj": "relu"}, 0.15),
    "t5-gated": Architecture(transformers.T5Config, tiny_tokenizers.t5, _T5 | {"feed_forward_proj": "gated-gelu"}, 0.15),
    "mt5": Architecture(transformers.MT5Config, tiny_tokenizers.t5, _T5, 0.15),
    "qwen3": Architecture(
        transformers.Qwen3Config,
        tiny_tokenizers.qwen,
        _BERT_SIZES
        | {"num_key_value_heads": 2, "head_dim": 10, "max_position_embeddings": POSITIONS, "pad_token_id": 0}
        | {"bos_token_id": 0, "eos_token_id": 1},
    ),
    "gemma3": Architecture(
        transformers.Gemma3TextConfig, tiny_tokenizers.xlm_roberta, _GEMMA | {"use_bidirectional_attention": True}, 0.15
    ),
    "gemma3-causal": Architecture(transformers.Gemma3TextConfig, tiny_tokenizers.xlm_roberta, _GEMMA, 0.08),
}

# Positions stretched to longer texts, so that each type has pairs that stay, change somewhat and change wholly.
_STRETCHES: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen3-yarn": ("qwen3", {"rope_type": "yarn", "factor": 4.0, "beta_fast": 2, "beta_slow": 0.05}),
    "eurobert-llama3": (
        "eurobert",
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 0.1, "high_freq_factor": 1.0},
    ),
    "nomic-bert-dynamic": ("nomic-bert", {"rope_type": "dynamic", "factor": 2.0}),
    "jina-embeddings-v3-yarn": (
        "jina-embeddings-v3",
        {"rope_type": "yarn", "factor": 3.0, "mscale": 0.7, "mscale_all_dim": 1.5, "truncate": False},
    ),
}
# narrower, since a decoder as wide as the words multiplies what bfloat16 rounds
ARCHITECTURES["modernbert-narrow"] = replace(ARCHITECTURES["modernbert"], spread=0.15)
for _name, (_kin, _rope) in _STRETCHES.items():
    _trained = {} if _rope["rope_type"] == "dynamic" else {"original_max_position_embeddings": 16}
    _parameters = {"rope_parameters": _rope | _trained | {"rope_theta": 10_000.0}}
    ARCHITECTURES[_name] = replace(ARCHITECTURES[_kin], options=ARCHITECTURES[_kin].options | _parameters)


def randomize(module: nn.Module, of_weights: float = 0.3) -> None:
    """Draws every parameter: words far apart, weights wide enough that attention picks, norms around one."""
    for name, parameter in module.named_parameters():
        is_norm = "norm" in name.lower()
        spread = 0.1 if is_norm or name.endswith("bias") else of_weights
        spread = 1.0 if name.endswith(("word_embeddings.weight", "tok_embeddings.weight")) else spread
        mean = 1.0 if is_norm and name.endswith("weight") else 0.0
        nn.init.normal_(parameter.data, mean, spread)


_TASKS: dict[str, Any] = {
    "feature-extraction": transformers.AutoModel,
    "fill-mask": transformers.AutoModelForMaskedLM,
    "sequence-classification": transformers.AutoModelForSequenceClassification,
    "text-generation": transformers.AutoModelForCausalLM,
}


def decoder_bias(model: nn.Module) -> nn.Parameter:
    """The bias that a language model adds to the vocabulary's scores."""
    return next(
        parameter for parameter in model.parameters() if parameter.shape == torch.Size([model.config.vocab_size])
    )


def transformer(architecture: str, task: str, chat_template: str | None = None, **options: Any) -> Transformer:
    """A transformer module with random weights; `options` go into its config.json."""
    family = ARCHITECTURES[architecture]
    tokenizer = family.tokenizer(MAX_TOKENS)
    tokenizer.chat_template = chat_template
    config = family.config(**(family.options | options), vocab_size=len(tokenizer))
    model = _TASKS[task].from_config(config)
    randomize(model, family.spread)
    if task == "fill-mask":
        decoder_bias(model).data += family.bias
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return Transformer(folder, transformer_task=task)


def dense(
    architecture: str,
    pooling: str | tuple[str, ...],
    *heads: Callable[[], Module],
    include_prompt: bool = True,
    **model_options: Any,
) -> SentenceTransformer:
    """Transformer, pooling, then `heads`; `model_options` are prompts, truncate_dim and the like."""
    body = transformer(architecture, "feature-extraction")
    modules: list[Module] = [body, Pooling(HIDDEN, pooling, include_prompt=include_prompt)]
    modules += [head() for head in heads]
    return SentenceTransformer(modules=modules, similarity_fn_name="cosine", device="cpu", **model_options)


def tanh_dense() -> Dense:
    """A projection to half the dimensions."""
    head = Dense(HIDDEN, HIDDEN // 2, bias=True, activation_function=nn.Tanh())
    randomize(head)
    return head


def normalize() -> Normalize:
    return Normalize()


def bilstm() -> SentenceTransformer:
    """Frozen word vectors, two bidirectional LSTM layers, mean pooling."""
    seldom = ["iPhone-15", "McDonald's", "brûlée", "\U0001f6b2", "数据", "here", "...", "composed"]
    vocabulary = ["PADDING_TOKEN", *corpus.WORDS, *seldom]
    words = WordEmbeddings(
        WhitespaceTokenizer(vocabulary, stop_words=["of"]),
        torch.randn(len(vocabulary), 24) * 0.5,
        update_embeddings=False,
        max_seq_length=40,
    )
    lstm = LSTM(embedding_dimension=24, hidden_dim=16, num_layers=2, bidirectional=True)
    randomize(lstm)
    return SentenceTransformer(modules=[words, lstm, Pooling(32, "mean")], device="cpu")


def static_embedding() -> SentenceTransformer:
    """The mean of token vectors; nothing is cut off."""
    tokenizer = tiny_tokenizers.bert(None)
    embedding = StaticEmbedding(tokenizer, embedding_weights=torch.randn(len(tokenizer), HIDDEN))
    return SentenceTransformer(modules=[embedding], device="cpu")


def routed() -> SentenceTransformer:
    """Queries and documents through networks of their own, of two architectures, as long as each other's behind them."""
    router = Router.for_query_document(
        query_modules=[transformer("distilbert", "feature-extraction"), Pooling(HIDDEN, "max"), tanh_dense()],
        document_modules=[transformer("bert", "feature-extraction"), Pooling(HIDDEN, "mean"), tanh_dense()],
    )
    return SentenceTransformer(modules=[router, Normalize()], device="cpu")


def routed_static() -> SentenceTransformer:
    """Queries by word vectors, documents by a transformer; both pass the same projection."""
    router = Router.for_query_document(
        query_modules=list(static_embedding()),
        document_modules=[transformer("mpnet", "feature-extraction"), Pooling(HIDDEN, "mean")],
    )
    return SentenceTransformer(modules=[router, tanh_dense()], similarity_fn_name="cosine", device="cpu")


def splade(architecture: str, pooling: str = "max", activation: str = "relu", **options: Any) -> SparseEncoder:
    """A masked language model whose logits become term weights."""
    body = transformer(architecture, "fill-mask", **options)
    return SparseEncoder(modules=[body, SpladePooling(pooling, activation)], device="cpu")


def inference_free() -> SparseEncoder:
    """Queries by a table of term weights, documents by SPLADE."""
    body = transformer("bert", "fill-mask")
    weights = torch.rand(len(body.tokenizer)) * 5
    router = Router.for_query_document(
        query_modules=[SparseStaticEmbedding(body.tokenizer, weight=weights)],
        document_modules=[body, SpladePooling("max", "log1p_relu")],
    )
    return SparseEncoder(modules=[router], similarity_fn_name="dot", device="cpu")


def routed_splade() -> SparseEncoder:
    """Queries and documents by masked language models of their own."""
    router = Router.for_query_document(
        query_modules=[transformer("distilbert", "fill-mask"), SpladePooling("max", "log1p_relu")],
        document_modules=[transformer("bert", "fill-mask"), SpladePooling("max")],
    )
    return SparseEncoder(modules=[router], device="cpu")


def cross(architecture: str, labels: int = 1, activation: nn.Module | None = None, **options: Any) -> CrossEncoder:
    """A sequence classifier over pairs; without `activation` the library chooses by the labels."""
    body = transformer(architecture, "sequence-classification", num_labels=labels, **options)
    return CrossEncoder(modules=[body], activation_fn=activation, device="cpu")


def cross_modules(architecture: str, pooling: str, width: int, labels: int = 1) -> CrossEncoder:
    """A cross-encoder whose head is modules, as the library saves new ones; residual where it widens."""
    first = Dense(HIDDEN, width, bias=False, activation_function=nn.GELU(), use_residual=width != HIDDEN)
    norm = LayerNorm(width)
    last = Dense(width, labels, activation_function=nn.Identity(), module_output_name="scores")
    for module in (first, norm, last):
        randomize(module)
    body = transformer(architecture, "feature-extraction")
    return CrossEncoder(modules=[body, Pooling(HIDDEN, pooling), first, norm, last], device="cpu")


# As Qwen's rerankers are asked, in fewer words.
YES_OR_NO = """\
{%- set instruction = (messages | selectattr("role", "eq", "system") | map(attribute="content") | first \
| default("rain", true)) -%}
{{ instruction }}: {{ messages | selectattr("role", "eq", "query") | map(attribute="content") | first }}
{{ messages | selectattr("role", "eq", "document") | map(attribute="content") | first }}<|im_end|>
"""


def yes_or_no(architecture: str) -> CrossEncoder:
    """A causal language model that is asked by a chat: by how much "yes" is likelier than "no" to come next."""
    body = transformer(
        architecture, "text-generation", YES_OR_NO, tie_word_embeddings=True, max_position_embeddings=3 * MAX_TOKENS
    )
    body.tokenizer.model_max_length = 3 * MAX_TOKENS  # so that most pairs leave room for what the template ends with
    yes, no = body.tokenizer.convert_tokens_to_ids(["y", "n"])
    return CrossEncoder(modules=[body, LogitScore(yes, no)], device="cpu")


def plain_yes_or_no(architecture: str, chat_template: str | None = None) -> CrossEncoder:
    """What the library makes of a causal language model without modules: it looks up the tokens "yes" and "no"."""
    body = transformer(
        architecture, "text-generation", chat_template, tie_word_embeddings=True, max_position_embeddings=3 * MAX_TOKENS
    )
    body.tokenizer.model_max_length = 3 * MAX_TOKENS
    body.tokenizer.add_tokens(["yes", "no"])
    body.model.resize_token_embeddings(len(body.tokenizer))
    randomize(body.model, ARCHITECTURES[architecture].spread)
    with tempfile.TemporaryDirectory() as folder:
        body.model.save_pretrained(folder)
        body.tokenizer.save_pretrained(folder)
        return CrossEncoder(folder, device="cpu")


def residual_dense() -> Dense:
    """A layer that is added to what it takes."""
    head = Dense(HIDDEN, HIDDEN, activation_function=nn.SiLU(), use_residual=True)
    randomize(head)
    return head


def multi_vector(
    architecture: str,
    *heads: Callable[[], Module],
    mask: MultiVectorMask | None = None,
    **options: Any,
) -> MultiVectorEncoder:
    """A vector a token: transformer, projection, mask, `heads`; `options` are the transformer's and the model's."""
    body = transformer(architecture, "feature-extraction")
    for name in ("query_length", "document_length", "query_expansion"):
        setattr(body, name, options.pop(name, None))
    projection = Dense(
        HIDDEN, HIDDEN // 4, bias=False, activation_function=nn.Identity(), module_input_name="token_embeddings"
    )
    randomize(projection)
    modules: list[Module] = [body, projection, *([mask] if mask else []), *(head() for head in heads)]
    return MultiVectorEncoder(modules=modules, device="cpu", **options)


def normalize_tokens() -> Normalize:
    return Normalize(module_input_name="token_embeddings")
