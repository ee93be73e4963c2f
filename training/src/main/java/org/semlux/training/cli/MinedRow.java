package org.semlux.training.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.semlux.training.mine.HardNegatives;
import org.semlux.training.mine.MiningArguments;

/**
 * What is written of a query and one of its positives.
 *
 * @param columns what the data call them
 * @param score the positive's
 */
record MinedRow(
    List<String> columns,
    String query,
    String positive,
    float score,
    List<String> corpus,
    HardNegatives.Mined mined,
    boolean scored) {
  /**
   * As many rows as a format makes of it; none where there are too few negatives.
   *
   * @param negatives that a tuple has
   */
  List<JsonObject> rows(MiningArguments.Format format, int negatives) {
    return switch (format) {
      case TRIPLET -> triplets();
      case N_TUPLE -> mined.documents().length == negatives ? List.of(tuple()) : List.of();
      case LABELED_LIST -> mined.documents().length > 0 ? List.of(list()) : List.of();
    };
  }

  private List<JsonObject> triplets() {
    List<JsonObject> rows = new ArrayList<>();
    for (int i = 0; i < mined.documents().length; i++) {
      JsonObject row = pair();
      row.addProperty("negative", corpus.get(mined.documents()[i]));
      if (scored) {
        JsonArray scores = new JsonArray();
        scores.add(score);
        scores.add(mined.scores()[i]);
        row.add("scores", scores);
      }
      rows.add(row);
    }
    return rows;
  }

  private JsonObject tuple() {
    JsonObject row = pair();
    for (int i = 0; i < mined.documents().length; i++) {
      row.addProperty("negative_" + (i + 1), corpus.get(mined.documents()[i]));
    }
    if (scored) {
      row.add("scores", scores());
    }
    return row;
  }

  private JsonObject list() {
    JsonObject row = new JsonObject();
    row.addProperty(columns.get(0), query);
    JsonArray documents = new JsonArray();
    JsonArray labels = new JsonArray();
    documents.add(positive);
    labels.add(1);
    for (int document : mined.documents()) {
      documents.add(corpus.get(document));
      labels.add(0);
    }
    row.add(columns.get(1), documents);
    row.add(scored ? "scores" : "labels", scored ? scores() : labels);
    return row;
  }

  private JsonObject pair() {
    JsonObject row = new JsonObject();
    row.addProperty(columns.get(0), query);
    row.addProperty(columns.get(1), positive);
    return row;
  }

  private JsonArray scores() {
    JsonArray scores = new JsonArray();
    scores.add(score);
    for (float one : mined.scores()) {
      scores.add(one);
    }
    return scores;
  }
}
