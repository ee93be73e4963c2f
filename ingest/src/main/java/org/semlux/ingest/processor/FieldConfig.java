package org.semlux.ingest.processor;

import static org.elasticsearch.ingest.ConfigurationUtils.newConfigurationException;
import static org.elasticsearch.ingest.ConfigurationUtils.readBooleanProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readDoubleProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readIntProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readOptionalMap;
import static org.elasticsearch.ingest.ConfigurationUtils.readOptionalStringProperty;
import static org.elasticsearch.ingest.ConfigurationUtils.readStringProperty;
import static org.semlux.ingest.processor.SemluxProcessor.TYPE;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.api.Pruning;
import org.semlux.encoders.api.SparseOptions;
import org.semlux.encoders.api.SparseOptions.SpecialTokens;
import org.semlux.ingest.chunk.Chunking;
import org.semlux.ingest.chunk.Chunking.Strategy;

/**
 * Reads what a processor says for all its fields, and a field for itself: what a field does not say
 * is as the processor says it.
 *
 * @param tag of the processor, for messages
 * @param modelId null where none is named
 */
record FieldConfig(
    String tag,
    String modelId,
    InputType inputType,
    SparseOptions sparse,
    Optional<Chunking> chunking) {
  private static final String MODEL_ID = "model_id";
  private static final String INPUT_TYPE = "input_type";
  private static final String PRUNING = "pruning";
  private static final String CHUNKING = "chunking";

  /** What holds where nothing is said. */
  static FieldConfig defaults(String tag) {
    return new FieldConfig(
        tag, null, InputType.DOCUMENT, SparseOptions.defaults(), Optional.empty());
  }

  /** Takes what it knows out of an object. */
  FieldConfig read(Map<String, Object> config) {
    String id = readOptionalStringProperty(TYPE, tag, config, MODEL_ID);
    String type = readOptionalStringProperty(TYPE, tag, config, INPUT_TYPE);
    Map<String, Object> pruning = readOptionalMap(TYPE, tag, config, PRUNING);
    Map<String, Object> chunks = readOptionalMap(TYPE, tag, config, CHUNKING);
    return new FieldConfig(
        tag,
        id == null ? modelId : id,
        type == null ? inputType : one(InputType.class, INPUT_TYPE, type),
        pruning == null ? sparse : readPruning(new HashMap<>(pruning)),
        chunks == null ? chunking : Optional.of(readChunking(new HashMap<>(chunks))));
  }

  /** The options, if a model is named. */
  FieldOptions options() {
    if (modelId == null) {
      throw newConfigurationException(TYPE, tag, MODEL_ID, "required property is missing");
    }
    return new FieldOptions(modelId, inputType, sparse, chunking);
  }

  private SparseOptions readPruning(Map<String, Object> config) {
    boolean dropSpecial = readBooleanProperty(TYPE, tag, config, "drop_special_tokens", false);
    int topK = readIntProperty(TYPE, tag, config, "top_k", Integer.MAX_VALUE);
    double minRatio = readDouble(config, "min_ratio");
    double minWeight = readDouble(config, "min_weight");
    checkEmpty(PRUNING, config);
    Pruning pruning = valid(PRUNING, () -> new Pruning(topK, minRatio, minWeight));
    return SparseOptions.defaults()
        .withSpecialTokens(dropSpecial ? SpecialTokens.DROP : SpecialTokens.KEEP)
        .withPruning(pruning);
  }

  private double readDouble(Map<String, Object> config, String name) {
    return config.containsKey(name) ? readDoubleProperty(TYPE, tag, config, name) : 0;
  }

  private Chunking readChunking(Map<String, Object> config) {
    Strategy strategy =
        one(Strategy.class, "strategy", readStringProperty(TYPE, tag, config, "strategy"));
    int size = readIntProperty(TYPE, tag, config, "size", Chunking.DEFAULT_SIZE);
    int overlap =
        readIntProperty(
            TYPE,
            tag,
            config,
            "overlap",
            Math.min(Chunking.DEFAULT_OVERLAP, Math.max(0, size / 2)));
    int limit = readIntProperty(TYPE, tag, config, "limit", Chunking.DEFAULT_LIMIT);
    checkEmpty(CHUNKING, config);
    return valid(CHUNKING, () -> new Chunking(strategy, size, overlap, limit));
  }

  void checkEmpty(String name, Map<String, Object> config) {
    if (!config.isEmpty()) {
      throw newConfigurationException(
          TYPE,
          tag,
          name,
          "has unknown parameters [" + Excerpt.of(String.join(", ", config.keySet())) + "]");
    }
  }

  private <T> T valid(String name, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw newConfigurationException(TYPE, tag, name, e.getMessage());
    }
  }

  private <E extends Enum<E>> E one(Class<E> type, String property, String name) {
    StringBuilder names = new StringBuilder();
    for (E constant : type.getEnumConstants()) {
      String known = constant.name().toLowerCase(Locale.ROOT);
      if (known.equals(name)) {
        return constant;
      }
      names.append(names.isEmpty() ? "" : " or ").append(known);
    }
    throw newConfigurationException(
        TYPE, tag, property, "must be " + names + ", not [" + Excerpt.of(name) + "]");
  }
}
