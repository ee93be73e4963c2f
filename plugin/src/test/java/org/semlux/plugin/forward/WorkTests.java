package org.semlux.plugin.forward;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.elasticsearch.common.io.stream.BytesStreamOutput;
import org.elasticsearch.test.ESTestCase;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.Priority;
import org.semlux.encoders.api.ScoreRequest;
import org.semlux.encoders.api.ScoreRequest.LongTexts;
import org.semlux.encoders.api.TextPair;
import org.semlux.encoders.api.TokenVectors;
import org.semlux.plugin.action.EncodingWire;

/** What goes from node to node. */
public class WorkTests extends ESTestCase {
  private static final TokenVectors KEPT = new TokenVectors(new float[][] {{1, 0}, {0.6f, 0.8f}});

  private static Work.Score score(List<List<TokenVectors>> vectors) {
    List<TextPair> pairs = List.of(new TextPair("a query", "a text"));
    return new Work.Score(
        new ScoreRequest(pairs, LongTexts.WINDOWS, Priority.SEARCH, Optional.empty()), vectors);
  }

  /** A request without vectors, but for its last byte, which says that there are none. */
  private static BytesStreamOutput begun() throws IOException {
    BytesStreamOutput all = new BytesStreamOutput();
    score(List.of()).writeTo(all);
    BytesStreamOutput begun = new BytesStreamOutput();
    begun.write(all.bytes().toBytesRef().bytes, 0, all.size() - 1);
    return begun;
  }

  public void testVectorsOfTokensGoAlong() throws IOException {
    BytesStreamOutput sent = new BytesStreamOutput();
    score(List.of(List.of(KEPT))).writeTo(sent);
    assertEquals(score(List.of(List.of(KEPT))), Work.read(sent.bytes().streamInput()));
  }

  public void testOtherEncodingsAreNoVectorsOfTokens() throws IOException {
    BytesStreamOutput sent = begun();
    List<List<Encoding>> wrong = List.of(List.of(KEPT, new DenseVector(new float[] {1, 0})));
    sent.writeCollection(wrong, (out, one) -> out.writeCollection(one, EncodingWire::write));
    IOException refused =
        expectThrows(IOException.class, () -> Work.read(sent.bytes().streamInput()));
    assertEquals("no vectors of tokens: DenseVector", refused.getMessage());
  }
}
