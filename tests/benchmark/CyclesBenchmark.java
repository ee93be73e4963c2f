import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Deploys and undeploys a model that is uploaded, over and over, and has it encode a text each
 * time. Prints the node's resident size, open files and threads ten times on the way. Run by {@code
 * cycles.sh} beside it: {@code CyclesBenchmark URL MODEL CYCLES}.
 */
public final class CyclesBenchmark {
  private CyclesBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    NodeClient client = new NodeClient(arguments[0]);
    String model = "/_semlux/models/" + arguments[1];
    int cycles = Integer.parseInt(arguments[2]);
    JsonObject nodes = client.call("GET", "/_nodes/process", "").getAsJsonObject("nodes");
    JsonObject node = nodes.entrySet().iterator().next().getValue().getAsJsonObject();
    Path process = Path.of("/proc", node.getAsJsonObject("process").get("id").getAsString());
    for (int cycle = 1; cycle <= cycles; cycle++) {
      client.call("POST", model + "/_deploy", "");
      client.call("POST", model + "/_encode", "{\"texts\":[\"a text " + cycle + "\"]}");
      client.call("POST", model + "/_undeploy", "");
      if (cycle % Math.max(1, cycles / 20) == 0) {
        JsonObject stats = client.call("GET", "/_semlux/stats", "").getAsJsonObject("nodes");
        NodeClient.print(
            "%,d cycles: resident %s kB, files %d, threads %s, reserved %d",
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
}
