package org.semlux.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether columns of texts stand where their names say. Losses go by their order alone: JSON that
 * was written with sorted keys has the negative where the positive should be.
 */
final class ColumnOrder {
  /** Names that data sets use, each where it belongs. */
  private static final List<List<String>> USUAL =
      List.of(
          List.of("anchor", "positive", "negative"),
          List.of("question", "answer"),
          List.of("query", "response"),
          List.of("hypothesis", "entailment", "contradiction"));

  private ColumnOrder() {}

  /**
   * Tells of the first column that stands elsewhere, as sentence-transformers does.
   *
   * @param texts all columns of texts, in order
   * @throws IOException when a negative stands before the positive, which nobody means
   */
  static void check(Path file, List<String> texts, Consumer<String> notices) throws IOException {
    for (List<String> usual : USUAL) {
      if (usual.size() > 2) {
        requireAfter(file, texts, usual.get(1), usual.get(2));
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

  private static int place(String name) {
    return USUAL.stream().mapToInt(usual -> usual.indexOf(name)).max().orElse(-1);
  }

  private static void requireAfter(Path file, List<String> texts, String positive, String negative)
      throws IOException {
    List<String> negatives =
        texts.stream().filter(name -> name.matches(negative + "(_?\\d+)?")).toList();
    boolean before =
        negatives.stream().anyMatch(name -> texts.indexOf(name) < texts.indexOf(positive));
    if (before) {
      List<String> right = new ArrayList<>(texts);
      right.removeAll(negatives);
      right.remove(positive);
      right.add(positive);
      right.addAll(negatives);
      throw new IOException(
          "[%s]: the column [%s] stands before [%s] and would be learnt as it, since the order alone says what they are: write them in the order %s"
              .formatted(file, negatives.get(0), positive, right));
    }
  }
}
