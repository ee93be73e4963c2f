import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;

/**
 * A node that a benchmark talks to: JSON in and out. An answer that is an error is an exception.
 */
final class NodeClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI node;

  NodeClient(String url) {
    node = URI.create(url);
  }

  JsonObject call(String method, String path, String body)
      throws IOException, InterruptedException {
    return JsonParser.parseString(send(method, path, body)).getAsJsonObject();
  }

  /** The answer as it stands. */
  String send(String method, String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(node.resolve(path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + " answered " + response.body());
    }
    return response.body();
  }

  /** The time that a call takes. */
  double millis(String path, String body) throws IOException, InterruptedException {
    long began = System.nanoTime();
    call("POST", path, body);
    return (System.nanoTime() - began) / 1e6;
  }

  /** The value that so many percent are not above; NaN of none. */
  static double percentile(List<Double> values, int percent) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted[Math.min(sorted.length * percent / 100, sorted.length - 1)];
  }

  static void print(String format, Object... arguments) {
    System.out.printf(Locale.ROOT, format + "%n", arguments);
  }
}
