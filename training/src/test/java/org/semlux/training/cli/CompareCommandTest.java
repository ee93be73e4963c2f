package org.semlux.training.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An index with the documents a and b, and another with b alone, of which every search finds b but
 * that for wind by the second field, over real HTTP.
 */
class CompareCommandTest {
  private static final String MODEL =
      "{\"id\":\"%1$s\",\"aliases\":[\"%1$s-alias\"],\"kind\":\"%2$s\",\"version\":\"of %1$s\"}";

  @TempDir Path folder;
  private HttpServer server;
  private final List<String> searches = Collections.synchronizedList(new ArrayList<>());
  private String model = "old";
  private String bodyIsAlsoBy = "old";
  private String kind = "dense";
  private String fields = "--field vector --other-field vector2";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    String answer = "{\"models\":[%s,%s]}".formatted(model("old"), model("new"));
    if (exchange.getRequestURI().getPath().endsWith("/_field_caps")) {
      answer = "{\"fields\":{\"vector\":{\"dense_vector\":{}},\"body\":{\"text\":{}}}}";
    } else if (exchange.getRequestURI().getPath().endsWith("/_mapping/field/body")) {
      answer =
          "{\"articles\":{\"mappings\":{\"body\":{\"mapping\":{\"body\":{\"model_id\":\"old-alias\","
              + "\"model_settings\":{\"kind\":\"dense\",\"dimensions\":2,\"models\":{\""
              + bodyIsAlsoBy
              + "\":\"old\"}}}}}}}}";
    }
    if (exchange.getRequestURI().getPath().endsWith("/_msearch")) {
      searches.add(body);
      List<String> hits = new ArrayList<>();
      String found = body.contains("vector2") && body.contains("wind") ? "a" : "b";
      boolean smaller = exchange.getRequestURI().getPath().startsWith("/smaller/");
      boolean doubled = exchange.getRequestURI().getPath().startsWith("/doubled/");
      String[] ids = doubled ? new String[] {"a", "b", "b"} : new String[] {"a", "b"};
      for (String id : smaller ? new String[] {"b"} : ids) {
        boolean unwritten = exchange.getRequestURI().getPath().startsWith("/unwritten/");
        if (body.contains("\"ids\"")
            ? body.contains("\"" + id + "\"")
            : id.equals(found) && !unwritten) {
          hits.add(
              "{\"_id\":\"" + id + "\",\"_score\":" + (body.contains("\"sort\"") ? null : 1) + "}");
        }
      }
      answer =
          "{\"responses\":[{\"took\":%s,\"hits\":{\"hits\":[%s]}}]}"
              .formatted(
                  Collections.frequency(searches, body) > 1 ? 1 : 30, String.join(",", hits));
    }
    byte[] bytes = answer.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private String model(String id) {
    return MODEL.formatted(id, kind);
  }

  private CommandLineRun compare(String... judgements) throws IOException {
    return compare("articles", List.of(judgements));
  }

  private CommandLineRun compare(String otherIndex, List<String> judgements) throws IOException {
    return compare(otherIndex, judgements, "made/report.json");
  }

  private CommandLineRun compare(String otherIndex, List<String> judgements, String output)
      throws IOException {
    return run(otherIndex, Files.write(folder.resolve("qrels.tsv"), judgements), output);
  }

  private CommandLineRun run(String otherIndex, Path qrels, String output) throws IOException {
    Path queries = folder.resolve("queries.tsv");
    Files.writeString(queries, "1\train\n2\tsnow\n3\twind\n");
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    Object[] arguments =
        ("compare --index articles --other-index "
                + otherIndex
                + " --model "
                + model
                + " --other-model new --to "
                + url
                + " "
                + fields)
            .concat(" --queries " + queries + " --qrels " + qrels)
            .concat(" --output " + folder.resolve(output))
            .split(" ");
    return CommandLineRun.of(arguments);
  }

  @Test
  void judgementsOfAnotherIndexJudgeNothing() throws IOException {
    CommandLineRun run = compare("1\tdoc-a\t1", "2\tdoc-b\t1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("--qrels: 0 of 2 queries have a document in [articles], 0 of 2 documents found")
        .contains("semlux: --qrels: none of 2 queries has a document in [articles]");
    assertThat(folder.resolve("made/report.json")).doesNotExist();
  }

  /** What cannot be found is no fault of a model. */
  @Test
  void onlyWhatCanBeFoundIsJudged() throws IOException {
    CommandLineRun run = compare("1\tb\t1", "1\tlost\t1", "2\tlost\t1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("--qrels: 1 of 2 queries have a document in [articles], 1 of 2 documents found");
    JsonObject report = report();
    assertThat(report.get("asked").getAsInt()).isEqualTo(3);
    assertThat(report.get("judgements").toString())
        .isEqualTo("{\"given\":3,\"found\":1,\"found_by_other\":1}");
    JsonObject judged = report.getAsJsonArray("judged").get(0).getAsJsonObject();
    assertThat(judged.get("queries").getAsInt()).isEqualTo(1);
    assertThat(recall(judged, "base")).isEqualTo(1);
  }

  /** As {@code --qrels <(zcat qrels.gz)} gives them: whoever opens it again waits for ever. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void judgementsFromAPipe() throws Exception {
    Path pipe = folder.resolve("qrels.tsv");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process writer =
        new ProcessBuilder("sh", "-c", "printf '1\\tb\\t1\\n2\\tlost\\t1\\n' > " + pipe).start();
    try {
      CommandLineRun run = run("articles", pipe, "made/report.json");

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(report().get("judgements").toString())
          .isEqualTo("{\"given\":2,\"found\":1,\"found_by_other\":1}");
    } finally {
      writer.destroy();
    }
  }

  /** As many are given as the file has. */
  @Test
  void judgementsOfQueriesThatAreNotAskedAreCounted() throws IOException {
    CommandLineRun run = compare("1\tb\t1", "9\tb\t1", "9\ta\t1", "8\ta\t0");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("--qrels: 2 of 3 judged queries are not in [" + folder);
    assertThat(report().get("judgements").toString())
        .isEqualTo("{\"given\":3,\"found\":1,\"found_by_other\":1}");
  }

  /** Else the second would find what nodes remember of the first, and the first what is cold. */
  @Test
  void bothModelsAreAskedInTheSameState() throws IOException {
    CommandLineRun run = compare("1\tb\t1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(searches.stream().filter(body -> !body.contains("\"ids\"")))
        .extracting(
            body ->
                body.replaceAll("(?s).*(rain|snow|wind).*", "$1")
                    + (body.contains("vector2") ? " new" : " old"))
        .containsExactly(
            "rain old",
            "rain old",
            "rain new",
            "rain new",
            "snow new",
            "snow new",
            "snow old",
            "snow old",
            "wind old",
            "wind old",
            "wind new",
            "wind new");
    List<Long> latencies =
        report().getAsJsonArray("latency").asList().stream()
            .map(one -> one.getAsJsonObject().get("milliseconds_p50").getAsLong())
            .toList();
    assertThat(latencies).as("of the second time").containsExactly(1L, 1L);
  }

  /** Aliases move: the report is of the models that were asked, by their files. */
  @Test
  void theReportSaysWhichModelsWereAsked() throws IOException {
    model = "old-alias";
    CommandLineRun run = compare("1\tb\t1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(report().get("model").getAsString()).isEqualTo("old-alias");
    assertThat(report().get("version").getAsString()).isEqualTo("of old");
    assertThat(report().get("other_version").getAsString()).isEqualTo("of new");
    assertThat(searches).anyMatch(body -> body.contains("\"model_id\":\"old\""));
    assertThat(searches).noneMatch(body -> body.contains("old-alias"));
  }

  @Test
  void theReportShowsWhatWasFound() throws IOException {
    CommandLineRun run = compare("1\tb\t1", "3\tb\t1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject judged = report().getAsJsonArray("judged").get(0).getAsJsonObject();
    JsonObject worse = judged.getAsJsonArray("got_worse").get(0).getAsJsonObject();
    assertThat(worse.get("query").getAsString()).isEqualTo("wind");
    assertThat(worse.get("base_hits").toString()).isEqualTo("[{\"id\":\"b\",\"relevant\":true}]");
    assertThat(worse.get("adapted_hits").toString())
        .isEqualTo("[{\"id\":\"a\",\"relevant\":false}]");
  }

  /** The worse of two answers is found alone. */
  @Test
  void betterAnswersCountMore() throws IOException {
    CommandLineRun run = compare("1\tb\t1", "1\ta\t3");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonObject judged = report().getAsJsonArray("judged").get(0).getAsJsonObject();
    assertThat(metric(judged, "ndcg@10", "base"))
        .isCloseTo(1 / (3 + Math.log(2) / Math.log(3)), within(1e-9));
    assertThat(recall(judged, "base")).isEqualTo(0.5);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /** What the site searches with is compared, by the query and the model of each side. */
  @Test
  void aSearchOfOnesOwnIsAskedWithBothModels() throws IOException {
    kind = "cross-encoder";
    Path search =
        file(
            "search.json",
            """
            {"retriever":{"semlux_rerank":{"rank_window_size":50,"model_id":"{{model}}",
             "field":"{{field}}","query":"{{query}}"}}}""");
    fields = "--field a\"b --other-field text --search " + search;
    CommandLineRun run = compare("1\tb\t1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    for (String side : List.of("old\",\"field\":\"a\\\"b", "new\",\"field\":\"text")) {
      assertThat(searches)
          .contains(
              "{}\n{\"retriever\":{\"semlux_rerank\":{\"rank_window_size\":50,\"model_id\":\""
                  + side
                  + "\",\"query\":\"rain\"}},\"size\":50,\"_source\":false}\n");
    }
    Path other =
        file(
            "other.json",
            "{\"size\":7,\"sort\":\"date\",\"query\":{\"q\":\"{{query}}\",\"model_id\":\"{{model}}\"}}");
    fields = "--other-search " + other + " --search " + search + " --field text";
    run = compare("1\tb\t1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(searches)
        .contains(
            "{}\n{\"size\":7,\"sort\":\"date\",\"query\":{\"q\":\"rain\",\"model_id\":\"new\"},\"_source\":false}\n");
  }

  @Test
  void aSearchThatAsksNeitherIsRefused() throws IOException {
    Path search = file("search.json", "{\"query\":{\"match\":{\"body\":\"{{query}}\"}}}");
    fields = "--search " + search;
    assertThat(compare("1\tb\t1").err())
        .endsWith(
            "search.json does not say where the model [old] is asked: write {{model}} there, or"
                + " {{field}} for a field of type semlux_text\n");
    file(
        "search.json",
        "{\"knn\":{\"field\":\"{{field}}\",\"q\":\"{{query}}\",\"m\":\"{{model}}\"}}");
    assertThat(compare("1\tb\t1").err())
        .endsWith("search.json names {{field}}: give --field and --other-field\n");
    file("search.json", "{\"query\":{\"match_all\":{}}}");
    assertThat(compare("1\tb\t1").err())
        .endsWith("search.json has no {{query}}, which stands where the query belongs\n");
    file(
        "search.json",
        "{\"query\":{\"q\":\"{{query}}\",\"m\":\"{{model}}\"},\"size\":\"{{size}}\"}");
    assertThat(compare("1\tb\t1").err())
        .endsWith("search.json has {{size}}, where {{query}}, {{model}} and {{field}} are known\n");
    file("search.json", "{\"query\":{\"q\":\"{{query}}\",\"m\":\"{{model}}\"}}");
    fields = "--field vector --search " + search;
    assertThat(compare("1\tb\t1").err())
        .endsWith("search.json has no {{field}}: write it there, or leave the option for it out\n");
    fields = "--field vector";
    CommandLineRun run = compare("1\tb\t1");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--other-field is missing, or --search");
    kind = "cross-encoder";
    fields = "--field vector --other-field vector";
    assertThat(compare("1\tb\t1").err())
        .endsWith(
            "semlux: [old] is a cross-encoder model, which makes no field: give --search, a search"
                + " with a retriever that asks {{model}}, such as semlux_rerank\n");
    assertThat(searches).noneMatch(body -> body.contains("rain"));
  }

  /** Else the report would be of a model that was not asked. */
  @Test
  void aFieldThatKnowsItsModelIsAskedByItsOwnQuery() throws IOException {
    fields = "--field body --other-field vector";
    CommandLineRun run = compare("1\tb\t1");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(searches)
        .contains(
            "{}\n{\"retriever\":{\"standard\":{\"query\":{\"semlux\":{\"field\":\"body\","
                + "\"query\":\"rain\",\"k\":100,\"num_candidates\":200}}}},"
                + "\"size\":100,\"_source\":false}\n");

    searches.clear();
    fields = "--field vector --other-field body";
    run = compare("1\tb\t1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "the field [body] of [articles] is of the model [old], not of [new], or has documents that"
                + " are: _reencode writes them anew\n");
    bodyIsAlsoBy = "new";
    fields = "--field body --other-field vector";
    assertThat(compare("1\tb\t1").err()).contains("is of the model [new], not of [old]");
    assertThat(searches).noneMatch(body -> body.contains("rain"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"queries.tsv", "qrels.tsv"})
  void whatIsReadIsNotReplaced(String output) throws IOException {
    CommandLineRun run = compare("articles", List.of("1\tb\t1"), output);

    assertThat(run.exitCode()).isEqualTo(1);
    Path file = folder.resolve(output);
    assertThat(run.err()).contains("the output " + file + " would replace the input " + file);
    assertThat(folder.resolve("qrels.tsv")).hasContent("1\tb\t1");
  }

  private JsonObject report() throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("made/report.json")))
        .getAsJsonObject();
  }

  private static double recall(JsonObject judged, String of) {
    return metric(judged, "recall@100", of);
  }

  private static double metric(JsonObject judged, String name, String of) {
    return judged.getAsJsonObject("metrics").getAsJsonObject(name).get(of).getAsDouble();
  }

  /** Else an index with a tenth of the documents would look the better. */
  @Test
  void whatTheOtherIndexLacksIsMissed() throws IOException {
    CommandLineRun run = compare("smaller", List.of("1\ta\t1", "1\tb\t1", "2\ta\t1", "3\tc\t1"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("--qrels: 2 of 3 queries have a document in [articles], 2 of 3 documents found")
        .contains("--qrels: 1 of 2 queries have a document in [smaller], 1 of 2 documents found");
    assertThat(report().get("judgements").toString())
        .isEqualTo("{\"given\":4,\"found\":3,\"found_by_other\":1}");
    JsonObject judged = report().getAsJsonArray("judged").get(0).getAsJsonObject();
    assertThat(judged.get("queries").getAsInt()).isEqualTo(2);
    assertThat(recall(judged, "adapted")).isEqualTo(0.25);

    CommandLineRun none = compare("smaller", List.of("1\ta\t1"));
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("none of 1 queries has a document in [smaller]");
  }

  /** Else the same answer would count twice, and NDCG go beyond 1. */
  @Test
  void anIdThatSeveralIndicesHaveIsRefused() throws IOException {
    CommandLineRun run = compare("doubled", List.of("1\tb\t1"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "semlux: [doubled]: a search finds the id [b] twice, in several indices or on several"
                + " shards: name an index that has it once\n");
  }

  /** As before the second field is written: what finds nothing is no bad model. */
  @Test
  void aFieldThatNothingIsFoundByIsRefused() throws IOException {
    CommandLineRun run = compare("unwritten", List.of("1\tb\t1"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "semlux: [unwritten]: none of 3 queries finds anything by the model [new]: name a field"
                + " that its documents have\n");
    assertThat(folder.resolve("made/report.json")).doesNotExist();
  }
}
