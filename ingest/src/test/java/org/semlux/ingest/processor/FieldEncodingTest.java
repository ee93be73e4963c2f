package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.DenseVector;

/** A text without a known word has a vector of zeros, which no index by cosine takes. */
class FieldEncodingTest {
  private static final DenseVector ZERO = new DenseVector(new float[2]);
  private static final DenseVector ONE = new DenseVector(new float[] {0, 1});

  private final Map<String, Object> document = new HashMap<>(Map.of("vector", List.of(1f)));
  private final TextPlace place = new TextPlace("?", document, "vector");
  private final EncodedMark mark = EncodedMark.of("m", "v", List.of("?"));

  private FieldOptions options(String chunking) {
    String entry = "'input_field':'text','output_field':'vector'" + chunking;
    return GoldenProcessors.processor("{'model_id':'m','input_output':[{" + entry + "}]}")
        .fields()
        .get(0)
        .options();
  }

  @Test
  void aZeroVectorIsNoneAndTheMarkSaysSo() {
    FieldEncoding field = new FieldEncoding(place, options(""), Optional.of(mark), 0, List.of("?"));
    field.write(field.whole(), List.of(ZERO));
    assertThat(document).doesNotContainKey("vector");
    Object said = document.get("vector_encoded");
    assertThat(mark.isIn(said)).isTrue();
    assertThat(EncodedMark.isOfNothing(said)).isTrue();

    field.write(field.whole(), List.of(ONE));
    assertThat(document.get("vector")).isEqualTo(List.of(0f, 1f));
    assertThat(EncodedMark.isOfNothing(document.get("vector_encoded"))).isFalse();
  }

  @Test
  void aPassageWithAZeroVectorIsLeftOut() {
    FieldOptions options = options(",'chunking':{'strategy':'words','size':1,'overlap':0}");
    List<Map<String, Object>> passages =
        List.of(new HashMap<>(Map.of("text", "?")), new HashMap<>(Map.of("text", "rain")));
    new FieldEncoding(place, options, Optional.of(mark), 0, List.of())
        .write(new FieldEncoding.Passages(List.of("?", "rain"), passages, 0), List.of(ZERO, ONE));
    assertThat(document.get("vector"))
        .isEqualTo(List.of(Map.of("text", "rain", "vector", List.of(0f, 1f))));
  }
}
