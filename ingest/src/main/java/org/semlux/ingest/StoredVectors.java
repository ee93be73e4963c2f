package org.semlux.ingest;

import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.PackedVectors;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * Vectors of a document's tokens as a field holds them: {@link PackedVectors} in base 64, which is
 * what a {@code binary} field takes.
 */
public final class StoredVectors {
  private static final int DIGITS = 8;

  private StoredVectors() {}

  /**
   * What tells vectors of a deployed model from those of another.
   *
   * @throws org.elasticsearch.ElasticsearchException with a status where there is no such model
   */
  public static int model(EncoderSource encoders, String modelId) {
    String name = Digest.of(List.of(encoders.version(encoders.id(modelId))), DIGITS);
    return Integer.parseUnsignedInt(name, 16);
  }

  /** A field's value. */
  public static String write(int model, TokenVectors vectors) {
    return Base64.getEncoder().encodeToString(new PackedVectors(model, vectors).toBytes());
  }

  /**
   * The vectors in a field's value; empty where another model made them.
   *
   * @throws IllegalArgumentException naming the field, where it holds something else
   */
  public static Optional<TokenVectors> read(int model, String field, Object value) {
    Optional<PackedVectors> packed = Optional.empty();
    if (value instanceof CharSequence text) {
      try {
        packed = PackedVectors.of(Base64.getDecoder().decode(text.toString()));
      } catch (IllegalArgumentException e) {
        // no base 64: told below
      }
    }
    if (packed.isEmpty()) {
      throw new IllegalArgumentException(
          "field [%s] holds [%s], which is no token vectors as the semlux processor writes them"
              .formatted(field, Excerpt.of(String.valueOf(value))));
    }
    return packed.filter(read -> read.model() == model).map(PackedVectors::vectors);
  }
}
