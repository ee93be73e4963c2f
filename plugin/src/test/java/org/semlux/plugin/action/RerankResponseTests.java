package org.semlux.plugin.action;

import static org.hamcrest.Matchers.containsString;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;
import org.semlux.encoders.api.PairScore;

public class RerankResponseTests extends AbstractWireSerializingTestCase<RerankAction.Response> {
  @Override
  protected Writeable.Reader<RerankAction.Response> instanceReader() {
    return RerankAction.Response::new;
  }

  @Override
  protected RerankAction.Response createTestInstance() {
    List<RerankAction.Result> results = new ArrayList<>();
    for (int i = randomIntBetween(0, 4); i > 0; i--) {
      results.add(new RerankAction.Result(i, randomFloat()));
    }
    return new RerankAction.Response("m", results);
  }

  @Override
  protected RerankAction.Response mutateInstance(RerankAction.Response response) {
    List<RerankAction.Result> results = new ArrayList<>(response.results());
    results.add(new RerankAction.Result(9, 1));
    return new RerankAction.Response("m", results);
  }

  private static PairScore score(float value) {
    return new PairScore(new float[] {value}, new float[] {2 * value});
  }

  public void testBestFirstAndTheFirstOfEquals() {
    var scores = List.of(score(0.25f), score(0.75f), score(0.25f), score(0.5f));
    assertEquals(
        "{\"model_id\":\"m\",\"results\":[{\"index\":1,\"score\":0.75},"
            + "{\"index\":3,\"score\":0.5},{\"index\":0,\"score\":0.25}]}",
        Strings.toString(RerankAction.Response.best("m", scores, 3)));
    assertEquals(4, RerankAction.Response.best("m", scores, 100).results().size());
  }

  public void testRequest() throws Exception {
    var sent = new RerankAction.Request("m", "q", List.of("a", ""), 7);
    assertNull(copyWriteable(sent, writableRegistry(), RerankAction.Request::new).validate());
    var none = new RerankAction.Request("m", "q", List.of(), 0);
    assertThat(none.validate().getMessage(), containsString("[documents] must hold 1 to 1000"));
    assertThat(none.validate().getMessage(), containsString("[top_n] must be at least 1"));
    var many = new RerankAction.Request("m", "q", Collections.nCopies(1001, "x"), 1);
    assertThat(many.validate().getMessage(), containsString("not 1001"));
    var tooLong = new RerankAction.Request("m", "x".repeat(1_000_000), List.of("a"), 1);
    assertThat(tooLong.validate().getMessage(), containsString("[query] has 1000000 characters"));
  }
}
