package org.semlux.training.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.semlux.training.deploy.Cluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code semlux models}: what a cluster has. */
@Command(
    name = "models",
    description = {
      "Lists the models of an Elasticsearch cluster.",
      "",
      "One line a model: id, aliases, kind, state, size of its files, on how many nodes it is"
          + " loaded, and in which precision and how much memory there. Below it stand nodes that"
          + " lack it, with the reason.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  semlux models --at http://localhost:9200",
      "  semlux models --at https://node1:9200 --api-key-env SEARCH_API_KEY --ca-cert http_ca.crt \\",
      "      all-minilm-l6-v2"
    })
final class ModelsCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(
      paramLabel = "ID",
      arity = "0..1",
      description = "One model, or an alias of it; all without it.")
  Optional<String> id;

  @Option(
      names = "--at",
      paramLabel = "URL",
      converter = ClusterAddress.class,
      required = true,
      description = "A node's address, such as http://localhost:9200.")
  URI url;

  @Mixin ClusterOptions access;

  @Override
  public Integer call() throws IOException {
    Cluster cluster = access.open(url, spec);
    String path =
        "/_semlux/models" + id.map(name -> "/" + DeployCommand.name(spec, "ID", name)).orElse("");
    JsonElement models = cluster.ask("GET", path, "").get("models");
    if (models == null || !models.isJsonArray()) {
      throw new IOException(url + " does not answer as Semlux does");
    }
    List<List<String>> table = new ArrayList<>();
    table.add(List.of("ID", "ALIASES", "KIND", "STATE", "SIZE", "NODES", "PRECISION", "MEMORY"));
    models.getAsJsonArray().forEach(model -> add(model.getAsJsonObject(), table));
    print(table);
    return 0;
  }

  private static void add(JsonObject model, List<List<String>> table) {
    int loaded = 0;
    StringJoiner precisions = new StringJoiner(",");
    long memory = 0;
    List<List<String>> lacking = new ArrayList<>();
    JsonObject nodes = model.getAsJsonObject("nodes");
    for (Map.Entry<String, JsonElement> each : nodes.entrySet()) {
      JsonObject node = each.getValue().getAsJsonObject();
      if (node.get("state").getAsString().equals("deployed")) {
        loaded++;
        String precision = text(node, "precision");
        if (!precisions.toString().contains(precision)) {
          precisions.add(precision);
        }
        memory = Math.max(memory, node.get("memory_in_bytes").getAsLong());
      } else {
        String reason = text(node, "reason");
        lacking.add(
            List.of(
                "  "
                    + text(node, "name")
                    + ": "
                    + text(node, "state")
                    + (reason.isEmpty() ? "" : ": " + reason)));
      }
    }
    StringJoiner aliases = new StringJoiner(",").setEmptyValue("-");
    JsonArray names = model.getAsJsonArray("aliases");
    names.forEach(alias -> aliases.add(alias.getAsString()));
    table.add(
        List.of(
            text(model, "id"),
            aliases.toString(),
            model.has("kind") ? text(model, "kind") : "-",
            text(model, "state"),
            megabytes(model.get("size_in_bytes").getAsLong()),
            loaded + "/" + nodes.size(),
            loaded == 0 ? "-" : precisions.toString(),
            loaded == 0 ? "-" : megabytes(memory)));
    table.addAll(lacking);
  }

  private static String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  /** Rows of one cell are as long as they are. */
  private void print(List<List<String>> table) {
    PrintWriter out = spec.commandLine().getOut();
    int[] widths = new int[table.get(0).size()];
    for (List<String> row : table) {
      for (int i = 0; row.size() > 1 && i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : table) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int rest = row.size() > 1 ? widths[i] - row.get(i).length() + 2 : 0;
        line.append(row.get(i)).append(" ".repeat(rest));
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }
}
