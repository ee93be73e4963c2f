"""Runs of generate_training.py with dropout as their config says, and no learning.

Random numbers differ: what remains to compare is the mean loss, and how often a pass draws what it drops.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

EPOCHS = 25
_STATES_AND_ATTENTION = {"config.json": {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}}
_ATTENTION = {"config.json": {"attention_dropout": 0.2}}
# name: model, loss, what is changed in its files
CASES: dict[str, tuple[str, str, dict[str, dict[str, Any]]]] = {
    "dropout-bert": ("dense-bert-mean-normalize", "CosineSimilarity", {}),
    "dropout-distilbert": ("dense-distilbert-cls-max", "CosineSimilarity", {}),
    "dropout-mpnet": ("dense-mpnet-mean-normalize", "CosineSimilarity", {}),
    "dropout-modernbert": (
        "dense-modernbert-mean",
        "CosineSimilarity",
        {"config.json": {"attention_dropout": 0.1, "mlp_dropout": 0.1, "embedding_dropout": 0.1}},
    ),
    "dropout-word-vectors": (
        "dense-word-embeddings-bilstm-mean",
        "CosineSimilarity",
        {"1_LSTM/lstm_config.json": {"dropout": 0.4}},
    ),
    "dropout-albert": ("dense-albert-cls-normalize", "CosineSimilarity", _STATES_AND_ATTENTION),
    "dropout-electra": ("dense-electra-mean", "CosineSimilarity", {}),
    "dropout-deberta-v2": ("dense-deberta-v2-mean", "CosineSimilarity", {}),
    "dropout-deberta-v2-convolution": ("dense-deberta-v2-convolution-cls", "CosineSimilarity", {}),
    "dropout-nomic-bert": ("dense-nomic-bert-mean", "CosineSimilarity", _STATES_AND_ATTENTION),
    "dropout-jina-embeddings-v3": ("dense-jina-embeddings-v3-mean-normalize", "CosineSimilarity", {}),
    "dropout-eurobert": ("dense-eurobert-mean", "CosineSimilarity", _ATTENTION),
    "dropout-t5": ("dense-t5-mean-dense", "CosineSimilarity", {}),
    "dropout-t5-gated": ("dense-t5-gated-mean", "CosineSimilarity", {}),
    "dropout-qwen3": ("dense-qwen3-lasttoken-normalize", "CosineSimilarity", _ATTENTION),
    "dropout-gemma3": ("dense-gemma3-mean-normalize", "CosineSimilarity", _ATTENTION),
    "dropout-sparse-bert": ("sparse-bert", "SparseCosineSimilarity", {}),
    "dropout-cross-bert": ("cross-bert", "BinaryCrossEntropy", {"config.json": {"classifier_dropout": 0.3}}),
    "dropout-cross-roberta": ("cross-roberta", "BinaryCrossEntropy", {}),
    "dropout-cross-distilbert": ("cross-distilbert", "BinaryCrossEntropy", {}),
    "dropout-cross-modernbert": ("cross-modernbert", "BinaryCrossEntropy", {"config.json": {"classifier_dropout": 0.3}}),
    "dropout-cross-albert": ("cross-albert", "BinaryCrossEntropy", {"config.json": {"classifier_dropout_prob": 0.3}}),
    "dropout-cross-electra": ("cross-electra", "BinaryCrossEntropy", {"config.json": {"classifier_dropout": 0.3}}),
    "dropout-cross-deberta-v2": (
        "cross-deberta-v2",
        "BinaryCrossEntropy",
        {"config.json": {"pooler_dropout": 0.2, "cls_dropout": 0.3}},
    ),
    "dropout-cross-nomic-bert": ("cross-nomic-bert", "BinaryCrossEntropy", {"config.json": {"classifier_dropout": 0.3}}),
}


@contextmanager
def counted(model: torch.nn.Module) -> Iterator[Counter[str]]:
    """Counts passes that train the network, and how often they draw what is dropped."""
    counts: Counter[str] = Counter()
    functional = torch.nn.functional
    dropout, attention = functional.dropout, functional.scaled_dot_product_attention

    def counted_dropout(x: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        counts["draws"] += training and p > 0
        return dropout(x, p, training, inplace)

    def counted_attention(*inputs: Any, dropout_p: float = 0.0, **named: Any) -> torch.Tensor:
        counts["draws"] += dropout_p > 0
        return attention(*inputs, dropout_p=dropout_p, **named)

    model[0].register_forward_hook(lambda network, *_: counts.update(passes=int(network.training)))
    for module in model.modules():
        if isinstance(module, torch.nn.LSTM) and module.dropout > 0:
            module.register_forward_hook(lambda lstm, *_: counts.update(draws=lstm.num_layers - 1))
    functional.dropout, functional.scaled_dot_product_attention = counted_dropout, counted_attention
    try:
        yield counts
    finally:
        functional.dropout, functional.scaled_dot_product_attention = dropout, attention


def means(steps: dict[str, Any], counts: Counter[str]) -> dict[str, float]:
    """The mean loss over all epochs, how far it may be from the truth by chance, and the draws of a pass."""
    losses = torch.tensor(steps["loss_per_step"], dtype=torch.float64).view(EPOCHS, -1).mean(1)
    if not losses.std() > 0:
        raise ValueError("all epochs have the same loss: nothing is dropped")
    return {
        "mean_loss": losses.mean().item(),
        "standard_error": losses.std().item() / EPOCHS**0.5,
        "draws_per_pass": counts["draws"] // counts["passes"],
    }
