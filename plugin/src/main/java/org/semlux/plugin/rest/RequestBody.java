package org.semlux.plugin.rest;

import java.io.IOException;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.xcontent.XContentParseException;
import org.elasticsearch.xcontent.XContentParser;

/** Reads JSON bodies, with errors that begin with what is wrong. */
final class RequestBody {
  private RequestBody() {}

  /**
   * Reads a request's body.
   *
   * @throws IllegalArgumentException that says what is wrong: the parser's own exceptions bury that
   *     under their names for the objects around it
   */
  static <T> T read(RestRequest request, CheckedFunction<XContentParser, T, IOException> reader)
      throws IOException {
    try (XContentParser parser = request.contentParser()) {
      return reader.apply(parser);
    } catch (XContentParseException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new IllegalArgumentException("the request's body: " + cause.getMessage(), e);
    }
  }
}
