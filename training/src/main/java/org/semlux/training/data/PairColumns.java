package org.semlux.training.data;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** What a data file calls the two sentences and their score. */
public record PairColumns(String sentence1, String sentence2, String score) {
  /** The names of the data sets on the Hugging Face hub, such as stsb. */
  public static final PairColumns DEFAULT = new PairColumns("sentence1", "sentence2", "score");

  /** The names in the order of {@link ScoredPair}'s components. */
  List<String> names() {
    return List.of(sentence1, sentence2, score);
  }

  /**
   * What a file with such columns calls them: these names; or, where nobody asks for others, by the
   * rules of sentence-transformers, a label and the two texts beside it, in their order.
   *
   * @param where is told
   * @param found all columns, in order
   * @return empty where they name no pair
   * @throws IOException when one is there twice, or there is a label and nobody can say which the
   *     texts are
   */
  Optional<PairColumns> in(String where, List<String> found) throws IOException {
    if (found.containsAll(names())) {
      ColumnNames.requireOnce(where, found, names());
      return Optional.of(this);
    }
    List<String> labels = found.stream().filter(ColumnNames.LABELS::contains).toList();
    if (!equals(DEFAULT) || labels.isEmpty() || found.size() < names().size()) {
      return Optional.empty();
    }
    List<String> sentences = List.of(sentence1, sentence2);
    List<String> texts =
        found.containsAll(sentences)
            ? sentences
            : found.stream()
                .filter(name -> !labels.contains(name) && !name.equalsIgnoreCase(Split.COLUMN))
                .toList();
    if (labels.size() > 1 || texts.size() != 2 || new HashSet<>(texts).size() < 2) {
      throw new IOException(
          "%s: the columns %s are not two texts and a label: leave the others out, or say which by --sentence1-column, --sentence2-column and --score-column"
              .formatted(where, found));
    }
    return Optional.of(new PairColumns(texts.get(0), texts.get(1), labels.get(0)));
  }
}
