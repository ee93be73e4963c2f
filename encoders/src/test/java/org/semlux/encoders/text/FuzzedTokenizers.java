package org.semlux.encoders.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.semlux.encoders.folder.JsonFile;

/**
 * Every kind of tokenizer and pre-tokenizer that is in use, with the small vocabularies of goldens.
 */
final class FuzzedTokenizers {
  private static final Path GOLDENS = Path.of("../tests/src/test/resources/goldens");
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String ENDINGS =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String LLAMA_3 =
      CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + ENDINGS;
  private static final String QWEN =
      CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + ENDINGS;
  private static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + CONTRACTIONS
          + "?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + CONTRACTIONS
          + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private FuzzedTokenizers() {}

  /** Tokenizers by a name that says what they are. */
  static Map<String, JsonObject> all() throws IOException {
    Map<String, JsonObject> all = new LinkedHashMap<>();
    JsonObject bert = golden("dense-bert-mean-normalize");
    JsonObject bytes = golden("dense-roberta-mean");
    JsonObject unigram = golden("dense-xlm-roberta-mean");
    all.put("WordPiece, Bert", bert);
    for (String type : List.of("Whitespace", "WhitespaceSplit", "Punctuation")) {
      String more = type.equals("Punctuation") ? ",\"behavior\":\"Isolated\"" : "";
      all.put("WordPiece, " + type, with(bert, "{\"type\":\"" + type + "\"" + more + "}"));
    }
    all.put("WordPiece without normalizer", normalized(bert, "null"));
    all.put("BPE, GPT-2", bytes);
    all.put("BPE, GPT-2 with a space before", with(bytes, byteLevel(true, true)));
    all.put("BPE, ModernBERT", golden("dense-modernbert-mean"));
    for (String pattern : List.of(LLAMA_3, QWEN, O200K)) {
      String name = pattern.equals(LLAMA_3) ? "Llama 3" : pattern.equals(QWEN) ? "Qwen" : "o200k";
      String steps = sequence(split(pattern), byteLevel(false, false));
      all.put("BPE, " + name, with(bytes, steps));
    }
    all.put(
        "BPE, Qwen, NFC",
        normalized(
            with(bytes, sequence(split(QWEN), byteLevel(false, false))), "{\"type\":\"NFC\"}"));
    all.put("Unigram, Metaspace", unigram);
    for (String scheme : List.of("first", "never")) {
      all.put("Unigram, Metaspace " + scheme, with(unigram, metaspace(scheme)));
    }
    String split =
        sequence(JsonParser.parseString("{\"type\":\"WhitespaceSplit\"}"), metaspace("always"));
    all.put("Unigram, WhitespaceSplit", with(unigram, split));
    all.put(
        "Unigram, stripped",
        normalized(unigram, "{\"type\":\"Strip\",\"strip_left\":true,\"strip_right\":true}"));
    all.put("WordLevel, Whitespace", words(with(bert, "{\"type\":\"Whitespace\"}")));
    all.put("BPE, Llama 2", wholeTexts(unigram));
    return all;
  }

  private static JsonObject golden(String name) throws IOException {
    return JsonFile.read(GOLDENS.resolve(name).resolve("tokenizer.json")).object();
  }

  private static JsonObject with(JsonObject tokenizer, String preTokenizer) {
    JsonObject other = tokenizer.deepCopy();
    other.add("pre_tokenizer", JsonParser.parseString(preTokenizer));
    return other;
  }

  private static JsonObject normalized(JsonObject tokenizer, String normalizer) {
    JsonObject other = tokenizer.deepCopy();
    other.add("normalizer", JsonParser.parseString(normalizer));
    return other;
  }

  /** The same vocabulary, of whole words. */
  private static JsonObject words(JsonObject wordPiece) {
    JsonObject other = wordPiece.deepCopy();
    JsonObject model = other.getAsJsonObject("model");
    model.addProperty("type", "WordLevel");
    model.remove("continuing_subword_prefix");
    model.remove("max_input_chars_per_word");
    return other;
  }

  /**
   * The same vocabulary, merged over whole texts, as SentencePiece's BPE does: spaces are
   * characters like any other, and nothing parts words before.
   */
  private static JsonObject wholeTexts(JsonObject unigram) {
    JsonObject other =
        normalized(
            with(unigram, "null"),
            """
            {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},
             {"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]}""");
    JsonObject vocabulary = new JsonObject();
    for (JsonElement piece : unigram.getAsJsonObject("model").getAsJsonArray("vocab")) {
      vocabulary.addProperty(piece.getAsJsonArray().get(0).getAsString(), vocabulary.size());
    }
    JsonArray merges = new JsonArray();
    for (String token : vocabulary.keySet()) {
      int characters = token.codePointCount(0, token.length());
      for (int first = 1; first < characters && !token.startsWith("<"); first++) {
        int at = token.offsetByCodePoints(0, first);
        if (vocabulary.has(token.substring(0, at)) && vocabulary.has(token.substring(at))) {
          merges.add(token.substring(0, at) + " " + token.substring(at));
        }
      }
    }
    JsonObject model = new JsonObject();
    model.addProperty("type", "BPE");
    model.add("vocab", vocabulary);
    model.add("merges", merges);
    model.addProperty("unk_token", "<unk>");
    model.addProperty("fuse_unk", true);
    other.add("model", model);
    return other;
  }

  private static String byteLevel(boolean space, boolean regex) {
    return "{\"type\":\"ByteLevel\",\"trim_offsets\":true,\"add_prefix_space\":%s,\"use_regex\":%s}"
        .formatted(space, regex);
  }

  private static String metaspace(String scheme) {
    return "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"split\":true,\"prepend_scheme\":\"%s\"}"
        .formatted(scheme);
  }

  private static JsonObject split(String regex) {
    JsonObject pattern = new JsonObject();
    pattern.addProperty("Regex", regex);
    JsonObject split = new JsonObject();
    split.addProperty("type", "Split");
    split.add("pattern", pattern);
    split.addProperty("behavior", "Isolated");
    split.addProperty("invert", false);
    return split;
  }

  private static String sequence(JsonElement first, String second) {
    return "{\"type\":\"Sequence\",\"pretokenizers\":[" + first + "," + second + "]}";
  }
}
