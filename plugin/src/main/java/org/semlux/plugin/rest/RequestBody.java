package org.semlux.plugin.rest;

import java.io.IOException;
import org.elasticsearch.core.CheckedFunction;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.xcontent.XContentParseException;
import org.elasticsearch.xcontent.XContentParser;
import org.semlux.plugin.query.ParseReason;

/** Reads JSON bodies, with errors that begin with what is wrong. */
final class RequestBody {
  private RequestBody() {}

  /**
   * Reads a request's body.
   *
   * @throws IllegalArgumentException that says what is wrong and in which field
   */
  static <T> T read(RestRequest request, CheckedFunction<XContentParser, T, IOException> reader)
      throws IOException {
    try (XContentParser parser = request.contentParser()) {
      T read = reader.apply(parser);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("the request's body: something follows its JSON object");
      }
      return read;
    } catch (XContentParseException e) {
      throw new IllegalArgumentException("the request's body: " + ParseReason.of(e));
    }
  }
}
