package org.semlux.training.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.semlux.training.data.RetrievalData;

/** A search of all queries in a corpus, by comparing every query with every document. */
final class Retrieval {
  /** What models are chosen by. */
  static final String PRIMARY = "ndcg@10";

  /** The reference's columns in their order, and the metric in each. */
  static final Map<String, String> COLUMNS = columns();

  private static final int[] FIRST = {1, 3, 5, 10};
  private static final int TEN = 10;
  private static final int HUNDRED = 100;

  private final List<String> queries;
  private final List<String> corpus;
  private final Map<String, Set<String>> relevant;
  private final Scores scores;
  private final int[] idRanks;

  Retrieval(RetrievalData data, Scores scores) {
    this.queries = List.copyOf(data.queries().keySet());
    this.corpus = List.copyOf(data.corpus().keySet());
    this.relevant = data.relevant();
    this.scores = scores;
    this.idRanks = new int[corpus.size()];
    int[] byId =
        IntStream.range(0, corpus.size())
            .boxed()
            .sorted(Comparator.comparing(corpus::get))
            .mapToInt(Integer::intValue)
            .toArray();
    IntStream.range(0, byId.length).forEach(rank -> idRanks[byId[rank]] = rank);
  }

  private static Map<String, String> columns() {
    Map<String, String> columns = new LinkedHashMap<>();
    for (int k : new int[] {1, 3, 5, 10}) {
      columns.put("Accuracy@" + k, "accuracy@" + k);
    }
    for (int k : new int[] {1, 3, 5, 10}) {
      columns.put("Precision@" + k, "precision@" + k);
      columns.put("Recall@" + k, "recall@" + k);
    }
    columns.put("MRR@10", "mrr@10");
    columns.put("NDCG@10", PRIMARY);
    columns.put("MAP@100", "map@100");
    return columns;
  }

  /** A document and its score. */
  private record Hit(int document, double score) {}

  /** What a search for one query found: whether each of the best answers it, and how many do. */
  private record Found(boolean[] hits, int relevant) {
    /** Answers among the first k. */
    int among(int k) {
      return (int) IntStream.range(0, Math.min(k, hits.length)).filter(i -> hits[i]).count();
    }

    /** One over the place of the first answer among the first k; 0 without one. */
    double reciprocalRank(int k) {
      return IntStream.range(0, Math.min(k, hits.length))
          .filter(i -> hits[i])
          .mapToDouble(i -> 1.0 / (i + 1))
          .findFirst()
          .orElse(0);
    }

    /** Järvelin and Kekäläinen 2002, with gains of 0 and 1. */
    double ndcg(int k) {
      double gain =
          IntStream.range(0, Math.min(k, hits.length))
              .filter(i -> hits[i])
              .mapToDouble(Found::discount)
              .sum();
      return gain / IntStream.range(0, Math.min(k, relevant)).mapToDouble(Found::discount).sum();
    }

    private static double discount(int place) {
      return Math.log(2) / Math.log(place + 2);
    }

    double averagePrecision(int k) {
      double sum = 0;
      int found = 0;
      for (int i = 0; i < Math.min(k, hits.length); i++) {
        if (hits[i]) {
          found++;
          sum += (double) found / (i + 1);
        }
      }
      return sum / Math.min(k, relevant);
    }
  }

  /** Means over all queries by the reference's names, in its order. */
  Map<String, Double> metrics() {
    List<Found> found =
        IntStream.range(0, queries.size()).parallel().mapToObj(this::search).toList();
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (int k : FIRST) {
      metrics.put("accuracy@" + k, mean(found, one -> one.among(k) > 0 ? 1 : 0));
    }
    for (int k : FIRST) {
      metrics.put("precision@" + k, mean(found, one -> (double) one.among(k) / k));
    }
    for (int k : FIRST) {
      metrics.put("recall@" + k, mean(found, one -> (double) one.among(k) / one.relevant()));
    }
    metrics.put(PRIMARY, mean(found, one -> one.ndcg(TEN)));
    metrics.put("mrr@" + TEN, mean(found, one -> one.reciprocalRank(TEN)));
    metrics.put("map@" + HUNDRED, mean(found, one -> one.averagePrecision(HUNDRED)));
    return metrics;
  }

  private static double mean(List<Found> found, ToDoubleFunction<Found> metric) {
    return found.stream().mapToDouble(metric).average().orElse(Double.NaN);
  }

  private Found search(int query) {
    // The worst of the best on top, so that it makes way.
    Comparator<Hit> worstFirst =
        Comparator.comparingDouble(Hit::score)
            .thenComparing(hit -> idRanks[hit.document()], Comparator.reverseOrder());
    PriorityQueue<Hit> best = new PriorityQueue<>(worstFirst);
    IntToDoubleFunction score = scores.of(query);
    for (int document = 0; document < corpus.size(); document++) {
      best.add(new Hit(document, score.applyAsDouble(document)));
      if (best.size() > HUNDRED) {
        best.remove();
      }
    }
    List<Hit> hits = new ArrayList<>(best);
    hits.sort(worstFirst.reversed());
    Set<String> answers = relevant.get(queries.get(query));
    boolean[] found = new boolean[hits.size()];
    for (int i = 0; i < found.length; i++) {
      found[i] = answers.contains(corpus.get(hits.get(i).document()));
    }
    return new Found(found, answers.size());
  }
}
