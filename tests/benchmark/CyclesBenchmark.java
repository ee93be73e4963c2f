import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Deploys and undeploys a model that is uploaded, over and over, and has it encode a text each
 * time. Prints the node's resident size, open files and threads ten times on the way. Run by {@code
 * cycles.sh} beside it: {@code java CyclesBenchmark.java URL MODEL CYCLES}.
 */
public final class CyclesBenchmark {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  private CyclesBenchmark(String url) {
    this.url = url;
  }

  public static void main(String[] arguments) throws Exception {
    CyclesBenchmark benchmark = new CyclesBenchmark(arguments[0]);
    String model = "/_semlux/models/" + arguments[1];
    int cycles = Integer.parseInt(arguments[2]);
    JsonObject nodes = benchmark.call("GET", "/_nodes/process", "").getAsJsonObject("nodes");
    JsonObject node = nodes.entrySet().iterator().next().getValue().getAsJsonObject();
    Path process = Path.of("/proc", node.getAsJsonObject("process").get("id").getAsString());
    for (int cycle = 1; cycle <= cycles; cycle++) {
      benchmark.call("POST", model + "/_deploy", "");
      benchmark.call("POST", model + "/_encode", "{\"texts\":[\"a text " + cycle + "\"]}");
      benchmark.call("POST", model + "/_undeploy", "");
      if (cycle % Math.max(1, cycles / 20) == 0) {
        JsonObject stats = benchmark.call("GET", "/_semlux/stats", "").getAsJsonObject("nodes");
        System.out.printf(
            Locale.ROOT,
            "%,d cycles: resident %s kB, files %d, threads %s, reserved %d%n",
            cycle,
            status(process, "VmRSS"),
            files(process),
            status(process, "Threads"),
            stats
                .entrySet()
                .iterator()
                .next()
                .getValue()
                .getAsJsonObject()
                .getAsJsonObject("memory")
                .get("reserved_in_bytes")
                .getAsLong());
      }
    }
  }

  private static String status(Path process, String name) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.replaceAll("\\D", ""))
        .findFirst()
        .orElse("?");
  }

  private static long files(Path process) throws IOException {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.count();
    }
  }

  private JsonObject call(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(method + " " + path + " was answered " + answer.body());
    }
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }
}
