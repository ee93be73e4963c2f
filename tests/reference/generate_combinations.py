"""What the reference library makes of model folders that several files or keys together make special.

Each case is a golden's folder with its edits, and the library's answers, or why it refuses the folder. An edit
is [file, key, value] as in `generate_matrix.py`, [file, key] takes a key away, [file] a file. A case that Semlux
refuses though the library answers says so by hand in `refusal`: what the sentence has to name, as it may for others.
`FolderCombinationsTest` asks Semlux the same.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import answers
import generate_matrix as matrix

Edit = list[Any]
TOKENIZER, NETWORK, SENTENCES = "tokenizer_config.json", "config.json", "sentence_bert_config.json"


def classes(base: str, *names: str | None) -> list[tuple[str, list[Edit]]]:
    """A folder whose tokenizer's class alone says whether pairs have types; None for no class."""
    named: list[Edit] = [[TOKENIZER, "tokenizer_class"] + ([name] if name else []) for name in names]
    return [(base, [[TOKENIZER, "model_input_names"], edit]) for edit in named]


LIBRARY = "config_sentence_transformers.json"
ALONE = ["modules.json", "", [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer"}]]
MASKED = ["modules.json", "", [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.sparse_encoder.models.MLMTransformer"},
    {"idx": 1, "name": "1", "path": "1_SpladePooling", "type": "sentence_transformers.sparse_encoder.models.SpladePooling"},
]]  # fmt: skip
SPECIAL, ADDED = "special_tokens_map.json", "added_tokens.json"
BERT = [TOKENIZER, "tokenizer_class", "BertTokenizer"]
DESCRIBED = [TOKENIZER, "added_tokens_decoder", {"4": matrix.ADDED | {"content": "[MASK]"}}]
CHAT = ["chat_template.jinja", "", "{% for message in messages %}{{ message['content'] }} rain{% endfor %}"]


def asked(role: str) -> str:
    return f"{{{{ messages | selectattr('role', 'eq', '{role}') | map(attribute='content') | first }}}}"


BOTH = f"Q: {asked('query')} D: {asked('document')}\nyes"


FLAT, PARTS = f"{asked('query')} rain {asked('document')}", BOTH + "{# 'type' #}"
NAMED = "additional_chat_templates"
STANFORD = [NETWORK, "architectures", ["HF_ColBERT"]]


def listed(*names: str) -> Edit:
    """The older way to give templates names."""
    return [TOKENIZER, "chat_template", [{"name": name, "template": BOTH} for name in names]]


def auto(*edits: Edit, refusal: str = "") -> tuple[str, list[Edit], str]:
    """Messages whose template says how they are given."""
    form = {"method": "forward", "method_output_name": "logits"}
    return ("cross-qwen3-yes-or-no", [[SENTENCES, "modality_config", {"text": form, "message": form}], *edits], refusal)


def plain(base: str, *edits: Edit, refusal: str = "") -> list[tuple[str, list[Edit], str]]:
    """A folder that never went through the library: what its network is says what becomes of it."""
    return [(base, [["modules.json"], *edits], refusal)]


def text(method: str, output: Any) -> Edit:
    """How a network is asked for texts."""
    return [SENTENCES, "modality_config", {"text": {"method": method, "method_output_name": output}}]


def messages(output: str) -> Edit:
    """A network that is asked by messages."""
    asked = {"method": "forward", "method_output_name": output}
    return [SENTENCES, "modality_config", {"text": asked, "message": asked | {"format": "flat"}}]


def lookup(*edits: Edit, refusal: str = "") -> list[tuple[str, list[Edit], str]]:
    """Queries without a network, whose tokenizer is read as any other is."""
    table = "query_0_SparseStaticEmbedding"
    return [("sparse-inference-free-query", [[f"{table}/{file}", *rest] for file, *rest in edits], refusal)]


def beyond(base: str, *edits: Edit, refusal: str = "") -> tuple[str, list[Edit], str]:
    """Texts longer than the positions that the network was trained with."""
    return (base, [[NETWORK, "max_position_embeddings", 12], [SENTENCES, "max_seq_length", 26], *edits], refusal)


def slides(*edits: Edit) -> tuple[str, list[Edit]]:
    """Layers that see the neighbourhood alone."""
    return ("dense-qwen3-lasttoken-normalize", [[NETWORK, "use_sliding_window", True], *edits])


def filled(length: int) -> Edit:
    """Queries filled up with tokens that no other sees."""
    return [SENTENCES, "query_expansion", {"strategy": "fixed", "attend": False, "length": length}]


CASES: list[tuple[str, list[Edit]] | tuple[str, list[Edit], str]] = [
    *classes("cross-bert", None, "PreTrainedTokenizerFast", "PreTrainedTokenizer", "TokenizersBackend",
             "NobodysTokenizer", "BertTokenizer", "ElectraTokenizerFast", "MobileBertTokenizer", "DistilBertTokenizer"),
    *classes("cross-electra", None, "PreTrainedTokenizerFast"),
    *classes("cross-albert", "PreTrainedTokenizerFast", "NobodysTokenizer", "BertTokenizer"),
    *classes("cross-deberta-v2", "TokenizersBackend"),
    *classes("cross-modernbert", "BertTokenizer"),
    *plain("dense-qwen3-lasttoken-normalize", [NETWORK, "architectures", ["Qwen3ForCausalLM"]]),
    *plain("dense-qwen3-lasttoken-normalize", [NETWORK, "architectures", ["Qwen3ForCausalLM"]], [NETWORK, "is_causal", False],
           refusal="is_causal"),
    *plain("dense-qwen3-lasttoken-normalize"),
    *plain("dense-gemma3-causal-lasttoken", [NETWORK, "architectures", ["Gemma3ForCausalLM"]]),
    *plain("dense-bert-mean-normalize", [SENTENCES, "max_seq_length", 6]),
    *plain("dense-bert-mean-normalize", [SENTENCES, "do_lower_case", True]),
    *plain("dense-bert-prompts"),
    *plain("dense-qwen3-lasttoken-normalize", CHAT, refusal="chat template"),
    *plain("cross-bert", CHAT, refusal="chat template"),
    *plain("sparse-bert", CHAT, refusal="chat template"),
    *plain("cross-qwen3", ["chat_template.jinja", "", BOTH]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", BOTH]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", "no"], ["chat_template.jinja", "", BOTH]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", BOTH], [TOKENIZER, "model_max_length", 20]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", asked("query") + asked("document")]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", f"{asked('query')} alone"]),
    *plain("cross-qwen3", [TOKENIZER, "chat_template", BOTH + "{# 'type' #}"], refusal="structured"),
    *plain("cross-qwen3"),
    *plain("cross-bert", [TOKENIZER, "chat_template", "[CLS]" + BOTH + "[SEP]"]),
    *plain("cross-bert-3-labels", ["chat_template.jinja", "", BOTH]),
    *plain("cross-roberta", ["chat_template.jinja", "", BOTH], [NETWORK, "architectures", ["RobertaForSequenceClassification"]]),
    ("dense-qwen3-lasttoken-normalize", [CHAT, messages("last_hidden_state")], "modality_config"),
    ("dense-qwen3-lasttoken-normalize", [CHAT]),
    ("sparse-bert", [CHAT, messages("logits")], "modality_config"),
    *plain("cross-qwen3", [f"{NAMED}/default.jinja", "", BOTH]),
    *plain("cross-qwen3", [f"{NAMED}/default.jinja", "", BOTH], ["chat_template.jinja", "", "no"]),
    *plain("cross-qwen3", [f"{NAMED}/rag.jinja", "", FLAT], ["chat_template.jinja", "", BOTH], refusal="structured"),
    *plain("cross-qwen3", [f"{NAMED}/rag.jinja", "", FLAT], [TOKENIZER, "chat_template", BOTH], refusal="[rag]"),
    *plain("cross-qwen3", listed("default"), refusal="structured"),
    *plain("cross-qwen3", listed("rag", "tools"), refusal="[rag, tools]"),
    *plain("cross-qwen3", listed("rag"), ["chat_template.jinja", "", BOTH]),
    *plain("cross-qwen3", ["chat_template.json", "", {"chat_template": BOTH}]),
    *plain("cross-qwen3", [f"{NAMED}/notes.txt", "", {}]),
    *plain("dense-qwen3-lasttoken-normalize", [f"{NAMED}/rag.jinja", "", FLAT], refusal="chat template"),
    ("cross-qwen3-yes-or-no", [[f"{NAMED}/rag.jinja", "", FLAT]]),
    ("cross-qwen3-yes-or-no", [[f"{NAMED}/default.jinja", "", FLAT], [f"{NAMED}/rag.jinja", "", BOTH]]),
    ("cross-qwen3-yes-or-no", [["chat_template.jinja"], [f"{NAMED}/rag.jinja", "", FLAT]], "[rag]"),
    ("cross-qwen3-yes-or-no", [["chat_template.jinja"], listed("rag", "default")]),
    ("cross-qwen3-yes-or-no", [["chat_template.jinja"], listed("rag")], "[rag]"),
    auto(),
    auto(["chat_template.jinja", "", PARTS], refusal="structured"),
    auto([f"{NAMED}/rag.jinja", "", FLAT], refusal="structured"),
    ("dense-qwen3-lasttoken-normalize", [text("forward", ["hidden_states", 1])], "modality_config"),
    ("dense-qwen3-lasttoken-normalize", [text("forward", "logits")]),
    ("dense-qwen3-lasttoken-normalize", [text("get_input_embeddings", "last_hidden_state")]),
    ("dense-qwen3-lasttoken-normalize", [[SENTENCES, "modality_config", {}]]),
    ("dense-gemma3-mean-normalize", [[TOKENIZER, "add_bos_token", True], [TOKENIZER, "add_eos_token", True],
     [TOKENIZER, "boi_token", "<mask>"], [TOKENIZER, "eoi_token", "</s>"], [TOKENIZER, "image_token", "<unk>"]]),
    ("dense-bert-mean-normalize", [[TOKENIZER, "boi_token", "rain"]]),
    ("dense-bert-mean-normalize", [[TOKENIZER, "model_max_length"], [TOKENIZER, "max_len", 7]]),
    ("dense-bert-mean-normalize", [[TOKENIZER, "model_max_length", None], [TOKENIZER, "max_len", 7]]),
    ("dense-bert-mean-normalize", [BERT, [SPECIAL, "", {"cls_token": "[MASK]"}]]),
    ("dense-bert-mean-normalize", [BERT, [SPECIAL, "", {"unk_token": {"content": "[MASK]", "lstrip": False}}]]),
    ("dense-bert-mean-normalize", [BERT, [SPECIAL, "", {"cls_token": "[MASK]"}], DESCRIBED]),
    ("dense-bert-mean-normalize", [[SPECIAL, "", {"cls_token": "[MASK]"}]]),
    ("dense-bert-mean-normalize", [[ADDED, "", {"[MASK]": 260, "rain": 3}]]),
    ("dense-bert-mean-normalize", [[ADDED, "", {"zzz": 250}]]),
    ("dense-bert-mean-normalize", [[ADDED, "", {"zzz": 250}], DESCRIBED]),
    beyond("dense-eurobert-mean"),
    beyond("dense-qwen3-lasttoken-normalize"),
    beyond("dense-qwen3-yarn-lasttoken"),
    beyond("dense-gemma3-mean-normalize"),
    beyond("dense-modernbert-mean"),
    beyond("dense-modernbert-mean", [SENTENCES, "max_seq_length"], [TOKENIZER, "model_max_length", 26]),
    beyond("dense-modernbert-mean", [SENTENCES, "max_seq_length", 9], [SENTENCES, "query_length", 20]),
    beyond("dense-nomic-bert-mean"),
    beyond("dense-nomic-bert-dynamic-mean", refusal="[dynamic]"),
    beyond("dense-nomic-bert-dynamic-mean", [SENTENCES, "max_seq_length", 12]),
    beyond("dense-jina-embeddings-v3-mean-normalize"),
    beyond("dense-deberta-v2-mean"),
    beyond("sparse-jina-embeddings-v3"),
    beyond("cross-modernbert"),
    beyond("cross-deberta-v2"),
    *lookup(BERT),
    *lookup(BERT, [TOKENIZER, "do_lower_case", False]),
    *lookup([TOKENIZER, "tokenizer_class"], [TOKENIZER, "do_lower_case", False]),
    *lookup(BERT, [TOKENIZER, "do_lower_case", True], [TOKENIZER, "strip_accents", False]),
    *lookup(BERT, [SPECIAL, "", {"unk_token": "[MASK]"}]),
    *lookup([TOKENIZER, "truncation_side", "left"], [TOKENIZER, "model_max_length", 5]),
    *lookup([TOKENIZER, "model_max_length"], [TOKENIZER, "max_len", 4]),
    *lookup([TOKENIZER, "extra_special_tokens", ["rain"]]),
    *lookup([TOKENIZER, "extra_special_tokens", ["rain", "one"]]),
    *lookup([TOKENIZER, "tokenizer_class", "HerbertTokenizer"], refusal="HerbertTokenizer"),
    *lookup([TOKENIZER, "split_special_tokens", True], refusal="split_special_tokens"),
    slides([NETWORK, "sliding_window"], [NETWORK, "layer_types", ["sliding_attention", "full_attention"]]),
    slides([NETWORK, "sliding_window", None], [NETWORK, "layer_types"], [NETWORK, "max_window_layers", 0]),
    slides([NETWORK, "sliding_window", 4], [NETWORK, "layer_types"], [NETWORK, "max_window_layers", 1]),
    ("dense-modernbert-mean", [[NETWORK, "rope_scaling", {"type": "linear", "factor": 4.0}]]),
    ("dense-modernbert-mean", [[NETWORK, "rope_scaling", {"rope_type": "linear", "factor": 4.0}]]),
    ("dense-modernbert-mean", [[NETWORK, "sliding_window", 2]]),
    ("dense-gemma3-mean-normalize", [[NETWORK, "rope_scaling", {"type": "linear", "factor": 4.0}]]),
    ("dense-deberta-v2-mean", [[NETWORK, "pos_att_type", []]]),
    ("dense-deberta-v2-mean", [[NETWORK, "max_relative_positions", 3]], "max_relative_positions"),
    ("dense-deberta-v2-mean", [[NETWORK, "max_relative_positions", 3], [SENTENCES, "max_seq_length", 5]]),
    ("dense-deberta-v2-mean", [[NETWORK, "max_relative_positions", 3], [NETWORK, "relative_attention", False]]),
    ("dense-deberta-v2-mean", [[NETWORK, "position_buckets", 1], [NETWORK, "relative_attention", False]]),
    ("dense-deberta-v2-mean", [[NETWORK, "max_position_embeddings", 5]]),
    ("dense-deberta-v2-mean", [[NETWORK, "max_position_embeddings", 5], [SENTENCES, "max_seq_length", 26]], "max_relative_positions"),
    ("multi-vector-modernbert-min", [[NETWORK, "local_attention", 4], filled(20)]),
    ("multi-vector-modernbert-min", [[NETWORK, "local_attention", 12], filled(20)]),
    ("multi-vector-modernbert-min", [["3_Normalize/config.json", "", {}]]),
    ("multi-vector-roberta-plain", [[SENTENCES, "query_length"], [LIBRARY, "attend_to_mask_tokens", True]]),
    ("multi-vector-roberta-plain", [ALONE, [SENTENCES, "query_length", 4], [SENTENCES, "document_length", 4]]),
    ("multi-vector-roberta-plain", [ALONE, [LIBRARY, "model_type"], [LIBRARY, "query_prefix", "song"]], "projection"),
    ("multi-vector-distilbert-pylate", [STANFORD], "model_type"),
    ("multi-vector-distilbert-pylate", [STANFORD, [LIBRARY, "model_type", "ColBERT"]]),
    ("multi-vector-distilbert-pylate", [STANFORD, [LIBRARY, "model_type", "MultiVectorEncoder"]]),
    ("multi-vector-bert-fixed", [STANFORD, [LIBRARY, "model_type"]]),
    ("multi-vector-bert-fixed", [[LIBRARY, "query_prefix", "##ish"]]),
    ("sparse-bert", [[SENTENCES, "transformer_task"]], "transformer_task"),
    ("sparse-bert", [[SENTENCES, "transformer_task"], MASKED]),
    ("dense-word-embeddings-bilstm-mean", [["2_Pooling/config.json", "pooling_mode", "cls"]], "cls"),
]  # fmt: skip


def change(folder: Path, edit: Edit) -> None:
    path = folder / edit[0]
    if len(edit) == 1:
        path.unlink()
    elif len(edit) == 2:
        config = json.loads(path.read_text())
        config.pop(edit[1], None)
        path.write_text(json.dumps(config))
    else:
        path.parent.mkdir(exist_ok=True)
        if edit[0].endswith(".jinja"):
            path.write_text(edit[2])
        else:
            matrix.apply(folder, *edit)


def case(base: str, edits: list[Edit], refusal: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / base
        shutil.copytree(matrix.RESOURCES / "goldens" / base, folder)
        for edit in edits:
            change(folder, edit)
        found = matrix.answered(folder)
    entry: dict[str, Any] = {"base": base, "edits": edits} | ({"refusal": refusal} if refusal else {})
    if isinstance(found, str):
        return entry | {"refused": found}
    if refusal:
        return entry
    answers.require_telling(found, json.dumps(entry))
    return entry | {"answers": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=matrix.RESOURCES / "combinations.json")
    parser.add_argument("--first", type=int, default=0, help="leave out the cases before")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = [json.dumps(case(*one), separators=(",", ":")) for one in CASES[options.first :]]
    head = json.dumps({"texts": matrix.TEXTS, "pairs": matrix.PAIRS}, separators=(",", ":"))
    options.output.write_text(head[:-1] + ',"cases":[\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(lines)} cases, {options.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
