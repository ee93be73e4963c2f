import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The node, as its HTTP API shows it. */
final class Node {
  private static final Gson JSON = new Gson();

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI url;

  Node(URI url) {
    this.url = url;
  }

  /** A document that a search found. */
  record Hit(String id, String text) {}

  /** What a search found, best first, and the time from question to answer. */
  record Found(List<Hit> hits, double millis) {
    /** Counted from 1; 0 where it was not found. */
    int rank(String id) {
      return hits.stream().map(Hit::id).toList().indexOf(id) + 1;
    }
  }

  /** The first hits of a retriever in the quickstart's index. */
  Found search(Map<String, ?> retriever, int size) throws IOException, InterruptedException {
    String body =
        JSON.toJson(Map.of("size", size, "retriever", retriever, "_source", List.of("text")));
    long began = System.nanoTime();
    JsonObject answer = call("POST", "/quickstart/_search", body);
    double millis = (System.nanoTime() - began) / 1e6;
    List<Hit> hits = new ArrayList<>();
    for (JsonElement hit : answer.getAsJsonObject("hits").getAsJsonArray("hits")) {
      JsonObject object = hit.getAsJsonObject();
      String text = object.getAsJsonObject("_source").get("text").getAsString();
      hits.add(new Hit(object.get("_id").getAsString(), text));
    }
    return new Found(hits, millis);
  }

  /**
   * @throws IOException with the node's answer, when that is an error
   */
  JsonObject call(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.body());
    }
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }
}
