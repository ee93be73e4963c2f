package org.semlux.plugin.search;

import static org.hamcrest.Matchers.containsString;

import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.action.search.SearchPhaseExecutionException;
import org.elasticsearch.action.search.ShardSearchFailure;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.test.ESTestCase;

public class FirstReasonTests extends ESTestCase {
  private static SearchPhaseExecutionException allShardsFailed(Exception reason) {
    ShardSearchFailure[] shards = {new ShardSearchFailure(reason)};
    var failed = new SearchPhaseExecutionException("query", "all shards failed", reason, shards);
    failed.setStackTrace(new StackTraceElement[0]); // it is Elasticsearch that throws it
    return failed;
  }

  /** Data nodes drop stack traces, so the innermost reason counts where a search is ours. */
  public void testShardsReasonComesFirst() {
    Exception inner = new IllegalArgumentException("it is {} wrong");
    inner.setStackTrace(new StackTraceElement[0]);
    Exception query = new IllegalStateException("failed to create query", inner);
    query.setStackTrace(new StackTraceElement[0]);
    Exception failed = allShardsFailed(query);
    Exception said = FirstReason.of(failed, true);
    assertEquals("it is {} wrong", said.getMessage());
    assertSame(failed, said.getCause());
    assertSame("others' searches stay as they are", failed, FirstReason.of(failed, false));
  }

  public void testOurReasonIsFoundWhereverItIs() {
    Exception ours = new IllegalArgumentException("ours"); // thrown by org.semlux
    Exception outer = new IllegalStateException("failed");
    outer.setStackTrace(new StackTraceElement[0]);
    outer.addSuppressed(ours);
    assertEquals("ours", FirstReason.of(outer, false).getMessage());
    assertSame(ours, FirstReason.of(ours, false));
  }

  public void testTooManyRoundsAreTheUsersToMend() {
    Exception rounds = new IllegalStateException("too many rewrite rounds, rewriteable might …");
    rounds.setStackTrace(new StackTraceElement[0]);
    Exception said = FirstReason.of(rounds, true);
    assertEquals(RestStatus.BAD_REQUEST, ExceptionsHelper.status(said));
    assertThat(said.getMessage(), containsString("16 times at most"));
  }
}
