package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The walk of {@code docs/adapt.md}, block by block, over an index whose titles share no word with
 * their texts: what a stone stands for can only be learnt.
 */
@OnRealNode
class AdaptIT {
  private static final Path PAGE = Path.of("..", "docs", "adapt.md");
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- executed -->\\s*```sh\\n(.*?)```", Pattern.DOTALL);
  private static final String STRICT =
      "set -euo pipefail; curl() { command curl --fail-with-body \"$@\"; }\n";
  private static final String[] WORDS =
      ("river rain water sea snow wind storm bread baker kitchen soup cook rice salt apple market"
              + " train bike road city bridge map travel ship port piano song band music film")
          .split(" ");
  private static final int DOCUMENTS = 400;
  private static final int JUDGED = 240; // few enough, and an interval tells nothing

  private static final int RIDDLES = 100;

  @TempDir Path folder;

  @AfterEach
  void clean(RealNode node) {
    node.rest().call("DELETE", "/articles", "");
    node.rest().call("DELETE", "/riddles", "");
    node.rest().call("DELETE", "/_ingest/pipeline/semantic", "");
    node.rest().call("DELETE", "/_ingest/pipeline/shadow", "");
    node.rest().call("DELETE", "/_semlux/models/base?force=true", "");
    node.rest().call("DELETE", "/_semlux/models/adapted?force=true", "");
  }

  @Test
  void theWalkFromAnIndexToABetterModelAndBack(RealNode node) throws IOException {
    Files.createDirectories(folder.resolve("models"));
    Files.createSymbolicLink(folder.resolve("models/base"), RealNode.MODEL);
    node.deploy(RealNode.MODEL, "base");
    prepare(node.rest());
    Shell shell =
        new Shell(
            folder,
            Map.of(
                "NODE",
                node.rest().url().toString(),
                "PATH",
                node.command().getParent() + ":" + System.getenv("PATH"),
                "ADAPT_OPTIONS",
                "--learning-rate 5e-3 --num-train-epochs 15 --sentences 0 --held-out 0.2"
                    + " --base-share 0 --num-negatives 0")); // no base knows these words
    List<String> printed = new ArrayList<>();
    List<String> snippets =
        SNIPPET.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();
    assertThat(snippets).hasSize(7);
    for (String snippet : snippets) {
      printed.add(shell.run("bash", "-c", STRICT + snippet));
      check(printed.size(), printed.get(printed.size() - 1), node.rest());
    }
  }

  /**
   * With what is given unless asked otherwise. No text has a word of any title, but each is indexed
   * with those of a third of the others: no search finds these but the index's own.
   */
  @Test
  void negativesAreFoundByTheIndexItself(RealNode node) throws IOException {
    List<Object> lines = new ArrayList<>();
    for (int i = 0; i < RIDDLES; i++) {
      int third = i % 3;
      List<String> asking =
          IntStream.range(0, RIDDLES)
              .filter(other -> (other + 1) % 3 == third)
              .mapToObj(other -> "b" + other)
              .toList();
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("title", "stone b" + i, "body", "under the tree a" + i, "keys", asking));
    }
    node.rest()
        .succeed(
            "PUT",
            "/riddles",
            """
            {"mappings":{"properties":{"title":{"type":"text"},"body":{"type":"text"},
              "keys":{"type":"keyword","copy_to":"body"}}}}""");
    node.rest().succeed("POST", "/riddles/_bulk?refresh=true", Rest.lines(lines));
    Files.writeString(folder.resolve("queries.tsv"), "1\tunder the tree a7\n2\tunder a tree a8\n");

    String command =
        node.command().toAbsolutePath()
            + " adapt --index riddles --field body --title-field title --queries queries.tsv"
            + " --output adapted --learning-rate 0 --from "
            + node.rest().url()
            + " --base "
            + RealNode.MODEL;
    String printed = new Shell(folder).run(command.split(" "));

    assertThat(printed)
        .contains("100 of 100 documents", "of 2 queries found a document that words and meaning")
        .doesNotContain("Words are searched for here");
    int found = 0;
    int all = 0;
    for (String line : Files.readAllLines(folder.resolve("adapted.work/rows.jsonl"))) {
      JsonObject row = JsonParser.parseString(line).getAsJsonObject();
      if (row.get("anchor").getAsString().startsWith("stone")) {
        for (int i = 1; i <= 5; i++) {
          found += (number(row, "anchor") + 1) % 3 == number(row, "negative_" + i) % 3 ? 1 : 0;
          all++;
        }
      }
    }
    // Words find thirty of them; meaning, and what is drawn of all, are these to a third.
    assertThat(all).isGreaterThan(RIDDLES * 5 / 2);
    assertThat((double) found / all).isBetween(0.45, 0.7);
  }

  /** That of a stone or a tree. */
  private static int number(JsonObject row, String column) {
    return Integer.parseInt(row.get(column).getAsString().replaceAll("\\D+", ""));
  }

  private void check(int step, String printed, Rest rest) throws IOException {
    switch (step) {
      case 1 -> {
        assertThat(printed).contains(" of 400 documents", "The adapted model is better");
        // A row for each title that is not held out.
        assertThat(Files.readAllLines(folder.resolve("models/adapted.work/rows.jsonl")))
            .hasSizeBetween(280, 320);
      }
      case 2 -> assertThat(printed).contains("Required and so: ndcg@10", "held-out queries");
      case 3 -> {
        JsonObject report = read("comparison.json");
        assertThat(report.get("asked").getAsInt()).isEqualTo(JUDGED + 1);
        assertThat(report.get("overlap@10").getAsDouble()).isBetween(0.0, 0.9);
        assertThat(report.get("better").getAsBoolean()).as("%s %s", report, printed).isTrue();
        assertThat(report.getAsJsonArray("latency")).hasSize(2);
      }
      case 4 -> {
        // What is chosen is what the search then finds: its figures are printed one below the
        // other.
        JsonObject retriever = read("retriever.json").getAsJsonObject("retriever");
        assertThat(retriever.toString()).contains("\"model_id\":\"adapted\"", "{{query}}");
        assertThat(printed).contains("chosen by the other queries");
        Rest.Answer answer =
            rest.succeed(
                "POST",
                "/articles/_search",
                read("retriever.json").toString().replace("{{query}}", "river rain"));
        assertThat((List<?>) answer.at("hits.hits")).isNotEmpty();
      }
      case 5 -> {
        assertThat(printed).contains("judged queries", "The alias [search] stands for [adapted]");
        assertThat(printed).contains("Back: PUT /_semlux/aliases/search {\"model_id\":\"base\"}");
      }
      case 6, 7 -> {
        assertThat(JsonParser.parseString(printed.substring(printed.lastIndexOf("{\""))).toString())
            .contains("\"updated\":400");
        String model = step == 6 ? "adapted" : "base";
        Rest.Answer first =
            rest.succeed(
                "POST",
                "/_semlux/models/" + model + "/_encode",
                "{\"texts\":[\"" + text(0) + "\"],\"input_type\":\"document\"}");
        double wanted = ((Number) ((List<?>) first.at("embeddings.0")).get(0)).doubleValue();
        Rest.Answer document =
            rest.succeed("GET", "/articles/_doc/0?_source_exclude_vectors=false", "");
        double found = ((Number) ((List<?>) document.at("_source.vector")).get(0)).doubleValue();
        assertThat(found).isEqualTo(wanted, org.assertj.core.data.Offset.offset(1e-3));
      }
      default -> throw new AssertionError(printed);
    }
  }

  private JsonObject read(String file) throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve(file))).getAsJsonObject();
  }

  private void prepare(Rest rest) throws IOException {
    rest.succeed("PUT", "/_semlux/aliases/search", "{\"model_id\":\"base\"}");
    rest.succeed(
        "PUT",
        "/_ingest/pipeline/semantic",
        """
        {"processors":[{"semlux":{"model_id":"search",
          "input_output":[{"input_field":"body","output_field":"vector"}]}}]}""");
    rest.succeed(
        "PUT",
        "/articles",
        """
        {"settings":{"default_pipeline":"semantic","number_of_shards":2,"number_of_replicas":0},
         "mappings":{"properties":{"title":{"type":"text"},"body":{"type":"text"},
          "vector":{"type":"dense_vector","dims":32}}}}""");
    List<Object> lines = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> judgements = new ArrayList<>();
    for (int i = 0; i < DOCUMENTS; i++) {
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(Map.of("title", title(i), "body", text(i)));
      if (i < JUDGED) {
        queries.add("q" + i + "\t" + title(i) + " " + i);
        judgements.add("q" + i + "\t" + i + "\t1");
      }
    }
    queries.add("unjudged\triver and sea");
    Files.write(folder.resolve("queries.jsonl"), jsonLines(queries));
    Files.write(folder.resolve("qrels.tsv"), judgements);
    Rest.Answer answer = rest.succeed("POST", "/articles/_bulk?refresh=true", Rest.lines(lines));
    assertThat(answer.at("errors")).isEqualTo(false);
  }

  private static List<String> jsonLines(List<String> queries) {
    return queries.stream()
        .map(query -> query.split("\t"))
        .map(query -> Rest.JSON.toJson(Map.of("_id", query[0], "text", query[1])))
        .toList();
  }

  private static String title(int document) {
    return words(document, 0);
  }

  private static String text(int document) {
    return words(document, WORDS.length / 2);
  }

  private static String words(int document, int from) {
    Random random = new Random(document);
    return String.join(
        " ", random.ints(3, 0, WORDS.length / 2).mapToObj(word -> WORDS[from + word]).toList());
  }
}
