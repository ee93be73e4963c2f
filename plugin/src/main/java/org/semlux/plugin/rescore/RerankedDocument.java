package org.semlux.plugin.rescore;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.ingest.StoredVectors;
import org.semlux.ingest.deployed.EncoderSource;

/**
 * What a document brings to be scored.
 *
 * @param text of its fields; empty where they are missing or blank
 * @param vectors of its tokens that it keeps, one for each of its passages; none where it keeps
 *     none of this model, so that its text is read
 */
public record RerankedDocument(String text, List<TokenVectors> vectors) {
  /** Whether there is nothing to score. */
  public boolean isEmpty() {
    return text.isEmpty() && vectors.isEmpty();
  }

  /**
   * Reads a document as {@link Reranking} asks for it.
   *
   * @param encoders tells whether vectors are the model's
   * @param values of a field by its name, as a search returns them
   * @throws IllegalArgumentException naming the field that cannot be read
   */
  static RerankedDocument of(
      EncoderSource encoders, Reranking reranking, Function<String, List<Object>> values) {
    FieldText text = new FieldText();
    for (String field : reranking.fields()) {
      text.add(field, values.apply(field));
    }
    List<TokenVectors> vectors =
        reranking.vectorsField().stream()
            .map(field -> Map.entry(field, values.apply(field)))
            .filter(field -> !field.getValue().isEmpty())
            .flatMap(
                field -> {
                  int model = StoredVectors.model(encoders, reranking.modelId());
                  return field.getValue().stream()
                      .flatMap(v -> StoredVectors.read(model, field.getKey(), v).stream());
                })
            .toList();
    return new RerankedDocument(text.toString(), vectors);
  }
}
