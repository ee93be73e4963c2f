"""Makes the ONNX files of the import command's tests: one small BERT, through both of PyTorch's
exporters, with its tokenizer and what the reference library answers for it.

    ./python.sh --peers tiny_onnx.py
"""

import json
import sys
import tempfile
from pathlib import Path

import onnx
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "training/src/test/resources/org/semlux/training/cli/tiny-bert"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "the a river sea boat sail wind stone bread oven cat dog sleep run on in by is slow ##s ##ing"
TEXTS = [
    "the boat sails on the river",
    "a cat is sleeping by the oven",
    "",
    "stone bread, slow wind; the sea",
    "run " * 40,
]
MAX_TOKENS = 24


def tokenizer() -> Tokenizer:
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS.split() + list(",;."))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(SPECIAL)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    made.enable_truncation(8)  # as many files ship it: shorter than what the model takes
    return made


class Wrapper(torch.nn.Module):
    """A model inside another, as sentence-transformers exports it."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.auto_model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.auto_model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


def export(model: BertModel, name: str, **options) -> None:
    ids = torch.randint(5, model.config.vocab_size, (2, 7))
    inputs = (ids, torch.ones_like(ids), torch.zeros_like(ids))
    names = ["input_ids", "attention_mask", "token_type_ids"]
    torch.onnx.export(Wrapper(model), inputs, TARGET / name, input_names=names, **options)
    graph = onnx.load(TARGET / name)
    for part in [graph.graph, *graph.graph.node, *graph.graph.value_info, *graph.graph.output]:
        del part.metadata_props[:]  # stack traces with this machine's paths
    onnx.save(graph, TARGET / name)


def answers(model: BertModel, made: Tokenizer) -> list[list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        fast = PreTrainedTokenizerFast(
            tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
            sep_token="[SEP]", mask_token="[MASK]", model_max_length=MAX_TOKENS,
        )
        fast.save_pretrained(folder)
        pooling = Pooling(model.config.hidden_size, pooling_mode="mean")
        encoder = SentenceTransformer(
            modules=[Transformer(folder), pooling, Normalize()], device="cpu"
        )
        return encoder.encode(TEXTS).tolist()


def main() -> None:
    torch.manual_seed(20)
    TARGET.mkdir(parents=True, exist_ok=True)
    made = tokenizer()
    model = BertModel(
        BertConfig(
            vocab_size=made.get_vocab_size(),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            initializer_range=0.4,
        ),
        add_pooling_layer=False,
    ).eval()
    for name, weight in model.named_parameters():
        if weight.dim() == 1:  # all alike at first, and an exporter stores equal tensors once
            torch.nn.init.normal_(weight, mean=float(name.endswith("weight")), std=0.2)
    made.save(str(TARGET / "tokenizer.json"), pretty=False)
    axes = {0: "texts", 1: "tokens"}
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    export(model, "traced.onnx", dynamo=False, dynamic_axes={name: axes for name in inputs})
    dynamic = tuple({0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO} for _ in inputs)
    export(
        model, "exported.onnx", dynamo=True, dynamic_shapes=dynamic, external_data=False,
        verbose=False,
    )
    expected = {"max_tokens": MAX_TOKENS, "texts": TEXTS, "embeddings": answers(model, made)}
    (TARGET / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    sys.exit(main())
