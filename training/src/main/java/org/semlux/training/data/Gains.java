package org.semlux.training.data;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How good an answer to one query each document is: its judgement, as NDCG counts it.
 *
 * {@snippet lang=java :
 * Gains gains = new Gains(Map.of("a", 2.0, "b", 1.0));
 * gains.of(List.of("b", "c", "a")); // [1, 0, 2]
 * gains.among(Set.of("b")).documents(); // [b]
 * }
 *
 * @param byId above 0, by a document's id; no other document is an answer. Empty where all that was
 *     judged is none
 */
public record Gains(Map<String, Double> byId) {
  public Gains {
    byId = Collections.unmodifiableMap(new LinkedHashMap<>(byId));
  }

  /** Of answers that nobody tells apart. */
  public static Gains equal(Collection<String> documents) {
    Map<String, Double> gains = new LinkedHashMap<>();
    documents.forEach(document -> gains.put(document, 1.0));
    return new Gains(gains);
  }

  /** Whether no document is known to be an answer. */
  public boolean isEmpty() {
    return byId.isEmpty();
  }

  /** Ids of the documents that are answers. */
  public Set<String> documents() {
    return byId.keySet();
  }

  /** Of each document, 0 where it is no answer. */
  public double[] of(List<String> documents) {
    return documents.stream().mapToDouble(document -> byId.getOrDefault(document, 0.0)).toArray();
  }

  /** Of all answers, in any order. */
  public double[] all() {
    return byId.values().stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** What is left of it where only some documents are there. */
  public Gains among(Set<String> there) {
    Map<String, Double> left = new LinkedHashMap<>(byId);
    left.keySet().retainAll(there);
    return new Gains(left);
  }

  /** Of both; a document that is in both is as good as the better judgement says. */
  public Gains and(Gains other) {
    Map<String, Double> both = new LinkedHashMap<>(byId);
    other.byId.forEach((document, gain) -> both.merge(document, gain, Math::max));
    return new Gains(both);
  }
}
