package org.semlux.training.loss;

import java.util.List;
import org.semlux.training.data.TrainingRow;

/**
 * What a loss takes of a row.
 *
 * {@snippet lang=java :
 * RowShape pairs = new RowShape(2, 2, RowShape.Labels.ONE);
 * List<TrainingRow> rows = List.of(new TrainingRow(List.of("a", "b"), List.of(.5)));
 * pairs.check("CoSENT", rows); // an IllegalArgumentException would name the row
 * }
 *
 * @param fewest texts of a row
 * @param most texts of a row
 * @param labels of a row
 */
public record RowShape(int fewest, int most, Labels labels) {
  /** No end. */
  static final int ANY = Integer.MAX_VALUE;

  /** Both texts of a pair and a score. */
  static final RowShape SCORED_PAIR = new RowShape(2, 2, Labels.ONE);

  /** How many labels a row has. */
  public enum Labels {
    /** They are left out where there are some; all rows have as many texts. */
    NONE("no labels"),
    /** Of the row. */
    ONE("one label"),
    /** One for each text but the first; or their differences from the first one's, in all rows. */
    MARGINS(
        "a label for each text but the first, or for each but the first two how much less it is"),
    /** One for each text but the first. */
    EACH("a label for each text but the first");

    private final String words;

    Labels(String words) {
      this.words = words;
    }

    private boolean fits(int labels, int texts) {
      return switch (this) {
        case NONE -> true;
        case ONE -> labels == 1;
        case MARGINS -> labels == texts - 1 || labels == texts - 2;
        case EACH -> labels == texts - 1;
      };
    }
  }

  /** Whether it takes no labels. */
  public boolean isUnlabelled() {
    return labels == Labels.NONE;
  }

  /** Whether files of scored pairs are what it takes. */
  public boolean isScoredPair() {
    return equals(SCORED_PAIR);
  }

  /**
   * Refuses rows that are otherwise.
   *
   * @param name of the loss
   * @throws IllegalArgumentException naming the first
   */
  public void check(String name, List<TrainingRow> rows) {
    for (int i = 0; i < rows.size(); i++) {
      int texts = rows.get(i).texts().size();
      int given = rows.get(i).labels().size();
      if (texts < fewest || texts > most || !labels.fits(given, texts)) {
        throw new IllegalArgumentException(
            "row %s [%s] has %s texts and %s labels, where %s takes %s and %s: take other data or another loss"
                .formatted(
                    i + 1, rows.get(i).texts().get(0), texts, given, name, texts(), labels.words));
      }
      if (i > 0 && !alike(rows.get(0), rows.get(i))) {
        throw new IllegalArgumentException(
            "row %s [%s] has %s texts and %s labels and row 1 has %s and %s, where %s takes %s: take other data or another loss"
                .formatted(
                    i + 1,
                    rows.get(i).texts().get(0),
                    texts,
                    given,
                    rows.get(0).texts().size(),
                    rows.get(0).labels().size(),
                    name,
                    labels == Labels.NONE
                        ? "as many texts of each (semlux mine writes such n-tuples)"
                        : "either scores or differences of all"));
      }
    }
  }

  /**
   * Whether rows can meet in a batch: without labels nothing tells which of a longer row's texts a
   * shorter one lacks, and scores are no differences.
   */
  private boolean alike(TrainingRow one, TrainingRow other) {
    return switch (labels) {
      case NONE -> one.texts().size() == other.texts().size();
      case MARGINS ->
          one.texts().size() - one.labels().size() == other.texts().size() - other.labels().size();
      case ONE, EACH -> true;
    };
  }

  private String texts() {
    return most == fewest
        ? fewest + " texts"
        : most == ANY ? fewest + " or more texts" : fewest + " to " + most + " texts";
  }
}
