package org.semlux.plugin.retriever;

import java.io.IOException;
import java.util.Arrays;
import org.elasticsearch.search.retriever.CompoundRetrieverBuilder.RetrieverSource;
import org.elasticsearch.search.retriever.TestRetrieverBuilder;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.plugin.rescore.RandomRerankings;
import org.semlux.plugin.rescore.Reranking;

public class RerankRetrieverBuilderTests extends RetrieverTestCase<RerankRetrieverBuilder> {
  @Override
  protected RerankRetrieverBuilder createTestInstance() {
    Reranking reranking = RandomRerankings.reranking();
    var builder =
        new RerankRetrieverBuilder(
            NONE,
            RetrieverSource.from(TestRetrieverBuilder.createRandomTestRetrieverBuilder()),
            reranking,
            between(1, Reranking.MAX_WINDOW),
            randomBoolean(),
            FIELDS,
            randomBoolean() && reranking.fields().size() == 1 && reranking.vectorsField().isEmpty()
                ? between(1, 100)
                : null);
    if (randomBoolean()) {
      builder.minScore(randomFloat()).retrieverName(randomAlphaOfLength(4));
    }
    return builder;
  }

  public void testWhatIsNotGiven() throws IOException {
    String json =
        "{\"semlux_rerank\":{\"retriever\":{\"test\":{\"value\":\"t\"}},"
            + "\"model_id\":\"m\",\"field\":[\"a\",\"b\"],\"query\":\"q\"}}";
    try (var parser = createParser(JsonXContent.jsonXContent, json)) {
      assertEquals(50, doParseInstance(parser).rankWindowSize());
    }
  }

  public void testRefusesWhatItCannotUse() throws IOException {
    String rest = ",\"model_id\":\"m\",\"field\":\"f\",\"query\":\"q\"";
    assertRefused(body(rest + ",\"rank_window_size\":0"), "[rank_window_size] must be 1 to 1000");
    assertRefused(body(rest + ",\"rank_window_size\":100000"), "documents, not 100000");
    assertRefused(body(rest + ",\"chunks\":0"), "[chunks] must be 1 to 100, not 0");
    assertRefused(
        body(",\"model_id\":\"m\",\"field\":[\"a\",\"b\"],\"query\":\"q\",\"chunks\":2"),
        "[chunks] are those of one [field]");
    assertRefused(
        body(rest + ",\"scores\":\"odd\""), "[scores] must be activated or raw, not [odd]");
    assertRefused(body(",\"model_id\":\"m\",\"field\":\"f\",\"query\":\"\""), "[query] is blank");
    assertRefused(body(",\"field\":\"f\",\"query\":\"q\""), "[model_id]");
    assertRefused(body(rest + ",\"k\":1"), "unknown field [k]");
    char[] tooLong = new char[Reranking.MAX_QUERY + 1];
    Arrays.fill(tooLong, 'x');
    assertRefused(
        body(",\"model_id\":\"m\",\"field\":\"f\",\"query\":\"" + new String(tooLong) + "\""),
        "[query] has 10001 characters, and a cross-encoder takes at most 10000");
  }

  private static String body(String rest) {
    return "{\"semlux_rerank\":{\"retriever\":{\"test\":{\"value\":\"t\"}}" + rest + "}}";
  }

  public void testNegativeScoresKeepTheirOrder() {
    float[] scores = {-1000, -10, -1, -0.001f, 0, 0.001f, 7, 1e9f};
    for (int i = 1; i < scores.length; i++) {
      assertTrue(RerankPass.positive(scores[i - 1]) < RerankPass.positive(scores[i]));
    }
    assertEquals(0, RerankPass.positive(-1000), 0);
  }
}
