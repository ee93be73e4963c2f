package org.semlux.ingest.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.ingest.IngestDocument;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.DenseEncoder;

/** Passages of long texts, and the marks that tell what need not be encoded again. */
class PassagesAndMarksTest extends GoldenProcessors {
  @Test
  void longTextsBecomePassages() throws Exception {
    String text = "It rains. The river rises. Nobody in the valley has seen that.";
    Map<String, Object> document = json("{'text':['" + text + "','They wait.']}");

    run(config("dense", ",'chunking':{'strategy':'sentences','size':6,'overlap':0}"), document);

    List<?> passages = (List<?>) document.get("out");
    assertThat(passages).hasSize(4);
    assertPassage(passages.get(0), "It rains. The river rises.", 0, 26, 0);
    assertPassage(passages.get(1), "Nobody in the valley has seen", 27, 56, 0);
    assertPassage(passages.get(2), "that.", 57, 62, 0);
    assertPassage(passages.get(3), "They wait.", 0, 10, 1);
  }

  private static void assertPassage(Object passage, String text, int start, int end, int position) {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("text", text);
    expected.put("start", start);
    expected.put("end", end);
    expected.put("position", position);
    expected.put("vector", dense("dense", text));
    assertClose(passage, expected);
  }

  @Test
  void sparsePassagesHaveWeightsAndWhatTheLimitDropsIsCounted() throws Exception {
    Map<String, Object> document = json("{'text':'one two three four five six seven'}");

    run(
        config("sparse", ",'chunking':{'strategy':'words','size':2,'overlap':0,'limit':2}"),
        document);

    List<?> passages = (List<?>) document.get("out");
    assertThat(passages).hasSize(2);
    assertThat(((Map<?, ?>) passages.get(1)).get("text")).isEqualTo("three four");
    assertClose(((Map<?, ?>) passages.get(1)).get("weights"), sparse("three four", 1_000_000));
    assertThat(mark(document).get("dropped_characters")).isEqualTo(" five six seven".length());
  }

  @Test
  void anUnchangedTextIsNotEncodedAgain() throws Exception {
    DenseEncoder encoder = (DenseEncoder) ENCODERS.get("dense");
    Map<String, Object> document = json("{'text':'rain'}");
    run(config("dense", ""), document);
    Object first = document.get("out");
    assertThat(mark(document).keySet()).isEqualTo(Set.of("model_id", "version", "hash"));
    assertThat((String) mark(document).get("version")).matches("[0-9a-f]{16}");
    long texts = encoder.stats().texts();

    document.put("views", 1);
    run(config("dense", ""), document);
    assertThat(document.get("out")).isSameAs(first);
    assertThat(encoder.stats().texts()).isEqualTo(texts);

    run(config("dense", ",'skip_unchanged':false"), document);
    assertThat(encoder.stats().texts()).isEqualTo(++texts);
    assertThat(document).doesNotContainKey("out_encoded");

    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("no mark to trust").isEqualTo(++texts);
    document.remove("out");
    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("a mark without its vector").isEqualTo(++texts);
    document.put("text", "bread");
    run(config("dense", ""), document);
    assertThat(encoder.stats().texts()).as("another text").isEqualTo(++texts);
    assertClose(document.get("out"), dense("dense", "bread"));
    texts = encoder.stats().texts();
    run(config("dense", ",'input_type':'query'"), document);
    assertThat(encoder.stats().texts()).as("another option").isEqualTo(++texts);
    run(config("other", ""), document);
    assertClose(document.get("out"), dense("other", "bread"));
  }

  @Test
  void passagesWithoutTheirVectorsAreMadeAgain() throws Exception {
    String config = config("dense", ",'chunking':{'strategy':'words','size':2,'overlap':0}");
    Map<String, Object> document = json("{'text':'one two three four'}");
    run(config, document);
    Object whole = IngestDocument.deepCopyMap(document);
    ((List<?>) document.get("out")).forEach(passage -> ((Map<?, ?>) passage).remove("vector"));

    run(config, document); // as a client that got the document and sends it back

    assertThat(document).isEqualTo(whole);
    document.put("out", new ArrayList<>());
    run(config, document);
    assertThat(document).isEqualTo(whole);
  }

  @Test
  void anEncodingGoesWithItsText() throws Exception {
    String config = config("dense", ",'ignore_missing':true");
    Map<String, Object> document = json("{'text':'rain'}");
    run(config, document);
    document.put("text", null);
    run(config, document);
    assertThat(document.keySet()).isEqualTo(Set.of("text"));

    Map<String, Object> partial = json("{'views':1,'out':[1.0]}");
    run(config, partial);
    assertThat(partial).as("not made here").isEqualTo(json("{'views':1,'out':[1.0]}"));
  }

  private static Map<String, Object> mark(Map<String, Object> document) {
    return FieldPath.object(document.get("out_encoded"));
  }
}
