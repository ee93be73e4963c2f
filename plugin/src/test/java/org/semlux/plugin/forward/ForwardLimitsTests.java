package org.semlux.plugin.forward;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.lessThan;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.ExceptionsHelper;
import org.elasticsearch.common.io.stream.BytesStreamOutput;
import org.elasticsearch.common.util.concurrent.EsRejectedExecutionException;
import org.elasticsearch.core.Releasable;
import org.elasticsearch.core.TimeValue;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.EncodeRequest;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;

/** What is on its way to other nodes is bounded by all that it holds. */
public class ForwardLimitsTests extends ESTestCase {
  private static final int DOCUMENTS = 10;
  private static final int TOKENS = 30;
  private static final int DIMENSIONS = 128;

  private static Work.Score pairs(boolean withVectors) {
    List<TokenVectors> kept = List.of(new TokenVectors(new float[TOKENS][DIMENSIONS]));
    return new Work.Score(
        new ScoreRequest(
            Collections.nCopies(DOCUMENTS, new TextPair("a query", "a text")),
            LongTexts.WINDOWS,
            Priority.SEARCH,
            Optional.empty()),
        withVectors ? Collections.nCopies(DOCUMENTS, kept) : List.of());
  }

  public void testVectorsCount() throws IOException {
    long vectors = 4L * DOCUMENTS * TOKENS * DIMENSIONS;
    assertEquals(vectors, pairs(true).bytes() - pairs(false).bytes());
    BytesStreamOutput sent = new BytesStreamOutput();
    pairs(true).writeTo(sent);
    assertThat(pairs(true).bytes(), greaterThanOrEqualTo((long) sent.size()));
  }

  /** A rerank of long texts may take a while, and of many vectors no longer than without. */
  public void testNobodyIsWaitedForWithoutEnd() {
    ForwardLimits limits = new ForwardLimits("n", 1, priority -> Duration.ofSeconds(5));
    TimeValue few = limits.patience(pairs(false)).orElseThrow();
    assertEquals(few, limits.patience(pairs(true)).orElseThrow());
    assertThat(few.seconds(), greaterThanOrEqualTo(15L));
    EncodeRequest many =
        EncodeRequest.of(List.of("long ".repeat(1_000_000))).withPriority(Priority.SEARCH);
    assertEquals(75, limits.patience(new Work.Encode(many)).orElseThrow().seconds());
    EncodeRequest documents = many.withPriority(Priority.INGEST);
    assertTrue(limits.patience(new Work.Encode(documents)).isEmpty());
  }

  public void testTheyTakeRoom() {
    long limit = 200_000;
    assertThat(2 * pairs(false).bytes(), lessThan(limit));
    assertThat(2 * pairs(true).bytes(), greaterThanOrEqualTo(limit));
    ForwardLimits limits = new ForwardLimits("n", limit, priority -> Duration.ZERO);
    var request = new ForwardAction.Request("m", 1, pairs(true));
    Releasable first = limits.room(request);
    var full = expectThrows(EsRejectedExecutionException.class, () -> limits.room(request));
    assertEquals(429, ExceptionsHelper.status(full).getStatus());
    assertThat(full.getMessage(), containsString("[m]"));
    first.close();
    limits.room(request).close();
  }
}
