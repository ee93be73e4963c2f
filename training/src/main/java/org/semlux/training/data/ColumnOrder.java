package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether columns of texts stand where their names say. Losses go by their order alone: JSON that
 * was written with sorted keys has the negative where the positive should be.
 */
final class ColumnOrder {
  /** Names that data sets use, by the place of their text. */
  private static final List<List<String>> USUAL =
      List.of(
          List.of("anchor", "query", "question", "hypothesis"),
          List.of("positive", "answer", "response", "entailment"),
          List.of("negative", "contradiction"));

  private ColumnOrder() {}

  /**
   * Tells of the first column that stands elsewhere, as sentence-transformers does.
   *
   * @param texts all columns of texts, in order
   * @param otherwise what may be done beside writing them anew, at the end of the message
   * @throws IOException when they stand in another order than their names say, which
   *     sentence-transformers trains with after a warning: an anchor in the last place is a
   *     negative
   */
  static void check(Path file, List<String> texts, String otherwise, Consumer<String> notices)
      throws IOException {
    List<String> known = texts.stream().filter(name -> place(name) >= 0).toList();
    List<String> right = known.stream().sorted(Comparator.comparing(ColumnOrder::place)).toList();
    for (int i = 0; i < known.size(); i++) {
      if (!known.get(i).equals(right.get(i))) {
        throw new IOException(
            "[%s]: the columns %s stand in another order than their names say, and the order alone says what they are: write them in the order %s%s"
                .formatted(file, texts, inOrder(texts, right), otherwise));
      }
    }
    Optional<String> strange =
        USUAL.stream()
            .flatMap(List::stream)
            .filter(name -> texts.contains(name) && texts.indexOf(name) != place(name))
            .findFirst();
    strange.ifPresent(
        name ->
            notices.accept(
                "[%s]: the column [%s] is text %s of %s, where one of that name is text %s as a rule: the order alone says what they are"
                    .formatted(file, name, texts.indexOf(name) + 1, texts, place(name) + 1)));
  }

  /** Below 0 where the name says nothing. */
  private static int place(String name) {
    for (int place = 0; place < USUAL.size(); place++) {
      boolean last = place == USUAL.size() - 1; // of negatives there may be several
      String usual = last ? name.replaceFirst("_?\\d+$", "") : name;
      if (USUAL.get(place).contains(usual)) {
        return place;
      }
    }
    return -1;
  }

  /** All columns, those whose names say their place in this order. */
  private static List<String> inOrder(List<String> texts, List<String> right) {
    List<String> all = new ArrayList<>();
    int next = 0;
    for (String name : texts) {
      all.add(place(name) < 0 ? name : right.get(next++));
    }
    return all;
  }
}
