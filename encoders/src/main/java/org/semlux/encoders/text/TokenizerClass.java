package org.semlux.encoders.text;

import java.util.Map;
import java.util.Set;

/**
 * What the reference's tokenizer classes do with a folder: some build their steps themselves and
 * take the vocabulary alone, others take {@code tokenizer.json} as it is.
 */
enum TokenizerClass {
  BERT("WordPiece"),
  MPNET("WordPiece"),
  ROBERTA("BPE"),
  XLM_ROBERTA("Unigram"),
  AS_IT_IS("");

  private static final Map<String, TokenizerClass> KINDS =
      Map.of(
          "BertTokenizer", BERT,
          "DistilBertTokenizer", BERT,
          "ElectraTokenizer", BERT,
          "MPNetTokenizer", MPNET,
          "RobertaTokenizer", ROBERTA,
          "XLMRobertaTokenizer", XLM_ROBERTA);

  /** Classes of architectures, where no file names one. */
  private static final Map<String, String> CLASSES =
      Map.of(
          "bert", "BertTokenizer",
          "distilbert", "BertTokenizer",
          "electra", "BertTokenizer",
          "nomic_bert", "BertTokenizer",
          "mpnet", "MPNetTokenizer",
          "roberta", "RobertaTokenizer",
          "xlm-roberta", "XLMRobertaTokenizer",
          "t5", "T5Tokenizer",
          "albert", "AlbertTokenizer");

  /** Classes whose models see no token types, unless model_input_names says otherwise. */
  private static final Set<String> WITHOUT_TYPES =
      Set.of(
          "DistilBertTokenizer",
          "MPNetTokenizer",
          "RobertaTokenizer",
          "XLMRobertaTokenizer",
          "CamembertTokenizer",
          "T5Tokenizer");

  /** The one type of model that the class takes; empty where it takes any. */
  final String modelType;

  TokenizerClass(String modelType) {
    this.modelType = modelType;
  }

  /** Special tokens by their key in {@code tokenizer_config.json}, where it names no others. */
  Map<String, String> specialTokens() {
    return switch (this) {
      case BERT -> special("[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]");
      case MPNET -> special("<s>", "</s>", "<pad>", "[UNK]", "<mask>");
      case ROBERTA -> special("<s>", "</s>", "<pad>", "<unk>", "<mask>");
      case XLM_ROBERTA, AS_IT_IS -> Map.of();
    };
  }

  private static Map<String, String> special(
      String cls, String sep, String pad, String unk, String mask) {
    return Map.of(
        "cls_token", cls, "sep_token", sep, "pad_token", pad, "unk_token", unk, "mask_token", mask);
  }

  /**
   * The name of a folder's class.
   *
   * @param named by a file; empty where none does
   * @param architecture the {@code model_type}
   */
  static String name(String named, String architecture) {
    String name = named.isEmpty() ? CLASSES.getOrDefault(architecture, "") : named;
    return name.replaceFirst("Fast$", "");
  }

  static TokenizerClass of(String name) {
    return KINDS.getOrDefault(name, AS_IT_IS);
  }

  /** Whether models of a class see token types, unless a file says otherwise. */
  static boolean hasTypes(String name) {
    return !WITHOUT_TYPES.contains(name);
  }
}
