package org.semlux.plugin.action;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.elasticsearch.common.Strings;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.test.AbstractWireSerializingTestCase;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.Encoding;
import org.semlux.encoders.api.TermWeights;
import org.semlux.encoders.api.TokenVectors;

public class EncodeResponseTests extends AbstractWireSerializingTestCase<EncodeAction.Response> {
  @Override
  protected Writeable.Reader<EncodeAction.Response> instanceReader() {
    return EncodeAction.Response::new;
  }

  @Override
  protected EncodeAction.Response createTestInstance() {
    if (randomBoolean()) {
      TermWeights terms =
          new TermWeights(
              new int[] {7, 3}, new String[] {"a", "##b"}, new float[] {2, randomFloat()});
      return new EncodeAction.Response("m", List.of(terms, terms.first(1)));
    }
    if (randomBoolean()) {
      float[][] rows = {{randomFloat(), 1}, {0, randomFloat()}};
      return new EncodeAction.Response("m", List.of(new TokenVectors(rows)));
    }
    List<DenseVector> vectors = new ArrayList<>();
    for (int i = randomIntBetween(1, 4); i > 0; i--) {
      vectors.add(new DenseVector(new float[] {randomFloat(), randomFloat()}));
    }
    return new EncodeAction.Response("m", vectors);
  }

  @Override
  protected EncodeAction.Response mutateInstance(EncodeAction.Response response) {
    List<Encoding> encodings = new ArrayList<>(response.encodings());
    if (randomBoolean()) {
      return new EncodeAction.Response("n", encodings);
    }
    int at = randomIntBetween(0, encodings.size() - 1);
    encodings.set(
        at,
        switch (encodings.get(at)) {
          case DenseVector vector -> new DenseVector(Arrays.copyOf(vector.values(), 1));
          case TermWeights terms -> terms.first(terms.size() - 1);
          case TokenVectors tokens -> new TokenVectors(Arrays.copyOf(tokens.vectors(), 1));
        });
    return new EncodeAction.Response("m", encodings);
  }

  public void testJson() {
    var vectors =
        List.of(new DenseVector(new float[] {1.5f, -0.25f}), new DenseVector(new float[] {0, 1}));
    assertEquals(
        "{\"model_id\":\"m\",\"embeddings\":[[1.5,-0.25],[0.0,1.0]]}",
        Strings.toString(new EncodeAction.Response("m", vectors)));
  }

  public void testJsonOfTokenVectors() {
    var tokens = new TokenVectors(new float[][] {{1.5f, -0.25f}, {0, 1}});
    assertEquals(
        "{\"model_id\":\"m\",\"token_embeddings\":[[[1.5,-0.25],[0.0,1.0]],[]]}",
        Strings.toString(
            new EncodeAction.Response("m", List.of(tokens, new TokenVectors(new float[0][])))));
  }

  public void testJsonOfTerms() {
    var terms = new TermWeights(new int[] {7, 3}, new String[] {"a", "##b"}, new float[] {2, 0.5f});
    assertEquals(
        "{\"model_id\":\"m\",\"weights\":[{\"a\":2.0,\"##b\":0.5}]}",
        Strings.toString(new EncodeAction.Response("m", List.of(terms))));
  }
}
