package org.semlux.training.data;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads which documents were opened for which query.
 *
 * <p>{@code .jsonl} or {@code .json} holds an object a line, with {@code query} and {@code id},
 * else {@code _id}. Of everything else a first line that names these two is a header, beside whose
 * columns others may stand, in any order; without one each line is a query, a tab and an id, or a
 * comma between them in {@code .csv}. {@code .gz} may follow these names.
 *
 * {@snippet lang=java :
 * Map<String, Gains> opened = Clicks.read(Path.of("clicks.tsv")); // of each query, all alike
 * }
 */
public final class Clicks implements DelimitedRows.Sink {
  private static final String QUERY = "query";

  /** Of the document: {@code _id} may be the click's own. */
  private static final List<String> IDS = List.of("id", "_id");

  private final Map<String, Set<String>> opened = new LinkedHashMap<>();
  private boolean first = true;
  private int width = 2;
  private int query;
  private int document = 1;

  private Clicks() {}

  /**
   * The documents by query.
   *
   * @throws IOException when the file cannot be read or holds none; a bad line is named
   */
  public static Map<String, Gains> read(Path file) throws IOException {
    Clicks clicks = new Clicks();
    if (CorpusFile.areObjects(file)) {
      clicks.objects(file);
    } else {
      try (DelimitedRows rows = DelimitedRows.open(file)) {
        if (CorpusFile.isNamed(file, ".csv") && rows.firstCells().size() == 1) {
          rows.readCommas(line -> false, clicks);
        } else {
          rows.readLines(clicks);
        }
      }
    }
    if (clicks.opened.isEmpty()) {
      throw new IOException("[" + file + "] holds no clicks");
    }
    Map<String, Gains> gains = new LinkedHashMap<>();
    clicks.opened.forEach((asked, documents) -> gains.put(asked, Gains.equal(documents)));
    return gains;
  }

  private void objects(Path file) throws IOException {
    try (TextLines lines = TextLines.open(file)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        if (!line.get().isBlank()) {
          JsonObject click = StrictJson.object(lines.where(), line.get());
          String id =
              IDS.stream()
                  .map(name -> SourceText.of(click, name))
                  .filter(found -> !found.isEmpty())
                  .findFirst()
                  .orElse("");
          add(lines.where(), SourceText.of(click, QUERY), id);
        }
      }
    }
  }

  @Override
  public void row(String where, List<String> cells) throws IOException {
    boolean header = first && isHeader(where, cells.stream().map(String::strip).toList());
    first = false;
    if (header) {
      return;
    }
    if (cells.size() != width) {
      throw new IOException(
          "%s: %s cells, where a query and a document's id%s are expected"
              .formatted(where, cells.size(), width > 2 ? ", as the header has them," : ""));
    }
    add(where, cells.get(query), cells.get(document));
  }

  private boolean isHeader(String where, List<String> cells) throws IOException {
    Optional<String> id = IDS.stream().filter(cells::contains).findFirst();
    if (cells.contains(QUERY) && id.isPresent()) {
      ColumnNames.requireOnce(where, cells, List.of(QUERY, id.get()));
      width = cells.size();
      query = cells.indexOf(QUERY);
      document = cells.indexOf(id.get());
      return true;
    }
    // A name such as index may be a query, and doc_17 an id.
    if (cells.stream().anyMatch(DelimitedTexts::isIds)
        && cells.stream().allMatch(cell -> DelimitedTexts.isIds(cell) || isName(cell))) {
      throw new IOException(
          "%s: a header %s without the columns [%s] and [id]: call them so"
              .formatted(where, cells, QUERY));
    }
    return false;
  }

  private static boolean isName(String cell) {
    return ColumnNames.anyUsual(List.of(cell)) && !cell.matches(".*\\d");
  }

  private void add(String where, String asked, String id) throws IOException {
    if (asked.isBlank() || id.isBlank()) {
      throw new IOException(where + ": no query and document's id");
    }
    opened.computeIfAbsent(asked.strip(), any -> new LinkedHashSet<>()).add(id.strip());
  }
}
