package org.semlux.tests.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code semlux tune} and {@code semlux compare} where one field finds one half of the answers and
 * another one the other: words and vectors, terms and a {@code semlux_text} field.
 */
@OnRealNode
class TuneIT {
  private static final String[] WORDS =
      "river rain sea snow wind bread soup rice salt train bike road map ship music".split(" ");
  private static final int QUERIES = 40;

  @TempDir Path folder;

  @BeforeEach
  void prepare(RealNode node) throws IOException {
    node.deploy(RealNode.MODEL, "base");
    node.deploy(RealNode.golden("sparse-bert"), "sparse");
    node.rest()
        .succeed(
            "PUT",
            "/_ingest/pipeline/tuned",
            """
            {"processors":[{"semlux":{"ignore_missing":true,"input_output":[
              {"model_id":"base","input_field":"meant","output_field":"vector"},
              {"model_id":"sparse","input_field":"said","output_field":"terms"}]}}]}""");
    node.rest()
        .succeed(
            "PUT",
            "/tuned",
            """
            {"settings":{"default_pipeline":"tuned"},"mappings":{"properties":{
              "body":{"type":"text"},"vector":{"type":"dense_vector","dims":32},
              "terms":{"type":"sparse_vector"},
              "meaning":{"type":"semlux_text","model_id":"base"}}}}""");
    List<Object> lines = new ArrayList<>();
    List<String> queries = new ArrayList<>();
    List<String> judgements = new ArrayList<>();
    List<String> clicks = new ArrayList<>();
    for (int i = 0; i < QUERIES; i++) {
      String query = WORDS[i % WORDS.length] + " " + WORDS[i * 7 / WORDS.length % WORDS.length] + i;
      lines.add(Map.of("index", Map.of("_id", String.valueOf(i))));
      lines.add(
          i % 2 == 0
              ? Map.of("body", query, "said", query)
              : Map.of("body", "nothing", "meant", query, "meaning", query));
      queries.add("q" + i + "\t" + query);
      judgements.add("q" + i + "\t" + i + "\t1");
      clicks.add(query + "\t" + i);
    }
    Files.write(folder.resolve("queries.tsv"), queries);
    Files.write(folder.resolve("qrels.tsv"), judgements);
    Files.write(folder.resolve("clicks.tsv"), clicks);
    assertThat(
            node.rest()
                .succeed("POST", "/tuned/_bulk?refresh=true", Rest.lines(lines))
                .at("errors"))
        .isEqualTo(false);
  }

  @AfterEach
  void clean(RealNode node) {
    node.rest().call("DELETE", "/tuned", "");
    node.rest().call("DELETE", "/_ingest/pipeline/tuned", "");
    node.rest().call("DELETE", "/_semlux/models/base?force=true", "");
    node.rest().call("DELETE", "/_semlux/models/sparse?force=true", "");
  }

  /** The first window that is tried is the smallest, and no search asks a retriever for more. */
  @Test
  void aFusionIsRecommendedAndSearchedWith(RealNode node) {
    String options = "--field body --dense-field vector --dense-model base";
    String printed = run(node, "tune --from", options + " --queries queries.tsv --qrels qrels.tsv");

    assertThat(printed)
        .contains("Fusion is better", "\"semlux_fusion\"", "\"rank_window_size\": 20")
        .containsPattern("\"weights\"[^}]*\\}[^S]*Searched once more with it: ndcg@10 [01]\\.");
  }

  /** Each power of idf and each way of pruning is a search that a node takes. */
  @Test
  void termsAndTheFieldThatKnowsItsModelAreFusedByClicks(RealNode node) {
    String options = "--sparse-field terms --sparse-model sparse --semlux-text-field meaning";
    String printed = run(node, "tune --from", options + " --clicks clicks.tsv");

    assertThat(printed)
        .contains("ndcg@10 of 40 queries", "Fusion is better", "\"semlux_fusion\"")
        .contains("\"semlux_sparse\"", "\"semlux\"", "\"field\": \"meaning\"")
        .containsPattern("0\\.[5-9]\\d+  semlux_text\n")
        .containsPattern("0\\.\\d+  sparse \\(idf 2.0, pruned by 2 and 0.2\\)\n");
  }

  /** Both fields have the same vectors of the same texts. */
  @Test
  void aFieldThatKnowsItsModelIsComparedWithVectors(RealNode node) {
    String printed =
        run(
            node,
            "compare --to",
            "--model base --field meaning --other-model base --other-field vector"
                + " --queries queries.tsv --qrels qrels.tsv");

    assertThat(printed).contains("40 queries: 1.00 of the first ten are the same");
    assertThat(printed).containsPattern("\"ndcg@10\":\\{\"base\":0\\.[5-9]");
  }

  /** Each puts what terms found into an order of its own. */
  @Test
  void rerankersAreComparedByTheSearchThatAsksThem(RealNode node) throws IOException {
    node.deploy(RealNode.CROSS_MODEL, "reranker");
    node.deploy(RealNode.golden("cross-albert"), "reranker-2");
    Files.writeString(
        folder.resolve("reranked.json"),
        """
        {"retriever":{"semlux_rerank":{"model_id":"{{model}}","field":"said","query":"{{query}}",
          "rank_window_size":30,"retriever":{"standard":{"query":{"semlux_sparse":{
            "field":"terms","model_id":"sparse","query":"{{query}}","idf":1}}}}}}}""");
    try {
      String printed =
          run(
              node,
              "compare --to",
              "--model reranker --other-model reranker-2 --search reranked.json"
                  + " --queries queries.tsv --qrels qrels.tsv --output report.json");

      assertThat(printed)
          .containsPattern("40 queries: [01]\\.\\d+ of the first ten are the same")
          .containsPattern("\"rank_correlation\":-?0\\.\\d");
    } finally {
      node.rest().call("DELETE", "/_semlux/models/reranker?force=true", "");
      node.rest().call("DELETE", "/_semlux/models/reranker-2?force=true", "");
    }
  }

  /** Elasticsearch searches fields that no mapping has, too, and finds nothing. */
  @Test
  void aFieldThatNothingIsFoundByIsRefused(RealNode node) {
    String judged = " --queries queries.tsv --qrels qrels.tsv";

    assertThatThrownBy(
            () ->
                run(
                    node,
                    "tune --from",
                    "--field boddy --dense-field vector --dense-model base" + judged))
        .hasMessageContaining(
            "[tuned]: no document has the field [boddy]: name one that they have");
    assertThatThrownBy(
            () ->
                run(
                    node,
                    "compare --to",
                    "--model sparse --field terms --other-model sparse --other-field trems"
                        + judged))
        .hasMessageContaining("none of 40 queries finds anything by the model [sparse]");
  }

  private String run(RealNode node, String command, String options) {
    List<String> words = new ArrayList<>();
    words.add(node.command().toAbsolutePath().toString());
    words.addAll(List.of(command.split(" ")));
    words.addAll(List.of(node.rest().url().toString(), "--index", "tuned"));
    words.addAll(List.of(options.split(" ")));
    return new Shell(folder).run(words);
  }
}
