package org.semlux.training.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.semlux.encoders.api.DenseVector;
import org.semlux.encoders.api.TermWeights;
import org.semlux.training.data.RetrievalData;

/** Beside {@code RankingGoldensTest}, which compares with the reference. */
class InformationRetrievalEvaluatorTest {
  @Test
  void documentsOfEqualScoreAreOrderedByTheirIds() {
    RetrievalData data = data(List.of("q"), List.of("b", "a", "c"), Map.of("q", Set.of("b")));
    List<DenseVector> queries = List.of(vector(1, 0));
    List<DenseVector> corpus = List.of(vector(2, 0), vector(1, 0), vector(0, 1));

    Map<String, Double> metrics =
        new InformationRetrievalEvaluator("", List.of(Similarity.COSINE))
            .evaluate(data, queries, corpus);

    assertThat(metrics)
        .containsEntry("cosine_accuracy@1", 0.0)
        .containsEntry("cosine_mrr@10", 0.5)
        .containsEntry("cosine_precision@10", 0.1)
        .containsEntry("cosine_recall@3", 1.0);
  }

  @Test
  void answersThatAreNotInTheCorpusAreNeverFound() {
    RetrievalData data =
        data(List.of("q", "r"), List.of("a"), Map.of("q", Set.of("a", "x"), "z", Set.of("a")));
    InformationRetrievalEvaluator evaluator =
        new InformationRetrievalEvaluator("n", List.of(Similarity.DOT, Similarity.EUCLIDEAN));

    Map<String, Double> metrics = evaluator.evaluate(data, List.of(vector(1)), List.of(vector(1)));

    assertThat(data.queries()).containsOnlyKeys("q");
    assertThat(metrics).containsEntry("n_dot_recall@10", 0.5).containsEntry("n_dot_map@100", 0.5);
    assertThat(evaluator.primaryMetric(metrics)).endsWith("_ndcg@10").startsWith("n_");
    assertThatThrownBy(() -> evaluator.evaluate(data, List.of(), List.of(vector(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 embeddings for 1 queries and 1 for 1 documents");
  }

  /** More documents than a search keeps, and term weights against the same numbers spread out. */
  @RepeatedTest(4)
  void sparseAndDenseSearchesFindTheSame(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int vocabulary = 20;
    List<String> ids = IntStream.range(0, 300).mapToObj(i -> "d" + i).toList();
    Map<String, Set<String>> relevant =
        Map.of("q0", Set.of("d3", "d299", "d7"), "q1", Set.of("d0"), "q2", Set.of("d17", "d5"));
    RetrievalData data = data(List.of("q0", "q1", "q2"), ids, relevant);
    List<TermWeights> queries = terms(random, 3, vocabulary);
    List<TermWeights> corpus = terms(random, 300, vocabulary);
    List<Similarity> all = List.of(Similarity.values());

    Map<String, Double> sparse =
        new SparseInformationRetrievalEvaluator("", all)
            .evaluate(data, queries, corpus, vocabulary);
    Map<String, Double> dense =
        new InformationRetrievalEvaluator("", all)
            .evaluate(data, spread(queries, vocabulary), spread(corpus, vocabulary));

    assertThat(sparse).containsAllEntriesOf(dense).hasSize(dense.size() + 5);
    assertThat(sparse.get("query_active_dims")).isEqualTo(6);
    assertThat(sparse.get("corpus_sparsity_ratio")).isCloseTo(0.7, within(1e-12));
    assertThat(sparse.get("avg_flops")).isCloseTo(naiveShared(queries, corpus), within(1e-9));
  }

  private static double naiveShared(List<TermWeights> queries, List<TermWeights> corpus) {
    double shared = 0;
    for (TermWeights query : queries) {
      for (TermWeights document : corpus) {
        shared += IntStream.of(query.ids()).filter(id -> has(document, id)).count();
      }
    }
    return shared / (queries.size() * corpus.size());
  }

  private static boolean has(TermWeights terms, int id) {
    return IntStream.of(terms.ids()).anyMatch(other -> other == id);
  }

  /** Six terms each, with weights of whole numbers: their sums are exact in any order. */
  private static List<TermWeights> terms(Random random, int texts, int vocabulary) {
    return IntStream.range(0, texts)
        .mapToObj(
            text -> {
              int[] ids = random.ints(0, vocabulary).distinct().limit(6).toArray();
              float[] weights = new float[ids.length];
              for (int i = 0; i < weights.length; i++) {
                weights[i] = 1 + random.nextInt(1000);
              }
              return new TermWeights(ids, new String[ids.length], weights);
            })
        .toList();
  }

  private static List<DenseVector> spread(List<TermWeights> texts, int vocabulary) {
    return texts.stream()
        .map(
            terms -> {
              float[] values = new float[vocabulary];
              for (int i = 0; i < terms.size(); i++) {
                values[terms.ids()[i]] = terms.weights()[i];
              }
              return new DenseVector(values);
            })
        .toList();
  }

  private static RetrievalData data(
      List<String> queries, List<String> corpus, Map<String, Set<String>> relevant) {
    return new RetrievalData(texts(queries), texts(corpus), relevant);
  }

  private static Map<String, String> texts(List<String> ids) {
    Map<String, String> texts = new LinkedHashMap<>();
    ids.forEach(id -> texts.put(id, "text of " + id));
    return texts;
  }

  private static DenseVector vector(float... values) {
    return new DenseVector(values);
  }
}
