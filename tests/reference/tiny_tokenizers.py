"""Tiny fast tokenizers of the kinds that the supported architectures use.

WordPiece and Unigram vocabularies are written down from `corpus`; byte-level BPE is trained on it.
"""

from __future__ import annotations

from itertools import chain

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

import corpus

BERT_SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
BPE_MERGES = 60


def _wordpiece(specials: list[str], unknown: str) -> Tokenizer:
    pieces = chain(
        specials,
        corpus.PUNCTUATION,
        corpus.CHARACTERS,
        corpus.IDEOGRAPHS,
        (f"##{c}" for c in corpus.CHARACTERS),
        (w for w in corpus.WORDS if len(w) > 1),
        corpus.CONTINUATIONS,
    )
    vocabulary: dict[str, int] = {}
    for piece in pieces:
        vocabulary.setdefault(piece, len(vocabulary))
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=unknown, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    return tokenizer


def _byte_level_bpe(specials: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=len(specials) + len(alphabet) + BPE_MERGES,
        initial_alphabet=sorted(alphabet),
        special_tokens=specials,
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(corpus.WORDS), *corpus.TEXTS], trainer)
    return tokenizer


def _unigram(specials: list[str]) -> Tokenizer:
    """Log probabilities fall with the place in the list; single characters are the dearest."""
    pieces = ["▁", *(f"▁{w}" for w in corpus.WORDS), *(c.removeprefix("##") for c in corpus.CONTINUATIONS)]
    characters = [*corpus.CHARACTERS, *corpus.CHARACTERS[:26].upper(), *corpus.PUNCTUATION, *corpus.IDEOGRAPHS]
    scored = [(piece, -3.0 - 0.03 * i) for i, piece in enumerate(dict.fromkeys(pieces))]
    scored += [(c, -8.0 - 0.02 * i) for i, c in enumerate(characters) if c not in pieces]
    tokenizer = Tokenizer(models.Unigram([(s, 0.0) for s in specials] + scored, unk_id=specials.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def _template(tokenizer: Tokenizer, single: str, pair: str, marks: list[str]) -> None:
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in marks]
    )


def _roberta_marks(tokenizer: Tokenizer, add_prefix_space: bool) -> None:
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", tokenizer.token_to_id("</s>")),
        ("<s>", tokenizer.token_to_id("<s>")),
        trim_offsets=add_prefix_space,
        add_prefix_space=add_prefix_space,
    )


def _fast(tokenizer: Tokenizer, specials: list[str], max_length: int | None, type_ids: bool) -> PreTrainedTokenizerFast:
    tokenizer.add_special_tokens(
        [AddedToken(s, special=True, normalized=False, lstrip=s == "<mask>") for s in specials]
    )
    inputs = ["input_ids", "token_type_ids", "attention_mask"] if type_ids else ["input_ids", "attention_mask"]
    names = {"model_input_names": inputs} | ({"model_max_length": max_length} if max_length else {})
    if specials[0] == "<s>":
        names |= {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
        names |= {"pad_token": "<pad>", "unk_token": specials[3], "mask_token": "<mask>"}
    else:
        roles = ["pad_token", "unk_token", "cls_token", "sep_token", "mask_token"]
        names |= dict(zip(roles, specials, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def bert(max_length: int | None) -> PreTrainedTokenizerFast:
    """Uncased WordPiece, `[CLS] a [SEP] b [SEP]`; also what DistilBERT uses."""
    tokenizer = _wordpiece(BERT_SPECIALS, "[UNK]")
    _template(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ["[CLS]", "[SEP]"])
    return _fast(tokenizer, BERT_SPECIALS, max_length, type_ids=True)


def roberta(max_length: int | None) -> PreTrainedTokenizerFast:
    """Byte-level BPE, `<s> a </s></s> b </s>`."""
    tokenizer = _byte_level_bpe(ROBERTA_SPECIALS)
    _roberta_marks(tokenizer, add_prefix_space=True)
    return _fast(tokenizer, ROBERTA_SPECIALS, max_length, type_ids=False)


def xlm_roberta(max_length: int | None) -> PreTrainedTokenizerFast:
    """Unigram over NFKC text with a mark for word beginnings, `<s> a </s></s> b </s>`."""
    tokenizer = _unigram(ROBERTA_SPECIALS)
    _template(tokenizer, "<s> $A </s>", "<s> $A </s> </s> $B </s>", ["<s>", "</s>"])
    return _fast(tokenizer, ROBERTA_SPECIALS, max_length, type_ids=False)


def mpnet(max_length: int | None) -> PreTrainedTokenizerFast:
    """WordPiece with RoBERTa's special tokens."""
    specials = [*ROBERTA_SPECIALS[:3], "[UNK]", "<mask>"]
    tokenizer = _wordpiece(specials, "[UNK]")
    _roberta_marks(tokenizer, add_prefix_space=False)
    return _fast(tokenizer, specials, max_length, type_ids=False)


def modernbert(max_length: int | None) -> PreTrainedTokenizerFast:
    """Byte-level BPE over NFC text with BERT's special tokens and no token types."""
    tokenizer = _byte_level_bpe(BERT_SPECIALS)
    tokenizer.normalizer = normalizers.NFC()
    _template(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ["[CLS]", "[SEP]"])
    return _fast(tokenizer, BERT_SPECIALS, max_length, type_ids=False)


def t5(max_length: int | None) -> PreTrainedTokenizerFast:
    """Unigram with a mark for the end alone, `a </s>`."""
    specials = ["<pad>", "</s>", "<unk>"]
    tokenizer = _unigram(specials)
    _template(tokenizer, "$A </s>", "$A </s> $B </s>", ["</s>"])
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in specials])
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    inputs = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_input_names=inputs, model_max_length=max_length, **names
    )


def qwen(max_length: int | None) -> PreTrainedTokenizerFast:
    """Byte-level BPE, padded on the left, with the padding token at the end of each text too: `a b <|endoftext|>`."""
    specials = ["<|endoftext|>", "<|im_end|>"]
    tokenizer = _byte_level_bpe(specials)
    _template(tokenizer, "$A <|endoftext|>", "$A $B <|endoftext|>", ["<|endoftext|>"])
    tokenizer.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in specials])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "attention_mask"],
        model_max_length=max_length,
        padding_side="left",
        pad_token="<|endoftext|>",
        eos_token="<|im_end|>",
    )
