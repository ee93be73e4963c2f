package org.semlux.plugin.rescore;

import static org.elasticsearch.test.ESTestCase.between;
import static org.elasticsearch.test.ESTestCase.randomAlphaOfLength;
import static org.elasticsearch.test.ESTestCase.randomBoolean;
import static org.elasticsearch.test.ESTestCase.randomList;

import java.util.List;
import java.util.Optional;

/** Random questions to models that score pairs. */
public final class RandomRerankings {
  private RandomRerankings() {}

  public static Reranking reranking() {
    return new Reranking(
        randomAlphaOfLength(8),
        randomList(1, 4, () -> randomAlphaOfLength(5)),
        randomAlphaOfLength(20),
        randomBoolean() ? Optional.empty() : Optional.of(randomAlphaOfLength(6)));
  }

  /** One that differs in one thing. */
  public static Reranking other(Reranking one) {
    return switch (between(0, 3)) {
      case 0 -> new Reranking(one.modelId() + "x", one.fields(), one.query(), one.vectorsField());
      case 1 -> new Reranking(one.modelId(), List.of("other"), one.query(), one.vectorsField());
      case 2 ->
          new Reranking(
              one.modelId(),
              one.fields(),
              one.query(),
              Optional.of(one.vectorsField().orElse("") + "x"));
      default -> new Reranking(one.modelId(), one.fields(), one.query() + "x", one.vectorsField());
    };
  }
}
