package org.semlux.encoders.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.semlux.encoders.network.Architecture;
import org.semlux.encoders.network.Networks;

/**
 * What the reference's tokenizer classes do with a folder: some build their steps themselves and
 * take the vocabulary alone, others take {@code tokenizer.json} as it is.
 */
enum TokenizerClass {
  BERT("WordPiece", "", "", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"),
  MPNET("WordPiece", "<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"),
  ROBERTA("BPE", "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"),
  XLM_ROBERTA("Unigram", "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"),
  CAMEMBERT("Unigram", "<s>", "</s>", "<unk>", "</s>", "<pad>", "<s>", "<mask>"),
  T5("Unigram", "", "</s>", "<unk>", "", "<pad>", "", ""),
  ALBERT("Unigram", "[CLS]", "[SEP]", "<unk>", "[SEP]", "<pad>", "[CLS]", "[MASK]"),
  DEBERTA("Unigram", "[CLS]", "[SEP]", "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"),
  QWEN("BPE", "", "<|endoftext|>", "<|endoftext|>", "", "<|endoftext|>", "", ""),
  GEMMA("BPE", "<bos>", "<eos>", "<unk>", "", "<pad>", "", "<mask>"),
  AS_IT_IS("");

  /** The special tokens that every class knows, in the reference's order. */
  static final List<String> SPECIAL =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String DPR = "DPR";

  private static final Map<String, TokenizerClass> KINDS =
      Map.ofEntries(
          Map.entry("BertTokenizer", BERT),
          Map.entry("DistilBertTokenizer", BERT),
          Map.entry("ElectraTokenizer", BERT),
          Map.entry("LayoutLMTokenizer", BERT),
          Map.entry("LxmertTokenizer", BERT),
          Map.entry("MobileBertTokenizer", BERT),
          Map.entry("SqueezeBertTokenizer", BERT),
          Map.entry("DPRContextEncoderTokenizer", BERT),
          Map.entry("DPRQuestionEncoderTokenizer", BERT),
          Map.entry("MPNetTokenizer", MPNET),
          Map.entry("RobertaTokenizer", ROBERTA),
          Map.entry("BartTokenizer", ROBERTA),
          Map.entry("LEDTokenizer", ROBERTA),
          Map.entry("LongformerTokenizer", ROBERTA),
          Map.entry("MvpTokenizer", ROBERTA),
          Map.entry("XLMRobertaTokenizer", XLM_ROBERTA),
          Map.entry("CamembertTokenizer", CAMEMBERT),
          Map.entry("T5Tokenizer", T5),
          Map.entry("AlbertTokenizer", ALBERT),
          Map.entry("DebertaV2Tokenizer", DEBERTA),
          Map.entry("Qwen2Tokenizer", QWEN),
          Map.entry("GemmaTokenizer", GEMMA));

  /** Those of the reference's other classes that do not read {@code tokenizer.json} as it is. */
  private static final Set<String> OTHERS =
      Set.of(
          """
          Barthez Bartpho BertGeneration BertJapanese BertTokenizerLegacy Bertweet BigBird BioGpt Blenderbot
          BlenderbotSmall ByT5 CLIP CTRL Canine Clvp CodeGen CodeLlama Cohere ConvBert Cpm CpmAnt
          DPRContextEncoderTokenizerFast DPRQuestionEncoderTokenizerFast DPRReader DPRReaderTokenizerFast Deberta Dia Esm
          Esmc FSMT FastSpeech2Conformer Flaubert Funnel GPT2 GPTNeoX GPTNeoXJapanese GPTSw3 Herbert Lasr LayoutLMv2
          LayoutLMv3 LayoutXLM Llama Luke M2M100 MBart MBart50 MLuke Marian MarkupLM Mgpstr MyT5 Nllb Nougat OpenAIGPT
          PLBart Pegasus Perceiver Phobert Pop2Piano ProphetNet Qwen3_5 Reformer RemBert RoCBert RoFormer SeamlessM4T
          Siglip Siglip2 Speech2Text SpeechT5 Splinter Tapas Tipsv2 Udop VideoPrism Vits Wav2Vec2CTC
          Wav2Vec2PhonemeCTC Whisper XGLM XLM XLNet
          """
              .strip()
              .split("\\s+"));

  /** Classes whose models see token types, beside BERT's. */
  private static final Set<String> WITH_TYPES = Set.of("DebertaV2Tokenizer");

  /** The one type of model that the class takes; empty where it takes any. */
  final String modelType;

  /** In the order of {@link #SPECIAL}; two blanks in a row where there is none. */
  private final String tokens;

  TokenizerClass(String modelType, String... tokens) {
    this.modelType = modelType;
    this.tokens = String.join(" ", tokens);
  }

  /** Special tokens by their key in {@code tokenizer_config.json}, where it names no others. */
  Map<String, String> specialTokens() {
    Map<String, String> special = new LinkedHashMap<>();
    String[] spelled = tokens.split(" ", -1);
    for (int i = 0; i < spelled.length; i++) {
      if (!spelled[i].isEmpty()) {
        special.put(SPECIAL.get(i), spelled[i]);
      }
    }
    return special;
  }

  /** The file that a folder's SentencePiece model has; empty where the class reads none. */
  String sentencePiece() {
    return switch (this) {
      case XLM_ROBERTA, CAMEMBERT -> "sentencepiece.bpe.model";
      case T5, ALBERT -> "spiece.model";
      case DEBERTA -> "spm.model";
      default -> "";
    };
  }

  /**
   * The name of a folder's class.
   *
   * @param named by a file; empty where none does
   * @param architecture the {@code model_type}
   */
  static String name(String named, String architecture) {
    String own = Networks.find(architecture).map(Architecture::tokenizer).orElse("");
    boolean overruled = own.equals(Architecture.FILE_ALONE);
    String name = named.isEmpty() || overruled ? own : named;
    // These alone differ from the class that is called like them without it.
    return name.startsWith(DPR) ? name : name.replaceFirst("Fast$", "");
  }

  static TokenizerClass of(String name) {
    return KINDS.getOrDefault(name, AS_IT_IS);
  }

  /** Whether a class takes {@code do_lower_case} and does nothing with it. */
  static boolean ignoresCase(String name) {
    return name.startsWith(DPR);
  }

  /** Whether a class has steps of its own that are not known here. */
  static boolean isUnknown(String name) {
    return OTHERS.contains(name.replaceFirst("Tokenizer$", ""));
  }

  /** Whether models of a class see token types, unless a file says otherwise. */
  static boolean hasTypes(String name) {
    return WITH_TYPES.contains(name) || (of(name) == BERT && !name.equals("DistilBertTokenizer"));
  }
}
