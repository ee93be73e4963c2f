package org.semlux.plugin.field;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.elasticsearch.core.Nullable;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.ingest.Digest;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.chunk.Chunking.Strategy;

/**
 * How a field's texts are encoded, as the processor's parameters of the same names.
 *
 * @param sparse which terms are kept; for sparse models only
 */
record EncodingOptions(SparseOptions sparse, Chunking chunking) {
  static final String CHUNKING = "chunking";
  static final String PRUNING = "pruning";

  /** A chunk is what the model reads, but no more than this many tokens. */
  private static final int DEFAULT_SIZE = 512;

  private static final int DEFAULT_LIMIT = 1_000;

  /** What search engines keep of a learned sparse vector without losing quality. */
  private static final Pruning DEFAULT_PRUNING = Pruning.none().withMinRatio(0.1);

  /**
   * Reads what a mapping says of it.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  static EncodingOptions parse(@Nullable Object chunking, @Nullable Object pruning) {
    return new EncodingOptions(parsePruning(pruning), parseChunking(chunking));
  }

  private static Chunking parseChunking(@Nullable Object node) {
    if (node == null) {
      return new Chunking(Strategy.TOKEN_SENTENCES, DEFAULT_SIZE, 0, DEFAULT_LIMIT);
    }
    Map<String, Object> map = object(CHUNKING, node);
    String name = String.valueOf(map.remove("strategy"));
    Strategy strategy = null;
    for (Strategy one : Strategy.values()) {
      strategy = one.name().toLowerCase(Locale.ROOT).equals(name) ? one : strategy;
    }
    if (strategy == null) {
      throw new IllegalArgumentException(
          "[chunking] needs a [strategy] of tokens, sentences, token_sentences or words, not ["
              + name
              + "]");
    }
    int size = integer(map, "size", Chunking.DEFAULT_SIZE);
    int overlap = integer(map, "overlap", Math.min(Chunking.DEFAULT_OVERLAP, size / 2));
    int limit = integer(map, "limit", DEFAULT_LIMIT);
    checkEmpty(CHUNKING, map);
    return new Chunking(strategy, size, overlap, limit);
  }

  private static SparseOptions parsePruning(@Nullable Object node) {
    if (node == null) {
      return SparseOptions.defaults()
          .withSpecialTokens(SpecialTokens.DROP)
          .withPruning(DEFAULT_PRUNING);
    }
    Map<String, Object> map = object(PRUNING, node);
    boolean drop = Boolean.parseBoolean(String.valueOf(map.remove("drop_special_tokens")));
    Pruning pruning =
        new Pruning(
            integer(map, "top_k", Integer.MAX_VALUE),
            number(map, "min_ratio"),
            number(map, "min_weight"));
    checkEmpty(PRUNING, map);
    return SparseOptions.defaults()
        .withSpecialTokens(drop ? SpecialTokens.DROP : SpecialTokens.KEEP)
        .withPruning(pruning);
  }

  private static Map<String, Object> object(String name, Object node) {
    if (!(node instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("[" + name + "] must be an object");
    }
    Map<String, Object> copy = new HashMap<>();
    map.forEach((key, value) -> copy.put(String.valueOf(key), value));
    return copy;
  }

  private static int integer(Map<String, Object> map, String name, int otherwise) {
    Object value = map.remove(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Integer number) {
      return number;
    }
    throw new IllegalArgumentException("[" + name + "] must be a whole number, not " + value);
  }

  private static double number(Map<String, Object> map, String name) {
    Object value = map.remove(name);
    if (value == null) {
      return 0;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException("[" + name + "] must be a number, not " + value);
  }

  private static void checkEmpty(String name, Map<String, Object> map) {
    if (!map.isEmpty()) {
      throw new IllegalArgumentException(
          "[" + name + "] has unknown parameters " + map.keySet().stream().sorted().toList());
    }
  }

  /**
   * What tells these options with this model from all others: 16 hexadecimal digits.
   *
   * @param modelVersion see {@link org.semlux.ingest.deployed.EncoderSource#version}
   */
  String version(String modelVersion) {
    Pruning pruning = sparse.pruning();
    return Digest.of(
        List.of(
            modelVersion,
            sparse.specialTokens().name(),
            String.valueOf(pruning.maxTerms()),
            String.valueOf(pruning.minRatio()),
            String.valueOf(pruning.minWeight()),
            chunking.strategy().name(),
            String.valueOf(chunking.size()),
            String.valueOf(chunking.overlap()),
            String.valueOf(chunking.limit())),
        16);
  }
}
