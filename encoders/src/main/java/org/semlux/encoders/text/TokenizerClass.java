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
          "MobileBertTokenizer", BERT,
          "SqueezeBertTokenizer", BERT,
          "MPNetTokenizer", MPNET,
          "RobertaTokenizer", ROBERTA,
          "XLMRobertaTokenizer", XLM_ROBERTA);

  /** Classes of architectures, where no file names one. */
  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("bert", "BertTokenizer"),
          Map.entry("distilbert", "BertTokenizer"),
          Map.entry("electra", "BertTokenizer"),
          Map.entry("nomic_bert", "BertTokenizer"),
          Map.entry("mpnet", "MPNetTokenizer"),
          Map.entry("roberta", "RobertaTokenizer"),
          Map.entry("xlm-roberta", "XLMRobertaTokenizer"),
          Map.entry("jina_embeddings_v3", "XLMRobertaTokenizer"),
          Map.entry("camembert", "CamembertTokenizer"),
          Map.entry("t5", "T5Tokenizer"),
          Map.entry("mt5", "T5Tokenizer"),
          Map.entry("albert", "AlbertTokenizer"),
          Map.entry("deberta-v2", "DebertaV2Tokenizer"));

  /** Classes whose models see token types, beside BERT's. */
  private static final Set<String> WITH_TYPES = Set.of("DebertaTokenizer", "DebertaV2Tokenizer");

  /** Architectures for which the reference believes no file that names a class. */
  private static final Set<String> UNBELIEVED = Set.of("modernbert");

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
    if (UNBELIEVED.contains(architecture)) {
      return "TokenizersBackend";
    }
    String name = named.isEmpty() ? CLASSES.getOrDefault(architecture, "") : named;
    return name.replaceFirst("Fast$", "");
  }

  static TokenizerClass of(String name) {
    return KINDS.getOrDefault(name, AS_IT_IS);
  }

  /** Whether models of a class see token types, unless a file says otherwise. */
  static boolean hasTypes(String name) {
    return WITH_TYPES.contains(name) || (of(name) == BERT && !name.equals("DistilBertTokenizer"));
  }
}
