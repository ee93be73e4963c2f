import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a question is asked of, each a retriever of Elasticsearch's search. */
enum Step {
  BM25("BM25"),
  DENSE("dense"),
  SPARSE("sparse"),
  FUSION("fusion"),
  RERANK("rerank");

  /** Hits of each part that fusion looks at. */
  private static final int FUSED = 50;

  /**
   * Of dense to sparse; chosen on other questions than the quickstart's own, see
   * docs/measurements.md.
   */
  private static final List<Integer> WEIGHTS = List.of(16, 1);

  /** The best of fusion, which the cross-encoder reads. */
  private static final int RERANKED = 10;

  private final String title;

  Step(String title) {
    this.title = title;
  }

  static List<Step> upTo(Step last) {
    return Arrays.stream(values()).filter(step -> step.compareTo(last) <= 0).toList();
  }

  Map<String, ?> retriever(String question) {
    return switch (this) {
      case BM25 -> standard(Map.of("match", Map.of("text", question)));
      case DENSE ->
          standard(
              Map.of(
                  "semlux",
                  Map.of(
                      "field",
                      "text.meaning",
                      "query",
                      question,
                      "k",
                      FUSED,
                      "num_candidates",
                      2 * FUSED)));
      case SPARSE -> standard(Map.of("semlux", Map.of("field", "text.terms", "query", question)));
      case FUSION ->
          Map.of(
              "semlux_fusion",
              Map.of(
                  "method",
                  "linear",
                  "normalizer",
                  "minmax",
                  "weights",
                  WEIGHTS,
                  "rank_window_size",
                  FUSED,
                  "retrievers",
                  List.of(DENSE.retriever(question), SPARSE.retriever(question))));
      case RERANK ->
          Map.of(
              "semlux_rerank",
              Map.of(
                  "model_id",
                  Quickstart.RERANK_MODEL,
                  "field",
                  "text",
                  "query",
                  question,
                  "rank_window_size",
                  RERANKED,
                  "retriever",
                  FUSION.retriever(question)));
    };
  }

  private static Map<String, ?> standard(Map<String, ?> query) {
    return Map.of("standard", Map.of("query", query));
  }

  @Override
  public String toString() {
    return title;
  }
}
