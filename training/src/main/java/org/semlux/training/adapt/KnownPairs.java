package org.semlux.training.adapt;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.semlux.training.adapt.AdaptationData.Pair;

/**
 * Which documents are known to answer a query: several opened one of the same query, or have the
 * same title. None of them is a wrong answer.
 *
 * @param answers places in the corpus, by query as {@link #folded} writes it
 */
record KnownPairs(Map<String, Set<Integer>> answers) {
  static KnownPairs of(Stream<Pair> pairs) {
    Map<String, Set<Integer>> answers = new HashMap<>();
    pairs.forEach(
        pair ->
            answers
                .computeIfAbsent(folded(pair.query()), any -> new HashSet<>())
                .add(pair.document()));
    return new KnownPairs(answers);
  }

  /** What they ask, folded. */
  static Set<String> queries(List<Pair> pairs) {
    return of(pairs.stream()).answers.keySet();
  }

  /** Places in the corpus; none where nothing is known. */
  Set<Integer> answers(String query) {
    return answers.getOrDefault(folded(query), Set.of());
  }

  /** The same for queries that differ in case and white space alone. */
  static String folded(String query) {
    return query.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
  }
}
