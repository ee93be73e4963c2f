package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a teacher is asked about: some of the first that meaning and words find, whatever they are
 * worth, since it will say, and one of all, so that what is far stays far.
 *
 * @param count of each query
 * @param documents of the corpus
 */
record DrawnDocuments(int count, int documents, long seed) {
  /** How many of the first of each search are drawn from. */
  private static final int FIRST = 30;

  /**
   * The documents of a query.
   *
   * @param own the document that answers
   * @param answers all that are known to answer this query, this one among them
   * @return places of different documents that are not known to answer, as many as there are to be
   */
  List<Integer> of(int own, Set<Integer> answers, int[] byMeaning, int[] byWords) {
    Random random = new Random(seed + own);
    List<Integer> found =
        IntStream.concat(Arrays.stream(byMeaning).limit(FIRST), Arrays.stream(byWords).limit(FIRST))
            .filter(document -> !answers.contains(document))
            .distinct()
            .boxed()
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(found, random);
    Set<Integer> chosen =
        new LinkedHashSet<>(found.subList(0, Math.min(Math.max(1, count - 1), found.size())));
    while (chosen.size() < Math.min(count, documents - answers.size())) {
      int any = random.nextInt(documents);
      if (!answers.contains(any)) {
        chosen.add(any);
      }
    }
    return List.copyOf(chosen);
  }
}
