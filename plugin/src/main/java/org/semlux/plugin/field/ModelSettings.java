package org.semlux.plugin.field;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.elasticsearch.xcontent.ToXContentObject;
import org.elasticsearch.xcontent.XContentBuilder;
import org.semlux.encoders.api.EncoderInfo;
import org.semlux.encoders.api.EncoderKind;

/**
 * What a field's vectors are. Stands in the mapping once the first text was encoded, and never
 * changes.
 *
 * @param kind {@link EncoderKind#DENSE} or {@link EncoderKind#SPARSE}
 * @param dimensions of dense vectors; 0 for sparse ones
 */
record ModelSettings(EncoderKind kind, int dimensions) implements ToXContentObject {
  static final String NAME = "model_settings";
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
  }

  static ModelSettings of(EncoderInfo info) {
    return new ModelSettings(info.kind(), info.kind() == EncoderKind.DENSE ? info.dimensions() : 0);
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
      return new ModelSettings(
          EncoderKind.valueOf(kind.toUpperCase(Locale.ROOT)),
          dimensions instanceof Integer number ? number : 0);
    }
    throw new IllegalArgumentException(
        "[model_settings] must have a [kind] of dense, with its [dimensions], or sparse");
  }

  boolean isDense() {
    return kind == EncoderKind.DENSE;
  }

  @Override
  public XContentBuilder toXContent(XContentBuilder builder, Params params) throws IOException {
    builder.startObject().field(KIND, kind.toString());
    if (isDense()) {
      builder.field(DIMENSIONS, dimensions);
    }
    return builder.endObject();
  }

  Map<String, Object> toMap() {
    return isDense()
        ? Map.of(KIND, kind.toString(), DIMENSIONS, dimensions)
        : Map.of(KIND, kind.toString());
  }

  @Override
  public String toString() {
    return isDense() ? "dense vectors of " + dimensions + " dimensions" : "sparse vectors";
  }
}
