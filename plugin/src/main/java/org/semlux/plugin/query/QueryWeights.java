package org.semlux.plugin.query;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import org.elasticsearch.common.io.stream.StreamInput;
import org.elasticsearch.common.io.stream.StreamOutput;
import org.elasticsearch.common.io.stream.Writeable;
import org.elasticsearch.inference.WeightedToken;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.encoders.api.Excerpt;
import org.semlux.encoders.api.TermWeights;

/**
 * The term weights of a query, in the order of their tokens: an object's fields have none, so
 * queries that differ in it alone are equal.
 */
public record QueryWeights(List<WeightedToken> tokens) implements Writeable {
  public QueryWeights {
    tokens = tokens.stream().sorted(Comparator.comparing(WeightedToken::token)).toList();
  }

  public QueryWeights(StreamInput in) throws IOException {
    this(in.readCollectionAsList(WeightedToken::new));
  }

  /** What a request gives as an object of weights by token. */
  static QueryWeights read(XContentParser parser) throws IOException {
    List<WeightedToken> tokens = new ArrayList<>();
    parser
        .map(HashMap::new, XContentParser::floatValue)
        .forEach((token, weight) -> tokens.add(new WeightedToken(token, weight)));
    return new QueryWeights(tokens);
  }

  /** An inference-free encoder may have trained weights below 0, which no Lucene score can be. */
  public static QueryWeights positive(TermWeights terms) {
    List<WeightedToken> tokens = new ArrayList<>(terms.size());
    for (int i = 0; i < terms.size(); i++) {
      if (terms.weights()[i] > 0) {
        tokens.add(new WeightedToken(terms.tokens()[i], terms.weights()[i]));
      }
    }
    return new QueryWeights(tokens);
  }

  /**
   * @throws IllegalArgumentException naming the first token whose weight is none
   */
  void check() {
    for (WeightedToken token : tokens) {
      if (!(token.weight() >= 0 && token.weight() < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "[query_vector] gives token [%s] the weight %s: weights must be finite and not negative"
                .formatted(Excerpt.of(token.token()), token.weight()));
      }
    }
  }

  @Override
  public void writeTo(StreamOutput out) throws IOException {
    out.writeCollection(tokens);
  }

  void toXContent(XContentBuilder builder) throws IOException {
    builder.startObject();
    for (WeightedToken token : tokens) {
      builder.field(token.token(), token.weight());
    }
    builder.endObject();
  }
}
