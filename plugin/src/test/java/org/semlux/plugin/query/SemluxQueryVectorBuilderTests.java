package org.semlux.plugin.query;

import static org.hamcrest.Matchers.containsString;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.ElasticsearchStatusException;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.support.PlainActionFuture;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.AbstractXContentSerializingTestCase;
import org.elasticsearch.test.client.NoOpClient;
import org.elasticsearch.threadpool.TestThreadPool;
import org.elasticsearch.xcontent.XContentParser;
import org.elasticsearch.xcontent.json.JsonXContent;
import org.semlux.encoders.DenseEncoder;
import org.semlux.encoders.api.InputType;
import org.semlux.encoders.batch.Workers;
import org.semlux.encoders.load.EncoderOptions;

public class SemluxQueryVectorBuilderTests
    extends AbstractXContentSerializingTestCase<SemluxQueryVectorBuilder> {
  private static final QueryEncodings NONE =
      new QueryEncodings(
          id -> {
            throw new ElasticsearchStatusException("no model [{}]", RestStatus.NOT_FOUND, id);
          });

  @Override
  protected Writeable.Reader<SemluxQueryVectorBuilder> instanceReader() {
    return SemluxQueryVectorBuilder.spec(NONE).getReader()::read;
  }

  @Override
  protected SemluxQueryVectorBuilder doParseInstance(XContentParser parser) {
    return SemluxQueryVectorBuilder.spec(NONE).getParser().apply(parser, null);
  }

  @Override
  protected SemluxQueryVectorBuilder createTestInstance() {
    return new SemluxQueryVectorBuilder(NONE, randomAlphaOfLength(8), randomAlphaOfLength(20));
  }

  @Override
  protected SemluxQueryVectorBuilder mutateInstance(SemluxQueryVectorBuilder instance) {
    String id = instance.modelId();
    String text = instance.modelText();
    return randomBoolean()
        ? new SemluxQueryVectorBuilder(NONE, id + "x", text)
        : new SemluxQueryVectorBuilder(NONE, id, text + "x");
  }

  public void testBuildsTheVectorOfAQuery() throws IOException {
    Path model = Path.of("../tests/src/test/resources/goldens/dense-bert-prompts").toAbsolutePath();
    try (var threads = new TestThreadPool(getTestName());
        var encoder = DenseEncoder.load(model, options(threads))) {
      var vector = new PlainActionFuture<float[]>();
      new SemluxQueryVectorBuilder(new QueryEncodings(id -> encoder), "prompts", "a man plays")
          .buildVector(new NoOpClient(threads), vector);

      float[] expected = encoder.encode(List.of("a man plays"), InputType.QUERY).get(0).values();
      assertArrayEquals(expected, vector.actionGet(TEST_REQUEST_TIMEOUT), 1e-6f);
    }
  }

  private static EncoderOptions options(TestThreadPool threads) {
    return EncoderOptions.defaults()
        .withWorkers(new Workers(threads.generic(), 1, threads.generic()));
  }

  public void testFailsWithTheSourcesStatus() {
    try (var threads = new TestThreadPool(getTestName())) {
      var vector = new PlainActionFuture<float[]>();
      new SemluxQueryVectorBuilder(NONE, "absent", "a man plays")
          .buildVector(new NoOpClient(threads), vector);

      var failure = expectThrows(Exception.class, () -> vector.actionGet(TEST_REQUEST_TIMEOUT));
      assertEquals("no model [absent]", failure.getMessage());
      assertEquals(RestStatus.NOT_FOUND, ExceptionsHelper.status(failure));
    }
  }

  public void testRefusesWhatItCannotUse() throws IOException {
    assertRefused("{\"model_id\":\"m\",\"model_text\":\" \"}", "[model_text] is blank");
    assertRefused(
        "{\"model_id\":\"m\",\"model_text\":\"" + "x".repeat(1_000_000) + "\"}",
        "[model_text] has 1000000 characters");
    assertRefused("{\"model_id\":\"m\"}", "[model_text]");
    assertRefused("{\"model_text\":\"t\"}", "[model_id]");
    assertRefused("{\"model_id\":\"m\",\"model_text\":\"t\",\"k\":1}", "unknown field [k]");
  }

  private void assertRefused(String json, String message) throws IOException {
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
