package org.semlux.training.adapt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.semlux.training.adapt.AdaptationData.Judging;
import org.semlux.training.data.TrainingRow;
import org.semlux.training.mine.MiningData;

/**
 * Documents that a model never learns from. Those of the same title, as the passages of one text
 * have it, are held out together: each of them answers that title.
 *
 * @param groups of one title each; a document without one stands alone
 * @param others that are learnt from
 */
record HeldOut(List<List<Document>> groups, List<Document> others) {
  /** So many times the share of the documents at most, where some titles have many of them. */
  private static final int LARGEST = 3;

  /**
   * Holds out.
   *
   * @param all in the order in which they are taken
   * @param clicked what people are known to have looked for is learnt from, by its id
   * @param share of the titles; more of a quarter of them where they would be too few to judge by
   * @param most titles
   */
  static HeldOut of(List<Document> all, Set<String> clicked, double share, int most) {
    Collection<List<Integer>> titles = byTitle(all);
    double enough = Math.min(AdaptationData.FEWEST, titles.size() / 4);
    double wanted = Math.min(most, Math.max(enough, Math.ceil(titles.size() * share)));
    double room = Math.min(all.size() / 2.0, Math.ceil(all.size() * share * LARGEST));
    Set<Integer> held = new HashSet<>();
    List<List<Document>> groups = new ArrayList<>();
    for (List<Integer> places : titles) {
      List<Document> group = places.stream().map(all::get).toList();
      if (groups.size() < wanted
          && held.size() + places.size() <= room
          && group.stream().noneMatch(document -> clicked.contains(document.id()))) {
        held.addAll(places);
        groups.add(group);
      }
    }
    return new HeldOut(
        groups,
        IntStream.range(0, all.size())
            .filter(place -> !held.contains(place))
            .mapToObj(all::get)
            .toList());
  }

  private static Collection<List<Integer>> byTitle(List<Document> all) {
    Map<String, List<Integer>> groups = new LinkedHashMap<>();
    for (int place = 0; place < all.size(); place++) {
      String title = KnownPairs.folded(all.get(place).title());
      // No title has a line break when it is folded.
      String key = title.isEmpty() ? "\n" + place : title;
      groups.computeIfAbsent(key, any -> new ArrayList<>()).add(place);
    }
    return groups.values();
  }

  /**
   * Titles, or sentences whose document is searched without them, and all documents to search.
   *
   * @param maker of sentences
   * @param learnt folded queries of the other documents: a sentence that they have too is no
   *     question, since they answer it as well
   */
  Judging judging(PairMaker maker, Set<String> learnt) {
    List<TrainingRow> rows = new ArrayList<>();
    Map<String, String> ids = new LinkedHashMap<>(); // by text: what is there twice is found once
    others.forEach(document -> ids.putIfAbsent(document.text(), document.id()));
    for (List<Document> group : groups) {
      String title = group.get(0).title().strip();
      for (Document document : group) {
        TrainingRow row =
            title.isEmpty()
                ? maker.of(document).stream()
                    .findFirst()
                    .filter(made -> !learnt.contains(KnownPairs.folded(made.texts().get(0))))
                    .orElse(null)
                : new TrainingRow(List.of(title, document.textBehindTitle()), List.of());
        ids.putIfAbsent(row == null ? document.text() : row.texts().get(1), document.id());
        if (row != null) {
          rows.add(row);
        }
      }
    }
    return new Judging(
        "held-out", MiningData.of(rows, List.copyOf(ids.keySet())), List.copyOf(ids.values()));
  }
}
