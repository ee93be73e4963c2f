package org.semlux.plugin.rest;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.xcontent.XContentParseException;
import org.elasticsearch.xcontent.XContentParser;

/** Reads JSON bodies, with errors that begin with what is wrong. */
final class RequestBody {
  private static final Pattern FIELD = Pattern.compile("failed to parse field (\\[.+?])");

  private RequestBody() {}

  /**
   * Reads a request's body.
   *
   * @throws IllegalArgumentException that says what is wrong and in which field: the parser's own
   *     exceptions bury that under their names for the objects around it
   */
  static <T> T read(RestRequest request, CheckedFunction<XContentParser, T, IOException> reader)
      throws IOException {
    try (XContentParser parser = request.contentParser()) {
      return reader.apply(parser);
    } catch (XContentParseException e) {
      String field = "";
      Throwable cause = e;
      while (cause.getCause() != null) {
        Matcher named = FIELD.matcher(String.valueOf(cause.getMessage()));
        field = named.find() ? named.group(1) + ": " : field;
        cause = cause.getCause();
      }
      // What begins with a name in brackets is our own sentence, which names the field; what begins
      // with numbers in them is the parser's.
      String reason = String.valueOf(cause.getMessage());
      throw new IllegalArgumentException(
          "the request's body: " + (reason.matches("(?s)\\[\\D.*") ? "" : field) + reason, e);
    }
  }
}
