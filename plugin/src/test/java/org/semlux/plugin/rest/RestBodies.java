package org.semlux.plugin.rest;

import static org.elasticsearch.rest.RestRequest.Method.POST;
import static org.elasticsearch.rest.RestRequest.Method.PUT;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.test.rest.FakeRestRequest;
import org.elasticsearch.xcontent.NamedXContentRegistry;
import org.elasticsearch.xcontent.XContentType;

/** Reads bodies as the handlers do, up to where an action would begin. */
public final class RestBodies {
  private RestBodies() {}

  public static void manifest(byte[] body) throws IOException {
    new RestPutModel().prepareRequest(request(PUT, body), null);
  }

  public static void encode(byte[] body) throws IOException {
    new RestEncode().prepareRequest(request(POST, body), null);
  }

  public static void rerank(byte[] body) throws IOException {
    new RestRerank().prepareRequest(request(POST, body), null);
  }

  public static void reencode(byte[] body) throws IOException {
    new RestReencode().prepareRequest(request(POST, body), null);
  }

  public static void alias(byte[] body) throws IOException {
    new RestUpdateAlias().prepareRequest(request(PUT, body), null);
  }

  private static RestRequest request(RestRequest.Method method, byte[] body) {
    return new FakeRestRequest.Builder(NamedXContentRegistry.EMPTY)
        .withMethod(method)
        .withParams(new HashMap<>(Map.of("id", "m", "alias", "a")))
        .withContent(new BytesArray(body), XContentType.JSON)
        .build();
  }
}
