package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.mine.MiningData;

/**
 * Documents parted into those that a model learns from and those that it is judged by, which it
 * never sees while it learns.
 *
 * @param training pairs of a query and its answer
 * @param corpus what is searched for negatives: all texts but those held out
 * @param judging queries of the documents held out, and all texts, in which they are searched for;
 *     a text that lent its own sentence as a query stands there without it
 */
public record AdaptationData(List<TrainingRow> training, List<String> corpus, MiningData judging) {
  private static final int FEWEST = 20;

  /**
   * Parts documents.
   *
   * @param share of the documents that is held out
   * @param most documents that are held out
   * @param seed decides which
   * @throws IllegalArgumentException when there is too little to learn from or to judge by
   */
  public static AdaptationData of(List<Document> documents, double share, int most, long seed) {
    List<Document> different = new ArrayList<>(documents);
    Set<String> seen = new HashSet<>();
    different.removeIf(document -> document.text().isBlank() || !seen.add(document.text()));
    Collections.shuffle(different, new Random(seed));
    int held = (int) Math.min(most, Math.ceil(different.size() * share));
    PairMaker maker = new PairMaker(seed);
    List<TrainingRow> judged = new ArrayList<>();
    Set<String> searched = new LinkedHashSet<>();
    for (Document document : different.subList(0, held)) {
      List<TrainingRow> pairs = maker.of(document);
      if (!pairs.isEmpty()) {
        judged.add(pairs.get(0)); // by its title where it has one
      }
      searched.add(pairs.isEmpty() ? document.text() : pairs.get(0).texts().get(1));
    }
    List<String> corpus = different.stream().skip(held).map(Document::text).toList();
    searched.addAll(corpus);
    List<TrainingRow> training =
        different.stream().skip(held).flatMap(document -> maker.of(document).stream()).toList();
    if (training.size() < FEWEST || judged.size() < FEWEST) {
      throw new IllegalArgumentException(
          "%d documents give %d pairs to learn from and %d queries to judge by, where %d of each are the least: give more documents, with titles or of several sentences"
              .formatted(documents.size(), training.size(), judged.size(), FEWEST));
    }
    return new AdaptationData(training, corpus, MiningData.of(judged, List.copyOf(searched)));
  }
}
