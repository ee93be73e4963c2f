package org.semlux.plugin.field;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.elasticsearch.core.Nullable;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.EncoderKind;
import org.semlux.ingest.deployed.DeployedModel;

/**
 * What a field's vectors are, and which models made them. Stands in the mapping once the first text
 * was encoded; the shape never changes.
 *
 * @param kind {@link EncoderKind#DENSE} or {@link EncoderKind#SPARSE}
 * @param dimensions of dense vectors; 0 for sparse ones
 * @param models those that documents' vectors are by, each with the one that encodes queries for
 *     it. Where a mapping is put, null instead says that no document is by that model any more
 */
record ModelSettings(EncoderKind kind, int dimensions, SortedMap<String, String> models)
    implements ToXContentObject {
  static final String NAME = "model_settings";
  static final String MODELS = "models";
  private static final String KIND = "kind";
  private static final String DIMENSIONS = "dimensions";

  /**
   * @throws IllegalArgumentException for a kind that makes no vectors
   */
  ModelSettings {
    if (kind != EncoderKind.DENSE && kind != EncoderKind.SPARSE) {
      throw new IllegalArgumentException(
          "a [semlux_text] field takes a dense or a sparse model, not one of kind [" + kind + "]");
    }
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  static ModelSettings of(DeployedModel model) {
    EncoderKind kind = model.kind();
    int dimensions = kind == EncoderKind.DENSE ? model.dimensions() : 0;
    return new ModelSettings(kind, dimensions, Collections.emptySortedMap());
  }

  /** Reads what a mapping says; null for nothing. */
  static ModelSettings parse(Object node) {
    if (node == null) {
      return null;
    }
    if (node instanceof Map<?, ?> map
        && map.get(KIND) instanceof String kind
        && (kind.equals("sparse")
            || (kind.equals("dense") && map.get(DIMENSIONS) instanceof Integer))) {
      Object dimensions = map.get(DIMENSIONS);
      SortedMap<String, String> models = new TreeMap<>();
      if (map.get(MODELS) instanceof Map<?, ?> given) {
        given.forEach(
            (model, search) ->
                models.put(String.valueOf(model), search == null ? null : search.toString()));
      }
      return new ModelSettings(
          EncoderKind.valueOf(kind.toUpperCase(Locale.ROOT)),
          dimensions instanceof Integer number ? number : 0,
          models);
    }
    throw new IllegalArgumentException(
        "[model_settings] must have a [kind] of dense, with its [dimensions], or sparse");
  }

  boolean isDense() {
    return kind == EncoderKind.DENSE;
  }

  /** Whether vectors of these settings can stand in one field. */
  boolean fits(ModelSettings other) {
    return kind == other.kind && dimensions == other.dimensions;
  }

  /** The same vectors, by a model more. */
  ModelSettings with(String model, @Nullable String searchModel) {
    SortedMap<String, String> more = new TreeMap<>(models);
    more.put(model, searchModel);
    return new ModelSettings(kind, dimensions, more);
  }

  /** With the models that a mapping adds or takes away: it need not name the others again. */
  ModelSettings merge(ModelSettings now) {
    SortedMap<String, String> all = new TreeMap<>(models);
    all.putAll(now.models);
    all.values().removeIf(Objects::isNull);
    return new ModelSettings(kind, dimensions, all);
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    return builder.value(toMap());
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(KIND, kind.toString());
    if (isDense()) {
      map.put(DIMENSIONS, dimensions);
    }
    if (!models.isEmpty()) {
      map.put(MODELS, models);
    }
    return map;
  }

  @Override
  public String toString() {
    return isDense() ? "dense vectors of " + dimensions + " dimensions" : "sparse vectors";
  }
}
