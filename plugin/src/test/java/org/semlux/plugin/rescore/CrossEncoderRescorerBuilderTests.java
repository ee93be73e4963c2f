package org.semlux.plugin.rescore;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.search.rescore.QueryRescoreMode;
import org.elasticsearch.search.rescore.RescorerBuilder;
import org.elasticsearch.test.AbstractXContentSerializingTestCase;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.ingest.deployed.EncoderSource;

public class CrossEncoderRescorerBuilderTests
    extends AbstractXContentSerializingTestCase<CrossEncoderRescorerBuilder> {
  private static final EncoderSource NONE =
      id -> {
        throw new ElasticsearchStatusException("no model [{}]", RestStatus.NOT_FOUND, id);
      };

  @Override
  protected NamedXContentRegistry xContentRegistry() {
    var spec = CrossEncoderRescorerBuilder.spec(NONE);
    return new NamedXContentRegistry(
        List.of(
            new NamedXContentRegistry.Entry(
                RescorerBuilder.class, spec.getName(), parser -> spec.getParser().apply(parser))));
  }

  @Override
  protected Writeable.Reader<CrossEncoderRescorerBuilder> instanceReader() {
    return CrossEncoderRescorerBuilder.spec(NONE).getReader()::read;
  }

  @Override
  protected CrossEncoderRescorerBuilder doParseInstance(XContentParser parser) throws IOException {
    assertEquals(XContentParser.Token.START_OBJECT, parser.nextToken());
    return (CrossEncoderRescorerBuilder) RescorerBuilder.parseFromXContent(parser, name -> {});
  }

  @Override
  protected CrossEncoderRescorerBuilder createTestInstance() {
    var builder = new CrossEncoderRescorerBuilder(NONE, RandomRerankings.reranking(), weights());
    return randomBoolean() ? builder : builder.windowSize(between(1, Reranking.MAX_WINDOW));
  }

  private static ScoreWeights weights() {
    return new ScoreWeights(randomFloat(), randomFloat(), randomFrom(QueryRescoreMode.values()));
  }

  @Override
  protected CrossEncoderRescorerBuilder mutateInstance(CrossEncoderRescorerBuilder builder) {
    CrossEncoderRescorerBuilder other;
    if (randomBoolean()) {
      Reranking reranking = RandomRerankings.other(builder.reranking());
      other = new CrossEncoderRescorerBuilder(NONE, reranking, builder.weights());
    } else {
      ScoreWeights weights = randomValueOtherThan(builder.weights(), () -> weights());
      other = new CrossEncoderRescorerBuilder(NONE, builder.reranking(), weights);
    }
    return builder.windowSize() == null ? other : other.windowSize(builder.windowSize());
  }

  public void testRefusesWhatItCannotUse() throws IOException {
    String good = "\"model_id\":\"m\",\"field\":\"f\",\"query\":\"q\"";
    assertRefused(10, "\"field\":\"f\",\"query\":\"q\"", "[model_id]");
    assertRefused(10, "\"model_id\":\"m\",\"query\":\"q\"", "[field]");
    assertRefused(10, "\"model_id\":\"m\",\"field\":\"f\",\"query\":\" \"", "[query] is blank");
    assertRefused(10, "\"model_id\":\"m\",\"field\":[],\"query\":\"q\"", "[field] must name");
    assertRefused(10, good + ",\"query_weight\":-1", "[query_weight] must be 0 or more, not -1.0");
    assertRefused(10, good + ",\"score_mode\":\"most\"", "illegal score_mode [most]");
    assertRefused(10, good + ",\"k\":1", "unknown field [k]");
    assertRefused(0, good, "[window_size] must be 1 to 1000 documents, not 0");
    assertRefused(100_000, good, "[window_size] must be 1 to 1000 documents, not 100000");
    char[] tooLong = new char[1_000_000];
    Arrays.fill(tooLong, 'x');
    assertRefused(
        10,
        "\"model_id\":\"m\",\"field\":\"f\",\"query\":\"" + new String(tooLong) + "\"",
        "[query] has 1000000 characters");
  }

  private void assertRefused(int window, String content, String message) throws IOException {
    String json = "{\"window_size\":%s,\"semlux_cross_encoder\":{%s}}".formatted(window, content);
    try (XContentParser parser = createParser(JsonXContent.jsonXContent, json)) {
      var failure = expectThrows(Exception.class, () -> doParseInstance(parser));
      Throwable cause = failure;
      while (!String.valueOf(cause.getMessage()).contains(message) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      assertThat(cause.getMessage(), containsString(message));
    }
  }
}
