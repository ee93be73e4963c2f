package org.semlux.plugin.rescore;

import static org.elasticsearch.test.ESTestCase.between;
import static org.elasticsearch.test.ESTestCase.randomAlphaOfLength;
import static org.elasticsearch.test.ESTestCase.randomList;

import java.util.List;

/** Random questions to cross-encoders. */
public final class RandomRerankings {
  private RandomRerankings() {}

  public static Reranking reranking() {
    return new Reranking(
        randomAlphaOfLength(8),
        randomList(1, 4, () -> randomAlphaOfLength(5)),
        randomAlphaOfLength(20));
  }

  /** One that differs in one thing. */
  public static Reranking other(Reranking reranking) {
    return switch (between(0, 2)) {
      case 0 -> new Reranking(reranking.modelId() + "x", reranking.fields(), reranking.query());
      case 1 -> new Reranking(reranking.modelId(), List.of("other"), reranking.query());
      default -> new Reranking(reranking.modelId(), reranking.fields(), reranking.query() + "x");
    };
  }
}
