package org.semlux.plugin.query;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.elasticsearch.common.ParsingException;
import org.elasticsearch.core.CheckedSupplier;
import org.elasticsearch.index.query.AbstractQueryBuilder;
import org.elasticsearch.xcontent.XContentParser;

/**
 * What is wrong with a body: the parsers' own exceptions bury that under their names for the
 * objects around it.
 */
public final class ParseReason {
  private static final Pattern FIELD = Pattern.compile("failed to parse field (\\[.+?])");
  private static final int MAX_CHARACTERS = 500;

  private ParseReason() {}

  /**
   * Reads a part of a search.
   *
   * @throws ParsingException whose message is the reason: Elasticsearch shows that of the innermost
   *     such exception first
   */
  public static <T> T first(XContentParser parser, CheckedSupplier<T, IOException> reader)
      throws IOException {
    try {
      return reader.get();
    } catch (IllegalArgumentException e) {
      throw new ParsingException(parser.getTokenLocation(), "{}", of(e));
    }
  }

  /** Reads a query in the same way: also says so where its boost is no number. */
  public static <Q extends AbstractQueryBuilder<Q>> Q query(
      XContentParser parser, CheckedSupplier<Q, IOException> reader) throws IOException {
    return first(
        parser,
        () -> {
          Q query = reader.get();
          if (!Float.isFinite(query.boost())) {
            throw new IllegalArgumentException(
                "[boost] must be a finite number, not " + query.boost());
          }
          return query;
        });
  }

  /** The innermost reason, with the field that it is about, on one line. */
  public static String of(Exception failure) {
    String field = "";
    Throwable cause = failure;
    while (cause.getCause() != null) {
      Matcher named = FIELD.matcher(String.valueOf(cause.getMessage()));
      field = named.find() ? named.group(1) + ": " : field;
      cause = cause.getCause();
    }
    String said = String.valueOf(cause.getMessage());
    String line = said.lines().findFirst().orElse(said);
    // What begins with a name in brackets is our own sentence, which names the field; what begins
    // with numbers in them is the parser's.
    String reason = (line.matches("\\[\\D.*") ? "" : field) + line;
    return reason.length() > MAX_CHARACTERS ? reason.substring(0, MAX_CHARACTERS) + "…" : reason;
  }
}
